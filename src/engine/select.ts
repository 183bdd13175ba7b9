import { createRequire } from 'node:module';
import { UserError } from '../errors.ts';
import type { Network } from '../model/network.ts';
import type { Device } from './device.ts';
import type { Engine } from './engine.ts';
import type { GraphExecutor, GraphPlan } from './graph-plan.ts';
import { BACKEND_NAMES, BACKEND_PACKAGES, type BackendName } from './tfjs/backend-names.ts';

/** What `--engine` and `--backend` take. */
export const ENGINE_CHOICES = ['auto', 'simd', 'tfjs'] as const;
export const BACKEND_CHOICES = ['auto', ...BACKEND_NAMES] as const;

export interface DeviceChoice {
  /** One of `ENGINE_CHOICES`; `auto` by default: TensorFlow.js where a backend is named or its GPU package finds a GPU, else simd. */
  readonly engine?: string | undefined;
  /** Of TensorFlow.js, one of `BACKEND_CHOICES`; `auto` by default. */
  readonly backend?: string | undefined;
  /** Computing threads of the simd engine, at least 1; by default as many as there are cores available. */
  readonly threads?: number | undefined;
}

/**
 * The engine that trains `network`.
 *
 * @returns with it, in one line, which it is and why, and the name that device placement gives it
 * @throws UserError `engine` on an unknown choice, or one that cannot be used here
 */
export async function selectEngine(
  choice: DeviceChoice & { readonly network: Network },
): Promise<{ engine: Engine; reason: string; device: string }> {
  const device = await selectDevice(choice);
  return { engine: device.createEngine(choice.network), reason: device.reason, device: device.name };
}

/** The executor of a frozen graph. @throws UserError `engine` as `selectEngine` */
export async function selectExecutor(
  choice: DeviceChoice & { readonly plan: GraphPlan },
): Promise<{ executor: GraphExecutor; reason: string; device: string }> {
  const device = await selectDevice(choice);
  return { executor: device.createExecutor(choice.plan), reason: device.reason, device: device.name };
}

async function selectDevice({
  engine: givenEngine = 'auto',
  backend: givenBackend = 'auto',
  threads,
}: DeviceChoice): Promise<Device> {
  const engine = oneOf('engine', ENGINE_CHOICES, givenEngine);
  const backend = oneOf('backend', BACKEND_CHOICES, givenBackend);
  if (engine === 'simd' && backend !== 'auto')
    throw new UserError(
      'engine',
      `engine simd has no backend ${backend}`,
      'Leave one of the two out: backends are those of engine tfjs.',
    );
  if (engine === 'tfjs' || backend !== 'auto') {
    if (threads !== undefined)
      throw new UserError(
        'engine',
        'engine tfjs takes no number of threads',
        'Leave it out, or choose simd.',
      );
    return openTfjs(backend, 'as asked for');
  }
  if (engine === 'simd') return openSimd(threads, 'as asked for');
  return openAutomatically(threads);
}

// Each loads its engine's code, and nothing of the other's.
async function openSimd(threads: number | undefined, why: string): Promise<Device> {
  const { openDevice } = await import('./simd/open-device.ts');
  return openDevice(threads, why);
}

async function openTfjs(backend: BackendName | 'auto', why: string): Promise<Device> {
  if (!isInstalled('@tensorflow/tfjs'))
    throw new UserError(
      'engine',
      'engine tfjs: @tensorflow/tfjs is not installed',
      'Run npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm, or choose simd.',
    );
  const { openDevice } = await import('./tfjs/open-device.ts');
  return openDevice(backend, why);
}

async function openAutomatically(threads: number | undefined): Promise<Device> {
  if (threads !== undefined) return openSimd(threads, 'which takes a number of threads');
  const usual = 'the default, which can skip what is pruned';
  const gpu = BACKEND_PACKAGES['node-gpu'];
  if (!isInstalled(gpu)) return openSimd(threads, usual);
  try {
    const device = await openTfjs('node-gpu', `since ${gpu} is installed`);
    if (device.isOnGpu) return device;
    return openSimd(threads, `${usual}; ${gpu} is installed but finds no GPU`);
  } catch (error) {
    return openSimd(threads, `${usual}; ${(error as Error).message}`);
  }
}

function isInstalled(packageName: string): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName);
    return true;
  } catch {
    return false;
  }
}

function oneOf<Name extends string>(what: string, names: readonly Name[], given: string): Name {
  const name = names.find((candidate) => candidate === given);
  if (name) return name;
  throw new UserError(
    'engine',
    `there is no ${what} ${given}`,
    `Choose ${names.slice(0, -1).join(', ')} or ${names.at(-1)}.`,
  );
}
