import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printable } from '../../../../printable.ts';
import { KERNELS, signatureText } from '../signatures.ts';

/** A set of kernels for one instruction set, as native/kernels.h describes it. */
export interface NativeSet {
  readonly name: 'avx512' | 'avx2' | 'neon';
  readonly lanes: number;
  readonly denseChannels: number;
  readonly denseTaps: number;
  readonly sparseRows: number;
}

/**
 * Makes the calls of a program between two words, in order.
 *
 * @param bytes the size that the memory has now
 * @throws Error at a call that would write beyond it
 */
export type MakeCallsWithin = (words: Int32Array, begin: number, end: number, bytes: number) => void;

/** What native/addon.cc exports. */
export interface Addon {
  /** The sets that this processor can execute, the fastest first. */
  readonly sets: readonly NativeSet[];
  /** The signatures that it was compiled with; undefined if there are no sets. */
  readonly kernels?: readonly string[];
  /**
   * @param set its index in `sets`
   * @param memory all of a memory that does not move when it grows, and lives as long as what is returned
   */
  open(set: number, memory: Uint8Array): MakeCallsWithin;
}

/** From the sources, and from what they are compiled to. */
const ROOT = extname(import.meta.url) === '.ts' ? '../../../../../' : '../../../../../../';
const BUILT = `${ROOT}native/build/kernels.node`;
const BUILD_THEM = '"npm run build:native" in the package\'s folder builds them, or says what is missing';

let loaded: Addon | string | undefined;

/** The addon that native/build.mjs builds, or why it cannot be used. It is loaded at the first call. */
export function nativeAddon(): Addon | string {
  // Tests name one that is built with sanitizers.
  const path = process.env.CIFAR10_PRUNE_ADDON || fileURLToPath(new URL(BUILT, import.meta.url));
  loaded ??= loadAddon(path);
  return loaded;
}

/** Loads an addon. Returns why it cannot be used if it cannot. */
export function loadAddon(path: string): Addon | string {
  if (!existsSync(path)) return `they are not built; ${BUILD_THEM}`;
  try {
    return checked(createRequire(import.meta.url)(path) as Addon);
  } catch (error) {
    return `${path} cannot be loaded: ${printable((error as Error).message, 200)}`;
  }
}

/** The addon if it fits this processor and this version of the package, otherwise why not. */
export function checked(addon: Addon): Addon | string {
  if (addon.sets.length === 0) return 'this processor has none of the instruction sets that they need';
  const isOfThisVersion = addon.kernels?.join() === KERNELS.map(signatureText).join();
  return isOfThisVersion ? addon : `they are of another version; ${BUILD_THEM}`;
}
