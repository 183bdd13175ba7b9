import type { Device } from './device.ts';
import { isInstalled } from './is-installed.ts';
import { KERNEL_NAMES, type KernelsName } from './simd/kernels/kernel-names.ts';
import { BACKEND_NAMES, BACKEND_PACKAGES, type BackendName } from './tfjs/backend-names.ts';

/** The arguments with which an engine is opened. */
export interface EngineRequest {
  /** One of the engine's backends, or `auto`. */
  readonly backend: string;
  /** One of the engine's sets of kernels, or `auto`. */
  readonly kernels: string;
  /** Number of computing threads; given only to engines with `takesThreads`. */
  readonly threads: number | undefined;
}

/** When and how an engine is chosen although the user named none. */
export interface Unasked {
  /** For `--help`: the condition, as a noun phrase. */
  readonly doc: string;
  /** Engines of lower rank are tried first. */
  readonly rank: number;
  readonly backend: string;
  /** Whether to try it on this machine. Does not load the engine. */
  isLikely(): boolean;
  /** The reason that its device reports. */
  readonly why: string;
  /** Why the opened device must not be used; undefined if it can. */
  refusal?(device: Device): string | undefined;
}

/** Something that trains networks and computes frozen graphs. */
export interface EngineEntry {
  /** The name that `--engine` accepts. */
  readonly name: string;
  /** The names that `--backend` accepts, in order of preference; each belongs to one engine. Empty if there is nothing to choose. */
  readonly backends: readonly string[];
  /** The names that `--kernels` accepts; empty if there is nothing to choose. */
  readonly kernels: readonly string[];
  readonly takesThreads: boolean;
  /** The packages that the user has to install; undefined if this package contains the engine. */
  readonly packages?: {
    readonly needed: string;
    /** The arguments of `npm install`. */
    readonly toGet: string;
  };
  /** Undefined if the engine is used only on request. */
  readonly unasked?: Unasked;
  /**
   * Loads this engine's code, but no other engine's.
   *
   * @param why why it was chosen; becomes part of the device's reason
   * @throws UserError `engine` or `argument` if it cannot be opened with these arguments
   */
  open(request: EngineRequest, why: string): Promise<Device>;
}

const GPU = BACKEND_PACKAGES['node-gpu'];

/** The table of engines. To add an engine, add an entry. */
export const ENGINES: readonly EngineEntry[] = [
  {
    name: 'simd',
    backends: [],
    kernels: KERNEL_NAMES,
    takesThreads: true,
    unasked: {
      doc: 'simd',
      rank: 1,
      backend: 'auto',
      isLikely: () => true,
      why: 'the default, which can skip what is pruned',
    },
    open: async ({ kernels, threads }, why) => {
      const { openDevice } = await import('./simd/open-device.ts');
      return openDevice(kernels as KernelsName | 'auto', threads, why);
    },
  },
  {
    name: 'tfjs',
    backends: BACKEND_NAMES,
    kernels: [],
    takesThreads: false,
    packages: {
      needed: '@tensorflow/tfjs',
      toGet: '@tensorflow/tfjs @tensorflow/tfjs-backend-wasm',
    },
    unasked: {
      doc: 'the GPU if its package is installed',
      rank: 0,
      backend: 'node-gpu',
      isLikely: () => isInstalled(GPU),
      why: `since ${GPU} is installed`,
      refusal: ({ isOnGpu }) => (isOnGpu ? undefined : `${GPU} is installed but finds no GPU`),
    },
    open: async ({ backend }, why) => {
      const { openDevice } = await import('./tfjs/open-device.ts');
      return openDevice(backend as BackendName | 'auto', why);
    },
  },
];
