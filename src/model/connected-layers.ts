import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { layerError } from './layer-error.ts';
import { type LayerInput, type LayerShape, valuesIn } from './layer-inputs.ts';
import { LAYER_RULES } from './layer-rules.ts';
import { flatName, INPUT_NODE, layerOutputName, RESERVED_NAMES } from './names.ts';
import { type Layer, type Network, weightedLayers } from './network.ts';

/** A layer with its inputs and the shape of its output. */
export interface ConnectedLayer<L extends Layer = Layer> {
  readonly layer: L;
  readonly inputs: readonly LayerInput[];
  readonly shape: LayerShape;
}

/** The most classes, since a label is a byte. */
const MOST_CLASSES = 256;
/** Node names that TensorFlow accepts, without the slash of scopes. */
const NAME = /^[A-Za-z0-9.][A-Za-z0-9_.-]*$/;

/**
 * Checks a network and infers the shapes of all layers, in the network's order. The last layer's output, flattened, is the logits. Call
 * this before anything is computed or allocated for a network.
 *
 * @throws UserError `network`, naming the layer, if the network cannot be computed: invalid values, names that are taken or unknown,
 *   circles, shapes that do not fit, an output that no layer reads, a last layer that does not give one value per class
 */
export function connectLayers(network: Network): ConnectedLayer[] {
  checkNetwork(network);
  const shapes = new Map<string, LayerShape>([[INPUT_NODE, network.input]]);
  const connected: ConnectedLayer[] = [];
  for (const layer of network.layers) {
    checkName(layer, shapes);
    const from = layer.from ?? [connected.at(-1)?.layer.name ?? INPUT_NODE];
    const inputs = from.map((name) => ({
      name,
      shape: shapes.get(name) ?? refuseInput(network, layer, name),
    }));
    const shape = shapeOf(layer, inputs);
    shapes.set(layer.name, shape);
    connected.push({ layer, inputs, shape });
  }
  checkReaders(connected);
  checkLogits(network, connected.at(-1)!);
  return connected;
}

/** The name of the training graph's node that gives the logits. */
export function logitsName({ layers }: Network): string {
  const { kind, name } = layers.at(-1)!;
  return kind === 'fully_connected' ? layerOutputName(name) : flatName(name);
}

function checkNetwork(network: Network): void {
  const { input, classes, layers } = network;
  if (input.length !== 3 || !input.every((extent) => Number.isSafeInteger(extent) && extent > 0))
    throw new UserError(
      'network',
      `the network's input is [${input.join(', ')}]; expected [height, width, channels], whole numbers of 1 or more`,
    );
  if (!Number.isSafeInteger(classes) || classes < 1 || classes > MOST_CLASSES)
    throw new UserError(
      'network',
      `the network has ${classes} classes; expected a whole number from 1 to ${MOST_CLASSES}`,
    );
  if (layers.length > 0 && weightedLayers(network).length === 0)
    throw new UserError(
      'network',
      `none of the network's ${layers.length} layers has weights; expected a conv2d or fully_connected layer`,
    );
  if (layers.length === 0) throw new UserError('network', 'the network has no layers');
}

function checkName(layer: Layer, taken: ReadonlyMap<string, LayerShape>): void {
  const { name } = layer;
  if (typeof name !== 'string' || !NAME.test(name))
    throw layerError(
      layer,
      'has a name that TensorFlow does not accept; expected a letter, digit or dot, then also _ and -',
    );
  if (RESERVED_NAMES.includes(name))
    throw layerError(
      layer,
      'has a name that the training graph uses itself',
      `Choose another name than ${RESERVED_NAMES.join(', ')}.`,
    );
  if (taken.has(name))
    throw layerError(layer, 'has the name of a layer before it', 'Give each layer a name of its own.');
}

/** The shape of a layer's output. @throws UserError `network` as `connectLayers` */
function shapeOf(layer: Layer, inputs: readonly LayerInput[]): LayerShape {
  if (!Object.hasOwn(LAYER_RULES, layer.kind))
    throw layerError(layer, `is of an unknown kind; expected ${Object.keys(LAYER_RULES).join(', ')}`);
  // LAYER_RULES types each rule for its own kind, but TypeScript cannot correlate `layer.kind` with `layer` here.
  const { check, shape } = LAYER_RULES[layer.kind] as {
    check(layer: Layer): void;
    shape(layer: Layer, inputs: readonly LayerInput[]): LayerShape;
  };
  check(layer);
  return shape(layer, inputs);
}

function refuseInput({ layers }: Network, layer: Layer, input: string): never {
  if (layers.some(({ name }) => name === input))
    throw layerError(
      layer,
      `reads ${printable(String(input))}, which is not listed before it`,
      'List each layer after those it reads; none can read its own output, not even through others.',
    );
  throw layerError(
    layer,
    `reads ${printable(String(input))}; expected ${INPUT_NODE} or the name of a layer before it`,
  );
}

function checkReaders(layers: readonly ConnectedLayer[]): void {
  const read = new Set(layers.flatMap(({ inputs }) => inputs.map(({ name }) => name)));
  const unread = layers.slice(0, -1).find(({ layer }) => !read.has(layer.name));
  if (unread)
    throw layerError(
      unread.layer,
      'is read by no layer; expected that of the last layer only',
      'Name it in the from of another layer, or leave it out.',
    );
}

function checkLogits({ classes }: Network, { layer, shape }: ConnectedLayer): void {
  const values = valuesIn(shape);
  if (values !== classes)
    throw layerError(
      layer,
      `is the last layer and gives [${shape.join(', ')}]; expected ${classes} values, one a class`,
    );
}
