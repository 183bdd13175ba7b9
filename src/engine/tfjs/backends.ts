import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { BACKEND_PACKAGES, type BackendName } from './backend-names.ts';

/** A backend that has been loaded and has computed 1 + 1. */
export interface Backend {
  readonly name: BackendName;
  /** For users: `wasm (SIMD)`. */
  readonly description: string;
  /** Its name in TensorFlow.js. */
  readonly registeredAs: string;
  /** Whether it computes on a GPU. */
  readonly isOnGpu: boolean;
}

type LoadedBackend = Omit<Backend, 'name'>;

const loaders: Readonly<Record<BackendName, () => Promise<LoadedBackend>>> = {
  'node-gpu': async () => loadNative(BACKEND_PACKAGES['node-gpu']),
  node: async () => loadNative(BACKEND_PACKAGES.node),
  wasm: loadWasm,
  cpu: loadCpu,
};
const loading = new Map<BackendName, Promise<Backend>>();

/**
 * Loads a backend and checks that it computes 1 + 1. Does so once per process; later calls return the same promise.
 *
 * @throws Error whose message says in one line why the backend cannot be used on this machine
 */
export function loadBackend(name: BackendName): Promise<Backend> {
  const backend = loading.get(name) ?? loadAndTry(name);
  loading.set(name, backend);
  return backend;
}

/** Runs `compute` on a backend. Frees every tensor that it makes, except those it passes to `tf.keep`. */
export function computeOn<T>(backend: Backend, compute: () => T): T {
  // The backend has been initialized, so the switch takes effect at once and the promise need not be awaited.
  if (tf.getBackend() !== backend.registeredAs) void tf.setBackend(backend.registeredAs);
  tf.engine().startScope();
  try {
    return compute();
  } finally {
    tf.engine().endScope();
  }
}

async function loadAndTry(name: BackendName): Promise<Backend> {
  const backend = { name, ...(await loaders[name]()) };
  if (!(await tf.setBackend(backend.registeredAs))) throw new Error('does not start');
  const two = computeOn(backend, () => quietly(() => tf.add(tf.scalar(1), tf.scalar(1)).dataSync()[0]));
  if (two !== 2) throw new Error(`computes 1 + 1 = ${two}`);
  return backend;
}

/** Loads a package of libtensorflow, whose kernels TensorFlow.js calls through Node-API. */
function loadNative(packageName: string): LoadedBackend {
  // Hide libtensorflow's notes on CPU features, but show its warnings, for example that a CUDA library is missing.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  try {
    createRequire(import.meta.url)(packageName);
  } catch (error) {
    refuse(packageName)(error as Error);
  }
  const { isUsingGpuDevice } = tf.findBackend('tensorflow') as { isUsingGpuDevice?: boolean };
  return {
    description: `${packageName} (${isUsingGpuDevice ? 'GPU' : 'CPU'})`,
    registeredAs: 'tensorflow',
    isOnGpu: isUsingGpuDevice === true,
  };
}

const refuse =
  (packageName: string) =>
  (error: NodeJS.ErrnoException): never => {
    const { code = '', message } = error;
    const missing = code.endsWith('MODULE_NOT_FOUND') && message.includes(`'${packageName}'`);
    const failure = missing ? 'is not installed' : `fails to load: ${message.split('\n')[0]}`;
    throw new Error(`${packageName} ${failure}`, { cause: error });
  };

async function loadWasm(): Promise<LoadedBackend> {
  await import('@tensorflow/tfjs-backend-wasm').catch(refuse(BACKEND_PACKAGES.wasm));
  const { registerWasmKernels } = await import('./wasm-kernels.ts');
  registerWasmKernels();
  await withoutNewProcessListeners(() => tf.setBackend('wasm'));
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { description: simd ? 'wasm (SIMD)' : 'wasm', registeredAs: 'wasm', isOnGpu: false };
}

async function loadCpu(): Promise<LoadedBackend> {
  // `@tensorflow/tfjs` contains this backend.
  return { description: 'cpu (plain JavaScript)', registeredAs: 'cpu', isOnGpu: false };
}

/**
 * Runs `start` and removes the process listeners that it adds. Emscripten's start-up code adds some that end the process on any
 * uncaught error and print the library's source.
 */
async function withoutNewProcessListeners(start: () => Promise<unknown>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set(process.rawListeners(event)));
  await start();
  for (const [i, event] of events.entries()) {
    const added = process.rawListeners(event).filter((listener) => !before[i]!.has(listener));
    for (const listener of added) process.removeListener(event, listener as () => void);
  }
}

/** Runs `compute` in production mode. Otherwise the first tensor on the JavaScript backend prints an advertisement for the native one. */
function quietly<T>(compute: () => T): T {
  const production = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    return compute();
  } finally {
    tf.env().set('PROD', production);
  }
}
