import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What tells a process from others that had or will have its id; undefined where the system does not say. */
export interface ProcessIdentity {
  /** When the process started, as the system writes it. */
  readonly processStart?: string | undefined;
  /** Of the machine. */
  readonly boot?: string | undefined;
  /** Process ids count within it. */
  readonly pidNamespace?: string | undefined;
}

export async function ownProcess(): Promise<ProcessIdentity> {
  const [processStart, boot, pidNamespace] = await Promise.all([
    startOf(process.pid),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
      (id) => id.trim(),
      () => undefined,
    ),
    readlink('/proc/self/ns/pid').catch(() => undefined),
  ]);
  return { processStart, boot, pidNamespace };
}

/** Whether the process that had this id and identity on this host still runs. */
export async function stateOf(
  pid: number,
  { processStart, boot, pidNamespace }: ProcessIdentity,
): Promise<'alive' | 'dead' | 'unknown'> {
  const own = await ownProcess();
  if (boot !== own.boot) return boot && own.boot ? 'dead' : 'unknown';
  if (pidNamespace !== own.pidNamespace) return 'unknown';
  if (!exists(pid)) return 'dead';
  const start = await startOf(pid);
  return start === processStart || start === undefined || processStart === undefined ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name of the program, in parentheses, may hold spaces and parentheses. The 20th field after it is starttime, see proc(5).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  }
  return promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}
