/*
 * The engine's memory as kernels see it. Addresses are bytes from its start, as in WebAssembly. V8 reserves the 4 GiB that 32 bits can
 * address, and more behind them, and makes what is beyond the memory's present size inaccessible. So a kernel that writes below 4 GiB
 * writes into the memory or stops the process; it cannot change anything else. Each kernel checks from its arguments that it does.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace {

constexpr double ADDRESSABLE = 4294967296.0;

struct Extent {
  double count;
  double stride;
};

/**
 * Whether `bytes` bytes at the last of all places, start + sum over axes of (count - 1) * stride, are addressable. Computed in float64,
 * which does not wrap around.
 */
template <typename... Extents>
static inline bool fits(uint32_t start, double bytes, Extents... extents) {
  if (((extents.count == 0) || ... || false)) return true;
  return start + bytes + (((extents.count - 1) * extents.stride) + ... + 0.0) <= ADDRESSABLE;
}

static inline float *floatsAt(char *memory, uint32_t address) { return reinterpret_cast<float *>(memory + address); }
static inline uint32_t *wordsAt(char *memory, uint32_t address) {
  return reinterpret_cast<uint32_t *>(memory + address);
}

}  // namespace
