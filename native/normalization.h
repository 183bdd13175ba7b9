/*
 * Local response normalization across channels (Krizhevsky, Sutskever and Hinton 2012, section 3.3, with TensorFlow's parameters):
 * y = x * scale^-beta, scale = bias + alpha * sum of x^2 over the channels at most `radius` away. A vector of pixels at a time.
 */
#pragma once

#include <math.h>

#include "arguments.h"
#include "memory.h"
#include "vector.h"

namespace {

/**
 * Sums over a window that moves along vectors, in three additions each whatever the window's width (van Herk 1992; Gil and Werman 1993):
 * cut the vectors into blocks as wide as the window, and a window is the end of one block and the start of the next. Unlike a running sum,
 * nothing is ever subtracted. Vectors before the first and after the last count as zero.
 */
struct WindowSums {
  Vector *terms;
  Vector *starts;
  size_t radius;

  static size_t places(size_t count, size_t radius) { return count + 2 * radius + 1; }

  /** `terms` has vector i at terms[radius + i]; it is overwritten. */
  void prepare(size_t count) const {
    const size_t width = 2 * radius + 1;
    const size_t all = places(count, radius);
    for (size_t k = 0; k < radius; k++) terms[k] = Vector{};
    for (size_t k = count + radius; k < all; k++) terms[k] = Vector{};
    for (size_t first = 0; first < all; first += width) {
      const size_t end = first + width < all ? first + width : all;
      Vector sum = {};
      for (size_t k = first; k < end; k++) {
        starts[k] = sum;
        sum += terms[k];
      }
      sum = Vector{};
      for (size_t k = end; k > first; k--) {
        sum += terms[k - 1];
        terms[k - 1] = sum;
      }
    }
  }

  Vector at(size_t i) const { return terms[i] + starts[i + 2 * radius + 1]; }
};

/** scale^-beta; the exponents that are used are products of square roots. */
static inline Vector inversePower(Vector scale, float beta) {
  const Vector one = splat(1);
  if (beta == 1) return one / scale;
  const Vector root = squareRoot(scale);
  if (beta == 0.5f) return one / root;
  if (beta == 0.75f) return one / (root * squareRoot(root));
  for (int lane = 0; lane < LANES; lane++) scale[lane] = powf(scale[lane], -beta);
  return scale;
}

struct Normalization {
  float bias;
  float alpha;
  float beta;

  void prepareSquares(const WindowSums &squares, const char *pixel, size_t channels, size_t plane) const {
    for (size_t channel = 0; channel < channels; channel++) {
      const Vector value = load(pixel + channel * plane);
      squares.terms[channel + squares.radius] = value * value;
    }
    squares.prepare(channels);
  }

  Vector scale(Vector squares) const { return multiplyAdd(splat(alpha), squares, splat(bias)); }
};

static inline Normalization normalizationAt(Memory m, uint32_t address) {
  const float *parameters = floatsAt(m, address);
  return {parameters[0], parameters[1], parameters[2]};
}

static inline Vector *vectorsFrom(Memory m, uint32_t scratch) {
  return reinterpret_cast<Vector *>((reinterpret_cast<uintptr_t>(m + scratch) + VECTOR_BYTES - 1) / VECTOR_BYTES *
                                    VECTOR_BYTES);
}

static bool lrn(Memory m, const Lrn &p) {
  const size_t places = WindowSums::places(p.channels, p.radius);
  if (!fits(m, p.y, filledBytes(p.columns), Extent{double(p.channels), double(p.yPlane)},
            Extent{double(p.rows), double(p.yRow)}) ||
      !fits(m, p.scratch, VECTOR_BYTES * (2.0 * places + 1)))
    return false;
  const Normalization norm = normalizationAt(m, p.parameters);
  Vector *terms = vectorsFrom(m, p.scratch);
  const WindowSums squares = {terms, terms + places, p.radius};
  for (size_t row = 0; row < p.rows; row++)
    for (size_t v = 0; v < vectorsOf(p.columns); v++) {
      const char *x = m + p.x + row * p.xRow + v * VECTOR_BYTES;
      char *y = m + p.y + row * p.yRow + v * VECTOR_BYTES;
      norm.prepareSquares(squares, x, p.channels, p.xPlane);
      for (size_t channel = 0; channel < p.channels; channel++, x += p.xPlane, y += p.yPlane)
        store(y, load(x) * inversePower(norm.scale(squares.at(channel)), norm.beta));
    }
  return true;
}

/** dx = dy * scale^-beta - 2 * alpha * beta * x * sum over the neighbours of dy * x * scale^(-beta - 1). */
static bool lrnGradient(Memory m, const LrnGradient &p) {
  const size_t places = WindowSums::places(p.channels, p.radius);
  if (!fits(m, p.dx, filledBytes((size_t(p.plane) + 3) / 4), Extent{double(p.channels), double(p.plane)}) ||
      !fits(m, p.scratch, VECTOR_BYTES * (3.0 * places + 1)))
    return false;
  const Normalization norm = normalizationAt(m, p.parameters);
  const Vector factor = splat(-2 * norm.alpha * norm.beta);
  Vector *terms = vectorsFrom(m, p.scratch);
  const WindowSums squares = {terms, terms + places, p.radius};
  const WindowSums slopes = {terms + 2 * places, terms + places, p.radius};
  for (size_t pixel = 0; pixel < p.plane; pixel += VECTOR_BYTES) {
    const char *x = m + p.x + pixel;
    const char *dy = m + p.dy + pixel;
    char *dx = m + p.dx + pixel;
    norm.prepareSquares(squares, x, p.channels, p.plane);
    for (size_t channel = 0; channel < p.channels; channel++) {
      const size_t at = channel * p.plane;
      const Vector scale = norm.scale(squares.at(channel));
      const Vector direct = load(dy + at) * inversePower(scale, norm.beta);
      store(dx + at, direct);
      slopes.terms[channel + p.radius] = direct * load(x + at) / scale;
    }
    slopes.prepare(p.channels);
    for (size_t channel = 0; channel < p.channels; channel++) {
      const size_t at = channel * p.plane;
      store(dx + at, multiplyAdd(factor * load(x + at), slopes.at(channel), load(dx + at)));
    }
  }
  return true;
}

}  // namespace
