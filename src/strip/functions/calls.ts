import { create } from '@bufbuild/protobuf';
import { nodeError } from '../../tensorflow/node-error.ts';
import {
  type AttrValue,
  AttrValueSchema,
  type DataType,
  type NodeDef,
  NodeDefSchema,
  TensorShapeProtoSchema,
} from '../../wire/protos.ts';
import { isControl } from '../origins.ts';
import { type Body, hasControlFlow, type Program } from './body.ts';

/** A node that calls functions. Look the node up by its name: nodes are replaced. */
export interface Call {
  readonly caller: Body;
  readonly name: string;
  /** The functions that may run; all take the node's inputs from index `first` on. */
  readonly functions: readonly string[];
  readonly first: number;
  /** If the node is a loop, the function that runs again and again on its own results. */
  readonly loop: string | undefined;
  /** The node's attribute that lists the types of arguments, if it has one. */
  readonly types: 'T' | 'Tin' | undefined;
}

/** Functions that must keep the same arguments, since nodes that call several functions connect them. */
export interface Group {
  readonly bodies: readonly Body[];
  readonly calls: readonly Call[];
  /** The bodies of loops, which give a new value of each argument. */
  readonly loops: ReadonlySet<Body>;
  /** If the arguments of the functions cannot change, why: words after "the function". */
  readonly fixed: string | undefined;
}

/** The call of a node; undefined if it calls nothing, or functions that the program does not have. */
function callOf(caller: Body, node: NodeDef, { functions }: Program): Call | undefined {
  const { name, op, attr } = node;
  const called = (...keys: string[]) =>
    keys.flatMap((key) => (attr[key]?.value.case === 'func' ? [attr[key].value.value.name] : []));
  const call = (names: readonly string[], first: number, more: Partial<Call> = {}): Call | undefined =>
    names.length > 0 && names.every((each) => functions.has(each))
      ? { caller, name, functions: names, first, loop: undefined, types: 'Tin', ...more }
      : undefined;
  if (functions.has(op)) return call([op], 0, { types: undefined });
  switch (op.replace(/^Stateless|^Stateful/, '')) {
    case 'While':
      return call(called('cond', 'body'), 0, { loop: called('body')[0], types: 'T' });
    case 'If':
      return call(called('then_branch', 'else_branch'), 1);
    case 'Case': {
      const branches = attr.branches?.value;
      return branches?.case === 'list'
        ? call(
            branches.value.func.map((each) => each.name),
            1,
          )
        : undefined;
    }
    case 'PartitionedCall':
      return call(called('f'), 0);
    default:
      return undefined;
  }
}

/** Possible names of functions: a node's operation, and the functions among its attributes. */
export function mentioned({ op, attr }: NodeDef): string[] {
  const functions = Object.values(attr).flatMap(({ value }) => {
    if (value.case === 'func') return [value.value.name];
    return value.case === 'list' ? value.value.func.map(({ name }) => name) : [];
  });
  return [op, ...functions];
}

/**
 * The functions that the graph calls, in groups, callers before those that they call.
 *
 * @throws UserError `graph` on a call with too few or too many inputs
 */
export function groupsOf(program: Program): Group[] {
  const { main, functions } = program;
  const calls: Call[] = [];
  const known = new Set<string>();
  const fixed = new Map<string, string>();
  const bodies = new Set([main]);
  // A set's iterator also visits what is added on the way.
  for (const body of bodies) {
    if (body !== main && hasControlFlow(body)) fixed.set(body.name!, 'has loops or branches made of nodes');
    for (const node of body.nodes.values()) {
      const call = callOf(body, node, program);
      if (call) calls.push(expectArguments(call, node, program));
      for (const name of mentioned(node)) {
        const callee = functions.get(name);
        if (!callee) continue;
        if (!call) fixed.set(name, `is called by ${node.name} (${node.op})`);
        known.add(name);
        bodies.add(callee);
      }
    }
  }
  return inOrder(grouped([...known], calls, fixed, program), main);
}

function expectArguments(call: Call, node: NodeDef, { functions }: Program): Call {
  const given = argumentsOf(call, node).length;
  for (const name of call.functions) {
    const { args, results } = functions.get(name)!;
    if (given !== args.length)
      throw nodeError(node, `calls the function ${name} with ${given} values, expected ${args.length}`);
    if (name === call.loop && results.length !== args.length)
      throw nodeError(
        node,
        `repeats the function ${name}, which gives ${results.length} values for ${args.length}`,
      );
  }
  return call;
}

/** The calls of a group whose nodes have not been dropped. */
export function callsOf({ calls }: Group): Call[] {
  return calls.filter(({ caller, name }) => caller.nodes.has(name));
}

/** The inputs that a call passes to its functions. */
export function argumentsOf({ first }: Call, { input }: NodeDef): string[] {
  return input.filter((each) => !isControl(each)).slice(first);
}

function grouped(
  names: readonly string[],
  calls: readonly Call[],
  fixed: ReadonlyMap<string, string>,
  { functions }: Program,
): Group[] {
  const leaders = new Map(names.map((name) => [name, name]));
  const leader = (name: string): string => {
    let at = name;
    while (leaders.get(at) !== at) {
      leaders.set(at, leaders.get(leaders.get(at)!)!);
      at = leaders.get(at)!;
    }
    return at;
  };
  for (const {
    functions: [first, ...others],
  } of calls)
    for (const other of others) leaders.set(leader(other), leader(first!));
  const members = listed(names.map((name) => [leader(name), name]));
  const callsTo = listed(calls.map((call) => [leader(call.functions[0]!), call]));
  return [...members].map(([name, group]) => {
    const groupCalls = callsTo.get(name) ?? [];
    const loops = new Set(
      groupCalls.flatMap(({ loop }) => (loop === undefined ? [] : [functions.get(loop)!])),
    );
    const isMixed = groupCalls.some(
      (call) => call.loop === undefined && call.functions.some((each) => loops.has(functions.get(each)!)),
    );
    const reason = group.map((each) => fixed.get(each)).find((each) => each !== undefined);
    return {
      bodies: group.map((each) => functions.get(each)!),
      calls: groupCalls,
      loops,
      fixed: reason ?? (isMixed ? 'is called by a loop and by another node' : undefined),
    };
  });
}

/** The values of each key. */
function listed<Key, Value>(pairs: readonly (readonly [Key, Value])[]): Map<Key, Value[]> {
  const lists = new Map<Key, Value[]>();
  for (const [key, value] of pairs) {
    const known = lists.get(key);
    if (known) known.push(value);
    else lists.set(key, [value]);
  }
  return lists;
}

/** The groups, callers first; functions that call themselves, and those that they call, come last and are `fixed`. */
function inOrder(groups: readonly Group[], main: Body): Group[] {
  const waiting = new Map(
    groups.map((group) => [group, group.calls.filter(({ caller }) => caller !== main).length]),
  );
  const callees = listed(
    groups.flatMap((group) => group.calls.map(({ caller }) => [caller, group] as const)),
  );
  const ordered = new Set(groups.filter((group) => waiting.get(group) === 0));
  // A set's iterator also visits what is added on the way.
  for (const group of ordered)
    for (const callee of group.bodies.flatMap((body) => callees.get(body) ?? [])) {
      const left = waiting.get(callee)! - 1;
      waiting.set(callee, left);
      if (left === 0) ordered.add(callee);
    }
  const recursive = groups
    .filter((group) => !ordered.has(group))
    .map((group) => ({ ...group, fixed: group.fixed ?? 'is called by a function that calls itself' }));
  return [...ordered, ...recursive];
}

const withList = (value: Extract<AttrValue['value'], { case: 'list' }>['value']) =>
  create(AttrValueSchema, { value: { case: 'list', value } });

/** A call's node with other arguments, and their types. */
export function withArguments(
  { first, types, loop }: Call,
  node: NodeDef,
  given: readonly { readonly input: string; readonly type: DataType; readonly was: number | undefined }[],
): NodeDef {
  const tensors = node.input.filter((input) => !isControl(input));
  const attr = { ...node.attr };
  const list = types && attr[types]?.value;
  if (types && list?.case === 'list')
    attr[types] = withList({ ...list.value, type: given.map(({ type }) => type) });
  const shapes = attr.output_shapes?.value;
  if (loop !== undefined && shapes?.case === 'list' && shapes.value.shape.length > 0) {
    const unknown = create(TensorShapeProtoSchema, { unknownRank: true });
    const shape = given.map(({ was }) =>
      was === undefined ? unknown : (shapes.value.shape[was] ?? unknown),
    );
    attr.output_shapes = withList({ ...shapes.value, shape });
  }
  const input = [
    ...tensors.slice(0, first),
    ...given.map((each) => each.input),
    ...node.input.filter(isControl),
  ];
  return create(NodeDefSchema, { ...node, attr, input });
}
