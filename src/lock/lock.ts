import type { Holder } from './record.ts';

/** The lock of a folder, which this process alone may change. Readers need no lock. */
export interface FolderLock {
  /** Path of the lock file. */
  readonly path: string;
  /** Whether only the lock file's record protects the folder, since the kernel cannot lock files there. */
  readonly isWeak: boolean;
  /** Whether this process still has the lock; false after the lock file has been deleted or replaced. */
  isHeld(): boolean;
  /** Ends the lock and deletes the lock file. A second call does nothing. */
  release(): void;
}

/** The lock or, if another process has it, that process; undefined if the lock file does not say which. */
export type LockAttempt =
  | { readonly lock: FolderLock }
  | { readonly lock?: never; readonly holder: Holder | undefined };
