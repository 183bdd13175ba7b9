import type { Holder } from './record.ts';

/** A folder that this process alone may change. Readers need no lock. */
export interface FolderLock {
  /** Of the lock file. */
  readonly path: string;
  /** Whether it rests on what the lock file says, since the kernel does not lock files there. */
  readonly isWeak: boolean;
  /** False once the lock file has been deleted or replaced. */
  isHeld(): boolean;
  /** Deletes the lock file; nothing happens the second time. */
  release(): void;
}

/** The lock or, where another process has it, who that is; undefined if the lock file does not say. */
export type LockAttempt =
  | { readonly lock: FolderLock }
  | { readonly lock?: never; readonly holder: Holder | undefined };
