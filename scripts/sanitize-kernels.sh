#!/usr/bin/env bash
# Runs the tests of all kernels on native kernels that are compiled with the sanitizers for addresses and undefined behaviour, which end the
# process at the first fault. The engine's memory is V8's, so what is written beyond buffers there is seen by the tests themselves.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CIFAR10_PRUNE_ADDON=$scratch/kernels.node EXPECT_NATIVE=1
CXX=${CXX:-g++} node native/build.mjs --sanitize --output="$CIFAR10_PRUNE_ADDON"
runtime=$(${CXX:-g++} -print-file-name=libasan.so)
# V8 does not free all that it allocates.
LD_PRELOAD=$runtime ASAN_OPTIONS=detect_leaks=0 npx vitest run --project unit test/kernels/kernels.test.ts test/kernels/native.test.ts "$@"
