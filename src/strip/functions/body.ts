import { create } from '@bufbuild/protobuf';
import { nodesByName } from '../../tensorflow/lookup.ts';
import { isEntrance } from '../../tensorflow/passing.ts';
import {
  type DataType,
  type FunctionDef,
  FunctionDefLibrarySchema,
  FunctionDefSchema,
  type GraphDef,
  GraphDefSchema,
  type NodeDef,
  NodeDefSchema,
  OpDef_ArgDefSchema,
  OpDefSchema,
} from '../../wire/protos.ts';
import { isControl, sourceOf } from '../origins.ts';

/** An argument of a function. */
export interface Argument {
  readonly name: string;
  readonly type: DataType;
}

/** A result of a function or, in the graph itself, an output that the user asks for. */
export interface Result {
  readonly name: string;
  readonly type: DataType | undefined;
  /** The tensor, written like an input of a node. */
  readonly value: string;
}

/** A graph or a function's body that can be edited. Inputs are `node` or `node:1` in a graph, `node:name:1` in a function. */
export class Body {
  /** The function's name; undefined for the graph itself. */
  readonly name: string | undefined;
  args: readonly Argument[];
  results: readonly Result[];
  readonly #nodes = new Map<string, NodeDef>();
  /** The nodes that read from each node or argument, by name. */
  readonly #readers = new Map<string, Set<string>>();

  constructor(
    name: string | undefined,
    args: readonly Argument[],
    results: readonly Result[],
    nodes: Iterable<NodeDef>,
  ) {
    this.name = name;
    this.args = args;
    this.results = results;
    for (const node of nodes) this.set(node);
  }

  get nodes(): ReadonlyMap<string, NodeDef> {
    return this.#nodes;
  }

  /** Adds a node, or replaces the node of the same name. */
  set(node: NodeDef): void {
    this.#forgetReads(node.name);
    this.#nodes.set(node.name, node);
    for (const input of node.input) {
      const source = sourceOf(input);
      const readers = this.#readers.get(source);
      if (readers) readers.add(node.name);
      else this.#readers.set(source, new Set([node.name]));
    }
  }

  /** The inputs and results that refer to a node or an argument. */
  readsOf(source: string): string[] {
    const readers = [...(this.#readers.get(source) ?? [])];
    const inputs = readers.flatMap((name) => this.#nodes.get(name)!.input);
    return [...inputs, ...this.results.map(({ value }) => value)].filter(
      (input) => !isControl(input) && sourceOf(input) === source,
    );
  }

  /** Replaces the inputs that refer to `sources`, and a function's results, but never the outputs of the graph itself. */
  replaceReads(sources: ReadonlySet<string>, instead: (input: string) => string): void {
    const replaced = (input: string) =>
      isControl(input) || !sources.has(sourceOf(input)) ? input : instead(input);
    const readers = new Set([...sources].flatMap((source) => [...(this.#readers.get(source) ?? [])]));
    for (const name of readers) {
      const node = this.#nodes.get(name)!;
      this.set(withInputs(node, node.input.map(replaced)));
    }
    if (this.name === undefined) return;
    this.results = this.results.map((result) => ({ ...result, value: replaced(result.value) }));
  }

  /**
   * Drops the nodes that no result needs. In a function it also drops control inputs, since a frozen graph has no side
   * effects to order; in the graph itself they stay.
   */
  dropUnneeded(): void {
    const follows = (input: string) => this.name === undefined || !isControl(input);
    const reached = new Set(this.results.map(({ value }) => sourceOf(value)));
    // A set's iterator also visits what is added on the way.
    for (const name of reached)
      for (const input of this.#nodes.get(name)?.input ?? [])
        if (follows(input)) reached.add(sourceOf(input));
    for (const [name, node] of [...this.#nodes]) {
      if (reached.has(name)) {
        if (!node.input.every(follows)) this.set(withInputs(node, node.input.filter(follows)));
        continue;
      }
      this.#forgetReads(name);
      this.#nodes.delete(name);
    }
  }

  #forgetReads(name: string): void {
    for (const input of this.#nodes.get(name)?.input ?? []) this.#readers.get(sourceOf(input))?.delete(name);
  }
}

/** A graph, and those of its functions whose arguments are single tensors of known types. */
export interface Program {
  readonly main: Body;
  readonly functions: ReadonlyMap<string, Body>;
}

/** Whether a body has loops or branches made of nodes, in which a control input decides whether a node runs. */
export const hasControlFlow = ({ nodes }: Body) => [...nodes.values()].some(({ op }) => isEntrance(op));

/** @param outputs names of nodes of the graph */
export function readProgram(graph: GraphDef, outputs: readonly string[]): Program {
  const results = outputs.map((name) => ({ name, type: undefined, value: name }));
  const main = new Body(undefined, [], results, nodesByName(graph).values());
  const bodies = graph.library?.function.flatMap((definition) => bodyOf(definition) ?? []) ?? [];
  return { main, functions: new Map(bodies.map((body) => [body.name!, body])) };
}

function bodyOf({ signature, nodeDef, ret }: FunctionDef): Body | undefined {
  const { name = '', inputArg = [], outputArg = [] } = signature ?? {};
  const isPlain = [...inputArg, ...outputArg].every(
    ({ type, typeAttr, numberAttr, typeListAttr }) => type > 0 && !typeAttr && !numberAttr && !typeListAttr,
  );
  const names = new Set(nodeDef.map((node) => node.name));
  if (!isPlain || names.size !== nodeDef.length || outputArg.some((each) => ret[each.name] === undefined))
    return undefined;
  const body = new Body(
    name,
    inputArg.map((arg) => ({ name: arg.name, type: arg.type })),
    outputArg.map((arg) => ({ name: arg.name, type: arg.type, value: ret[arg.name]! })),
    nodeDef,
  );
  if (!hasControlFlow(body)) body.dropUnneeded();
  return body;
}

function withInputs(node: NodeDef, input: readonly string[]): NodeDef {
  return create(NodeDefSchema, { ...node, input: [...input] });
}

/** The graph with the nodes and functions of the program; functions that are not in the program stay unchanged. */
export function writeProgram(graph: GraphDef, { main, functions }: Program): GraphDef {
  const library =
    graph.library &&
    create(FunctionDefLibrarySchema, {
      function: graph.library.function.map((definition) => {
        const body = functions.get(definition.signature?.name ?? '');
        return body ? definitionOf(body, definition) : definition;
      }),
    });
  return create(GraphDefSchema, { ...graph, node: [...main.nodes.values()], ...(library && { library }) });
}

function definitionOf({ args, results, nodes }: Body, definition: FunctionDef): FunctionDef {
  const argDef = ({ name, type }: Argument) => create(OpDef_ArgDefSchema, { name, type });
  return create(FunctionDefSchema, {
    attr: definition.attr,
    signature: create(OpDefSchema, {
      ...definition.signature!,
      inputArg: args.map(argDef),
      outputArg: results.map(({ name, type }) => argDef({ name, type: type! })),
      controlOutput: [],
    }),
    nodeDef: [...nodes.values()],
    ret: Object.fromEntries(results.map(({ name, value }) => [name, value])),
  });
}
