import { UserError } from '../../errors.ts';
import { walk } from '../../tensorflow/order.ts';
import { DataType, type NodeDef } from '../../wire/protos.ts';
import { isUnfolded } from '../masked-weights.ts';
import { givesTruth, isControl, isMasking, type Origin, sourceOf } from '../origins.ts';
import type { Body } from './body.ts';
import type { Group } from './calls.ts';
import { handedOn } from './outputs.ts';

type Origins = ReadonlyMap<string, Origin>;

/**
 * The nodes of a function whose values its callers can compute instead: nodes that depend on masks and constants alone, masked
 * weights (by name) that depend on constants alone, and reads of variables. A node that only other such nodes read is left out.
 */
export function rootsOf(body: Body, origins: Origins): NodeDef[] {
  const wanted = new Set(body.results.map(({ value }) => sourceOf(value)));
  const args = new Set(body.args.map(({ name }) => name));
  const inOrder = walk([...body.nodes.values()], (_, input) => body.nodes.get(sourceOf(input)));
  const roots: NodeDef[] = [];
  for (const node of inOrder.toReversed()) {
    const origin = origins.get(node.name);
    const isConstant = origin?.kind === 'constant';
    if (isConstant && !wanted.has(node.name)) continue;
    const isOfMasks = isConstant && origin.masks.length > 0 && !args.has(sourceOf(handedOn(body, node.name)));
    if (isConstant && (node.op === 'ReadVariableOp' || isOfMasks || isUnfolded(node))) roots.push(node);
    else for (const input of node.input) if (!isControl(input)) wanted.add(sourceOf(input));
  }
  return roots.toReversed();
}

/** @throws UserError `graph` on a product by a mask whose value may differ from one run of the function to the next */
export function refuseChanging(body: Body, origins: Origins, { fixed }: Group): void {
  for (const node of body.nodes.values()) {
    const origin = origins.get(node.name);
    if (origin?.kind !== 'carried' || !isMasking(node, origins)) continue;
    throw new UserError(
      'graph',
      `function ${body.name}: node ${node.name} (${node.op}) multiplies by the mask ${origin.masks.join(', ')} and cannot be folded, since ${
        fixed === undefined ? 'the loop may change what it multiplies' : `the function ${fixed}`
      }`,
      'Apply the mask outside the function.',
    );
  }
}

/** By the name of a node or argument, what inputs that refer to it have after the name, such as `:output:0`. */
export function outputSuffixes({ nodes, results }: Body): Map<string, string> {
  const inputs = [...[...nodes.values()].flatMap(({ input }) => input), ...results.map(({ value }) => value)];
  return new Map(
    inputs
      .filter((input) => !isControl(input))
      .map((input) => [sourceOf(input), input.slice(sourceOf(input).length)]),
  );
}

/** The element type of the output of a node that can be folded or reads a variable. */
export function typeOf(node: NodeDef): DataType {
  if (givesTruth(node)) return DataType.DT_BOOL;
  for (const key of ['DstT', 'dtype', 'Tparams', 'T']) {
    const value = node.attr[key]?.value;
    if (value?.case === 'type') return value.value;
  }
  return DataType.DT_FLOAT;
}

/** Adds an argument to the functions of a group; the bodies of loops give it back unchanged. @returns the argument's name */
export function addArgument({ bodies, loops }: Group, root: NodeDef): string {
  const wanted = root.name
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .replace(/^(?![a-z])/, 'arg');
  const isTaken = (name: string) =>
    bodies.some(
      ({ args, results, nodes }) =>
        nodes.has(name) || [...args, ...results].some((each) => each.name === name),
    );
  let name = wanted;
  for (let number = 1; isTaken(name); number++) name = `${wanted}_${number}`;
  const type = typeOf(root);
  for (const body of bodies) {
    body.args = [...body.args, { name, type }];
    if (loops.has(body)) body.results = [...body.results, { name, type, value: name }];
  }
  return name;
}
