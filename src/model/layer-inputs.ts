import { layerError } from './layer-error.ts';
import type { Layer } from './network.ts';

/** The shape of a layer's output for one image: [height, width, channels], or [values] after a fully connected layer. */
export type LayerShape = readonly number[];

/** A tensor that a layer reads, with its shape. */
export interface LayerInput {
  /** A layer's name, or `images`. */
  readonly name: string;
  readonly shape: LayerShape;
}

type ImageShape = readonly [height: number, width: number, channels: number];

/** Number of values in a tensor of this shape. */
export function valuesIn(shape: LayerShape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** For errors: `pool2, which gives [6, 6, 64]`. */
export function describedInput({ name, shape }: LayerInput): string {
  return `${name}, which gives [${shape.join(', ')}]`;
}

/** A layer's only input. @throws UserError `network` unless there is exactly one */
export function onlyInput(layer: Layer, inputs: readonly LayerInput[]): LayerInput {
  if (inputs.length === 1) return inputs[0]!;
  throw layerError(layer, `reads ${inputs.length} tensors; expected one`);
}

/** An input's shape as [height, width, channels]. @throws UserError `network` if a fully connected layer gives the input */
export function imageShape(layer: Layer, input: LayerInput): ImageShape {
  const [height, width, channels] = input.shape;
  if (input.shape.length === 3) return [height!, width!, channels!];
  throw layerError(
    layer,
    `reads ${describedInput(input)}; expected [height, width, channels]`,
    'Place it before the fully connected layers.',
  );
}

/** The shapes of a layer's inputs. @throws UserError `network` unless there are two or more, all of them images */
export function imageShapes(layer: Layer, inputs: readonly LayerInput[]): ImageShape[] {
  if (inputs.length >= 2) return inputs.map((input) => imageShape(layer, input));
  throw layerError(
    layer,
    `reads ${inputs.length === 1 ? `${inputs[0]!.name} alone` : 'nothing'}; expected two tensors or more`,
    'Name the layers that it reads in its from.',
  );
}
