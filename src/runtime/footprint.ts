import type { Computation, Extents } from '../engine/graph-plan.ts';
import { slidingAlong } from '../engine/sliding.ts';
import { nodeError } from '../tensorflow/node-error.ts';
import { elementsOf, OPEN, type Shape } from '../tensorflow/shapes.ts';
import type { NodeDef } from '../wire/protos.ts';

/** Values in a padded image; if there are more, they must not exceed MOST_PADDING times those of the image. */
const FREE_PADDING = 2 ** 24;
const MOST_PADDING = 64;
/** Values in a vector. Engines pad rows to whole vectors. */
const VECTOR = 4;
/** Memory that an engine needs for each input of a filter or matrix, apart from the weights, to locate it. In float32 values. */
const VALUES_AN_INPUT = 32;
/** Memory that an engine's program needs for each tensor that is joined. In float32 values. */
const VALUES_A_PART = 32;
/** Memory that an engine's program needs for each operation and each image of a batch of declared size. In float32 values. */
const VALUES_AN_IMAGE = 256;

/**
 * The memory that an operation needs apart from its result, in float32 values: padded images, the locations of its inputs, and the program
 * of a large batch.
 *
 * @param inputs shapes of its inputs
 * @throws UserError `graph`, naming the node, if images are padded to many times their size
 */
export function valuesBeside(
  node: NodeDef,
  compute: Computation,
  inputs: readonly Shape[],
): { perImage: number; perGraph: number } {
  const [images = [], weights = []] = inputs;
  const declared = images[0] === OPEN ? 0 : (images[0] ?? 0);
  const planned = VALUES_AN_IMAGE * declared;
  switch (compute.op) {
    case 'Conv2D': {
      const [rows, columns, channels] = weights as [number, number, number];
      const padded = paddedValues(node, compute, images, [rows, columns]);
      return {
        perImage: padded * Math.max(1, declared),
        perGraph: VALUES_AN_INPUT * rows * columns * channels + planned,
      };
    }
    case 'MaxPool':
    case 'LRN':
      return { perImage: 0, perGraph: planned };
    case 'ConcatV2':
      return { perImage: 0, perGraph: VALUES_A_PART * inputs.length };
    case 'MatMul':
      return { perImage: 0, perGraph: VALUES_AN_INPUT * weights[compute.transposeB ? 1 : 0]! };
    default:
      return { perImage: 0, perGraph: 0 };
  }
}

/** Number of values in one padded image. */
function paddedValues(
  node: NodeDef,
  { strides, dilations, padding }: Extract<Computation, { op: 'Conv2D' }>,
  [, height, width, channels]: Shape,
  kernel: Extents,
): number {
  const along = (axis: 0 | 1, extent: number) => {
    const window = (kernel[axis] - 1) * dilations[axis] + 1;
    const { outputs, before } = slidingAlong(extent, window, strides[axis], padding);
    return Math.max((outputs - 1) * strides[axis] + window, before + extent);
  };
  const rows = along(0, height!);
  // With stride s, a row holds the columns 0, s, 2s..., then 1, s + 1... and so on, each sequence in whole vectors.
  const columns = VECTOR * strides[1] * Math.ceil(along(1, width!) / strides[1] / VECTOR);
  const values = rows * columns * channels!;
  if (values > FREE_PADDING && values > MOST_PADDING * elementsOf([height!, width!, channels!]))
    throw nodeError(
      node,
      `pads ${height} x ${width} pixels to ${rows} x ${columns}, expected at most ${MOST_PADDING} times as many`,
    );
  return values;
}
