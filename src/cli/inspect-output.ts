import { basename } from 'node:path';
import type { InspectedWeight, Inspection, ModelTensor, NOfM, TotalMultiplyAdds } from '../inspect/index.ts';
import { formatBytes, formatPercent } from './format.ts';
import { formatNamedTable, type NamedRow } from './inspect-table.ts';
import { escaped } from './shown-name.ts';

/** Chance above which an N:M structure is shown in brackets: randomly placed zeros may look like it. */
const PROBABLE = 0.01;
/** Characters of the longest shape to show; --json has all shapes. */
const LONGEST_SHAPE = 28;

/**
 * An inspection as text for people, at most 80 columns wide except for paths.
 *
 * @param options `all`: whether to list the other tensors of a model that has weights, too
 */
export function formatInspection(inspection: Inspection, options: { readonly all: boolean }): string {
  const { weights, tensors, notices } = inspection;
  return [
    summary(inspection),
    ...(weights.length > 0 ? [weightTable(inspection), structureTable(inspection)] : ['no weights found']),
    ...(tensors.length > 0 ? [otherTensors(tensors, weights.length > 0, options.all)] : []),
    ...(notices.length > 0 ? [notices.map((notice) => `note: ${escaped(notice)}`).join('\n')] : []),
  ].join('\n\n');
}

function summary({ kind, path, step, averages, files, bytes, folder }: Inspection): string {
  return [
    `${kind} ${path}`,
    ...(step === undefined ? [] : [`step ${step}`]),
    ...(averages === 0 ? [] : [`moving averages of ${averages} variables`]),
    `size ${formatBytes(bytes)}${files.length > 1 ? ` in ${files.length} files:` : ''}`,
    ...(files.length > 1
      ? files.map((file) => `  ${formatBytes(file.bytes).padStart(9)}  ${basename(file.path)}`)
      : []),
    ...(folder ? [`all ${folder.files} files in ${folder.path}: ${formatBytes(folder.bytes)}`] : []),
  ].join('\n');
}

function weightTable({ weights, total }: Inspection): string {
  const masked = weights.some(({ maskSparsity }) => maskSparsity !== undefined);
  const head = masked
    ? ['weights', 'shape', 'type', 'mask', 'raw', 'masked', 'nonzero']
    : ['weights', 'shape', 'type', 'zeros', 'nonzero', 'stored'];
  const row = (weight: InspectedWeight): NamedRow => ({
    name: weight.name,
    marks: notFiniteMark(weight.notFinite),
    cells: [
      formatShape(weight.shape),
      weight.dtype,
      ...(masked ? [percentOrNone(weight.maskSparsity), percentOrNone(weight.rawSparsity)] : []),
      formatPercent(weight.sparsity),
      formatCount(weight.nonzero),
      ...(masked ? [] : [formatBytes(weight.bytes)]),
    ],
  });
  const sum: NamedRow = {
    name: `total ${formatCount(total.values)}`,
    marks: [...notFiniteMark(total.notFinite), ...(total.partial ? ['partial: not all was read'] : [])],
    cells: [
      '',
      '',
      ...(masked ? ['', ''] : []),
      formatPercent(total.sparsity),
      formatCount(total.nonzero),
      ...(masked ? [] : [formatBytes(weights.reduce((bytes, weight) => bytes + weight.bytes, 0))]),
    ],
  };
  const legend = masked
    ? 'Zeros in the mask, in the raw weights and in the masked weights (those used):'
    : 'Zeros in the weights:';
  return `${legend}\n${formatNamedTable(head, [...weights.map(row), sum])}`;
}

function structureTable({ weights, total }: Inspection): string {
  const rows = weights.map(
    ({ name, block, nOfM, multiplyAdds, runs }): NamedRow => ({
      name,
      marks: runs ? [runs] : [],
      cells: [
        block ? `${block.height}x${block.width}` : '-',
        nOfM ? formatNOfM(nOfM) : '-',
        multiplyAdds ? formatCount(multiplyAdds.dense) : '?',
        multiplyAdds ? formatCount(multiplyAdds.effective) : '?',
      ],
    }),
  );
  const known = weights.some(({ multiplyAdds }) => multiplyAdds);
  const { dense, effective } = total.multiplyAdds;
  const marks = partialMarks(total.multiplyAdds);
  const sum = known
    ? [{ name: 'total', marks, cells: ['', '', formatCount(dense), formatCount(effective)] }]
    : [];
  const table = formatNamedTable(
    ['weights', 'block', 'N:M', 'multiply-adds', 'without zeros'],
    [...rows, ...sum],
  );
  return [
    'block: rows x columns that are zero together; N:M: of M neighbouring inputs at',
    'most N are not zero, in brackets if that may be chance; multiply-adds an image:',
    table,
  ].join('\n');
}

/** Marks that say which multiply-adds a total leaves out, and which it counts as if they ran once. */
function partialMarks({ unknown, perIteration, inBranch }: TotalMultiplyAdds): string[] {
  return [
    ...(unknown > 0 ? [`partial: ${formatCount(unknown)} not known`] : []),
    ...(perIteration > 0 ? [`partial: loops count once, ${formatCount(perIteration)} in them`] : []),
    ...(inBranch > 0 ? [`all branches counted, ${formatCount(inBranch)} in them`] : []),
  ];
}

function formatNOfM({ n, m, chance }: NOfM): string {
  return chance > PROBABLE ? `(${n}:${m})` : `${n}:${m}`;
}

function otherTensors(tensors: readonly ModelTensor[], besideWeights: boolean, all: boolean): string {
  if (all || !besideWeights) return tensorTable(tensors, besideWeights);
  const odd = tensors.filter(({ notFinite = 0 }) => notFinite > 0).length;
  const mark = odd > 0 ? `, ${formatCount(odd)} of them with NaN or infinite values` : '';
  const are = tensors.length === 1 ? 'tensor is' : 'tensors are';
  return `${formatCount(tensors.length)} other ${are} not shown${mark}: --all shows all`;
}

function tensorTable(tensors: readonly ModelTensor[], besideWeights: boolean): string {
  const rows = tensors.map(
    ({ name, dtype, shape, nonzero, notFinite = 0, value }): NamedRow => ({
      name,
      marks: value === undefined ? notFiniteMark(notFinite) : [],
      cells: [formatShape(shape), dtype, formatTensor(shape, nonzero, value)],
    }),
  );
  const title = besideWeights ? 'Other tensors:' : 'Tensors:';
  return `${title}\n${formatNamedTable(['tensor', 'shape', 'type', 'zeros or value'], rows)}`;
}

function formatTensor(shape: readonly number[], nonzero: number | undefined, value: number | undefined) {
  if (value !== undefined) return String(Number(value.toPrecision(6)));
  const values = shape.reduce((product, extent) => product * extent, 1);
  return nonzero === undefined || values === 0 ? '-' : formatPercent(1 - nonzero / values);
}

/** `5x5x3x64`; `-` for a scalar. */
function formatShape(shape: readonly number[]): string {
  if (shape.length === 0) return '-';
  const text = shape.join('x');
  return text.length > LONGEST_SHAPE ? `${shape.length} axes` : text;
}

function notFiniteMark(count: number): string[] {
  return count > 0 ? [`${formatCount(count)} NaN or infinite`] : [];
}

function formatCount(count: number): string {
  return count.toLocaleString('en');
}

function percentOrNone(fraction: number | undefined): string {
  return fraction === undefined ? '-' : formatPercent(fraction);
}
