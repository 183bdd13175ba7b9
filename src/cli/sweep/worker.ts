import { makeFolder } from '../../durable.ts';
import { UserError } from '../../errors.ts';
import { describeHolder, tryLockFolder } from '../../lock/index.ts';
import type { PlannedRun } from '../../sweep/planned-run.ts';
import { readResult } from '../../sweep/result.ts';
import { runFolder, type Sweep } from '../../sweep/sweep-folder.ts';
import type { Context } from '../context.ts';
import { Interrupted } from '../interruption.ts';
import type { RunMessage } from './messages.ts';
import { runOne } from './run-one.ts';

const CLAIM = '.sweep.lock';
/** Milliseconds from one report of a step to the next. */
const REPORT_INTERVAL = 200;

/**
 * Carries out one run, unless it is done or another worker has claimed it, and reports to the sweep that started this
 * process, if one did. If that sweep ends before the run, the run saves a checkpoint and ends, too.
 *
 * @returns the message that reports the outcome
 */
export async function carryOut(
  sweepDir: string,
  sweep: Sweep,
  run: PlannedRun,
  threads: number | undefined,
  context: Context,
): Promise<RunMessage> {
  const tell = (message: RunMessage) => {
    if (process.connected) process.send?.(message, () => undefined);
  };
  const orphaned = () => void process.kill(process.pid, 'SIGTERM');
  // From now on a signal saves a checkpoint.
  context.interruption();
  process.on('disconnect', orphaned);
  try {
    const outcome = await claimed(sweepDir, run, () =>
      runClaimed(sweepDir, sweep, run, threads, context, tell),
    );
    tell(outcome);
    return outcome;
  } catch (error) {
    if (!(error instanceof Interrupted)) tell({ type: 'failed', reason: reasonOf(error) });
    throw error;
  } finally {
    process.off('disconnect', orphaned);
    if (process.connected) process.disconnect();
  }
}

async function runClaimed(
  sweepDir: string,
  sweep: Sweep,
  run: PlannedRun,
  threads: number | undefined,
  context: Context,
  tell: (message: RunMessage) => void,
): Promise<RunMessage> {
  const done = await readResult(runFolder(sweepDir, run));
  if (done) return { type: 'done', result: done };
  let told = 0;
  const result = await runOne(sweepDir, sweep, run, threads, context, {
    stage: (stage) => tell({ type: 'stage', stage }),
    step(report) {
      const now = performance.now();
      if (now - told < REPORT_INTERVAL && report.step < report.maxSteps) return;
      told = now;
      tell({ type: 'step', report });
    },
  });
  return { type: 'done', result };
}

/** Calls `act` with the run claimed and returns its message; if another worker holds the claim, a message that says who. */
export async function claimed(
  sweepDir: string,
  run: PlannedRun,
  act: () => Promise<RunMessage>,
): Promise<RunMessage> {
  const folder = runFolder(sweepDir, run);
  await makeFolder(folder);
  const attempt = await tryLockFolder(folder, CLAIM);
  if (!attempt.lock) return { type: 'elsewhere', holder: describeHolder(attempt.holder) };
  try {
    return await act();
  } finally {
    attempt.lock.release();
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
