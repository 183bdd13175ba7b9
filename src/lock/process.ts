import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What distinguishes a process from earlier and later ones with the same id. A field is undefined if the system does not provide it. */
export interface ProcessIdentity {
  /** The start time of the process, in the system's notation. */
  readonly processStart?: string | undefined;
  /** An id of the machine's current boot. */
  readonly boot?: string | undefined;
  /** The namespace in which its process id is valid, such as that of a container. */
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

/** Whether the process with this id and identity on this host still runs; `unknown` if it cannot be seen from here. */
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
    // The program's name, in parentheses, may itself contain spaces and parentheses. The 20th field after it is starttime, see proc(5).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  }
  return promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}
