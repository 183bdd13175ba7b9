import { UserError } from '../../../errors.ts';
import { type PlainTensor, sizeOf } from '../compile/plain-tensor.ts';
import type { Rule } from '../compile/rule.ts';
import type { LoweredOperation, PlainStep } from '../compile/steps.ts';
import type { Workspace } from '../compile/workspace.ts';
import { roundUp } from '../memory.ts';
import { copyCall } from '../planes.ts';
import type { Call, Phase } from '../program.ts';
import { type Axis, broadcastAxes } from './broadcast.ts';

const SOFTMAX_ROWS = 32;
/** The most axes that one call of a kernel can iterate over. */
const KERNEL_AXES = 4;
const MAX_CALLS = 65_536;

/** Any operation on row-major tensors. It has no backward pass. */
export const plain: Rule<PlainStep> = ({ operation, output }, at) => {
  const inputs = operation.inputs.map((input) => at.plain(input));
  if (operation.compute.op === 'Reshape') at.alias(output, inputs[0]!.offset);
  else at.addPhases(...plainPhases(operation, inputs, at.newPlain(output), at.workspace));
  return undefined;
};

/**
 * The phases that compute an operation on row-major tensors.
 *
 * @throws UserError `graph`, naming the node, if no rule computes the operation on such tensors, or if it broadcasts over too many axes
 */
function plainPhases(
  { name, compute }: LoweredOperation,
  inputs: readonly PlainTensor[],
  result: PlainTensor,
  workspace: Workspace,
): Phase[] {
  // `b` is undefined if the operation takes one input.
  const [a, b] = inputs as readonly [PlainTensor, PlainTensor];
  switch (compute.op) {
    case 'Add':
    case 'Mul':
      return [[combineCalls(name, compute.op === 'Add' ? 'add' : 'multiply', a, b, result)]];
    case 'Relu':
      return [[[{ kernel: 'relu', x: a.offset, y: result.offset, count: sizeOf(a.shape) }]]];
    case 'Softmax':
      return [softmaxPhase(a, result)];
    case 'ConcatV2':
      return [concatPhase(inputs, result, compute.axis)];
    case 'MatMul':
      return [[matMulCalls(a, b, result, compute, workspace)]];
    default:
      throw new UserError('graph', `node ${name} (${compute.op}) is not supported by the simd engine`);
  }
}

function softmaxPhase({ offset, shape }: PlainTensor, result: PlainTensor): Phase {
  const columns = shape.at(-1)!;
  const rows = sizeOf(shape) / columns;
  return Array.from({ length: Math.ceil(rows / SOFTMAX_ROWS) }, (_, task): Call[] => {
    const first = task * SOFTMAX_ROWS;
    const count = Math.min(SOFTMAX_ROWS, rows - first);
    const target = result.offset + 4 * first * columns;
    return [
      copyCall(offset + 4 * first * columns, target, count * columns),
      { kernel: 'softmax', values: target, rows: count, columns, stride: 4 * columns },
    ];
  });
}

/** Joins tensors: in each row of the result, the values of all inputs from `axis` on follow one another. */
function concatPhase(inputs: readonly PlainTensor[], result: PlainTensor, axis: number): Phase {
  const rowOf = ({ shape }: PlainTensor) => sizeOf(shape.slice(axis));
  const rows = sizeOf(result.shape.slice(0, axis));
  const targetRow = 4 * rowOf(result);
  let target = result.offset;
  return inputs.map((input): Call[] => {
    const count = rowOf(input);
    const start = target;
    target += 4 * count;
    const call: Call = {
      kernel: 'copyStrided',
      source: input.offset,
      target: start,
      planes: 1,
      rows,
      columns: count,
      sourcePlane: 0,
      sourceRow: 4 * count,
      sourceColumn: 4,
      targetPlane: 0,
      targetRow,
      targetColumn: 4,
    };
    return [call];
  });
}

function combineCalls(
  name: string,
  kernel: 'add' | 'multiply',
  a: PlainTensor,
  b: PlainTensor,
  result: PlainTensor,
): Call[] {
  const axes = broadcastAxes(result.shape, a.shape, b.shape);
  const outer = axes.slice(0, Math.max(0, axes.length - KERNEL_AXES));
  const inner = axes.slice(outer.length);
  const missing = Array.from({ length: KERNEL_AXES - inner.length }, (): Axis => ({ extent: 1, a: 0, b: 0 }));
  const [axis0, axis1, axis2, axis3] = [...missing, ...inner] as [Axis, Axis, Axis, Axis];
  const size = 4 * sizeOf(inner.map(({ extent }) => extent));
  const calls = sizeOf(outer.map(({ extent }) => extent));
  if (calls > MAX_CALLS)
    throw new UserError('graph', `node ${name} combines [${a.shape}] with [${b.shape}], over too many axes`);
  return Array.from({ length: calls }, (_, number): Call => {
    let [rest, fromA, fromB] = [number, a.offset, b.offset];
    for (const axis of outer.toReversed()) {
      fromA += (rest % axis.extent) * axis.a;
      fromB += (rest % axis.extent) * axis.b;
      rest = Math.floor(rest / axis.extent);
    }
    return {
      kernel,
      a: fromA,
      b: fromB,
      y: result.offset + number * size,
      n0: axis0.extent,
      n1: axis1.extent,
      n2: axis2.extent,
      n3: axis3.extent,
      a0: axis0.a,
      a1: axis1.a,
      a2: axis2.a,
      a3: axis3.a,
      b0: axis0.b,
      b1: axis1.b,
      b2: axis2.b,
      b3: axis3.b,
    };
  });
}

function matMulCalls(
  a: PlainTensor,
  b: PlainTensor,
  { offset, shape }: PlainTensor,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
  workspace: Workspace,
): Call[] {
  const [rows, columns] = shape as [number, number];
  const inner = a.shape[transposeA ? 0 : 1]!;
  const [aRow, aColumn] = transposeA ? [4, 4 * rows] : [4 * inner, 4];
  const product = (right: number, bRow: number): Call => ({
    kernel: 'matMul',
    a: a.offset,
    b: right,
    y: offset,
    rows,
    inner,
    columns,
    aRow,
    aColumn,
    bRow,
  });
  if (!transposeB) return [product(b.offset, 4 * columns)];
  const bRow = 4 * roundUp(columns, workspace.memory.kernels.lanes);
  const turned = workspace.own(inner * bRow);
  const turn: Call = {
    kernel: 'transpose',
    source: b.offset,
    target: turned,
    rows: columns,
    columns: inner,
    sourceRow: 4 * inner,
    targetRow: bRow,
  };
  return [turn, product(turned, bRow)];
}
