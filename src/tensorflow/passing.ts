import type { NodeDef } from '../wire/protos.ts';
import { parseInput, tensorInputs } from './lookup.ts';

/**
 * What an operation does beside giving the values that it reads:
 *
 * - `arranges`: gives them in another shape or order.
 * - `asserts`: fails unless they are finite.
 * - `branches`: gives them by one of two outputs, as a condition says.
 * - `chooses`: gives those of whichever input is there.
 * - `dereferences`: reads the handle of a variable and gives the variable's values.
 * - `enters`: lets them into a loop.
 * - `feeds`: gives others if whoever runs the graph says so.
 * - `iterates`: takes them to the next iteration of a loop or out of it, so that they change.
 * - `lists`: has several outputs, each of which gives the input of its place.
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
 * The operations that pass values on, and what else they do; a new one is one more entry. Identities, and what counts for
 * gradients or for memory alone, do nothing else. After TensorFlow's `core/grappler/op_types.cc`.
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

/** Whether an operation passes values on and does nothing beside that but what `effects` lists. */
export function passesOn(op: string, effects: readonly Effect[] = []): boolean {
  return OPERATIONS.get(op)?.every((effect) => effects.includes(effect)) ?? false;
}

/** The operations of which {@link passesOn} says so, sorted. */
export function passingOperations(effects: readonly Effect[] = []): string[] {
  return [...OPERATIONS.keys()].filter((op) => passesOn(op, effects)).toSorted();
}

/** Whether an operation lets values into a loop or into a branch. */
export const isEntrance = (op: string) => has(op, 'enters') || has(op, 'branches');

/** The operation that does to a value what `op` does to a variable's reference; any other operation itself. */
export const withoutReference = (op: string) => (has(op, 'refers') ? op.replace(/^Ref/, '') : op);

/**
 * Which of its inputs each output of an operation gives.
 *
 * @param inputs how many it has that carry tensors
 * @returns their places by those of the outputs; undefined unless it passes values on, as {@link passesOn} says
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

/** The input that an output of a node gives; undefined unless it passes one on, as {@link passesOn} says. */
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
 * Follows inputs back through nodes that pass values on; in a damaged graph as far as that goes.
 *
 * @param effects what the nodes may do beside, as in {@link passesOn}
 * @returns for an input that of the first node on the way which gives what it passes on
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
