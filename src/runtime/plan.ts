import type { GraphPlan } from '../engine/graph-plan.ts';
import type { Shape } from '../tensorflow/shapes.ts';
import type { GraphDef } from '../wire/protos.ts';
import { inOrder } from './order.ts';
import { imagePlaceholder, placeholderShape } from './placeholder.ts';
import { Planner } from './planner.ts';

/** A graph that can be computed as it is. */
export interface PlannedGraph {
  readonly plan: GraphPlan;
  /** The extents of one image. */
  readonly imageShape: Shape;
  /** How many images there must be, or `OPEN`. */
  readonly batch: number;
  /** Of the output; the first extent is `OPEN` where `batch` is. */
  readonly outputShape: Shape;
  /** Values that all operations together give and pad for one image, or for the batch that there must be. */
  readonly results: number;
}

/**
 * Makes a frozen graph ready to compute `output` from its placeholder. What depends on constants alone is computed now,
 * where its operation is one by which constants are decoded.
 *
 * @throws UserError `graph`, naming the node, on an operation that is not known, shapes that do not fit, an absurd size, a
 *   circle, or a missing input, among what the output needs
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
