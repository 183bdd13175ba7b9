/** Shapes and padding of a pooling; the window is `filterHeight` by `filterWidth` pixels. */
export interface PoolWindow {
  readonly batchSize: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/**
 * Gradient of max pooling: adds each output's gradient to the first of its window's largest inputs, as TensorFlow does.
 *
 * @param input NHWC, what was pooled
 * @param dy NHWC, gradient of the output
 * @param dx NHWC, overwritten with the gradient of the input
 */
export function maxPoolGradient(
  input: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  window: PoolWindow,
): void {
  const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth } = window;
  const { strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = window;
  const largestAt = new Int32Array(channels);
  dx.fill(0);
  let output = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const top = outRow * strideHeight - padInfo.top;
      const firstRow = Math.max(0, top);
      const endRow = Math.min(inHeight, top + filterHeight);
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const left = outColumn * strideWidth - padInfo.left;
        const firstColumn = Math.max(0, left);
        const endColumn = Math.min(inWidth, left + filterWidth);
        const first = ((image * inHeight + firstRow) * inWidth + firstColumn) * channels;
        for (let channel = 0; channel < channels; channel++) largestAt[channel] = first + channel;
        for (let row = firstRow; row < endRow; row++) {
          for (let column = firstColumn; column < endColumn; column++) {
            const pixel = ((image * inHeight + row) * inWidth + column) * channels;
            for (let channel = 0; channel < channels; channel++) {
              if (input[pixel + channel]! > input[largestAt[channel]!]!) largestAt[channel] = pixel + channel;
            }
          }
        }
        for (let channel = 0; channel < channels; channel++) dx[largestAt[channel]!]! += dy[output++]!;
      }
    }
  }
}
