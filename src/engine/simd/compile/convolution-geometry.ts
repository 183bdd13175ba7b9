import type { Computation } from '../../graph-plan.ts';
import { convInput, forwardTaps, type KernelShape } from '../conv-taps.ts';
import type { KernelSet } from '../kernels/kernel-set.ts';
import { type PaddedPlanes, type Planes, type Window, windowOver } from '../planes.ts';
import type { Taps } from '../taps.ts';

/** The geometry of a convolution on images of one size. */
export interface ConvolutionGeometry {
  readonly kernel: KernelShape;
  readonly window: Window;
  readonly input: Planes;
  /** Layout of the padded planes that it reads. */
  readonly padded: PaddedPlanes;
  readonly taps: Taps;
}

export function placeWindow(
  kernels: KernelSet,
  { strides, dilations, padding }: Extract<Computation, { op: 'Conv2D' }>,
  input: Planes,
  kernel: KernelShape,
): ConvolutionGeometry {
  const reach = [(kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1] as const;
  const window = windowOver(input, reach, strides, padding);
  const padded = convInput(kernels, input, kernel, { strides, dilations }, window);
  const taps = forwardTaps(kernel, padded, { strides, dilations }, input, window);
  return { kernel, window, input, padded, taps };
}
