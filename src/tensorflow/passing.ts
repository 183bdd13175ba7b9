import type { NodeDef } from '../wire/protos.ts';
import { parseInput, tensorInputs } from './lookup.ts';

/**
 * What an operation does apart from passing on the values that it reads:
 *
 * - `arranges`: changes their shape or order.
 * - `asserts`: fails unless they are finite.
 * - `branches`: passes them to one of two outputs, as a condition says.
 * - `chooses`: passes on the values of whichever input is available.
 * - `dereferences`: reads the handle of a variable and gives the variable's values.
 * - `enters`: passes them into a loop.
 * - `feeds`: gives other values if the caller feeds some.
 * - `iterates`: passes them to the next iteration of a loop or out of it, so that they change over time.
 * - `lists`: has several outputs, each of which passes on the input with the same index.
 * - `refers`: reads and gives a variable's reference.
 */
export type Effect =
  | 'arranges'
  | 'asserts'
  | 'branches'
  | 'chooses'
  | 'dereferences'
  | 'enters'
  | 'feeds'
  | 'iterates'
  | 'lists'
  | 'refers';

/**
 * The operations that pass values on, and what else they do, after TensorFlow's `core/grappler/op_types.cc`. Identities, and operations
 * that matter only for gradients or for memory, do nothing else. To add an operation, add an entry.
 */
const PASSING: Readonly<Record<string, readonly Effect[]>> = {
  CheckNumerics: ['asserts'],
  Enter: ['enters'],
  Exit: ['iterates'],
  ExpandDims: ['arranges'],
  Identity: [],
  IdentityN: ['lists'],
  LoopCond: ['iterates'],
  Merge: ['chooses'],
  NextIteration: ['iterates'],
  PlaceholderWithDefault: ['feeds'],
  PreventGradient: [],
  ReadVariableOp: ['dereferences'],
  RefEnter: ['enters', 'refers'],
  RefExit: ['iterates', 'refers'],
  RefIdentity: ['refers'],
  RefMerge: ['chooses', 'refers'],
  RefNextIteration: ['iterates', 'refers'],
  RefSwitch: ['branches', 'refers'],
  Reshape: ['arranges'],
  Snapshot: [],
  Squeeze: ['arranges'],
  StopGradient: [],
  Switch: ['branches'],
  Transpose: ['arranges'],
};
const OPERATIONS: ReadonlyMap<string, readonly Effect[]> = new Map(Object.entries(PASSING));

const has = (op: string, effect: Effect) => OPERATIONS.get(op)?.includes(effect) ?? false;

/** Whether an operation passes values on and does nothing else, apart from what `effects` lists. */
export function passesOn(op: string, effects: readonly Effect[] = []): boolean {
  return OPERATIONS.get(op)?.every((effect) => effects.includes(effect)) ?? false;
}

/** The operations for which {@link passesOn} returns true, sorted. */
export function passingOperations(effects: readonly Effect[] = []): string[] {
  return [...OPERATIONS.keys()].filter((op) => passesOn(op, effects)).toSorted();
}

/** Whether an operation passes values into a loop or into a branch. */
export const isEntrance = (op: string) => has(op, 'enters') || has(op, 'branches');

/** The counterpart of `op` that takes a value instead of a variable's reference: `Merge` for `RefMerge`; any other operation itself. */
export const withoutReference = (op: string) => (has(op, 'refers') ? op.replace(/^Ref/, '') : op);

/**
 * Says for each output of an operation which input it passes on.
 *
 * @param inputs number of inputs that carry tensors
 * @returns for each output the index of the input; undefined unless the operation passes values on, see {@link passesOn}
 */
export function passedPlaces(
  op: string,
  inputs: number,
  effects: readonly Effect[] = [],
): readonly number[] | undefined {
  if (!passesOn(op, effects)) return undefined;
  if (has(op, 'lists')) return Array.from({ length: inputs }, (_, place) => place);
  return has(op, 'branches') ? [0, 0] : [0];
}

/** The input that an output of a node passes on; undefined if it passes none on, see {@link passesOn}. */
export function passedInput(
  node: NodeDef,
  output: number,
  effects: readonly Effect[] = [],
): string | undefined {
  const inputs = tensorInputs(node);
  const place = passedPlaces(node.op, inputs.length, effects)?.[output];
  return place === undefined ? undefined : inputs[place];
}

/**
 * Follows inputs back through nodes that pass values on. In a damaged graph it stops at missing nodes and circles.
 *
 * @param effects what else these nodes may do, see {@link passesOn}
 * @returns a function from an input to the output where its value originates, such as `node:1`
 */
export function passedFrom(
  nodes: ReadonlyMap<string, NodeDef>,
  effects: readonly Effect[] = [],
): (input: string) => string {
  const known = new Map<string, string>();
  return (input) => {
    const passed = new Set<string>();
    let at = input;
    let found = known.get(at);
    while (found === undefined) {
      passed.add(at);
      const { node: name, output } = parseInput(at);
      const node = nodes.get(name);
      const source = node && passedInput(node, output, effects);
      if (source === undefined || passed.has(source) || !nodes.has(parseInput(source).node)) found = at;
      else {
        at = source;
        found = known.get(at);
      }
    }
    for (const each of passed) known.set(each, found);
    return found;
  };
}
