import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

/** A named pipe that nobody writes to, in the place of whatever is at `path`. */
export function makeFifo(path: string): void {
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
}
