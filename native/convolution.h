/* Correlations of planes with weights: dense, sparse, and the plain matrix product. */
#pragma once

#include "arguments.h"
#include "memory.h"
#include "vector.h"

namespace {

/** A tap of a sparse channel: what it reads, in bytes from the output's place in x, and its weight. */
struct Pair {
  uint32_t offset;
  float weight;
};

/** Where a tile reads and writes: x at row 0, tap offset 0; y at channel 0, row 0. */
struct Place {
  const char *x;
  char *y;
  size_t xRow;
  size_t yRow;
};

/**
 * Calls tile.run<ROWS, VECTORS>(place) so that tiles of at most TILE vectors cover `rows` rows of `vectors` vectors: as many rows at once
 * as a tile has room for, so that narrow rows fill it, too.
 */
template <int TILE, typename Tile>
static inline void cover(const Tile &tile, Place place, size_t rows, size_t vectors) {
  while (vectors > 0) {
    const size_t width = tile.template columns<TILE>(place, rows, vectors);
    place.x += width * VECTOR_BYTES;
    place.y += width * VECTOR_BYTES;
    vectors -= width;
  }
}

template <int ROWS, int VECTORS, typename Tile>
static inline size_t rowsAtOnce(const Tile &tile, const Place &place, size_t rows) {
  if constexpr (ROWS > 1) {
    if (rows < ROWS) return rowsAtOnce<ROWS - 1, VECTORS>(tile, place, rows);
  }
  tile.template run<ROWS, VECTORS>(place);
  return ROWS;
}

template <int TILE, int VECTORS, typename Tile>
static inline void coverRows(const Tile &tile, Place place, size_t rows) {
  while (rows > 0) {
    const size_t done = rowsAtOnce<TILE / VECTORS, VECTORS>(tile, place, rows);
    place.x += done * place.xRow;
    place.y += done * place.yRow;
    rows -= done;
  }
}

/** What all tiles share: how many vectors side by side they take at once. */
template <typename Tile>
struct Columns {
  template <int TILE>
  size_t columns(const Place &place, size_t rows, size_t vectors) const {
    const Tile &tile = static_cast<const Tile &>(*this);
    if constexpr (TILE >= 6) {
      if (vectors >= 6) return coverRows<TILE, 6>(tile, place, rows), 6;
    }
    if constexpr (TILE >= 4) {
      if (vectors >= 4) return coverRows<TILE, 4>(tile, place, rows), 4;
    }
    if constexpr (TILE >= 3) {
      if (vectors >= 3) return coverRows<TILE, 3>(tile, place, rows), 3;
    }
    if (vectors >= 2) return coverRows<TILE, 2>(tile, place, rows), 2;
    return coverRows<TILE, 1>(tile, place, rows), 1;
  }
};

struct DenseTile : Columns<DenseTile> {
  const uint32_t *taps;
  const uint32_t *end;
  const float *weights;
  const float *bias;
  size_t yPlane;
  Vector floor;

  template <int ROWS, int VECTORS>
  inline void run(const Place &place) const {
    Vector sums[DENSE_CHANNELS][ROWS][VECTORS];
    UNROLL for (int c = 0; c < DENSE_CHANNELS; c++)
      UNROLL for (int r = 0; r < ROWS; r++)
        UNROLL for (int v = 0; v < VECTORS; v++) sums[c][r][v] = splat(bias[c]);
    const float *w = weights;
    for (const uint32_t *tap = taps; tap < end; tap++, w += DENSE_CHANNELS) {
      const char *from = place.x + *tap;
      Vector values[ROWS][VECTORS];
      UNROLL for (int r = 0; r < ROWS; r++)
        UNROLL for (int v = 0; v < VECTORS; v++) values[r][v] = load(from + r * place.xRow + v * VECTOR_BYTES);
      UNROLL for (int c = 0; c < DENSE_CHANNELS; c++) {
        const Vector weight = splat(w[c]);
        UNROLL for (int r = 0; r < ROWS; r++)
          UNROLL for (int v = 0; v < VECTORS; v++) sums[c][r][v] = multiplyAdd(values[r][v], weight, sums[c][r][v]);
      }
    }
    UNROLL for (int c = 0; c < DENSE_CHANNELS; c++)
      UNROLL for (int r = 0; r < ROWS; r++)
        UNROLL for (int v = 0; v < VECTORS; v++)
          store(place.y + c * yPlane + r * place.yRow + v * VECTOR_BYTES, atLeast(sums[c][r][v], floor));
  }
};

/** y[c][r][j] = max(floor, bias[c] + sum over taps t of w[t][c] * x[r * xRow + taps[t] + j]), DENSE_CHANNELS channels at a time. */
static bool convDense(Memory m, const ConvDense &p) {
  const double channels = static_cast<double>(DENSE_CHANNELS) * p.blocks;
  if (!fits(m, p.y, filledBytes(p.columns), Extent{channels, double(p.yPlane)}, Extent{double(p.rows), double(p.yRow)}))
    return false;
  DenseTile tile;
  tile.taps = wordsAt(m, p.taps);
  tile.end = tile.taps + p.tapCount;
  tile.yPlane = p.yPlane;
  tile.floor = splat(*floatsAt(m, p.floor));
  for (size_t block = 0; block < p.blocks; block++) {
    tile.weights = reinterpret_cast<const float *>(m + p.weights + block * p.weightsStride);
    tile.bias = floatsAt(m, p.bias) + DENSE_CHANNELS * block;
    const Place place = {m + p.x, m + p.y + DENSE_CHANNELS * block * p.yPlane, p.xRow, p.yRow};
    cover<DENSE_TILE>(tile, place, p.rows, vectorsOf(p.columns));
  }
  return true;
}

/** A tile is computed for all channels before the next one, so that what it reads of x stays in the first-level cache. */
struct SparseTile : Columns<SparseTile> {
  Memory memory;
  const ConvSparse &call;
  Vector floor;

  SparseTile(Memory m, const ConvSparse &p) : memory(m), call(p), floor(splat(*floatsAt(m, p.floor))) {}

  template <int ROWS, int VECTORS>
  inline void run(const Place &place) const {
    const char *list = memory + call.pairs;
    const uint32_t *counts = wordsAt(memory, call.counts);
    const float *bias = floatsAt(memory, call.bias);
    char *y = place.y;
    for (size_t channel = 0; channel < call.channels; channel++, list += call.pairsStride, y += call.yPlane) {
      const Pair *pairs = reinterpret_cast<const Pair *>(list);
      const Vector start = splat(bias[channel]);
      Vector sums[ROWS][VECTORS];
      UNROLL for (int r = 0; r < ROWS; r++)
        UNROLL for (int v = 0; v < VECTORS; v++) sums[r][v] = start;
      for (const Pair *pair = pairs; pair < pairs + counts[channel]; pair++) {
        const char *from = place.x + pair->offset;
        const Vector weight = splat(pair->weight);
        UNROLL for (int r = 0; r < ROWS; r++)
          UNROLL for (int v = 0; v < VECTORS; v++)
            sums[r][v] = multiplyAdd(load(from + r * place.xRow + v * VECTOR_BYTES), weight, sums[r][v]);
      }
      UNROLL for (int r = 0; r < ROWS; r++)
        UNROLL for (int v = 0; v < VECTORS; v++)
          store(y + r * place.yRow + v * VECTOR_BYTES, atLeast(sums[r][v], floor));
    }
  }
};

/** The correlation of convDense with each output channel's own list of taps, so that weights that are zero cost nothing. */
static bool convSparse(Memory m, const ConvSparse &p) {
  if (!fits(m, p.y, filledBytes(p.columns), Extent{double(p.channels), double(p.yPlane)},
            Extent{double(p.rows), double(p.yRow)}))
    return false;
  const Place place = {m + p.x, m + p.y, p.xRow, p.yRow};
  cover<SPARSE_TILE>(SparseTile(m, p), place, p.rows, vectorsOf(p.columns));
  return true;
}

/** convSparse on one vector, with the same bits. The pairs' offsets are divided by 2^shift. */
static bool narrowSparse(Memory m, const NarrowSparse &p) {
  if (!fits(m, p.y, VECTOR_BYTES, Extent{double(p.channels), double(p.yPlane)})) return false;
  constexpr int TOGETHER = 8;
  const char *x = m + p.x;
  const uint32_t shift = p.shift & 31;
  const Vector floor = splat(*floatsAt(m, p.floor));
  const float *bias = floatsAt(m, p.bias);
  const uint32_t *counts = wordsAt(m, p.counts);
  // On its own a channel would wait for each sum before the next.
  for (size_t first = 0; first < p.channels; first += TOGETHER) {
    Vector sums[TOGETHER];
    const Pair *pairs[TOGETHER];
    uint32_t shortest = UINT32_MAX;
    const size_t last = p.channels - 1;
    UNROLL for (int c = 0; c < TOGETHER; c++) {
      // Beyond the last channel that one is computed again, and stored once.
      const size_t channel = first + c < last ? first + c : last;
      pairs[c] = reinterpret_cast<const Pair *>(m + p.pairs + channel * p.pairsStride);
      sums[c] = splat(bias[channel]);
      if (counts[channel] < shortest) shortest = counts[channel];
    }
    for (uint32_t k = 0; k < shortest; k++)
      UNROLL for (int c = 0; c < TOGETHER; c++)
        sums[c] = multiplyAdd(load(x + (pairs[c][k].offset >> shift)), splat(pairs[c][k].weight), sums[c]);
    UNROLL for (int c = 0; c < TOGETHER; c++) {
      const size_t channel = first + c;
      if (channel > last) break;
      Vector sum = sums[c];
      for (uint32_t k = shortest; k < counts[channel]; k++)
        sum = multiplyAdd(load(x + (pairs[c][k].offset >> shift)), splat(pairs[c][k].weight), sum);
      store(m + p.y + channel * p.yPlane, atLeast(sum, floor));
    }
  }
  return true;
}

/** y = a b for matrices of which neither is packed. Rows of y lie side by side, so a row's last vector is overwritten by the next row. */
static bool matMul(Memory m, const MatMul &p) {
  if (!fits(m, p.y, filledBytes(p.columns), Extent{double(p.rows), 4.0 * p.columns})) return false;
  for (size_t row = 0; row < p.rows; row++) {
    const char *a = m + p.a + row * p.aRow;
    char *y = m + p.y + row * 4 * p.columns;
    for (size_t column = 0; column < 4 * size_t(p.columns); column += VECTOR_BYTES) {
      Vector sum = {};
      for (size_t k = 0; k < p.inner; k++)
        sum = multiplyAdd(load(m + p.b + k * p.bRow + column), splat(*reinterpret_cast<const float *>(a + k * p.aColumn)),
                          sum);
      store(y + column, sum);
    }
  }
  return true;
}

}  // namespace
