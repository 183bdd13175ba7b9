import { beforeEach, expect, test, vi } from 'vitest';
import type { Device } from '../../src/engine/device.ts';
import { selectEngine } from '../../src/engine/select.ts';
import { NETWORKS } from './networks.ts';

/** How TensorFlow.js' GPU package, which counts as installed here, turns out. */
let openGpu: (why: string) => Promise<Device>;
vi.mock('node:module', async (original) => {
  const real = await original<typeof import('node:module')>();
  const createRequire = (from: string | URL) => {
    const require = real.createRequire(from);
    const resolve = (name: string) => (name.startsWith('@tensorflow/') ? name : require.resolve(name));
    return Object.assign((name: string) => require(name), { resolve });
  };
  return { ...real, createRequire, default: { ...real, createRequire } };
});
vi.mock('../../src/engine/tfjs/open-device.ts', () => ({
  openDevice: (_: string, why: string) => openGpu(why),
}));

const network = NETWORKS['a fully connected layer']!;
const device = (isOnGpu: boolean) => async (why: string) => {
  const reason = `tfjs on a processor, ${why}`;
  return {
    name: 'tfjs:node-gpu',
    reason,
    isOnGpu,
    createEngine: () => undefined,
    createExecutor: () => undefined,
  } as never;
};
const reasonOf = async (choice: { threads?: number; backend?: string } = {}) => {
  const { engine, reason } = await selectEngine({ network, ...choice });
  await engine?.dispose();
  return reason.replace(/^simd on WebAssembly \(.*?\)/, 'simd');
};

beforeEach(() => {
  openGpu = device(true);
});

test('a GPU is taken unasked, and the reason does not say that it was asked for', async () => {
  expect(await reasonOf()).toBe('tfjs on a processor, since @tensorflow/tfjs-node-gpu is installed');
  expect(await reasonOf({ backend: 'node-gpu' })).toBe('tfjs on a processor, as asked for');
});

test('a GPU package without a GPU is not taken', async () => {
  openGpu = device(false);
  expect(await reasonOf()).toBe(
    'simd, the default, which can skip what is pruned; @tensorflow/tfjs-node-gpu is installed but finds no GPU',
  );
});

test('why a GPU package does not work is told', async () => {
  openGpu = () => Promise.reject(new Error('backend node-gpu: it fails to load: libcudart is missing'));
  expect(await reasonOf()).toBe(
    'simd, the default, which can skip what is pruned; backend node-gpu: it fails to load: libcudart is missing',
  );
});

test('a number of threads decides, and is the reason', async () => {
  expect(await reasonOf({ threads: 2 })).toBe('simd, which takes a number of threads');
});
