/*
 * The engine's memory as kernels see it. Addresses are bytes from its start, as in WebAssembly. Each kernel checks from its arguments, once a
 * call, that all it writes lies within the memory, and what it is told by lists in memory as it reads them: no program can make it write
 * anywhere else. What it reads may lie beyond, as vectors reach past the ends of rows.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace {

struct Memory {
  char *bytes;
  /** Its size in bytes. */
  uint64_t size;

  char *operator+(size_t address) const { return bytes + address; }
};

struct Extent {
  double count;
  double stride;
};

/**
 * Whether `bytes` bytes at the last of all places, start + sum over axes of (count - 1) * stride, lie within the memory. Computed in
 * float64, which does not wrap around.
 */
template <typename... Extents>
static inline bool fits(Memory m, uint32_t start, double bytes, Extents... extents) {
  if (((extents.count == 0) || ... || false)) return true;
  return start + bytes + (((extents.count - 1) * extents.stride) + ... + 0.0) <= double(m.size);
}

static inline float *floatsAt(Memory m, uint32_t address) { return reinterpret_cast<float *>(m + address); }
static inline uint32_t *wordsAt(Memory m, uint32_t address) { return reinterpret_cast<uint32_t *>(m + address); }

/** How many float32 values the memory has from an address on. */
static inline uint64_t placesFrom(Memory m, uint32_t address) { return address < m.size ? (m.size - address) / 4 : 0; }

}  // namespace
