import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';

/** The output that an input of a node refers to. */
export interface InputReference {
  readonly node: string;
  /** Index of the output; 0 for a control input. */
  readonly output: number;
  /** A control input (`^node`) orders execution and carries no tensor. */
  readonly control: boolean;
}

/** Parses `node`, `node:1` or `^node`. */
export function parseInput(input: string): InputReference {
  if (input.startsWith('^')) return { node: input.slice(1), output: 0, control: true };
  const match = /^(.+):(\d+)$/.exec(input);
  if (!match) return { node: input, output: 0, control: false };
  return { node: match[1]!, output: Number(match[2]), control: false };
}

/** Whether a node holds a variable, by reference (VariableV2) or as a resource (VarHandleOp). */
export function isVariable({ op }: NodeDef): boolean {
  return op === 'VariableV2' || op === 'VarHandleOp' || op === 'Variable';
}

/** Whether a node has the boolean attribute `key` and it is true. */
export function isSet({ attr }: NodeDef, key: string): boolean {
  const value = attr[key]?.value;
  return value?.case === 'b' && value.value;
}

/** The inputs that carry tensors. */
export function tensorInputs({ input }: NodeDef): string[] {
  return input.filter((each) => !parseInput(each).control);
}

/** The nodes by name. @throws UserError `graph` if two nodes have one name */
export function nodesByName(graph: GraphDef): Map<string, NodeDef> {
  const nodes = new Map<string, NodeDef>();
  for (const candidate of graph.node) {
    if (nodes.has(candidate.name))
      throw new UserError('graph', `two nodes are named ${printable(candidate.name)}`);
    nodes.set(candidate.name, candidate);
  }
  return nodes;
}

/** The node that an input refers to. @throws UserError `graph` if the graph has no such node */
export function inputNode(nodes: ReadonlyMap<string, NodeDef>, consumer: NodeDef, input: string): NodeDef {
  const { node } = parseInput(input);
  const producer = nodes.get(node);
  if (!producer)
    throw new UserError(
      'graph',
      `node ${printable(consumer.name)} (${printable(consumer.op)}) reads ${printable(input)}, which is not in the graph`,
      'Write the file again: it is damaged or was cut at the wrong nodes.',
    );
  return producer;
}

/** A name that is not taken: `wanted`, or `wanted` followed by a number. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 1; taken.has(name); number++) name = `${wanted}_${number}`;
  return name;
}
