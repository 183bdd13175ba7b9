/* Largest values of windows, and their gradient. Pixels outside the image never win. */
#pragma once

#include "arguments.h"
#include "memory.h"
#include "vector.h"

namespace {

/** The windows along one axis that have pixel `offset` of their own inside the image: `first` to before `end`. */
struct Inside {
  int64_t first;
  int64_t end;
};

static inline Inside insideOf(int64_t offset, int64_t stride, int64_t padding, int64_t inputs, int64_t outputs) {
  // 0 <= window * stride - padding + offset < inputs
  const int64_t before = padding - offset;
  const int64_t first = before > 0 ? (before + stride - 1) / stride : 0;
  const int64_t room = inputs - 1 + before;
  const int64_t end = room < 0 ? 0 : room / stride + 1;
  return {first, end < outputs ? end : outputs};
}

static inline int64_t largest(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t smallest(int64_t a, int64_t b) { return a < b ? a : b; }

/** Output columns that are computed together: their best values so far and where those are fit into the first-level cache. */
constexpr int64_t STRETCH = 256;

/** Calls visit(input column of the window `first`, first, end) of the windows of a stretch that have this offset inside. */
template <typename Visit>
static inline void visitWindows(int64_t offset, int64_t stride, int64_t left, int64_t columns, int64_t start,
                                int64_t stop, Visit visit) {
  const Inside inside = insideOf(offset, stride, left, columns, stop);
  const int64_t first = largest(inside.first, start);
  if (first < inside.end) visit(first * stride - left + offset, first, inside.end);
}

/** Takes each window's value where it is larger than the best so far. The usual strides are constants, so that the loop uses vectors. */
template <typename Take>
static inline void takeEach(const float *values, int64_t stride, int64_t count, Take take) {
  if (stride == 1) for (int64_t k = 0; k < count; k++) take(k, values[k]);
  else if (stride == 2) for (int64_t k = 0; k < count; k++) take(k, values[2 * k]);
  else for (int64_t k = 0; k < count; k++) take(k, values[stride * k]);
}

/**
 * Largest value of each window, and where in the window its first occurrence is (row-major), as 16 * row + column. Output rows are filled up
 * with zeros to whole vectors. `argmax` are bytes, laid out as y with a quarter of its strides.
 */
static bool maxPool(Memory m, const MaxPool &p) {
  const int64_t filled = filledBytes(p.outColumns) / 4;
  if (p.stride == 0) return false;
  if (!fits(m, p.y, 4.0 * filled, Extent{double(p.planes), double(p.yPlane)}, Extent{double(p.outRows), double(p.yRow)}) ||
      !fits(m, p.argmax, double(filled), Extent{double(p.planes), p.yPlane / 4.0}, Extent{double(p.outRows), p.yRow / 4.0}))
    return false;
  const int64_t rows = p.rows, columns = p.columns, size = p.size, stride = p.stride, top = p.top, left = p.left;
  for (size_t plane = 0; plane < p.planes; plane++)
    for (int64_t row = 0; row < p.outRows; row++) {
      const size_t at = plane * p.yPlane + row * p.yRow;
      const char *x = m + p.x + plane * p.xPlane;
      float *y = reinterpret_cast<float *>(m + p.y + at);
      uint8_t *argmax = reinterpret_cast<uint8_t *>(m + p.argmax + at / 4);
      const int64_t firstRow = row * stride - top;
      for (int64_t start = 0; start < p.outColumns; start += STRETCH) {
        const int64_t stop = smallest(start + STRETCH, p.outColumns);
        float best[STRETCH];
        int32_t where[STRETCH];
        for (int64_t k = start; k < stop; k++) {
          best[k - start] = -__builtin_inff();
          where[k - start] = int32_t(16 * largest(0, -firstRow) + largest(0, left - k * stride));
        }
        for (int64_t r = largest(0, -firstRow); r < size && firstRow + r < rows; r++)
          for (int64_t c = 0; c < size; c++)
            visitWindows(c, stride, left, columns, start, stop, [&](int64_t column, int64_t first, int64_t end) {
              const float *values = reinterpret_cast<const float *>(x + (firstRow + r) * p.xRow) + column;
              float *bests = best + first - start;
              int32_t *wheres = where + first - start;
              const int32_t code = int32_t(16 * r + c);
              takeEach(values, stride, end - first, [&](int64_t k, float value) {
                wheres[k] = value > bests[k] ? code : wheres[k];
                bests[k] = value > bests[k] ? value : bests[k];
              });
            });
        for (int64_t k = start; k < stop; k++) {
          y[k] = best[k - start];
          argmax[k] = uint8_t(where[k - start]);
        }
      }
      for (int64_t column = p.outColumns; column < filled; column++) y[column] = 0;
    }
  return true;
}

/** Largest value of each window, as maxPool without where it is, but NaN where it holds a NaN. Rows and planes are written in their order. */
static bool maxPoolValues(Memory m, const MaxPoolValues &p) {
  if (p.down == 0 || p.right == 0) return false;
  if (!fits(m, p.y, 4.0 * p.outColumns, Extent{double(p.planes), double(p.yPlane)}, Extent{double(p.outRows), double(p.yRow)}))
    return false;
  const int64_t rows = p.rows, columns = p.columns, down = p.down, right = p.right, top = p.top, left = p.left;
  for (size_t plane = 0; plane < p.planes; plane++)
    for (int64_t row = 0; row < p.outRows; row++) {
      const char *x = m + p.x + plane * p.xPlane;
      float *y = reinterpret_cast<float *>(m + p.y + plane * p.yPlane + row * p.yRow);
      const int64_t firstRow = row * down - top;
      for (int64_t k = 0; k < p.outColumns; k++) y[k] = -__builtin_inff();
      for (int64_t r = largest(0, -firstRow); r < p.height && firstRow + r < rows; r++)
        for (int64_t c = 0; c < p.width; c++)
          visitWindows(c, right, left, columns, 0, p.outColumns, [&](int64_t column, int64_t first, int64_t end) {
            const float *values = reinterpret_cast<const float *>(x + (firstRow + r) * p.xRow) + column;
            float *bests = y + first;
            takeEach(values, right, end - first,
                     [&](int64_t k, float value) { bests[k] = value > bests[k] || value != value ? value : bests[k]; });
          });
    }
  return true;
}

/** Gradient of maxPool: adds each output's gradient to the input that won. dx is overwritten, `rows` rows a plane, to their full length. */
static bool maxPoolGradient(Memory m, const MaxPoolGradient &p) {
  if (!fits(m, p.dx, double(p.rows) * p.xRow, Extent{double(p.planes), double(p.xPlane)})) return false;
  const int64_t planeBytes = int64_t(p.rows) * p.xRow;
  for (size_t plane = 0; plane < p.planes; plane++) {
    char *target = m + p.dx + plane * p.xPlane;
    __builtin_memset(target, 0, planeBytes);
    for (int64_t row = 0; row < p.outRows; row++) {
      const size_t at = plane * p.yPlane + row * p.yRow;
      const float *slopes = reinterpret_cast<const float *>(m + p.dy + at);
      const uint8_t *argmax = reinterpret_cast<const uint8_t *>(m + p.argmax + at / 4);
      // Begins before the plane where the window does; the winner is always inside.
      int64_t window = (row * p.stride - int64_t(p.top)) * int64_t(p.xRow) - 4 * int64_t(p.left);
      for (int64_t column = 0; column < p.outColumns; column++, window += 4 * int64_t(p.stride)) {
        const int64_t winner = argmax[column];
        const int64_t place = window + (winner >> 4) * int64_t(p.xRow) + 4 * (winner & 15);
        if (place < 0 || place + 4 > planeBytes) return false;
        *reinterpret_cast<float *>(target + place) += slopes[column];
      }
    }
  }
  return true;
}

}  // namespace
