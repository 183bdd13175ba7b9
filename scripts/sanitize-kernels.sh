#!/usr/bin/env bash
# Runs the tests of all kernels on native kernels that are compiled with the sanitizers for addresses and undefined behaviour, which end the
# process at the first fault. Then builds the kernels again without.
set -euo pipefail
cd "$(dirname "$0")/.."

trap 'node native/build.mjs' EXIT
node native/build.mjs --sanitize
runtime=$(${CXX:-c++} -print-file-name=libasan.so)
# V8 does not free all that it allocates.
LD_PRELOAD=$runtime ASAN_OPTIONS=detect_leaks=0 npx vitest run --project unit test/kernels/kernels.test.ts test/kernels/native.test.ts "$@"
