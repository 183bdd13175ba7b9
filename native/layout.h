/* Copies between layouts. */
#pragma once

#include "arguments.h"
#include "memory.h"
#include "vector.h"

namespace {

/**
 * Copies float32 values between any two strided layouts: NHWC images to planes and back, planes into their padding, every s-th column to a
 * plane of its own. All strides are bytes; `columns` values are written in each row, no more.
 */
static bool copyStrided(Memory m, const CopyStrided &p) {
  if (!fits(m, p.target, 4, Extent{double(p.planes), double(p.targetPlane)}, Extent{double(p.rows), double(p.targetRow)},
            Extent{double(p.columns), double(p.targetColumn)}))
    return false;
  const bool contiguous = p.sourceColumn == 4 && p.targetColumn == 4;
  for (size_t plane = 0; plane < p.planes; plane++)
    for (size_t row = 0; row < p.rows; row++) {
      const char *from = m + p.source + plane * p.sourcePlane + row * p.sourceRow;
      char *to = m + p.target + plane * p.targetPlane + row * p.targetRow;
      if (contiguous) {
        __builtin_memmove(to, from, 4 * size_t(p.columns));
        continue;
      }
      for (size_t column = 0; column < p.columns; column++)
        *reinterpret_cast<float *>(to + column * p.targetColumn) =
            *reinterpret_cast<const float *>(from + column * p.sourceColumn);
    }
  return true;
}

/** target[c][r] = source[r][c]. Each row of the target is filled up with zeros to whole vectors. */
static bool transpose(Memory m, const Transpose &p) {
  const size_t filled = filledBytes(p.rows) / 4;
  if (!fits(m, p.target, 4.0 * filled, Extent{double(p.columns), double(p.targetRow)})) return false;
  // A square of the source fills whole cache lines of the target.
  constexpr size_t SQUARE = 16;
  for (size_t firstRow = 0; firstRow < filled; firstRow += SQUARE)
    for (size_t firstColumn = 0; firstColumn < p.columns; firstColumn += SQUARE) {
      const size_t lastRow = firstRow + SQUARE < filled ? firstRow + SQUARE : filled;
      const size_t lastColumn = firstColumn + SQUARE < p.columns ? firstColumn + SQUARE : p.columns;
      for (size_t column = firstColumn; column < lastColumn; column++) {
        float *to = reinterpret_cast<float *>(m + p.target + column * p.targetRow);
        const char *from = m + p.source + 4 * column;
        for (size_t row = firstRow; row < lastRow; row++)
          to[row] = row < p.rows ? *reinterpret_cast<const float *>(from + row * p.sourceRow) : 0;
      }
    }
  return true;
}

/** Sets the values between each row's `columns` and the next whole vector to zero. */
static bool clearRowEnds(Memory m, const ClearRowEnds &p) {
  const size_t filled = filledBytes(p.columns) / 4;
  if (!fits(m, p.target, 4.0 * filled, Extent{double(p.planes), double(p.plane)}, Extent{double(p.rows), double(p.row)}))
    return false;
  for (size_t plane = 0; plane < p.planes; plane++)
    for (size_t row = 0; row < p.rows; row++) {
      float *at = reinterpret_cast<float *>(m + p.target + plane * p.plane + row * p.row);
      for (size_t column = p.columns; column < filled; column++) at[column] = 0;
    }
  return true;
}

}  // namespace
