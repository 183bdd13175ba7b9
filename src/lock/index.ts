export { lockFolder, tryLockFolder } from './folder-lock.ts';
export type { FolderLock, LockAttempt } from './lock.ts';
export { describeHolder, type Holder } from './record.ts';
