import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../durable.ts';
import type { PlannedRun } from '../../sweep/planned-run.ts';
import { runFolder } from '../../sweep/sweep-folder.ts';
import type { RunMessage } from './messages.ts';
import type { RunState } from './states.ts';

export const LOG_FILE = 'log.txt';

/**
 * Carries out one run in a process of its own, whose output goes to `log.txt` in the run's folder.
 *
 * @param threads number of threads to compute on
 * @param onState called with each new state of the run
 * @param signal when it aborts, the run saves a checkpoint and ends
 * @returns the run's last state; `stopped` if it was interrupted
 */
export async function runInProcess(
  sweepDir: string,
  run: PlannedRun,
  threads: number,
  onState: (state: RunState) => void,
  signal: AbortSignal,
): Promise<RunState> {
  const folder = runFolder(sweepDir, run);
  let log: number;
  try {
    await makeFolder(folder);
    log = openSync(join(folder, LOG_FILE), 'a');
  } catch (error) {
    return { phase: 'failed', reason: (error as Error).message };
  }
  const args = ['sweep', `--sweep_dir=${sweepDir}`, `--run=${run.name}`, `--threads=${threads}`];
  // In a process group of its own, so that Ctrl-C reaches it once: through the sweep.
  const child = fork(process.argv[1]!, args, { stdio: ['ignore', log, log, 'ipc'], detached: true });
  closeSync(log);
  const interrupt = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    return await lastState(child, onState, signal);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

function lastState(
  child: ChildProcess,
  onState: (state: RunState) => void,
  signal: AbortSignal,
): Promise<RunState> {
  return new Promise((resolve) => {
    let state: RunState = { phase: 'training' };
    child.on('message', (message: RunMessage) => {
      state = stateAfter(state, message);
      onState(state);
    });
    child.on('error', (error) => resolve({ phase: 'failed', reason: error.message }));
    child.on('close', (code, killer) => {
      if (state.phase === 'done' || state.phase === 'failed' || state.phase === 'elsewhere') resolve(state);
      else if (signal.aborted) resolve({ phase: 'stopped' });
      else resolve({ phase: 'failed', reason: `its process ended with ${killer ?? `exit code ${code}`}` });
    });
  });
}

function stateAfter(state: RunState, message: RunMessage): RunState {
  switch (message.type) {
    case 'stage':
      return { ...state, phase: message.stage } as RunState;
    case 'step':
      return { phase: 'training', last: message.report };
    case 'done':
      return { phase: 'done', result: message.result };
    case 'elsewhere':
      return { phase: 'elsewhere', holder: message.holder };
    case 'failed':
      return { phase: 'failed', reason: message.reason };
  }
}
