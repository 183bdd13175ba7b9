/*
 * Weights are kept in TensorFlow's order; kernels read them packed. Output channel c and tap t of a layer's correlation belong to the
 * weight at index c * channelStep + tapIndex[t].
 */

/** target[block][tap][3] = weight * mask for `blocks` times three channels from `firstBlock` on. */
export function packDense(
  weights: usize,
  mask: usize,
  target: usize,
  tapIndex: usize,
  tapCount: usize,
  channelStep: usize,
  firstBlock: usize,
  blocks: usize,
): void {
  const a: usize = 4 * channelStep;
  const b: usize = 2 * a;
  for (let block = firstBlock; block < firstBlock + blocks; block++) {
    const channel = block * 3 * a;
    let to = target + 12 * block * tapCount;
    for (let tap: usize = 0; tap < tapCount; tap++, to += 12) {
      const at: usize = channel + 4 * load<u32>(tapIndex + 4 * tap);
      const w = weights + at;
      const m = mask + at;
      store<f32>(to, load<f32>(w) * load<f32>(m));
      store<f32>(to, load<f32>(w + a) * load<f32>(m + a), 4);
      store<f32>(to, load<f32>(w + b) * load<f32>(m + b), 8);
    }
  }
}

/**
 * Lists the taps whose mask is not zero for each channel: byte offsets into the first half of its pairs, weight indices into
 * `indices`, their number into `counts`.
 *
 * @param pairsStride bytes of a channel's pairs; half of that are its indices
 */
export function listSurvivors(
  mask: usize,
  taps: usize,
  tapIndex: usize,
  tapCount: usize,
  channelStep: usize,
  pairs: usize,
  pairsStride: usize,
  indices: usize,
  counts: usize,
  firstChannel: usize,
  channels: usize,
): void {
  for (let channel = firstChannel; channel < firstChannel + channels; channel++) {
    const list = pairs + channel * pairsStride;
    const index = indices + channel * (pairsStride >> 1);
    let count: usize = 0;
    for (let tap: usize = 0; tap < tapCount; tap++) {
      const at = channel * channelStep + load<u32>(tapIndex + 4 * tap);
      if (load<f32>(mask + 4 * at) !== 0) {
        store<u32>(list + 8 * count, load<u32>(taps + 4 * tap));
        store<u32>(index + 4 * count, at);
        count++;
      }
    }
    store<u32>(counts + 4 * channel, count);
  }
}

/** Puts the weights' present values into the pairs that `listSurvivors` made. */
export function packSparse(
  weights: usize,
  pairs: usize,
  pairsStride: usize,
  indices: usize,
  counts: usize,
  firstChannel: usize,
  channels: usize,
): void {
  for (let channel = firstChannel; channel < firstChannel + channels; channel++) {
    let list = pairs + channel * pairsStride;
    let index = indices + channel * (pairsStride >> 1);
    const end = list + 8 * load<u32>(counts + 4 * channel);
    for (; list < end; list += 8, index += 4) {
      store<f32>(list, load<f32>(weights + 4 * <usize>load<u32>(index)), 4);
    }
  }
}

/**
 * Sums the slices' gradients of `weightGradientDense` in their order and puts them, masked, into the weights' order.
 *
 * @param slice bytes between the slices' gradients
 * @param paddedTaps taps in the gradient's layout, of which the first `tapCount` are meant
 */
export function gatherDense(
  slices: usize,
  slice: usize,
  sliceCount: usize,
  mask: usize,
  gradient: usize,
  tapIndex: usize,
  tapCount: usize,
  paddedTaps: usize,
  channelStep: usize,
  firstBlock: usize,
  blocks: usize,
): void {
  for (let block = firstBlock; block < firstBlock + blocks; block++) {
    let from = slices + 12 * block * paddedTaps;
    for (let tap: usize = 0; tap < tapCount; tap++, from += 12) {
      const at: usize = 4 * (block * 3 * channelStep + load<u32>(tapIndex + 4 * tap));
      let a = load<f32>(from);
      let b = load<f32>(from, 4);
      let c = load<f32>(from, 8);
      for (let s: usize = 1; s < sliceCount; s++) {
        const other = from + s * slice;
        a += load<f32>(other);
        b += load<f32>(other, 4);
        c += load<f32>(other, 8);
      }
      const g = gradient + at;
      const m = mask + at;
      const step: usize = 4 * channelStep;
      store<f32>(g, a * load<f32>(m));
      store<f32>(g + step, b * load<f32>(m + step));
      store<f32>(g + 2 * step, c * load<f32>(m + 2 * step));
    }
  }
}

/** Sums the slices' gradients of `weightGradientSparse` in their order and puts them where `indices` says. */
export function gatherSparse(
  slices: usize,
  slice: usize,
  sliceCount: usize,
  gradient: usize,
  pairsStride: usize,
  indices: usize,
  counts: usize,
  firstChannel: usize,
  channels: usize,
): void {
  for (let channel = firstChannel; channel < firstChannel + channels; channel++) {
    const offset = channel * (pairsStride >> 1);
    const end: usize = 4 * load<u32>(counts + 4 * channel);
    for (let k: usize = 0; k < end; k += 4) {
      const from = slices + offset + k;
      let sum = load<f32>(from);
      for (let s: usize = 1; s < sliceCount; s++) sum += load<f32>(from + s * slice);
      store<f32>(gradient + 4 * <usize>load<u32>(indices + offset + k), sum);
    }
  }
}

/** target = sum of the slices' vectors in their order. */
export function sumSlices(slices: usize, slice: usize, sliceCount: usize, target: usize, count: usize): void {
  for (let k: usize = 0; k < 4 * count; k += 4) {
    let sum = load<f32>(slices + k);
    for (let s: usize = 1; s < sliceCount; s++) sum += load<f32>(slices + s * slice + k);
    store<f32>(target + k, sum);
  }
}
