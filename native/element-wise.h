/* Kernels that compute each value from those at the same place. */
#pragma once

#include "arguments.h"
#include "memory.h"
#include "vector.h"

namespace {

/** y = x < 0 ? 0 : x over `count` values, NaN staying NaN; the last vector is computed whole. */
static bool relu(Memory m, const Relu &p) {
  const size_t bytes = filledBytes(p.count);
  if (!fits(m, p.y, bytes)) return false;
  for (size_t at = 0; at < bytes; at += VECTOR_BYTES) store(m + p.y + at, atLeast(load(m + p.x + at), Vector{}));
  return true;
}

/** d = y > 0 ? d : 0 over `count` values, whole vectors: the gradient through a ReLU whose output was y. */
static bool reluGradient(Memory m, const ReluGradient &p) {
  if (!fits(m, p.d, filledBytes(p.count))) return false;
  for (size_t at = 0; at < 4 * size_t(p.count); at += VECTOR_BYTES) {
    const Vector slope = load(m + p.d + at);
    store(m + p.d + at, load(m + p.y + at) > Vector{} ? slope : Vector{});
  }
  return true;
}

/** A row of values side by side. */
struct Side {
  const char *row;
  float value(size_t at) const { return reinterpret_cast<const float *>(row)[at]; }
  Vector vector(size_t at) const { return load(row + 4 * at); }
};

/** A row of one value. */
struct Same {
  const char *row;
  float value(size_t) const { return *reinterpret_cast<const float *>(row); }
  Vector vector(size_t) const { return splat(value(0)); }
};

/** y = combine(a, b), over four axes, of which the last is the innermost, row-major in y. Strides are bytes, 0 where one value stands for all. */
template <typename Arguments, typename Combine>
static inline bool combineAxes(Memory m, const Arguments &p, Combine combine) {
  if (!fits(m, p.y, 4.0 * p.n0 * p.n1 * p.n2 * p.n3)) return false;
  char *y = m + p.y;
  for (size_t i = 0; i < p.n0; i++)
    for (size_t j = 0; j < p.n1; j++)
      for (size_t k = 0; k < p.n2; k++, y += 4 * size_t(p.n3)) {
        const char *a = m + p.a + i * p.a0 + j * p.a1 + k * p.a2;
        const char *b = m + p.b + i * p.b0 + j * p.b1 + k * p.b2;
        const auto row = [&](auto left, auto right) {
          size_t l = 0;
          for (; l + LANES <= p.n3; l += LANES) store(y + 4 * l, combine(left.vector(l), right.vector(l)));
          for (; l < p.n3; l++) reinterpret_cast<float *>(y)[l] = combine(left.value(l), right.value(l));
        };
        const Same oneA = {a}, oneB = {b};
        const Side manyA = {a}, manyB = {b};
        if (p.a3 == 0 && p.b3 == 0) row(oneA, oneB);
        else if (p.a3 == 0) row(oneA, manyB);
        else if (p.b3 == 0) row(manyA, oneB);
        else row(manyA, manyB);
      }
  return true;
}

static bool add(Memory m, const Add &p) {
  return combineAxes(m, p, [](auto a, auto b) { return a + b; });
}

static bool multiply(Memory m, const Multiply &p) {
  return combineAxes(m, p, [](auto a, auto b) { return a * b; });
}

/**
 * Gradient descent with L2 decay and moving averages, on `count` values, whole vectors:
 * w -= rate * (gradient + decay * w); average -= (1 - averageDecay) * (average - w).
 *
 * `step` holds rate and 1 - averageDecay; `squares` receives the sum of w^2 before the update, in float64; `total`, unless 0, receives
 * gradient + decay * w.
 */
static bool descend(Memory m, const Descend &p) {
  const size_t bytes = filledBytes(p.count);
  if (!fits(m, p.weights, bytes) || !fits(m, p.average, bytes) || !fits(m, p.total, bytes) || !fits(m, p.squares, 8)) return false;
  const Vector rate = splat(floatsAt(m, p.step)[0]);
  const Vector approach = splat(floatsAt(m, p.step)[1]);
  const Vector shrink = splat(*floatsAt(m, p.decay));
  Vector sum = {};
  for (size_t at = 0; at < bytes; at += VECTOR_BYTES) {
    const Vector w = load(m + p.weights + at);
    const Vector a = load(m + p.average + at);
    sum = multiplyAdd(w, w, sum);
    const Vector slope = multiplyAdd(shrink, w, load(m + p.gradient + at));
    if (p.total) store(m + p.total + at, slope);
    const Vector next = w - rate * slope;
    store(m + p.weights + at, next);
    store(m + p.average + at, a - approach * (a - next));
  }
  const double squares = sumOfLanes(sum);
  __builtin_memcpy(m + p.squares, &squares, sizeof squares);
  return true;
}

}  // namespace
