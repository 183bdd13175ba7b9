/*
 * The addon: chooses among the sets of kernels by the processor's features, and runs encoded programs with one of them. Threads load it
 * once each; it keeps no state but what `open` returns.
 */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
extern const KernelSet kernels_avx512;
extern const KernelSet kernels_avx2;
#elif defined(__aarch64__)
extern const KernelSet kernels_neon;
#endif

namespace {

/** The sets that this processor can execute, the fastest first. */
size_t supportedSets(const KernelSet *sets[]) {
  size_t count = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    sets[count++] = &kernels_avx512;
  if (avx2) sets[count++] = &kernels_avx2;
#elif defined(__aarch64__)
  sets[count++] = &kernels_neon;
#endif
  return count;
}
constexpr size_t MOST_SETS = 2;

/** Bytes that 32-bit addresses reach. */
constexpr double ADDRESSABLE = 4294967296.0;

/**
 * Results too small for float32's full precision become zero while kernels run: on x86 such numbers take many times as long. On ARM they
 * do not, and there the same switch would change comparisons, too.
 */
class FlushToZero {
#if defined(__x86_64__)
  static constexpr unsigned FLUSH = 0x8000;
  unsigned before = _mm_getcsr();

 public:
  FlushToZero() { _mm_setcsr(before | FLUSH); }
  ~FlushToZero() { _mm_setcsr(before); }
#else
 public:
  FlushToZero() {}
  ~FlushToZero() {}
#endif
};

/** What makeCalls needs. */
struct Opened {
  const KernelSet *set;
  char *memory;
};

napi_value fail(napi_env env, const char *message, const char *name = "") {
  char text[400];
  strncpy(text, message, sizeof text - 1);
  text[sizeof text - 1] = 0;
  strncat(text, name, sizeof text - strlen(text) - 1);
  napi_throw_error(env, nullptr, text);
  return nullptr;
}

/** makeCalls(words: Int32Array, begin, end, size of the memory in bytes): the calls between two words, in order. */
napi_value makeCalls(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value arguments[4];
  void *data;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  const Opened &opened = *static_cast<Opened *>(data);
  size_t length = 0;
  void *start = nullptr;
  napi_typedarray_type type;
  uint32_t begin = 0, end = 0;
  double size = 0;
  if (count != 4 || napi_get_typedarray_info(env, arguments[0], &type, &length, &start, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array || napi_get_value_uint32(env, arguments[1], &begin) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &end) != napi_ok || end > length ||
      napi_get_value_double(env, arguments[3], &size) != napi_ok || !(size >= 0 && size <= ADDRESSABLE))
    return fail(env, "makeCalls: expected an Int32Array, two places in it and the size of the memory");
  const uint32_t *words = static_cast<const uint32_t *>(start);
  const FlushToZero flush;
  for (uint32_t word = begin; word < end;) {
    if (end - word < 2 || words[word] >= opened.set->count) return fail(env, "makeCalls: this is not a program");
    const Kernel &kernel = opened.set->kernels[words[word]];
    if (words[word + 1] != kernel.arguments || end - word - 2 < kernel.arguments)
      return fail(env, "makeCalls: a wrong number of arguments: ", kernel.signature);
    if (!kernel.run(opened.memory, uint64_t(size), words + word + 2))
      return fail(env, "makeCalls: arguments that no program may have, or that reach beyond the memory: ", kernel.signature);
    word += 2 + kernel.arguments;
  }
  return nullptr;
}

/** open(number of the set in `sets`, Uint8Array over the memory) returns makeCalls. The memory must not move as long as that is used. */
napi_value open(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const KernelSet *sets[MOST_SETS];
  uint32_t number = 0;
  if (count != 2 || napi_get_value_uint32(env, arguments[0], &number) != napi_ok || number >= supportedSets(sets))
    return fail(env, "open: this processor has no such set of kernels");
  void *memory = nullptr;
  if (napi_get_typedarray_info(env, arguments[1], nullptr, nullptr, &memory, nullptr, nullptr) != napi_ok)
    return fail(env, "open: expected a Uint8Array over the memory");
  Opened *opened = static_cast<Opened *>(malloc(sizeof(Opened)));
  if (!opened) return fail(env, "open: out of memory");
  *opened = {sets[number], static_cast<char *>(memory)};
  napi_value function;
  napi_create_function(env, "makeCalls", NAPI_AUTO_LENGTH, makeCalls, opened, &function);
  napi_add_finalizer(env, function, opened, [](napi_env, void *data, void *) { free(data); }, nullptr, nullptr);
  return function;
}

void setProperty(napi_env env, napi_value object, const char *name, int32_t value) {
  napi_value number;
  napi_create_int32(env, value, &number);
  napi_set_named_property(env, object, name, number);
}

}  // namespace

/**
 * Exports `sets`, what describes each set that this processor can execute, the fastest first; `kernels`, their signatures in the order of their
 * numbers in programs; and `open`.
 */
NAPI_MODULE_INIT() {
  const KernelSet *sets[MOST_SETS];
  const size_t count = supportedSets(sets);
  napi_value list;
  napi_create_array_with_length(env, count, &list);
  for (uint32_t i = 0; i < count; i++) {
    napi_value set, name;
    napi_create_object(env, &set);
    napi_create_string_utf8(env, sets[i]->name, NAPI_AUTO_LENGTH, &name);
    napi_set_named_property(env, set, "name", name);
    setProperty(env, set, "lanes", sets[i]->lanes);
    setProperty(env, set, "denseChannels", sets[i]->denseChannels);
    setProperty(env, set, "denseTaps", sets[i]->denseTaps);
    setProperty(env, set, "sparseRows", sets[i]->sparseRows);
    napi_set_element(env, list, i, set);
  }
  napi_set_named_property(env, exports, "sets", list);
  if (count > 0) {
    const KernelSet &any = *sets[0];
    napi_value signatures;
    napi_create_array_with_length(env, any.count, &signatures);
    for (uint32_t i = 0; i < any.count; i++) {
      napi_value signature;
      napi_create_string_utf8(env, any.kernels[i].signature, NAPI_AUTO_LENGTH, &signature);
      napi_set_element(env, signatures, i, signature);
    }
    napi_set_named_property(env, exports, "kernels", signatures);
  }
  napi_value function;
  napi_create_function(env, "open", NAPI_AUTO_LENGTH, open, nullptr, &function);
  napi_set_named_property(env, exports, "open", function);
  return exports;
}
