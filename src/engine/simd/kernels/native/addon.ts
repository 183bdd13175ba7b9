import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printable } from '../../../../printable.ts';
import type { MakeCalls } from '../kernel-set.ts';

/** A set of kernels for one instruction set, as native/kernels.h describes it. */
export interface NativeSet {
  readonly name: 'avx512' | 'avx2' | 'neon';
  readonly lanes: number;
  readonly denseChannels: number;
  readonly denseTaps: number;
  readonly sparseRows: number;
}

/** What native/addon.cc exports. */
export interface Addon {
  /** The sets that this processor can execute, the fastest first. */
  readonly sets: readonly NativeSet[];
  /**
   * @param set its index in `sets`
   * @param names the kernels in the order of their numbers in programs
   * @param memory all of the memory
   * @throws Error if the addon was built for other kernels
   */
  open(set: number, names: readonly string[], memory: Uint8Array): MakeCalls;
}

/** From the sources, and from what they are compiled to. */
const ROOT = extname(import.meta.url) === '.ts' ? '../../../../../' : '../../../../../../';

let loaded: Addon | string | undefined;

/** The addon that native/build.mjs builds, or why it cannot be used. It is loaded at the first call. */
export function nativeAddon(): Addon | string {
  loaded ??= loadAddon(fileURLToPath(new URL(`${ROOT}native/build/kernels.node`, import.meta.url)));
  return loaded;
}

/** Loads an addon. Returns why it cannot be used if it cannot. */
export function loadAddon(path: string): Addon | string {
  if (!existsSync(path))
    return 'they are not built; "npm run build:native" in the package\'s folder says what is missing';
  try {
    const addon = createRequire(import.meta.url)(path) as Addon;
    return addon.sets.length > 0 ? addon : 'this processor has none of the instruction sets that they need';
  } catch (error) {
    return `${path} cannot be loaded: ${printable((error as Error).message, 200)}`;
  }
}
