import { FOLDS } from '../tensorflow/fold/folds.ts';
import { isVariable } from '../tensorflow/lookup.ts';
import { walk } from '../tensorflow/order.ts';
import { type Effect, passesOn } from '../tensorflow/passing.ts';
import { DataType, type NodeDef } from '../wire/protos.ts';

/** What is known of a tensor before the graph runs. */
export interface Origin {
  /**
   * `constant` if it is computed from variables and constants by operations that can be folded, `handle` for the handle of a
   * resource variable, `carried` for an argument of a function that began as one of these but may have changed since.
   */
  readonly kind: 'constant' | 'handle' | 'carried';
  /** Some of the variables that the tensor depends on, for messages. */
  readonly variables: readonly string[];
  /** Some of the variables that mask it: masks, and those that a truth value was computed from. */
  readonly masks: readonly string[];
}

/** The variables of a graph, by name, before they are frozen or after. */
export interface Variables {
  has(name: string): boolean;
  isMask(name: string): boolean;
}

const NAMED = 4;

/** The effects of nodes that leave a constant unchanged. Not in the list: defaults of inputs, which may be fed, and checks, which must stay. */
const THROUGH: readonly Effect[] = ['branches', 'enters', 'refers'];
const TRUTH = /^((Not)?Equal|Greater(Equal)?|Less(Equal)?|Logical(And|Or|Not))$/;
const FLOATS: readonly (DataType | undefined)[] = [
  DataType.DT_FLOAT,
  DataType.DT_HALF,
  DataType.DT_DOUBLE,
  DataType.DT_BFLOAT16,
];

const INDEPENDENT: Origin = { kind: 'constant', variables: [], masks: [] };

/** Whether a node passes its first input on unchanged, a constant as well as the handle of a variable. */
export const passesConstant = ({ op }: NodeDef) => passesOn(op, THROUGH);

/** The name of the node or, in a function, of the argument that an input refers to. */
export function sourceOf(input: string): string {
  const start = input.startsWith('^') ? 1 : 0;
  const end = input.indexOf(':');
  return input.slice(start, end < 0 ? undefined : end);
}

export const isControl = (input: string) => input.startsWith('^');

/**
 * The origins of the values of nodes.
 *
 * @param known origins of a function's arguments
 * @returns origins by the names of nodes and arguments; values that depend on the graph's input have none
 */
export function originsOf(
  nodes: ReadonlyMap<string, NodeDef>,
  variables: Variables,
  known: ReadonlyMap<string, Origin> = new Map(),
): Map<string, Origin> {
  const origins = new Map(known);
  for (const node of walk([...nodes.values()], (_, input) => nodes.get(sourceOf(input)))) {
    const origin = originOf(node, origins, variables);
    if (origin) origins.set(node.name, origin);
  }
  return origins;
}

export function originOf(
  node: NodeDef,
  origins: ReadonlyMap<string, Origin>,
  variables: Variables,
): Origin | undefined {
  const { name, op } = node;
  if (variables.has(name) && (isVariable(node) || op === 'Const'))
    return {
      kind: op === 'VarHandleOp' ? 'handle' : 'constant',
      variables: [name],
      masks: variables.isMask(name) ? [name] : [],
    };
  if (op === 'Const') return INDEPENDENT;
  const inputs = node.input.filter((input) => !isControl(input)).map((input) => origins.get(sourceOf(input)));
  const [first] = inputs;
  if (passesConstant(node)) return first;
  if (op === 'ReadVariableOp')
    return first && { ...first, kind: first.kind === 'handle' ? 'constant' : first.kind };
  if (!Object.hasOwn(FOLDS, op) || inputs.length === 0) return undefined;
  const together = joined(inputs);
  return together && givesTruth(node)
    ? { ...together, masks: some(together.masks, together.variables) }
    : together;
}

/** Whether a node gives truth values. */
export function givesTruth({ op, attr }: NodeDef): boolean {
  const to = attr.DstT?.value;
  return TRUTH.test(op) || (op === 'Cast' && to?.case === 'type' && to.value === DataType.DT_BOOL);
}

/** The origin of a value that is computed from all of these. */
function joined(inputs: readonly (Origin | undefined)[]): Origin | undefined {
  let whole = INDEPENDENT;
  for (const input of inputs) {
    if (!input || input.kind === 'handle') return undefined;
    whole = {
      kind: input.kind === 'carried' ? 'carried' : whole.kind,
      variables: some(whole.variables, input.variables),
      masks: some(whole.masks, input.masks),
    };
  }
  return whole;
}

function some(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.length >= NAMED || b.length === 0) return a;
  return [...new Set([...a, ...b])].slice(0, NAMED);
}

/** Whether a node multiplies by a mask, or selects with one between two values. */
export function isMasking(node: NodeDef, origins: ReadonlyMap<string, Origin>): boolean {
  const type = node.attr.T?.value;
  if (type?.case !== 'type' || !FLOATS.includes(type.value)) return false;
  const masks = (input: string | undefined) =>
    input !== undefined && (origins.get(sourceOf(input))?.masks.length ?? 0) > 0;
  if (node.op === 'Mul') return node.input.slice(0, 2).some(masks);
  return (node.op === 'Select' || node.op === 'SelectV2') && masks(node.input[0]);
}
