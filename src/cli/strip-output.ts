import type { RunComparison, WeightFormat, WeightSize } from '../export/index.ts';
import type { GraphInput } from '../strip/index.ts';
import { formatBytes, formatPercent } from './format.ts';
import type { Export, FrozenGraph, Size } from './freeze.ts';
import { formatTable } from './table.ts';

export interface StripOutputOptions {
  readonly json: boolean;
  /** Which weights were frozen, in words. */
  readonly weights: string;
  readonly weightFormat: WeightFormat;
}

const NAME_WIDTH = 32;

/** What was stripped, written and verified, as text for people or as one line of JSON. */
export function formatStrip(frozen: FrozenGraph, options: StripOutputOptions): string {
  if (options.json) return JSON.stringify(toJson(frozen, options));
  const { checkpoint, report, dense, exports } = frozen;
  return [
    `${checkpoint}: ${options.weights}`,
    `inputs: ${report.inputs.map(formatInput).join(', ')}`,
    `outputs: ${report.outputs.join(', ')}`,
    ...(report.initializers.length > 0 ? [`initializers: ${report.initializers.join(', ')}`] : []),
    ...report.warnings.map((warning) => `warning: ${warning}`),
    ...exports.flatMap((each) => ['', ...exportLines(each, dense, options.weightFormat)]),
  ].join('\n');
}

function exportLines(each: Export, dense: Size, weightFormat: WeightFormat): string[] {
  return [
    `${each.format}, weights ${weightFormat}: ${each.files.map(({ path }) => path).join(', ')}`,
    sizesTable(each, dense),
    `verified: ${describeVerification(each)}`,
  ];
}

/** Of 80 columns at most. */
function sizesTable({ weights, size }: Export, dense: Size): string {
  const total = (of: 'values' | 'zeros' | 'denseBytes' | 'storedBytes') =>
    weights.reduce((sum, weight) => sum + weight[of], 0);
  const [values, zeros] = [total('values'), total('zeros')];
  const rest = { dense: dense.bytes - total('denseBytes'), written: size.bytes - total('storedBytes') };
  return formatTable(
    ['', 'values', 'zeros', 'dense', 'written', 'of dense'],
    [
      ...weights.map((weight) => [
        shortName(weight.name),
        String(weight.values),
        formatPercent(weight.zeros / weight.values),
        ...compared(weight.denseBytes, weight.storedBytes),
      ]),
      ['all else', '', '', ...compared(rest.dense, rest.written)],
      [
        'total',
        String(values),
        values === 0 ? '' : formatPercent(zeros / values),
        ...compared(dense.bytes, size.bytes),
      ],
      ['gzip makes of it', '', '', ...compared(dense.gzippedBytes, size.gzippedBytes)],
    ],
  );
}

function compared(dense: number, written: number): string[] {
  return [formatBytes(dense), formatBytes(written), formatPercent(written / dense)];
}

/** The name without what all masked weights have in common, and without its start where it is long. */
function shortName(name: string): string {
  const own = name.replace(/\/masked_weight$/, '');
  return own.length <= NAME_WIDTH ? own : `...${own.slice(3 - NAME_WIDTH)}`;
}

function describeVerification({ verification: { weights, run } }: Export): string {
  const rounding = `rounding moves a weight by at most ${formatNumber(weights.largestDifference)}`;
  const compared =
    weights.largestDifference === 0
      ? `read back, ${weights.tensors} weight tensors are equal`
      : `read back, ${weights.tensors} weight tensors are as expected; ${rounding}`;
  if (run === undefined) return compared;
  return typeof run === 'string' ? `${compared}\nnot run: ${run}` : `${compared}\n${describeRun(run)}`;
}

function describeRun({ inputs, largestDifference, largestOutput }: RunComparison): string {
  const ran = `run on ${inputs} inputs, it gives the outputs expected, to the bit`;
  if (largestDifference === 0) return ran;
  return `${ran}; rounding moves them by at most ${formatNumber(largestDifference)} (largest: ${formatNumber(largestOutput)})`;
}

const formatNumber = (value: number) => String(Number(value.toPrecision(2)));

/** `images [?, 24, 24, 3]` */
function formatInput({ name, shape }: GraphInput): string {
  return shape ? `${name} [${shape.map((extent) => (extent < 0 ? '?' : extent)).join(', ')}]` : name;
}

function toJson({ checkpoint, report, dense, exports }: FrozenGraph, options: StripOutputOptions) {
  return {
    checkpoint,
    weights: options.weights,
    weight_format: options.weightFormat,
    inputs: report.inputs,
    outputs: report.outputs,
    initializers: report.initializers,
    warnings: report.warnings,
    dense: sizeJson(dense),
    exports: exports.map(({ format, files, size, weights, verification }) => ({
      format,
      files,
      ...sizeJson(size),
      tensors: weights.map(tensorJson),
      verified: {
        tensors: verification.weights.tensors,
        largest_weight_difference: verification.weights.largestDifference,
        ...runJson(verification.run),
      },
    })),
  };
}

const sizeJson = ({ bytes, gzippedBytes }: Size) => ({ bytes, gzipped_bytes: gzippedBytes });

function tensorJson({ name, shape, values, zeros, denseBytes, storedBytes }: WeightSize) {
  return { name, shape, values, zeros, dense_bytes: denseBytes, bytes: storedBytes };
}

function runJson(run: RunComparison | string | undefined) {
  if (run === undefined) return {};
  if (typeof run === 'string') return { not_run: run };
  const { inputs, largestDifference, largestOutput } = run;
  return { inputs, largest_output_difference: largestDifference, largest_output: largestOutput };
}
