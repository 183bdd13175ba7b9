/* Gradients of the weights of correlations. Values of dy between a row's end and the next whole vector must be zero. */
#pragma once

#include "arguments.h"
#include "convolution.h"
#include "memory.h"
#include "vector.h"

namespace {

static inline void put(float *target, float value, bool accumulate) { *target = accumulate ? *target + value : value; }

/**
 * g[t][c] = sum over images, rows r, columns j of x[r * xRow + taps[t] + j] * dy[c][r][j], for DENSE_TAPS taps and DENSE_CHANNELS channels
 * at a time.
 */
static bool weightGradientDense(Memory m, const WeightGradientDense &p) {
  if (p.tapCount % DENSE_TAPS != 0) return false;
  if (!fits(m, p.gradient, 4.0 * DENSE_CHANNELS * p.tapCount, Extent{double(p.blocks), double(p.gradientStride)}))
    return false;
  const uint32_t *taps = wordsAt(m, p.taps);
  const size_t vectors = vectorsOf(p.columns);
  for (size_t first = 0; first < p.tapCount; first += DENSE_TAPS) {
    const char *x[DENSE_TAPS];
    UNROLL for (int t = 0; t < DENSE_TAPS; t++) x[t] = m + p.x + taps[first + t];
    for (size_t block = 0; block < p.blocks; block++) {
      Vector sums[DENSE_TAPS][DENSE_CHANNELS];
      UNROLL for (int t = 0; t < DENSE_TAPS; t++)
        UNROLL for (int c = 0; c < DENSE_CHANNELS; c++) sums[t][c] = Vector{};
      for (size_t image = 0; image < p.images; image++) {
        const char *dy = m + p.dy + image * p.dyImage + DENSE_CHANNELS * block * p.dyPlane;
        size_t offset = image * p.xImage;
        for (size_t row = 0; row < p.rows; row++, dy += p.dyRow, offset += p.xRow) {
          for (size_t v = 0; v < vectors; v++) {
            Vector slopes[DENSE_CHANNELS];
            UNROLL for (int c = 0; c < DENSE_CHANNELS; c++)
              slopes[c] = load(dy + c * p.dyPlane + v * VECTOR_BYTES);
            UNROLL for (int t = 0; t < DENSE_TAPS; t++) {
              const Vector value = load(x[t] + offset + v * VECTOR_BYTES);
              UNROLL for (int c = 0; c < DENSE_CHANNELS; c++) sums[t][c] = multiplyAdd(value, slopes[c], sums[t][c]);
            }
          }
        }
      }
      float *gradient =
          reinterpret_cast<float *>(m + p.gradient + block * p.gradientStride) + DENSE_CHANNELS * first;
      UNROLL for (int t = 0; t < DENSE_TAPS; t++)
        UNROLL for (int c = 0; c < DENSE_CHANNELS; c++)
          put(gradient + DENSE_CHANNELS * t + c, sumOfLanes(sums[t][c]), p.accumulate);
    }
  }
  return true;
}

/** A tile of dy stays in registers while the channel's list goes by; each weight keeps one partial sum of a whole vector. */
struct SparseGradientTile : Columns<SparseGradientTile> {
  const Pair *pairs;
  size_t count;
  char *partials;

  template <int ROWS, int VECTORS>
  inline void run(const Place &place) const {
    Vector slopes[ROWS][VECTORS];
    UNROLL for (int r = 0; r < ROWS; r++)
      UNROLL for (int v = 0; v < VECTORS; v++) slopes[r][v] = load(place.y + r * place.yRow + v * VECTOR_BYTES);
    for (size_t k = 0; k < count; k++) {
      const char *from = place.x + pairs[k].offset;
      // Two sums, so that a product does not wait for the one before it.
      Vector sums[2] = {load(partials + k * VECTOR_BYTES), Vector{}};
      UNROLL for (int r = 0; r < ROWS; r++)
        UNROLL for (int v = 0; v < VECTORS; v++) {
          Vector &sum = sums[(r * VECTORS + v) % 2];
          sum = multiplyAdd(load(from + r * place.xRow + v * VECTOR_BYTES), slopes[r][v], sum);
        }
      store(partials + k * VECTOR_BYTES, sums[0] + sums[1]);
    }
  }
};

/** Gradient of the weights that convSparse lists, summed over images, in the order of the lists. */
static bool weightGradientSparse(Memory m, const WeightGradientSparse &p) {
  const size_t longest = p.pairsStride / sizeof(Pair);
  if (!fits(m, p.gradient, 4.0 * longest, Extent{double(p.channels), p.pairsStride / 2.0})) return false;
  if (!fits(m, p.partials, double(VECTOR_BYTES) * longest)) return false;
  SparseGradientTile tile;
  tile.partials = m + p.partials;
  for (size_t channel = 0; channel < p.channels; channel++) {
    tile.pairs = reinterpret_cast<const Pair *>(m + p.pairs + channel * p.pairsStride);
    tile.count = wordsAt(m, p.counts)[channel];
    if (tile.count > longest) return false;
    __builtin_memset(tile.partials, 0, tile.count * VECTOR_BYTES);
    for (size_t image = 0; image < p.images; image++) {
      const Place place = {m + p.x + image * p.xImage, m + p.dy + image * p.dyImage + channel * p.dyPlane, p.xRow,
                           p.dyRow};
      cover<SPARSE_TILE>(tile, place, p.rows, vectorsOf(p.columns));
    }
    float *gradient = reinterpret_cast<float *>(m + p.gradient + channel * (p.pairsStride / 2));
    for (size_t k = 0; k < tile.count; k++)
      put(gradient + k, sumOfLanes(load(tile.partials + k * VECTOR_BYTES)), p.accumulate);
  }
  return true;
}

/** The gradient of a bias: the sum of each plane's values. */
static bool sumPlanes(Memory m, const SumPlanes &p) {
  if (!fits(m, p.sums, 4.0 * p.planes)) return false;
  for (size_t plane = 0; plane < p.planes; plane++) {
    Vector sum = {};
    for (size_t row = 0; row < p.rows; row++) {
      const char *from = m + p.source + plane * p.plane + row * p.row;
      for (size_t v = 0; v < vectorsOf(p.columns); v++) sum += load(from + v * VECTOR_BYTES);
    }
    put(floatsAt(m, p.sums) + plane, sumOfLanes(sum), p.accumulate);
  }
  return true;
}

}  // namespace
