import { create } from '@bufbuild/protobuf';
import { UserError } from '../../errors.ts';
import { walk } from '../../tensorflow/order.ts';
import { type NodeDef, NodeDefSchema } from '../../wire/protos.ts';
import { isMaskedWeight } from '../masked-weights.ts';
import { isMasking, originOf, sourceOf, type Variables } from '../origins.ts';
import type { BodyOrigins } from './argument-origins.ts';
import type { Body } from './body.ts';
import { argumentsOf, type Call, callsOf, type Group, withArguments } from './calls.ts';
import { addArgument, outputSuffixes, refuseChanging, rootsOf, typeOf } from './roots.ts';

/** Far beyond any real network: reached only if functions call others twice, and so on, each time with other masks. */
const MAX_COPIES = 20_000;

/** The nodes that move out of a body. */
interface Moved {
  readonly body: Body;
  readonly roots: ReadonlySet<NodeDef>;
  /** The roots and the nodes that they are computed from, each after its inputs. */
  readonly nodes: readonly NodeDef[];
  /** By the name of a node or argument, the end of inputs that refer to it in the body, such as `:output:0`. */
  readonly suffixes: ReadonlyMap<string, string>;
}

/** Moves nodes that compute from constants, masks and variables alone out of functions into their callers. */
export class Lifter {
  readonly #variables: Variables;
  readonly #origins: BodyOrigins;
  #copies = 0;
  /** For each body the names of the copies in it, by the original node and the copy's inputs. */
  readonly #known = new Map<Body, Map<string, string>>();

  constructor(variables: Variables, origins: BodyOrigins) {
    this.#variables = variables;
    this.#origins = origins;
  }

  /**
   * Replaces tensors in a group's functions that depend on constants and masks alone, and reads of variables, by new
   * arguments, which the callers compute instead.
   *
   * @returns whether anything was replaced
   * @throws UserError `graph` if a mask multiplies a value that may change within a function, or if there are more than
   *   `MAX_COPIES` copies of nodes
   */
  lift(group: Group): boolean {
    let lifted = false;
    for (const body of group.bodies) {
      const inside = this.#origins.get(body)!;
      refuseChanging(body, inside, group);
      const roots = group.fixed === undefined ? rootsOf(body, inside) : [];
      if (roots.length === 0) continue;
      lifted = true;
      const moved = {
        body,
        roots: new Set(roots),
        nodes: walk(roots, (_, input) => body.nodes.get(sourceOf(input))),
        suffixes: outputSuffixes(body),
      };
      for (const call of callsOf(group)) this.#giveCopies(call, moved);
      const names = new Map(roots.map((root) => [root.name, addArgument(group, root)]));
      body.replaceReads(new Set(names.keys()), (input) => names.get(sourceOf(input))!);
      body.dropUnneeded();
    }
    return lifted;
  }

  /** Copies the nodes of a body into a caller, and passes the copies of the roots as further arguments of the call. */
  #giveCopies(call: Call, { body, roots, nodes, suffixes }: Moved): void {
    const { caller, name } = call;
    const node = caller.nodes.get(name)!;
    const given = argumentsOf(call, node);
    const outside = this.#origins.get(caller)!;
    const references = new Map(body.args.map((argument, index) => [argument.name, given[index]!]));
    for (const producer of nodes) {
      const input = producer.input.map((each) => references.get(sourceOf(each)) ?? each);
      const isConstant = input.every((each) => outside.has(sourceOf(each)));
      const isProduct = isConstant && roots.has(producer) && isMasking(producer, this.#origins.get(body)!);
      const copy = this.#copy(call, body.name!, { ...producer, input }, isProduct);
      references.set(
        producer.name,
        caller.name === undefined ? copy : `${copy}${suffixes.get(producer.name)}`,
      );
    }
    const before = given.map((input, index) => ({ input, type: body.args[index]!.type, was: index }));
    const added = Array.from(roots, (root) => ({
      input: references.get(root.name)!,
      type: typeOf(root),
      was: undefined,
    }));
    caller.set(withArguments(call, node, [...before, ...added]));
  }

  /** @returns the name of the copy */
  #copy({ caller, name: callName }: Call, from: string, node: NodeDef, isProduct: boolean): string {
    const known = this.#known.get(caller) ?? new Map<string, string>();
    this.#known.set(caller, known);
    const key = [from, node.name, ...node.input].join('\n');
    const copied = known.get(key);
    if (copied !== undefined) return copied;
    if (++this.#copies > MAX_COPIES)
      throw new UserError(
        'graph',
        `the masks in functions, such as node ${node.name} (${node.op}) of function ${from}, need copies of more than ${MAX_COPIES} nodes`,
        'Apply the masks outside functions that call one another.',
      );
    const wanted = `${callName}/${node.name}${isProduct && !isMaskedWeight(node.name) ? '/masked_weight' : ''}`;
    const isTaken = (name: string) =>
      caller.nodes.has(name) || caller.args.some((each) => each.name === name);
    let name = wanted;
    for (let number = 1; isTaken(name); number++) name = `${wanted}_${number}`;
    const copy = create(NodeDefSchema, { ...node, name });
    caller.set(copy);
    const outside = this.#origins.get(caller)!;
    const origin = originOf(copy, outside, this.#variables);
    if (origin) outside.set(name, origin);
    known.set(key, name);
    return name;
  }
}
