import { create } from '@bufbuild/protobuf';
import { freeName, nodesByName } from '../tensorflow/lookup.ts';
import { type Effect, passedInput } from '../tensorflow/passing.ts';
import {
  type FunctionDef,
  type GraphDef,
  GraphDefSchema,
  type NodeDef,
  NodeDefSchema,
} from '../wire/protos.ts';
import { flatOutput, isNextIteration } from './function-outputs.ts';
import type { Runs } from './model.ts';

/** A graph in which the bodies of functions replace the nodes that call them. */
export interface InlinedGraph {
  readonly graph: GraphDef;
  /** How often nodes of bodies run, by their names; nodes that are not in it run once. */
  readonly runs: ReadonlyMap<string, Runs>;
  /** Number of calls that were left, since functions call themselves or the graph would become too large. */
  readonly left: number;
}

const MAX_NODES = 100_000;
const MAX_DEPTH = 32;
/** An operation that has the shape of its input, but not its value, which changes from one iteration to the next. */
export const LOOP_VARIABLE = '_LoopVariable';

/** Inlines functions, and cuts the edges by which loops lead back, so that every node can come after its inputs. */
export function inlinedGraph(graph: GraphDef): InlinedGraph {
  return new Inliner(graph).inlined(graph);
}

interface Body {
  readonly definition: FunctionDef;
  readonly runs: Runs | undefined;
  /** Index of the call's input that is the body's first argument. */
  readonly firstInput: number;
  readonly isLoop: boolean;
}

class Inliner {
  readonly #functions: ReadonlyMap<string, FunctionDef>;
  readonly #nodes: NodeDef[] = [];
  readonly #taken: Set<string>;
  readonly #runs = new Map<string, Runs>();
  #left = 0;

  constructor({ node, library }: GraphDef) {
    this.#functions = new Map(library?.function.map((each) => [each.signature?.name ?? '', each]));
    this.#taken = new Set(node.map(({ name }) => name));
  }

  inlined(graph: GraphDef): InlinedGraph {
    const originals = nodesByName(graph);
    for (const node of graph.node) {
      const leadsBack = /^(Ref)?Merge$/.test(node.op);
      const input = leadsBack ? node.input.filter((each) => !isNextIteration(originals, each)) : node.input;
      this.#add(input.length === node.input.length ? node : { ...node, input }, undefined, 0);
    }
    return { graph: create(GraphDefSchema, { node: this.#nodes }), runs: this.#runs, left: this.#left };
  }

  #add(node: NodeDef, runs: Runs | undefined, depth: number): void {
    const bodies = this.#bodiesOf(node);
    const size = bodies.reduce((sum, { definition }) => sum + definition.nodeDef.length, 0);
    const fits = depth < MAX_DEPTH && this.#nodes.length + size <= MAX_NODES;
    if (runs) this.#runs.set(node.name, runs);
    if (bodies.length > 0 && !fits) this.#left++;
    if (bodies.length === 0 || !fits) {
      this.#nodes.push(node);
      return;
    }
    const results = bodies.map((body) => this.#addBody(node, body, body.runs ?? runs, depth + 1));
    // The last body is that of the loop, or one of the branches.
    this.#nodes.push({ ...node, op: 'IdentityN', input: results.at(-1)!, attr: {} });
  }

  /** Adds the nodes of a body. @returns the inputs that the body's outputs refer to */
  #addBody(call: NodeDef, body: Body, runs: Runs | undefined, depth: number): string[] {
    const { signature, nodeDef, ret } = body.definition;
    const renamed = new Map<string, string>();
    const rename = (name: string) => {
      const free = freeName(`${call.name}/${name}`, this.#taken);
      this.#taken.add(free);
      renamed.set(name, free);
      return free;
    };
    const inputs = call.input.filter((each) => !each.startsWith('^')).slice(body.firstInput);
    const invariant = body.isLoop ? invariantArguments(body.definition) : undefined;
    for (const [index, { name }] of (signature?.inputArg ?? []).entries()) {
      const input = inputs[index];
      const op = invariant && !invariant.has(name) ? LOOP_VARIABLE : 'Identity';
      const node = create(NodeDefSchema, {
        name: rename(name),
        op,
        input: input === undefined ? [] : [input],
      });
      if (runs) this.#runs.set(node.name, runs);
      this.#nodes.push(node);
    }
    for (const { name } of nodeDef) rename(name);
    const ops = new Map(nodeDef.map(({ name, op }) => [name, op]));
    const refer = (reference: string): string => {
      const isControl = reference.startsWith('^');
      const [name = '', output, index] = reference.slice(isControl ? 1 : 0).split(':');
      const flat = output === undefined ? 0 : flatOutput(ops.get(name), output, Number(index ?? 0));
      return `${isControl ? '^' : ''}${renamed.get(name) ?? name}${flat > 0 ? `:${flat}` : ''}`;
    };
    for (const node of nodeDef)
      this.#add({ ...node, name: renamed.get(node.name)!, input: node.input.map(refer) }, runs, depth);
    return (signature?.outputArg ?? []).map(({ name }) => refer(ret[name] ?? ''));
  }

  #bodiesOf(node: NodeDef): Body[] {
    const body = (
      name: string | undefined,
      runs: Runs | undefined,
      firstInput = 0,
      isLoop = false,
    ): Body[] => {
      const definition = name === undefined ? undefined : this.#functions.get(name);
      return definition ? [{ definition, runs, firstInput, isLoop }] : [];
    };
    const named = (key: string) => {
      const value = node.attr[key]?.value;
      return value?.case === 'func' ? value.value.name : undefined;
    };
    if (this.#functions.size === 0) return [];
    switch (node.op) {
      case 'PartitionedCall':
      case 'StatefulPartitionedCall':
        return body(named('f'), undefined);
      case 'While':
      case 'StatelessWhile':
        return [
          ...body(named('cond'), 'per iteration', 0, true),
          ...body(named('body'), 'per iteration', 0, true),
        ];
      case 'If':
      case 'StatelessIf':
        return [
          ...body(named('else_branch'), 'in a branch', 1),
          ...body(named('then_branch'), 'in a branch', 1),
        ];
      case 'Case':
      case 'StatelessCase': {
        const branches = node.attr.branches?.value;
        const list = branches?.case === 'list' ? branches.value.func : [];
        return list.flatMap(({ name }) => body(name, 'in a branch', 1));
      }
      default:
        return body(node.op, undefined);
    }
  }
}

/** Effects of nodes that leave an argument unchanged. */
const AS_IT_IS: readonly Effect[] = ['asserts', 'lists'];

/** The arguments that a loop's body gives back unchanged, such as weights. */
function invariantArguments({ signature, nodeDef, ret }: FunctionDef): Set<string> {
  const nodes = new Map(nodeDef.map((node) => [node.name, node]));
  const sourceOf = (reference: string) => {
    let at = reference;
    for (let steps = 0; steps < nodeDef.length; steps++) {
      const [name = '', output, index] = at.split(':');
      const node = nodes.get(name);
      const flat = output === undefined ? 0 : flatOutput(node?.op, output, Number(index ?? 0));
      const source = node && passedInput(node, flat, AS_IT_IS);
      if (source === undefined) break;
      at = source;
    }
    return at.split(':')[0]!;
  };
  const results = (signature?.outputArg ?? []).map(({ name }) => sourceOf(ret[name] ?? ''));
  const names = (signature?.inputArg ?? []).map(({ name }) => name);
  // A condition gives none of its arguments back, so that this finds none there; no weight is lost.
  return new Set(names.filter((name, index) => results[index] === name));
}
