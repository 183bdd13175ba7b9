import {
  partsOf,
  type RunComparison,
  type ValueType,
  type WeightFormat,
  type WeightSize,
} from '../export/index.ts';
import type { Size, StripResult, WrittenExport } from '../jobs/index.ts';
import type { GraphInput } from '../strip/index.ts';
import { formatBytes, formatPercent } from './format.ts';
import { formatTable } from './table.ts';

export interface StripOutputOptions {
  readonly json: boolean;
  /** Which weights were frozen, in words. */
  readonly weights: string;
  readonly weightFormat: WeightFormat;
}

const NAME_WIDTH = 32;
/** Fraction of a file's bytes that sparse storage must save to be worth a hint. */
const MUCH = 0.1;

/** The result of strip as text for people, or as one line of JSON. */
export function formatStrip(stripped: StripResult, options: StripOutputOptions): string {
  if (options.json) return JSON.stringify(toJson(stripped, options));
  const { checkpoint, report, dense, exports } = stripped;
  return [
    `${checkpoint}: ${options.weights}`,
    `inputs: ${report.inputs.map(formatInput).join(', ')}`,
    `outputs: ${report.outputs.join(', ')}`,
    ...(report.initializers.length > 0 ? [`initializers: ${report.initializers.join(', ')}`] : []),
    ...report.warnings.map((warning) => `warning: ${warning}`),
    ...exports.flatMap((each) => ['', ...exportLines(each, dense, options.weightFormat)]),
  ].join('\n');
}

function exportLines(each: WrittenExport, dense: Size, weightFormat: WeightFormat): string[] {
  return [
    `${each.format}, weights ${weightFormat}: ${each.files.map(({ path }) => path).join(', ')}`,
    sizesTable(each, dense),
    `verified: ${describeVerification(each, weightFormat)}`,
    ...sparseSaving(each),
  ];
}

/** A line that says how much sparse storage would save, if that is much. */
function sparseSaving({ size, sparseBytes }: WrittenExport): string[] {
  if (sparseBytes === undefined || sparseBytes > (1 - MUCH) * size.bytes) return [];
  const saved = size.bytes - sparseBytes;
  return [
    `--weight_format=sparse would save ${formatBytes(saved)} of it (${formatPercent(saved / size.bytes)})`,
  ];
}

/** A table of at most 80 columns. */
function sizesTable({ weights, size }: WrittenExport, dense: Size): string {
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
      ['gzipped', '', '', ...compared(dense.gzippedBytes, size.gzippedBytes)],
    ],
  );
}

function compared(dense: number, written: number): string[] {
  return [formatBytes(dense), formatBytes(written), formatPercent(written / dense)];
}

/** The name without the suffix that all masked weights share, and without its start if it is long. */
function shortName(name: string): string {
  const own = name.replace(/\/masked_weight$/, '');
  return own.length <= NAME_WIDTH ? own : `...${own.slice(3 - NAME_WIDTH)}`;
}

/** The largest difference that verification allows between a weight that is read back and the frozen graph's. */
const BOUNDS: Readonly<Record<ValueType, string>> = {
  float32: '',
  float16: 'half a unit in its last place',
  int8: '1/254 of the largest magnitude of its output',
};
/** TensorFlow.js has one scale for a whole tensor. */
const TFJS_INT8_BOUND = "1/510 of its tensor's range";

function describeVerification({ format, verification }: WrittenExport, weightFormat: WeightFormat): string {
  const { weights, run } = verification;
  const { type } = partsOf(weightFormat);
  const bound = format === 'tfjs' && type === 'int8' ? TFJS_INT8_BOUND : BOUNDS[type];
  const compared =
    type === 'float32'
      ? `read back, ${weights.tensors} weight tensors equal the frozen graph's`
      : `read back, each weight of ${weights.tensors} tensors equals the frozen graph's to within\n${bound}; the largest difference is ${formatNumber(weights.largestDifference)}`;
  if (run === undefined) return `${compared}\nnot run: for ${format}, only the weights are compared`;
  return typeof run === 'string' ? `${compared}\nnot run: ${run}` : `${compared}\n${describeRun(run, type)}`;
}

function describeRun({ inputs, largestDifference, largestOutput }: RunComparison, type: ValueType): string {
  const graph = type === 'float32' ? 'the frozen graph' : `the graph with ${type} weights`;
  const ran = `run on ${inputs} random inputs: same output bits as ${graph}`;
  if (type === 'float32') return ran;
  return `${ran};\nrounding changes the outputs by at most ${formatNumber(largestDifference)} (largest: ${formatNumber(largestOutput)})`;
}

const formatNumber = (value: number) => String(Number(value.toPrecision(2)));

/** `images [?, 24, 24, 3]` */
function formatInput({ name, shape }: GraphInput): string {
  return shape ? `${name} [${shape.map((extent) => (extent < 0 ? '?' : extent)).join(', ')}]` : name;
}

function toJson({ checkpoint, report, dense, exports }: StripResult, options: StripOutputOptions) {
  return {
    checkpoint,
    weights: options.weights,
    weight_format: options.weightFormat,
    inputs: report.inputs,
    outputs: report.outputs,
    initializers: report.initializers,
    warnings: report.warnings,
    dense: sizeJson(dense),
    exports: exports.map(({ format, files, size, sparseBytes, weights, verification }) => ({
      format,
      files,
      ...sizeJson(size),
      sparse_bytes: sparseBytes,
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
