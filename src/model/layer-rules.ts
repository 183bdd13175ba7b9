import { layerError } from './layer-error.ts';
import {
  describedInput,
  imageShape,
  imageShapes,
  type LayerInput,
  type LayerShape,
  onlyInput,
  valuesIn,
} from './layer-inputs.ts';
import { expectFinite, expectOneOf, expectWhole } from './layer-values.ts';
import type {
  AddLayer,
  ConcatLayer,
  Conv2dLayer,
  FullyConnectedLayer,
  Layer,
  LrnLayer,
  MaxPoolLayer,
} from './network.ts';

interface LayerRule<L extends Layer> {
  /** Checks the layer's own values. @throws UserError `network` if no engine can compute with them */
  check(layer: L): void;
  /** The shape of the layer's output. @throws UserError `network` if the inputs do not fit */
  shape(layer: L, inputs: readonly LayerInput[]): LayerShape;
}

/** The rule of each kind of layer. */
export const LAYER_RULES: { readonly [K in Layer['kind']]: LayerRule<Extract<Layer, { kind: K }>> } = {
  conv2d: { check: checkConv2d, shape: conv2dShape },
  max_pool: { check: checkMaxPool, shape: maxPoolShape },
  lrn: { check: checkLrn, shape: (layer, inputs) => imageShape(layer, onlyInput(layer, inputs)) },
  add: { check: checkActivation, shape: addShape },
  concat: { check: () => {}, shape: concatShape },
  fully_connected: { check: checkFullyConnected, shape: fullyConnectedShape },
};

/** The extent of a window's output. Padding is SAME, so it depends on the stride only. */
function slid(extent: number, stride: number): number {
  return Math.ceil(extent / stride);
}

function checkConv2d(layer: Conv2dLayer): void {
  if (!Array.isArray(layer.kernel) || layer.kernel.length !== 4)
    throw layerError(
      layer,
      `has kernel ${layer.kernel}; expected [height, width, input channels, output channels]`,
    );
  for (const extent of layer.kernel) expectWhole(layer, 'a kernel extent of', extent, 1);
  expectWhole(layer, 'stride', layer.stride, 1);
  checkTrainable(layer);
}

function conv2dShape(layer: Conv2dLayer, inputs: readonly LayerInput[]): LayerShape {
  const input = onlyInput(layer, inputs);
  const [height, width, channels] = imageShape(layer, input);
  const [, , expected, outputs] = layer.kernel;
  if (expected !== channels)
    throw layerError(
      layer,
      `has kernel [${layer.kernel.join(', ')}] and reads ${describedInput(input)}; expected ${channels} input channels`,
      `Write ${channels} as the third extent of the kernel.`,
    );
  return [slid(height, layer.stride), slid(width, layer.stride), outputs];
}

function checkMaxPool(layer: MaxPoolLayer): void {
  expectWhole(layer, 'size', layer.size, 1);
  expectWhole(layer, 'stride', layer.stride, 1);
}

function maxPoolShape(layer: MaxPoolLayer, inputs: readonly LayerInput[]): LayerShape {
  const [height, width, channels] = imageShape(layer, onlyInput(layer, inputs));
  return [slid(height, layer.stride), slid(width, layer.stride), channels];
}

function checkLrn(layer: LrnLayer): void {
  expectWhole(layer, 'depthRadius', layer.depthRadius, 0);
  for (const key of ['bias', 'alpha', 'beta'] as const) expectFinite(layer, key, layer[key]);
}

function checkFullyConnected(layer: FullyConnectedLayer): void {
  expectWhole(layer, 'inputs', layer.inputs, 1);
  expectWhole(layer, 'outputs', layer.outputs, 1);
  checkTrainable(layer);
}

function fullyConnectedShape(layer: FullyConnectedLayer, inputs: readonly LayerInput[]): LayerShape {
  const input = onlyInput(layer, inputs);
  const values = valuesIn(input.shape);
  if (layer.inputs !== values)
    throw layerError(
      layer,
      `has ${layer.inputs} inputs and reads ${describedInput(input)}; expected ${values} inputs`,
      `Write inputs: ${values}.`,
    );
  return [layer.outputs];
}

function addShape(layer: AddLayer, inputs: readonly LayerInput[]): LayerShape {
  const [first, ...others] = imageShapes(layer, inputs);
  const other = others.findIndex((shape) => shape.some((extent, axis) => extent !== first![axis]));
  if (other === -1) return first!;
  throw layerError(
    layer,
    `adds ${describedInput(inputs[0]!)}, and ${describedInput(inputs[other + 1]!)}; expected one shape`,
  );
}

function concatShape(layer: ConcatLayer, inputs: readonly LayerInput[]): LayerShape {
  const [first, ...others] = imageShapes(layer, inputs);
  const [height, width] = first!;
  const other = others.findIndex((shape) => shape[0] !== height || shape[1] !== width);
  if (other !== -1)
    throw layerError(
      layer,
      `joins ${describedInput(inputs[0]!)}, and ${describedInput(inputs[other + 1]!)}; expected one height and width`,
    );
  return [height, width, [first!, ...others].reduce((sum, [, , channels]) => sum + channels, 0)];
}

function checkActivation(layer: AddLayer | Conv2dLayer | FullyConnectedLayer): void {
  expectOneOf(layer, 'activation', layer.activation, ['relu', 'none']);
}

function checkTrainable(layer: Conv2dLayer | FullyConnectedLayer): void {
  checkActivation(layer);
  for (const key of ['weightStddev', 'biasInit', 'weightDecay'] as const)
    expectFinite(layer, key, layer[key]);
}
