import { fstatSync, readFileSync, readSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

const STDIN = 0;
const OUTPUTS = [1, 2];
/** The bit of SIGHUP in a signal mask. */
const HANGUP_BIT = 1n;

/**
 * Whether this process was started by `nohup` or in a shell that ignores SIGHUP, so that it must outlive its terminal. Node resets
 * ignored signals to their defaults before it runs any JavaScript, so this function looks for other traces: the shell's variable `_`,
 * which names the command that it started; standard input that cannot be read and output that goes to `nohup.out`, which `nohup` sets
 * up in the place of a terminal; and, on Linux, a parent process that ignores the signal.
 */
export function isHangupIgnored(): boolean {
  if (process.platform === 'win32') return false;
  return isStartedByNohup() || isInputUnreadable() || OUTPUTS.some(isNohupOut) || isIgnoredByParent();
}

function isStartedByNohup(): boolean {
  return basename(process.env._ ?? '') === 'nohup';
}

/** GNU nohup opens /dev/null for writing in the place of a terminal. */
function isInputUnreadable(): boolean {
  try {
    if (fstatSync(STDIN).rdev !== statSync('/dev/null').rdev) return false;
    readSync(STDIN, new Uint8Array(1));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EBADF' && isOpen(STDIN);
  }
}

function isOpen(descriptor: number): boolean {
  return attempt(() => fstatSync(descriptor)) !== undefined;
}

function isNohupOut(output: number): boolean {
  const opened = attempt(() => fstatSync(output));
  return ['.', homedir()].some((folder) => {
    const named = attempt(() => statSync(join(folder, 'nohup.out')));
    return named !== undefined && named.ino === opened?.ino && named.dev === opened.dev;
  });
}

/** True if the parent is a script that `nohup` started or that ignores the signal itself. */
function isIgnoredByParent(): boolean {
  const status = attempt(() => readFileSync(`/proc/${process.ppid}/status`, 'utf8')) ?? '';
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & HANGUP_BIT) !== 0n;
}

function attempt<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
