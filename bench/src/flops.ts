import { CIFAR10 } from './package.ts';

/** Multiplications and additions of one image, by layer; padding counts as if it were computed. */
function layerFlops(): number[] {
  let [height, width] = CIFAR10.network.input as readonly number[] as [number, number];
  const flops: number[] = [];
  for (const layer of CIFAR10.network.layers) {
    if (layer.kind === 'fully_connected') {
      flops.push(2 * layer.inputs * layer.outputs);
      continue;
    }
    if (layer.kind !== 'conv2d' && layer.kind !== 'max_pool') continue;
    height = Math.ceil(height / layer.stride);
    width = Math.ceil(width / layer.stride);
    if (layer.kind === 'conv2d')
      flops.push(2 * height * width * layer.kernel.reduce((product, extent) => product * extent, 1));
  }
  return flops;
}

/** Forward pass of one image, by the weights that survive. */
export function inferenceFlops(sparsity: number): number {
  return (1 - sparsity) * layerFlops().reduce((sum, flops) => sum + flops, 0);
}

/** Forward pass, weight gradients, and input gradients of all layers but the first, of one image. */
export function stepFlops(sparsity: number): number {
  return 3 * inferenceFlops(sparsity) - (1 - sparsity) * layerFlops()[0]!;
}
