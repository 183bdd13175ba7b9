import { toBinary } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { randomStream } from '../random.ts';
import { loadFrozenModel } from '../runtime/index.ts';
import { declaredShape } from '../tensorflow/attributes.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';
import { distance } from './compare-weights.ts';
import { partsOf, type WeightFormat } from './weight-format.ts';
import { roundWeights } from './weights/index.ts';

/** The difference between the outputs of a graph with rounded weights and those of the graph itself. */
export interface RunComparison {
  readonly inputs: number;
  readonly largestDifference: number;
  readonly largestOutput: number;
}

const INPUTS = 4;
const SEED = 1;
/** An engine that is always available and computes the same bits for equal graphs. */
const ENGINE = { engine: 'simd', threads: 1 } as const;

/**
 * Runs three graphs on the same random inputs: a frozen graph, the same with its weights rounded as a format rounds them,
 * and the graph that was written in that format.
 *
 * @param written a binary GraphDef
 * @returns the differences or, if there is nothing to compare because the frozen graph cannot be run or gives NaN, the
 *   reason in words
 * @throws UserError `graph` if the written graph cannot be run, or its outputs differ from those for rounded weights
 */
export async function compareRuns(
  graph: GraphDef,
  weightFormat: WeightFormat,
  outputs: readonly string[],
  written: Uint8Array,
): Promise<RunComparison | string> {
  const inputs = batchOf(graph) ?? INPUTS;
  const rounded = roundWeights(graph, weightFormat);
  let [largestDifference, largestOutput] = [0, 0];
  for (const output of outputs) {
    const exact = await outputValues(graph, output, inputs).catch(reasonNotToRun);
    if (typeof exact === 'string') return exact;
    if (exact.some(Number.isNaN))
      return `output ${output} is NaN for random inputs, so outputs cannot be compared`;
    const expected = rounded === graph ? exact : await outputValues(rounded, output, inputs);
    const actual = await outputValues(written, output, inputs);
    const wrong = largestDistance(actual, expected);
    if (wrong > 0)
      throw new UserError(
        'graph',
        `output ${output} differs by ${wrong} from that of the graph with ${partsOf(weightFormat).type} weights, expected 0`,
      );
    largestDifference = Math.max(largestDifference, largestDistance(actual, exact));
    largestOutput = exact.reduce((largest, value) => Math.max(largest, Math.abs(value)), largestOutput);
  }
  return { inputs, largestDifference, largestOutput };
}

async function outputValues(
  graph: GraphDef | Uint8Array,
  output: string,
  inputs: number,
): Promise<Float32Array> {
  const bytes = graph instanceof Uint8Array ? graph : toBinary(GraphDefSchema, graph);
  const model = await loadFrozenModel(bytes, { output, ...ENGINE });
  try {
    const size = inputs * model.inputShape.reduce((product, extent) => product * extent, 1);
    const { normal } = randomStream(SEED, 'verify');
    return await model.run(Float32Array.from({ length: size }, normal));
  } finally {
    await model.dispose();
  }
}

function reasonNotToRun(error: unknown): string {
  if (error instanceof UserError && error.code === 'graph') return error.message;
  throw error;
}

/** How many inputs a graph takes at once, if it says. */
function batchOf(graph: GraphDef): number | undefined {
  const images = graph.node.find(({ op }) => op === 'Placeholder');
  const batch = images && declaredShape(images)?.[0];
  return batch === undefined || batch < 1 ? undefined : batch;
}

function largestDistance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, i) => Math.max(largest, distance(value, b[i]!)), 0);
}
