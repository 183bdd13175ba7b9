// A process that takes the lock of a folder, by the kernel or by the record, whenever it gets a line, and says how that went.
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tryLockByRecord } from '../../src/lock/by-record.ts';
import { type FolderLock, tryLockFolder } from '../../src/lock/index.ts';

const [how, dir] = process.argv.slice(2);
const tryLock = () =>
  how === 'kernel' ? tryLockFolder(dir!, '.lock') : tryLockByRecord(join(dir!, '.lock'));
let lock: FolderLock | undefined;
process.stdout.write('ready\n');
for await (const _ of createInterface(process.stdin)) {
  const attempt = await tryLock();
  lock = attempt.lock;
  process.stdout.write(attempt.lock ? 'held\n' : `refused for ${attempt.holder?.pid}\n`);
}
lock?.release();
