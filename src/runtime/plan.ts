import type { GraphPlan } from '../engine/graph-plan.ts';
import type { Shape } from '../tensorflow/shapes.ts';
import type { GraphDef } from '../wire/protos.ts';
import { inOrder } from './order.ts';
import { imagePlaceholder, placeholderShape } from './placeholder.ts';
import { Planner } from './planner.ts';

/** A validated frozen graph that an engine can compute. */
export interface PlannedGraph {
  readonly plan: GraphPlan;
  /** Extents of one image, such as [height, width, channels]. */
  readonly imageShape: Shape;
  /** The number of images that the graph declares, or `OPEN`. */
  readonly batch: number;
  /** Shape of the output. The first extent is `OPEN` if `batch` is. */
  readonly outputShape: Shape;
  /** Number of values in all results and padded images together, for one image or for the declared batch. */
  readonly results: number;
}

/**
 * Validates and plans the part of a frozen graph that `output` depends on. Computes what depends on constants alone, such as decoded
 * weights, if the runtime can fold the operation.
 *
 * @throws UserError `graph`, naming the node, on an unknown operation, shapes that do not fit, an absurd size, a circle, or a
 *   missing input
 */
export function planGraph(graph: GraphDef, output: string): PlannedGraph {
  const nodes = inOrder(graph, output);
  const images = imagePlaceholder(nodes, output);
  const [batch, ...imageShape] = placeholderShape(images);
  const planner = new Planner(nodes, images);
  for (const node of nodes) planner.add(node);
  const { operations, results } = planner;
  const { operation, shape } = planner.computed(nodes.at(-1)!, output);
  return {
    plan: { operations, output: operation },
    imageShape,
    batch: batch!,
    outputShape: shape,
    results,
  };
}
