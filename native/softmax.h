/* Softmax, and cross-entropy with its gradient. */
#pragma once

#include <math.h>

#include "arguments.h"
#include "memory.h"

namespace {

/**
 * Sparse softmax cross-entropy of a block of images, with its gradient (softmax - one-hot) * scale, laid out as logits: class k of image i
 * at k * row + 4 * i; zero from column `images` to `columns`. `loss` receives the sum of the images' cross-entropies in float64, `hits` how
 * many images' first largest logit is the label.
 */
static bool softmaxCrossEntropy(Memory m, const SoftmaxCrossEntropy &p) {
  const uint32_t widest = p.images > p.columns ? p.images : p.columns;
  if (!fits(m, p.gradient, 4.0 * widest, Extent{double(p.classes), double(p.row)}) || !fits(m, p.loss, 8) || !fits(m, p.hits, 4))
    return false;
  const float factor = *floatsAt(m, p.scale);
  const uint8_t *labels = reinterpret_cast<const uint8_t *>(m + p.labels);
  double losses = 0;
  uint32_t correct = 0;
  for (size_t image = 0; image < p.images; image++) {
    const auto logit = [&](size_t k) { return *reinterpret_cast<float *>(m + p.logits + k * p.row + 4 * image); };
    const auto slope = [&](size_t k) -> float & {
      return *reinterpret_cast<float *>(m + p.gradient + k * p.row + 4 * image);
    };
    const size_t label = labels[image];
    float largest = logit(0);
    size_t winner = 0;
    for (size_t k = 0; k < p.classes; k++)
      if (logit(k) > largest) {
        largest = logit(k);
        winner = k;
      }
    const float margin = logit(label) - largest;
    float sum = 0;
    for (size_t k = 0; k < p.classes; k++) sum += slope(k) = expf(logit(k) - largest);
    for (size_t k = 0; k < p.classes; k++) {
      const float probability = slope(k) / sum;
      slope(k) = (k == label ? probability - 1 : probability) * factor;
    }
    losses += logf(sum) - margin;
    if (winner == label && largest <= INFINITY) correct++;
  }
  for (size_t image = p.images; image < p.columns; image++)
    for (size_t k = 0; k < p.classes; k++)
      *reinterpret_cast<float *>(m + p.gradient + k * p.row + 4 * image) = 0;
  __builtin_memcpy(m + p.loss, &losses, sizeof losses);
  *wordsAt(m, p.hits) = correct;
  return true;
}

/** Softmax of each of `rows` rows of `columns` float32 values, `stride` bytes apart, in place. */
static bool softmax(Memory m, const Softmax &p) {
  if (!fits(m, p.values, 4.0 * p.columns, Extent{double(p.rows), double(p.stride)})) return false;
  for (size_t row = 0; row < p.rows; row++) {
    float *values = reinterpret_cast<float *>(m + p.values + row * p.stride);
    float largest = values[0];
    for (size_t k = 0; k < p.columns; k++) largest = fmaxf(largest, values[k]);
    float sum = 0;
    for (size_t k = 0; k < p.columns; k++) sum += values[k] = expf(values[k] - largest);
    for (size_t k = 0; k < p.columns; k++) values[k] /= sum;
  }
  return true;
}

}  // namespace
