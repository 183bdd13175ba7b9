/* A set of kernels for one instruction set, as the addon sees it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct Kernel {
  const char *name;
  /** Number of 32-bit words that it takes. */
  size_t arguments;
  /** Returns false, perhaps with a part of the work done, rather than write beyond the memory. */
  bool (*run)(char *memory, const uint32_t *arguments);
};

struct KernelSet {
  const char *name;
  int lanes;
  int denseChannels;
  int denseTaps;
  int sparseRows;
  const Kernel *kernels;
  size_t count;
};
