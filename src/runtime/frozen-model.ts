import type { GraphExecutor } from '../engine/graph-plan.ts';
import { selectExecutor } from '../engine/select.ts';
import { UserError } from '../errors.ts';
import { printableList } from '../printable.ts';
import { parseInput } from '../tensorflow/lookup.ts';
import { elementsOf, OPEN } from '../tensorflow/shapes.ts';
import { unknownNode } from '../tensorflow/unknown-node.ts';
import type { GraphDef } from '../wire/protos.ts';
import { sinks } from './order.ts';
import { type PlannedGraph, planGraph } from './plan.ts';
import { readGraphDef } from './read-graph.ts';
import { countWeights, type WeightCount } from './weights.ts';

export interface FrozenModelOptions {
  /** The node to compute. Default: the only node that no other node reads. */
  readonly output?: string | undefined;
  /** Name of an engine, as `--engine` accepts it. Default: `auto`. */
  readonly engine?: string | undefined;
  readonly backend?: string | undefined;
  /** Kernels of the simd engine: `auto`, `native` or `wasm`. */
  readonly kernels?: string | undefined;
  readonly threads?: number | undefined;
}

/** The most images per run of the executor: more need more memory, but no less time per image. */
const IMAGES_AT_ONCE = 128;
/** The most values in all results of a run; a graph with large results runs fewer images at once. */
const RESULTS_AT_ONCE = 2 ** 27;

/**
 * Loads a frozen graph, such as `strip` writes.
 *
 * @param source path of a binary GraphDef, or its bytes
 * @throws UserError `file` if the file cannot be read, `graph` if it is damaged or its output cannot be computed, `engine` if the
 *   engine cannot be used on this machine
 */
export async function loadFrozenModel(
  source: string | Uint8Array,
  { output, engine, backend, kernels, threads }: FrozenModelOptions = {},
): Promise<FrozenModel> {
  const graph = await readGraphDef(source);
  const outputName = output === undefined ? onlySink(graph) : namedOutput(graph, output);
  const planned = planGraph(graph, outputName);
  const { executor, reason } = await selectExecutor({
    engine,
    backend,
    kernels,
    threads,
    plan: planned.plan,
  });
  return new FrozenModel(sinks(graph), outputName, planned, executor, reason);
}

/** A loaded frozen graph. Calls that overlap are computed one after another. */
export class FrozenModel {
  /** Extents of one image: [height, width, channels]. */
  readonly inputShape: readonly number[];
  /** Extents of the output for one image: [classes]. */
  readonly outputShape: readonly number[];
  /** The names of the nodes that no other node reads, in the graph's order. */
  readonly outputNames: readonly string[];
  /** The name of the node that `run` computes. */
  readonly outputName: string;
  /** The TensorFlow operation that gives the output: `Softmax` if the output is probabilities. */
  readonly outputOperation: string;
  readonly weights: WeightCount;
  /** One line that says which engine computes and why it was chosen. */
  readonly reason: string;
  readonly #batch: number;
  readonly #imagesAtOnce: number;
  readonly #executor: GraphExecutor;
  /** Settles when the calls so far have been computed. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    outputNames: readonly string[],
    outputName: string,
    { plan, imageShape, outputShape, batch, results }: PlannedGraph,
    executor: GraphExecutor,
    reason: string,
  ) {
    this.inputShape = imageShape;
    this.outputShape = outputShape.slice(1);
    this.outputNames = outputNames;
    this.outputName = outputName;
    this.outputOperation = plan.operations[plan.output]!.compute.op;
    this.weights = countWeights(plan);
    this.reason = reason;
    this.#batch = batch;
    const most = Math.max(1, Math.floor(RESULTS_AT_ONCE / results));
    this.#imagesAtOnce = batch === OPEN ? Math.min(IMAGES_AT_ONCE, most) : batch;
    this.#executor = executor;
  }

  /**
   * Computes the output of each image.
   *
   * @param images images of `inputShape`, row-major, one after another (NHWC); any number unless the graph declares a number
   * @returns for each image the values of `outputShape`, row-major
   * @throws UserError `argument` if the values are not a whole number of images, or not as many as the graph declares
   */
  run(images: Float32Array): Promise<Float32Array> {
    const result = this.#last.then(() => this.#compute(images));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Frees memory and ends threads, once the calls so far have been computed. The model is unusable afterwards. */
  async dispose(): Promise<void> {
    await this.#last;
    await this.#executor.dispose();
  }

  async #compute(images: Float32Array): Promise<Float32Array> {
    const size = elementsOf(this.inputShape);
    const count = images.length / size;
    if (!Number.isInteger(count))
      throw new UserError(
        'argument',
        `${images.length} values are no whole number of images of shape [${this.inputShape.join(', ')}]`,
        'Give the values of all images one after the other.',
      );
    if (this.#batch !== OPEN && count !== this.#batch)
      throw new UserError(
        'argument',
        `the graph takes ${this.#batch} images at once, not ${count}`,
        'Freeze it again with strip, which leaves the number of images open.',
      );
    const atOnce = this.#imagesAtOnce;
    const results: Float32Array[] = [];
    for (let first = 0; first < count; first += atOnce) {
      const part = images.subarray(first * size, (first + atOnce) * size);
      results.push(await this.#executor.run(part, part.length / size));
    }
    return concatenate(results);
  }
}

function onlySink(graph: GraphDef): string {
  const names = sinks(graph);
  if (names.length === 1) return names[0]!;
  if (names.length === 0) throw new UserError('graph', 'every node of the graph is read by another one');
  throw new UserError(
    'graph',
    `the graph has ${names.length} outputs: ${printableList(names)}`,
    'Name the one that is wanted, with --output_node_name or the option output.',
  );
}

function namedOutput(graph: GraphDef, given: string): string {
  const { node } = parseInput(given);
  if (graph.node.some(({ name }) => name === node)) return node;
  throw unknownNode(graph, given);
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
