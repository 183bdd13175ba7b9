import { hasOnnxAttribute, onnxInteger, onnxIntegers, onnxText } from '../formats/onnx/attributes.ts';
import { integersIn, type OnnxCall } from './onnx-call.ts';
import { type Extent, known, type PartialShape } from './shapes/partial-shape.ts';
import { type Window, windowed } from './shapes/windows.ts';

const CONVOLUTION = /^(Fused)?Conv$|^ConvInteger$|^QLinearConv$/;
const POOL = /^(Max|Average|Lp)Pool$|^QLinearAveragePool$/;

/** The result's shape of convolutions and pooling; images and channels are the first two axes. */
export function onnxWindowed(call: OnnxCall): PartialShape | undefined {
  const { node, inputs } = call;
  const [images] = inputs;
  if (!images || images.length < 3) return undefined;
  if (CONVOLUTION.test(node.opType)) {
    const filter = inputs[node.opType === 'QLinearConv' ? 3 : 1];
    return filter && slid(call, images, filter.slice(2), filter[0]);
  }
  if (POOL.test(node.opType)) return slid(call, images, onnxIntegers(node, 'kernel_shape'), images[1]);
  return node.opType === 'ConvTranspose' ? transposed(call, images) : undefined;
}

function slid(
  { node }: OnnxCall,
  images: PartialShape,
  sizes: PartialShape,
  channels: Extent,
): PartialShape | undefined {
  if (sizes.length !== images.length - 2) return undefined;
  const { strides, dilations, pads, isSame } = placing(node, sizes.length);
  const windows = sizes.map(
    (size, axis): Window => ({
      size,
      stride: strides[axis]!,
      dilation: dilations[axis]!,
      padding: isSame ? 'SAME' : pads[axis]!,
      ceil: onnxInteger(node, 'ceil_mode', 0) === 1,
    }),
  );
  const extents = windowed(images.slice(2), windows);
  return extents && [images[0], channels, ...extents];
}

function transposed({ node, inputs }: OnnxCall, images: PartialShape): PartialShape | undefined {
  const filter = inputs[1];
  const count = images.length - 2;
  if (filter?.length !== images.length) return undefined;
  const { strides, dilations, pads, isSame } = placing(node, count);
  const given = onnxIntegers(node, 'output_shape');
  const added = onnxIntegers(node, 'output_padding');
  const channels = known([filter[1]], (each) => each * onnxInteger(node, 'group', 1));
  const extents = images.slice(2).map((extent, axis) => {
    if (given.length === count) return given[axis];
    return known([extent, filter[axis + 2]], (all, size) => {
      if (isSame) return all * strides[axis]!;
      const reach = (size - 1) * dilations[axis]! + 1;
      return (all - 1) * strides[axis]! + (added[axis] ?? 0) + reach - pads[axis]!;
    });
  });
  return [images[0], channels, ...extents];
}

/** Sizes, strides and padding of windows over `count` axes; `pads` is the sum of both sides of each axis. */
function placing(node: OnnxCall['node'], count: number) {
  const each = (key: string, otherwise: number) => {
    const given = onnxIntegers(node, key);
    return Array.from({ length: count }, (_, axis) => given[axis] ?? otherwise);
  };
  const given = onnxIntegers(node, 'pads');
  return {
    strides: each('strides', 1),
    dilations: each('dilations', 1),
    pads: Array.from({ length: count }, (_, axis) => (given[axis] ?? 0) + (given[axis + count] ?? 0)),
    isSame: onnxText(node, 'auto_pad').startsWith('SAME'),
  };
}

/** The result's shape of Resize and Upsample: from sizes if given, else from scales, which are inputs or attributes, depending on the opset. */
export function onnxUpsampled(call: OnnxCall): PartialShape | undefined {
  const { node, inputs } = call;
  const [images] = inputs;
  if (!images || hasOnnxAttribute(node, 'axes')) return undefined;
  const sizes = node.input[3] ? integersIn(call, 3) : undefined;
  if (sizes) return sizes.length === images.length ? sizes : undefined;
  const scales = integersIn(call, node.opType === 'Upsample' || !node.input[2] ? 1 : 2);
  if (scales?.length !== images.length) return undefined;
  return images.map((extent, axis) => known([extent], (size) => Math.floor(size * scales[axis]!)));
}
