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

/** Results too small for float32's full precision become zero while kernels run: such numbers take many times as long. */
class FlushToZero {
#if defined(__x86_64__)
  unsigned before = _mm_getcsr();

 public:
  FlushToZero() { _mm_setcsr(before | 0x8000); }
  ~FlushToZero() { _mm_setcsr(before); }
#elif defined(__aarch64__)
  uint64_t before;

 public:
  FlushToZero() {
    asm volatile("mrs %0, fpcr" : "=r"(before));
    asm volatile("msr fpcr, %0" : : "r"(before | (1 << 24)));
  }
  ~FlushToZero() { asm volatile("msr fpcr, %0" : : "r"(before)); }
#endif
};

/** What makeCalls needs. */
struct Opened {
  const KernelSet *set;
  char *memory;
};

napi_value fail(napi_env env, const char *message, const char *name = "") {
  char text[200];
  strncpy(text, message, sizeof text - 1);
  text[sizeof text - 1] = 0;
  strncat(text, name, sizeof text - strlen(text) - 1);
  napi_throw_error(env, nullptr, text);
  return nullptr;
}

/** makeCalls(words: Int32Array, begin, end): the calls between two words, in order. */
napi_value makeCalls(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  void *data;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  const Opened &opened = *static_cast<Opened *>(data);
  size_t length = 0;
  void *start = nullptr;
  napi_typedarray_type type;
  uint32_t begin = 0, end = 0;
  if (count != 3 || napi_get_typedarray_info(env, arguments[0], &type, &length, &start, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array || napi_get_value_uint32(env, arguments[1], &begin) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &end) != napi_ok || end > length)
    return fail(env, "makeCalls: expected an Int32Array and two places in it");
  const uint32_t *words = static_cast<const uint32_t *>(start);
  const FlushToZero flush;
  for (uint32_t word = begin; word < end;) {
    if (end - word < 2 || words[word] >= opened.set->count) return fail(env, "makeCalls: this is not a program");
    const Kernel &kernel = opened.set->kernels[words[word]];
    if (words[word + 1] != kernel.arguments || end - word - 2 < kernel.arguments)
      return fail(env, "makeCalls: a wrong number of arguments for kernel ", kernel.name);
    if (!kernel.run(opened.memory, words + word + 2))
      return fail(env, "arguments that reach beyond the memory for kernel ", kernel.name);
    word += 2 + kernel.arguments;
  }
  return nullptr;
}

/** Whether the array `names` has the names of the set's kernels, in their order. */
bool hasNames(napi_env env, napi_value names, const KernelSet &set) {
  uint32_t count = 0;
  if (napi_get_array_length(env, names, &count) != napi_ok || count != set.count) return false;
  for (uint32_t i = 0; i < count; i++) {
    napi_value name;
    char text[64];
    size_t length = 0;
    napi_get_element(env, names, i, &name);
    if (napi_get_value_string_utf8(env, name, text, sizeof text, &length) != napi_ok ||
        strcmp(text, set.kernels[i].name) != 0)
      return false;
  }
  return true;
}

/** open(number of the set in `sets`, names of the kernels in programs' order, Uint8Array over all of memory) returns makeCalls. */
napi_value open(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const KernelSet *sets[MOST_SETS];
  uint32_t number = 0;
  if (count != 3 || napi_get_value_uint32(env, arguments[0], &number) != napi_ok || number >= supportedSets(sets))
    return fail(env, "open: this processor has no such set of kernels");
  if (!hasNames(env, arguments[1], *sets[number]))
    return fail(env, "open: the addon was built for other kernels; build it again");
  void *memory = nullptr;
  if (napi_get_typedarray_info(env, arguments[2], nullptr, nullptr, &memory, nullptr, nullptr) != napi_ok)
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

/** Exports `sets`, what describes each set that this processor can execute, the fastest first, and `open`. */
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
  napi_value function;
  napi_create_function(env, "open", NAPI_AUTO_LENGTH, open, nullptr, &function);
  napi_set_named_property(env, exports, "open", function);
  return exports;
}
