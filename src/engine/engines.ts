import type { Device } from './device.ts';
import { isInstalled } from './is-installed.ts';
import { BACKEND_NAMES, BACKEND_PACKAGES, type BackendName } from './tfjs/backend-names.ts';

/** What an engine is opened with. */
export interface EngineRequest {
  /** One of the engine's backends, or `auto`. */
  readonly backend: string;
  /** Computing threads; only for engines that take a number of them. */
  readonly threads: number | undefined;
}

/** How an engine is chosen that nobody asked for. */
export interface Unasked {
  /** For `--help`: when that is. */
  readonly doc: string;
  /** It comes after those of lower rank. */
  readonly rank: number;
  readonly backend: string;
  /** Whether to try it here. */
  isLikely(): boolean;
  /** For the reason of its device. */
  readonly why: string;
  /** Why a device of it is not to be taken; undefined if it is. */
  refusal?(device: Device): string | undefined;
}

/** Something that trains networks and computes frozen graphs. */
export interface EngineEntry {
  /** As `--engine` takes it. */
  readonly name: string;
  /** As `--backend` takes them, in order of preference; each belongs to one engine. None where there is nothing to choose. */
  readonly backends: readonly string[];
  readonly takesThreads: boolean;
  /** What has to be installed; undefined for an engine that comes with this package. */
  readonly packages?: {
    readonly needed: string;
    /** For `npm install`. */
    readonly toGet: string;
  };
  /** Undefined for an engine that only who asks for it gets. */
  readonly unasked?: Unasked;
  /**
   * Loads the engine's code, and nothing of the others'.
   *
   * @param why it was chosen, for the device's reason
   * @throws UserError `engine` or `argument` where it cannot be used so
   */
  open(request: EngineRequest, why: string): Promise<Device>;
}

const GPU = BACKEND_PACKAGES['node-gpu'];

/** The engines; another one is one more entry. */
export const ENGINES: readonly EngineEntry[] = [
  {
    name: 'simd',
    backends: [],
    takesThreads: true,
    unasked: {
      doc: 'simd',
      rank: 1,
      backend: 'auto',
      isLikely: () => true,
      why: 'the default, which can skip what is pruned',
    },
    open: async ({ threads }, why) => {
      const { openDevice } = await import('./simd/open-device.ts');
      return openDevice(threads, why);
    },
  },
  {
    name: 'tfjs',
    backends: BACKEND_NAMES,
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
