import { parseInput } from '../tensorflow/lookup.ts';
import type { NodeDef } from '../wire/protos.ts';

/** Names of outputs by which bodies of functions refer to them, for operations with several; in all others the index alone counts. */
const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  Switch: ['output_false', 'output_true'],
  Merge: ['output', 'value_index'],
  TopKV2: ['values', 'indices'],
  Unique: ['y', 'idx'],
  TensorListPopBack: ['output_handle', 'tensor'],
  TensorArrayV3: ['handle', 'flow'],
  MaxPoolWithArgmax: ['output', 'argmax'],
  BlockLSTM: ['i', 'cs', 'f', 'o', 'ci', 'co', 'h'],
  BlockLSTMV2: ['i', 'cs', 'f', 'o', 'ci', 'co', 'h'],
  LSTMBlockCell: ['i', 'cs', 'f', 'o', 'ci', 'co', 'h'],
  GRUBlockCell: ['r', 'u', 'c', 'h'],
};

/** The index among all outputs of a node that `name:index` means in a function's body. */
export function flatOutput(op: string | undefined, name: string, index: number): number {
  const before = OUTPUTS[op ?? '']?.indexOf(name) ?? 0;
  return Math.max(0, before) + (Number.isSafeInteger(index) ? index : 0);
}

export function isNextIteration(nodes: ReadonlyMap<string, NodeDef>, input: string): boolean {
  return /^(Ref)?NextIteration$/.test(nodes.get(parseInput(input).node)?.op ?? '');
}
