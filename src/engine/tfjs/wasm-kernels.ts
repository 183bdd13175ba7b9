import {
  BatchMatMul,
  backend_util,
  Conv2D,
  type Conv2DAttrs,
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  Conv2DBackpropInput,
  type Conv2DBackpropInputAttrs,
  conv2d,
  getKernel,
  type KernelConfig,
  type KernelFunc,
  MaxPoolGrad,
  type MaxPoolGradAttrs,
  matMul,
  registerKernel,
  reverse,
  slice,
  type Tensor2D,
  type Tensor4D,
  tidy,
  transpose,
  unregisterKernel,
} from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { maxPoolGradient } from './max-pool-gradient.ts';

const WASM = 'wasm';

/**
 * Registers the kernels that training needs and that the wasm backend of TensorFlow.js 4.22 lacks, computes slowly or gets wrong:
 *
 * - It has no filter gradient of a convolution.
 * - Its input gradient of a convolution and its matrix products with a transposed operand are scalar loops. The kernels here use
 *   XNNPACK's convolution and product instead, which are ten times as fast.
 * - Its gradient of max pooling is wrong if no value of a window is positive, or if several values are the largest.
 * - Its convolution gives zeros if padding is SAME, one axis needs padding and the stride of the other axis skips pixels.
 *
 * Kernels are global in TensorFlow.js, so all users of the wasm backend in this process get these. Call this once, after the
 * backend's module has been loaded.
 */
export function registerWasmKernels(): void {
  registerKernel({ kernelName: Conv2DBackpropFilter, backendName: WASM, kernelFunc: conv2dFilterGradient });
  replaceKernel(Conv2D, conv2dWithExplicitPadding);
  replaceKernel(Conv2DBackpropInput, conv2dInputGradient);
  replaceKernel(BatchMatMul, matMulOfMatrices);
  replaceKernel(MaxPoolGrad, () => maxPoolInputGradient);
}

/** TensorFlow.js types the inputs of kernels as `TensorInfo`, but passes tensors, so that operations can be applied to them. */
type KernelArguments = Parameters<KernelFunc>[0];

function replaceKernel(kernelName: string, replacement: (original: KernelFunc) => KernelFunc): void {
  const config: KernelConfig = getKernel(kernelName, WASM);
  unregisterKernel(kernelName, WASM);
  registerKernel({ ...config, kernelFunc: replacement(config.kernelFunc) });
}

function conv2dWithExplicitPadding(original: KernelFunc): KernelFunc {
  return (args) => {
    const { x, filter } = args.inputs as unknown as { x: Tensor4D; filter: Tensor4D };
    const { strides, pad, dilations } = args.attrs as unknown as Conv2DAttrs;
    if (pad !== 'same') return original(args);
    const { padInfo } = backend_util.computeConv2DInfo(x.shape, filter.shape, strides, dilations, pad);
    const explicit = [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ];
    return original({ ...args, attrs: { ...args.attrs, pad: explicit } });
  };
}

/**
 * dW[i, j, c, k] = sum over n, y, x of X[n, i + s * y - top, j + s * x - left, c] * dY[n, y, x, k]: a convolution with batch
 * and channels exchanged, in which dY is the filter and the stride s its dilation.
 */
function conv2dFilterGradient({ inputs, attrs }: KernelArguments) {
  const { x, dy } = inputs as unknown as { x: Tensor4D; dy: Tensor4D };
  const { strides, pad, dimRoundingMode, filterShape } = attrs as unknown as Conv2DBackpropFilterAttrs;
  const info = backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { top, left } = info.padInfo;
  const unreached = (filter: number, outputs: number, stride: number, inputs: number, before: number) =>
    Math.max(0, filter + (outputs - 1) * stride - inputs - before);
  const bottom = unreached(info.filterHeight, info.outHeight, info.strideHeight, info.inHeight, top);
  const right = unreached(info.filterWidth, info.outWidth, info.strideWidth, info.inWidth, left);
  return tidy(() => {
    const gradient = conv2d(
      transpose(x, [3, 1, 2, 0]),
      transpose(dy, [1, 2, 0, 3]),
      1,
      [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ],
      'NHWC',
      [info.strideHeight, info.strideWidth],
    );
    const window = slice(gradient, [0, 0, 0, 0], [-1, info.filterHeight, info.filterWidth, -1]);
    return transpose(window, [1, 2, 0, 3]);
  });
}

/** For stride 1: dY convolved with the filter, which is rotated by 180 degrees and has input and output channels exchanged. */
function conv2dInputGradient(original: KernelFunc): KernelFunc {
  return (args) => {
    const { dy, filter } = args.inputs as unknown as { dy: Tensor4D; filter: Tensor4D };
    const { strides, pad, dimRoundingMode, inputShape } = args.attrs as unknown as Conv2DBackpropInputAttrs;
    const info = backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode);
    const { top, bottom, left, right } = info.padInfo;
    const rows = info.filterHeight - 1;
    const columns = info.filterWidth - 1;
    if (info.strideHeight > 1 || info.strideWidth > 1) return original(args);
    return tidy(() =>
      conv2d(dy, transpose(reverse(filter, [0, 1]), [0, 1, 3, 2]), 1, [
        [0, 0],
        [rows - top, rows - bottom],
        [columns - left, columns - right],
        [0, 0],
      ]),
    );
  };
}

function matMulOfMatrices(original: KernelFunc): KernelFunc {
  return (args) => {
    const { a, b } = args.inputs as unknown as { a: Tensor2D; b: Tensor2D };
    const { transposeA, transposeB } = args.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    if (a.rank > 2 || b.rank > 2 || !(transposeA || transposeB)) return original(args);
    return tidy(() => matMul(transposeA ? transpose(a) : a, transposeB ? transpose(b) : b));
  };
}

function maxPoolInputGradient({ inputs, attrs, backend }: KernelArguments) {
  const { dy, input } = inputs as unknown as { dy: Tensor4D; input: Tensor4D };
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as MaxPoolGradAttrs;
  const wasm = backend as BackendWasm;
  const window = backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
  // This can grow the heap, which detaches views: create them afterwards.
  const dx = wasm.makeOutput(input.shape, 'float32');
  const view = (tensor: typeof dx) => wasm.typedArrayFromHeap(tensor) as Float32Array;
  maxPoolGradient(view(input), view(dy), view(dx), window);
  return dx;
}
