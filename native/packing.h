/*
 * Weights are kept in TensorFlow's order; kernels read them packed. Output channel c and tap t of a layer's correlation belong to the
 * weight at index c * channelStep + tapIndex[t].
 */
#pragma once

#include "arguments.h"
#include "convolution.h"
#include "memory.h"

namespace {

/** target[block][tap][DENSE_CHANNELS] = weight * mask for `blocks` blocks of channels from `firstBlock` on. */
static bool packDense(Memory m, const PackDense &p) {
  const double blockBytes = 4.0 * DENSE_CHANNELS * p.tapCount;
  if (!fits(m, p.target, blockBytes, Extent{double(p.firstBlock) + p.blocks, blockBytes})) return false;
  const float *weights = floatsAt(m, p.weights);
  const float *mask = floatsAt(m, p.mask);
  const uint32_t *tapIndex = wordsAt(m, p.tapIndex);
  for (size_t block = p.firstBlock; block < size_t(p.firstBlock) + p.blocks; block++) {
    float *target = floatsAt(m, p.target) + DENSE_CHANNELS * block * p.tapCount;
    for (size_t tap = 0; tap < p.tapCount; tap++)
      for (size_t c = 0; c < DENSE_CHANNELS; c++) {
        const size_t at = (DENSE_CHANNELS * block + c) * p.channelStep + tapIndex[tap];
        target[DENSE_CHANNELS * tap + c] = weights[at] * mask[at];
      }
  }
  return true;
}

/**
 * Lists the taps whose mask is not zero for each channel: byte offsets into the first half of its pairs, weight indices into `indices`,
 * their number into `counts`.
 */
static bool listSurvivors(Memory m, const ListSurvivors &p) {
  const double channels = double(p.firstChannel) + p.channels;
  if (p.tapCount > p.pairsStride / sizeof(Pair)) return false;
  if (!fits(m, p.pairs, sizeof(Pair) * double(p.tapCount), Extent{channels, double(p.pairsStride)})) return false;
  if (!fits(m, p.indices, 4.0 * p.tapCount, Extent{channels, p.pairsStride / 2.0})) return false;
  if (!fits(m, p.counts, 4.0 * channels)) return false;
  const float *mask = floatsAt(m, p.mask);
  const uint32_t *taps = wordsAt(m, p.taps);
  const uint32_t *tapIndex = wordsAt(m, p.tapIndex);
  for (size_t channel = p.firstChannel; channel < size_t(p.firstChannel) + p.channels; channel++) {
    Pair *pairs = reinterpret_cast<Pair *>(m + p.pairs + channel * p.pairsStride);
    uint32_t *indices = reinterpret_cast<uint32_t *>(m + p.indices + channel * (p.pairsStride / 2));
    uint32_t count = 0;
    for (size_t tap = 0; tap < p.tapCount; tap++) {
      const uint32_t at = channel * p.channelStep + tapIndex[tap];
      if (mask[at] == 0) continue;
      pairs[count].offset = taps[tap];
      indices[count] = at;
      count++;
    }
    wordsAt(m, p.counts)[channel] = count;
  }
  return true;
}

/** Puts the weights' present values into the pairs that listSurvivors made. */
static bool packSparse(Memory m, const PackSparse &p) {
  const double channels = double(p.firstChannel) + p.channels;
  const size_t longest = p.pairsStride / sizeof(Pair);
  if (!fits(m, p.pairs, sizeof(Pair) * double(longest), Extent{channels, double(p.pairsStride)})) return false;
  const float *weights = floatsAt(m, p.weights);
  for (size_t channel = p.firstChannel; channel < size_t(p.firstChannel) + p.channels; channel++) {
    Pair *pairs = reinterpret_cast<Pair *>(m + p.pairs + channel * p.pairsStride);
    const uint32_t *indices = reinterpret_cast<const uint32_t *>(m + p.indices + channel * (p.pairsStride / 2));
    const size_t count = wordsAt(m, p.counts)[channel];
    if (count > longest) return false;
    for (size_t k = 0; k < count; k++) pairs[k].weight = weights[indices[k]];
  }
  return true;
}

/** The sum of the slices' values at one place, in the order of the slices. */
static inline float sumInOrder(const char *at, size_t slice, size_t sliceCount) {
  float sum = *reinterpret_cast<const float *>(at);
  for (size_t s = 1; s < sliceCount; s++) sum += *reinterpret_cast<const float *>(at + s * slice);
  return sum;
}

/** Sums the slices' gradients of weightGradientDense in their order and puts them, masked, into the weights' order. */
static bool gatherDense(Memory m, const GatherDense &p) {
  const uint32_t *tapIndex = wordsAt(m, p.tapIndex);
  const float *mask = floatsAt(m, p.mask);
  float *gradient = floatsAt(m, p.gradient);
  const uint64_t places = placesFrom(m, p.gradient);
  for (size_t block = p.firstBlock; block < size_t(p.firstBlock) + p.blocks; block++)
    for (size_t tap = 0; tap < p.tapCount; tap++) {
      const char *from = m + p.slices + 4 * DENSE_CHANNELS * (block * p.paddedTaps + tap);
      for (size_t c = 0; c < DENSE_CHANNELS; c++) {
        const size_t at = (DENSE_CHANNELS * block + c) * p.channelStep + tapIndex[tap];
        if (at >= places) return false;
        gradient[at] = sumInOrder(from + 4 * c, p.slice, p.sliceCount) * mask[at];
      }
    }
  return true;
}

/** Sums the slices' gradients of weightGradientSparse in their order and puts them where `indices` says. */
static bool gatherSparse(Memory m, const GatherSparse &p) {
  float *gradient = floatsAt(m, p.gradient);
  const uint64_t places = placesFrom(m, p.gradient);
  for (size_t channel = p.firstChannel; channel < size_t(p.firstChannel) + p.channels; channel++) {
    const size_t offset = channel * (p.pairsStride / 2);
    const uint32_t *indices = reinterpret_cast<const uint32_t *>(m + p.indices + offset);
    const size_t count = wordsAt(m, p.counts)[channel];
    for (size_t k = 0; k < count; k++) {
      const uint32_t at = indices[k];
      if (at >= places) return false;
      gradient[at] = sumInOrder(m + p.slices + offset + 4 * k, p.slice, p.sliceCount);
    }
  }
  return true;
}

/** target = sum of the slices' vectors in their order. */
static bool sumSlices(Memory m, const SumSlices &p) {
  if (!fits(m, p.target, 4.0 * p.count)) return false;
  const char *slices = m + p.slices;
  char *target = m + p.target;
  const size_t bytes = 4 * size_t(p.count);
  size_t at = 0;
  for (; at + VECTOR_BYTES <= bytes; at += VECTOR_BYTES) {
    Vector sum = load(slices + at);
    for (size_t s = 1; s < p.sliceCount; s++) sum += load(slices + s * p.slice + at);
    store(target + at, sum);
  }
  for (; at < bytes; at += 4) *reinterpret_cast<float *>(target + at) = sumInOrder(slices + at, p.slice, p.sliceCount);
  return true;
}

}  // namespace
