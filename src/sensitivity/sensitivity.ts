import type { Batch } from '../dataset/index.ts';
import { UserError } from '../errors.ts';
import type { FrozenModelOptions } from '../runtime/index.ts';
import type { GraphDef } from '../wire/protos.ts';
import { type Allocation, allocate, type Curve, type CurvePoint, reach } from './allocate.ts';
import { type Measurement, measure } from './measure.ts';
import { layerWeights, prunedGraph } from './pruned-graph.ts';

export interface SensitivityOptions {
  readonly batches: readonly Batch[];
  /** Options of the runtime. */
  readonly model?: FrozenModelOptions;
  readonly signal?: AbortSignal;
  /** Called before each measurement. */
  readonly onMeasure?: (done: number, of: number) => void;
}

/** Sparsities of the layers, with the network's loss and accuracy at them, without further training. */
export interface Proposal extends Measurement {
  readonly allocation: Allocation;
  /** Fraction of zeros in all layers together. */
  readonly sparsity: number;
}

/**
 * Prunes one layer of a frozen graph at a time to each of some sparsities, by magnitude, and measures the network
 * (the sensitivity scan of Han et al. 2015, https://arxiv.org/abs/1506.02626, section 5).
 *
 * @param graph takes images [batch, height, width, channels] and gives logits [batch, classes]
 * @param sparsities in (0, 1); each layer uses those above its own
 * @throws UserError `graph` if it has no weights or cannot be run
 */
export async function sensitivityCurves(
  graph: GraphDef,
  sparsities: readonly number[],
  { batches, model = {}, signal, onMeasure }: SensitivityOptions,
): Promise<Curve[]> {
  const layers = layerWeights(graph);
  if (layers.length === 0) throw new UserError('graph', 'the graph has no weights that could be pruned');
  const rising = [...new Set(sparsities)].toSorted((a, b) => a - b);
  const steps = layers.map((layer) => rising.filter((sparsity) => sparsity > layer.sparsity));
  const of = 1 + steps.reduce((sum, each) => sum + each.length, 0);
  let done = 0;
  const measured = async (pruned: GraphDef) => {
    onMeasure?.(done++, of);
    return measure(pruned, batches, model, signal);
  };
  const whole = await measured(graph);
  const curves: Curve[] = [];
  for (const [index, { name, size, sparsity: own }] of layers.entries()) {
    const points: CurvePoint[] = [{ sparsity: own, ...whole }];
    for (const sparsity of steps[index]!)
      points.push({ sparsity, ...(await measured(prunedGraph(graph, new Map([[name, sparsity]])))) });
    curves.push({ name, size, points });
  }
  return curves;
}

/** Proposes sparsities with a total of `target`. @throws UserError `argument` if the curves do not reach the target */
export async function proposeForTarget(
  graph: GraphDef,
  curves: readonly Curve[],
  target: number,
  options: SensitivityOptions,
): Promise<Proposal> {
  const { least, most } = reach(curves);
  if (target < least || target > most)
    throw new UserError(
      'argument',
      `a total sparsity of ${target} is not between ${least.toFixed(4)} (the network) and ${most.toFixed(4)} (the largest measured)`,
      target > most ? 'Give larger --sparsities.' : 'Give a larger --target.',
    );
  return propose(graph, allocate(curves, target), target, options);
}

/** Steps of the bisection: they narrow the interval of totals to a thousandth. */
const HALVINGS = 10;

/** Proposes the largest total at which the network, without further training, loses at most `maxLoss` of accuracy. @param maxLoss fraction of images */
export async function proposeForLoss(
  graph: GraphDef,
  curves: readonly Curve[],
  maxLoss: number,
  options: SensitivityOptions,
): Promise<Proposal> {
  const { least, most } = reach(curves);
  const accuracy = curves[0]!.points[0]!.accuracy - maxLoss;
  let best = await propose(graph, allocate(curves, least), least, options);
  let [low, high] = [least, most];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const total = halving === 0 ? most : (low + high) / 2;
    const proposal = await propose(graph, allocate(curves, total), total, options);
    if (proposal.accuracy >= accuracy) [best, low] = [proposal, total];
    else high = total;
    if (low === most) break;
  }
  return best;
}

async function propose(
  graph: GraphDef,
  allocation: Allocation,
  sparsity: number,
  { batches, model = {}, signal }: SensitivityOptions,
): Promise<Proposal> {
  const measurement = await measure(prunedGraph(graph, allocation), batches, model, signal);
  return { allocation, sparsity, ...measurement };
}

/** The largest sparsity below 1 with the four digits that hparams are written with. */
const LARGEST = 0.9999;

/** The allocation as an hparams string. */
export function allocationHparams(allocation: Allocation, sparsity: number): string {
  const written = (value: number) => Math.min(LARGEST, value).toFixed(4);
  const entries = [...allocation].map(([name, value]) => `${name}:${written(value)}`);
  return `target_sparsity=${written(sparsity)},weight_sparsity_map=[${entries.join(',')}]`;
}
