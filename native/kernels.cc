/*
 * All kernels for one instruction set. Compiled once for each, with VARIANT, its name, and LANES, its float32 values a vector.
 */
#include "kernels.h"

#if !defined(VARIANT) || !defined(LANES)
#error "compile with -DVARIANT=name -DLANES=number"
#endif

/** Vectors that a tile of the dense correlation computes for each of DENSE_CHANNELS channels. With 32 registers: 24 sums, 6 values, a weight. */
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int DENSE_TILE = 6;
constexpr int DENSE_TAPS = 5;
#else
constexpr int DENSE_TILE = 3;
constexpr int DENSE_TAPS = 3;
#endif
constexpr int DENSE_CHANNELS = 4;
/** Vectors that a tile of the sparse correlation computes for one channel: enough sums that none waits for the one before it. */
constexpr int SPARSE_TILE = 6;

#include "arguments.h"
#include "convolution.h"
#include "element-wise.h"
#include "layout.h"
#include "normalization.h"
#include "packing.h"
#include "pooling.h"
#include "softmax.h"
#include "weight-gradient.h"

#define TEXT(name) #name
#define TEXT_OF(macro) TEXT(macro)
#define JOIN(a, b) a##b
#define JOIN_OF(a, b) JOIN(a, b)

#define ENTRY(kernel, Arguments, signature)                                                                 \
  {signature, sizeof(Arguments) / sizeof(uint32_t), [](char *memory, uint64_t size, const uint32_t *words) { \
     return kernel(Memory{memory, size}, *reinterpret_cast<const Arguments *>(words));                       \
   }},

static const Kernel table[] = {EACH_KERNEL(ENTRY)};

extern const KernelSet JOIN_OF(kernels_, VARIANT);
const KernelSet JOIN_OF(kernels_, VARIANT) = {
    TEXT_OF(VARIANT), LANES, DENSE_CHANNELS, DENSE_TAPS, SPARSE_TILE, table, sizeof table / sizeof table[0]};
