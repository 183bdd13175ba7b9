import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { tryLockFolder } from '../../lock/index.ts';
import { readRegularFile } from '../../regular-file.ts';
import type { PlannedRun } from '../../sweep/planned-run.ts';
import { type RunResult, readResult } from '../../sweep/result.ts';
import { keepSweep, openRuns, readSweep, runFolder, type Sweep } from '../../sweep/sweep-folder.ts';
import type { Context } from '../context.ts';
import { liveTable } from '../live-table.ts';
import { type AskedRuns, completeRecipe } from './asked.ts';
import { carryOutAll, workforce } from './carry-out-all.ts';
import { commandLines, sbatchArguments } from './elsewhere.ts';
import { measureRun } from './measure.ts';
import { planRuns } from './plan.ts';
import { parseRecipe } from './recipe.ts';
import { LOG_FILE } from './run-process.ts';
import type { RunState, RunStates } from './states.ts';
import { describeChange, formatProgress, formatResults } from './sweep-table.ts';
import { carryOut } from './worker.ts';

const MAX_RECIPE_BYTES = 2 ** 20;

export interface SweepOptions extends Omit<AskedRuns, 'recipe' | 'pruningHparams' | 'grid'> {
  readonly grid: AskedRuns['grid'] | undefined;
  readonly sweep_dir: string;
  /** Path of a recipe file. */
  readonly recipe: string | undefined;
  readonly pruning_hparams: string;
  readonly format: Sweep['formats'];
  readonly weight_formats: Sweep['weightFormats'];
  readonly num_examples: number;
  readonly jobs: number | undefined;
  readonly threads: number | undefined;
  /** Carry out this run only. */
  readonly run: string | undefined;
  readonly index: number | undefined;
  readonly print: boolean;
  readonly slurm: boolean;
  readonly slurm_options: string;
  readonly json: boolean;
}

/** @throws UserError if the sweep cannot be made or a run fails; Interrupted once the runs under way have saved checkpoints */
export async function runSweep(flags: SweepOptions, context: Context): Promise<void> {
  const sweep = await askedSweep(flags);
  if (flags.run !== undefined || flags.index !== undefined) return runOneOf(sweep, flags, context);
  if (flags.print || flags.slurm) return hand(sweep, flags, context);
  return carryOutHere(sweep, flags, context);
}

/** The sweep in the folder, if there is one, or a new one as the flags ask for it. */
async function askedSweep(flags: SweepOptions): Promise<Sweep> {
  const { sweep_dir, recipe: path, sparsity, seeds, grid = {}, settings, pruning_hparams } = flags;
  const asksNothing =
    path === undefined &&
    sparsity.length === 0 &&
    seeds.length === 0 &&
    Object.keys({ ...grid, ...settings }).length === 0 &&
    pruning_hparams === '';
  const kept = asksNothing ? await readSweep(sweep_dir) : undefined;
  if (kept) return kept;
  const recipe =
    path === undefined
      ? undefined
      : parseRecipe((await readRegularFile(path, MAX_RECIPE_BYTES)).toString(), path);
  const runs = planRuns(
    completeRecipe({ recipe, sparsity, seeds, grid, settings, pruningHparams: pruning_hparams }),
  );
  return keepSweep(sweep_dir, {
    runs,
    formats: flags.format,
    weightFormats: flags.weight_formats,
    numExamples: flags.num_examples,
  });
}

/** Carries out one run in this process, as a worker of the sweep. */
async function runOneOf(sweep: Sweep, flags: SweepOptions, context: Context): Promise<void> {
  const { sweep_dir, run: name, index, threads } = flags;
  const run = name === undefined ? sweep.runs[index!] : sweep.runs.find((each) => each.name === name);
  if (!run)
    throw new UserError(
      'argument',
      name === undefined
        ? `${sweep_dir} has ${sweep.runs.length} runs, expected --index from 0 to ${sweep.runs.length - 1}`
        : `${sweep_dir} has no run ${name}`,
      `Choose one of those in ${join(sweep_dir, 'sweep.json')}.`,
    );
  const outcome = await carryOut(sweep_dir, sweep, run, threads, context);
  if (outcome.type === 'elsewhere') context.stderr.write(`${run.name} is carried out by ${outcome.holder}\n`);
  if (outcome.type === 'done') context.stdout.write(`${formatResults([outcome.result])}\n`);
}

/** Hands the runs that are not done to other machines: prints their command lines or submits them to Slurm. */
async function hand(sweep: Sweep, flags: SweepOptions, { stdout, stderr }: Context): Promise<void> {
  const { sweep_dir, jobs } = flags;
  const open = await openRuns(sweep_dir, sweep);
  if (flags.print) {
    for (const line of commandLines(sweep_dir, open)) stdout.write(`${line}\n`);
    return;
  }
  if (open.length === 0) {
    stderr.write('nothing to submit: all runs are done\n');
    return;
  }
  const indices = open.map((run) => sweep.runs.indexOf(run));
  const child = spawn('sbatch', sbatchArguments(sweep_dir, indices, jobs, flags.slurm_options), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', error: '' };
  child.stdout.on('data', (chunk) => (texts.out += chunk));
  child.stderr.on('data', (chunk) => (texts.error += chunk));
  const [code] = await once(child, 'close').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new UserError(
      'argument',
      'there is no sbatch on this machine',
      'Submit on a machine with Slurm, or use --print with another scheduler.',
    );
  });
  if (code !== 0)
    throw new UserError(
      'argument',
      `sbatch refuses the sweep: ${texts.error.trim() || `exit code ${code}`}`,
      'Correct --slurm_options, or use --print.',
    );
  stdout.write(
    `submitted ${open.length} runs as job ${texts.out.trim()}\n` +
      `when it is done, measure and compare them: cifar10-prune sweep --sweep_dir=${sweep_dir}\n`,
  );
}

async function carryOutHere(sweep: Sweep, flags: SweepOptions, context: Context): Promise<void> {
  const { sweep_dir, jobs = 1, threads = availableParallelism() } = flags;
  const { stderr } = context;
  const signal = context.interruption();
  const table = flags.json ? undefined : await liveTable(stderr);
  const phases = new Map<string, RunState['phase']>();
  const show = (states: RunStates, { name }: PlannedRun) => {
    const state = states.get(name)!;
    table?.update(formatProgress(states, stderr.rows ?? 24));
    if (!table && phases.get(name) !== state.phase) stderr.write(`${describeChange(name, state)}\n`);
    phases.set(name, state.phase);
  };
  const states = await carryOutAll(sweep_dir, sweep, workforce(jobs, threads), show, signal).finally(() =>
    table?.end(),
  );
  if (signal.aborted)
    stderr.write(
      `the runs under way are saved; cifar10-prune sweep --sweep_dir=${sweep_dir} continues them\n`,
    );
  signal.throwIfAborted();
  const results = await measured(sweep_dir, sweep, states, context);
  const { stdout } = context;
  if (flags.json) stdout.write(`${JSON.stringify({ runs: results })}\n`);
  else if (results.length > 0) stdout.write(`${formatResults(results)}\n`);
  refuseFailures(sweep_dir, states);
}

/** Times are measured only once all runs are done, and by one worker, so that nothing of the sweep disturbs them. */
async function measured(
  sweepDir: string,
  sweep: Sweep,
  states: RunStates,
  { stderr, interruption }: Context,
): Promise<RunResult[]> {
  const done = sweep.runs.filter(({ name }) => states.get(name)?.phase === 'done');
  const lock =
    done.length === sweep.runs.length ? (await tryLockFolder(sweepDir, '.measure.lock')).lock : undefined;
  try {
    const results: RunResult[] = [];
    for (const run of done) {
      interruption().throwIfAborted();
      const result = lock ? await measureRun(sweepDir, run) : await readResult(runFolder(sweepDir, run));
      if (result) results.push(result);
    }
    return results;
  } finally {
    lock?.release();
    const others = [...states].filter(([, { phase }]) => phase === 'elsewhere').map(([name]) => name);
    if (others.length > 0) stderr.write(`other workers carry out ${others.join(', ')}\n`);
  }
}

function refuseFailures(sweepDir: string, states: RunStates): void {
  const failed = [...states].flatMap(([name, state]) =>
    state.phase === 'failed' ? [[name, state.reason] as const] : [],
  );
  const [first] = failed;
  if (!first) return;
  throw new UserError(
    'sweep',
    `${failed.length} of ${states.size} runs failed: ${first[0]}: ${first[1]}`,
    `Read ${join(sweepDir, first[0], LOG_FILE)}, then repeat the command to try them again.`,
  );
}
