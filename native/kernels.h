/* A set of kernels for one instruction set, as the addon sees it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct Kernel {
  /** Its name and those of its arguments, in their order, with blanks between. */
  const char *signature;
  /** Number of arguments, 32-bit words. */
  size_t arguments;
  /** Returns false, perhaps with a part of the work done, rather than write beyond the memory, which has `size` bytes. */
  bool (*run)(char *memory, uint64_t size, const uint32_t *arguments);
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
