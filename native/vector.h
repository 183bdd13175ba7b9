/*
 * Vectors of LANES float32 values, in the vector extensions of GCC and Clang: the same source for AVX-512 (16 lanes), AVX2 (8 lanes) and
 * NEON (4 lanes). Compilers fuse no product with a sum by themselves (-ffp-contract=off), as they would do so in one loop and not in another.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace {

typedef float Vector __attribute__((vector_size(4 * LANES)));
typedef Vector UnalignedVector __attribute__((aligned(4)));

constexpr size_t VECTOR_BYTES = 4 * LANES;

/** Unrolls the loop that follows, whose bounds are constants, so that its vectors stay in registers. */
#define UNROLL _Pragma("GCC unroll 16")

static inline Vector load(const char *at) { return *reinterpret_cast<const UnalignedVector *>(at); }

static inline void store(char *at, Vector value) { *reinterpret_cast<UnalignedVector *>(at) = value; }

/** All lanes hold `value`. Subtracting zero changes no value, not even -0, and compiles to nothing. */
static inline Vector splat(float value) { return value - Vector{}; }

/** a * b + c in each lane, in one rounding. */
static inline Vector multiplyAdd(Vector a, Vector b, Vector c) {
#if LANES == 16 && defined(__AVX512F__)
  return (Vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif LANES == 8 && defined(__FMA__)
  return (Vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif LANES == 4 && defined(__aarch64__)
  return (Vector)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
#error "no fused multiply-add for vectors of this size"
#endif
}

/** a in each lane, but b where a < b; a NaN in a stays. */
static inline Vector atLeast(Vector a, Vector b) { return a < b ? b : a; }

static inline float sumOfLanes(Vector a) {
  float lanes[LANES];
  __builtin_memcpy(lanes, &a, sizeof lanes);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
  return lanes[0];
}

static inline Vector squareRoot(Vector a) {
#if LANES == 16 && defined(__AVX512F__)
  return (Vector)_mm512_maskz_sqrt_ps(0xffff, (__m512)a);
#elif LANES == 8 && defined(__AVX__)
  return (Vector)_mm256_sqrt_ps((__m256)a);
#else
  for (int lane = 0; lane < LANES; lane++) a[lane] = __builtin_sqrtf(a[lane]);
  return a;
#endif
}

/** Bytes of a row of `count` float32 values in whole vectors. */
static inline size_t filledBytes(size_t count) { return (4 * count + VECTOR_BYTES - 1) / VECTOR_BYTES * VECTOR_BYTES; }

/** Number of vectors of such a row. */
static inline size_t vectorsOf(size_t count) { return (count + LANES - 1) / LANES; }

}  // namespace
