import { join, relative } from 'node:path';
import type { Evaluation } from '../../jobs/index.ts';
import type { PlannedRun } from '../../sweep/planned-run.ts';
import {
  type ExportedModel,
  type MeasuredAccuracy,
  type RunResult,
  writeResult,
} from '../../sweep/result.ts';
import { runFolder, type Sweep } from '../../sweep/sweep-folder.ts';
import { DEFAULT_TASK, taskNamed } from '../../tasks/index.ts';
import type { StepReport } from '../../train/index.ts';
import { runStrip, stripFlags } from '../commands/strip.ts';
import { runTraining } from '../commands/train.ts';
import type { Context } from '../context.ts';
import { defaultValues } from '../flag.ts';
import { manifest } from '../manifest.ts';
import { evaluateOnTestSet } from '../test-set.ts';
import { describeTestSet, describeTraining } from '../training-result.ts';
import { trainFlagsOf } from './settings.ts';

export type Stage = 'training' | 'evaluating' | 'stripping';

export interface RunObserver {
  stage(stage: Stage): void;
  step(report: StepReport): void;
}

/**
 * Trains a run of a sweep to its last step, from its newest checkpoint if it has one, evaluates and strips it, and stores
 * the result. The caller must have claimed the run's folder.
 *
 * @throws as train, eval and strip do
 */
export async function runOne(
  sweepDir: string,
  sweep: Sweep,
  run: PlannedRun,
  threads: number | undefined,
  context: Context,
  observer: RunObserver,
): Promise<RunResult> {
  const folder = runFolder(sweepDir, run);
  const flags = trainFlagsOf(run.settings, folder, threads);
  observer.stage('training');
  const trained = await runTraining(flags, context, {
    howToContinue: 'the sweep continues from it',
    onStep: observer.step,
  });
  const { stdout } = context;
  stdout.write(`${describeTraining(trained)}\n`);

  observer.stage('evaluating');
  const testSet = await evaluateOnTestSet(folder, { ...flags, num_examples: sweep.numExamples }, context);
  stdout.write(`${describeTestSet(testSet)}\n`);

  observer.stage('stripping');
  const { outputName } = taskNamed(flags.task ?? DEFAULT_TASK.name, '--task');
  const exports: ExportedModel[] = [];
  for (const weightFormat of sweep.weightFormats) {
    const stripped = await runStrip(
      {
        ...defaultValues(stripFlags),
        checkpoint_dir: folder,
        output_node_names: [outputName],
        output_dir: join(folder, 'models', weightFormat.replace(',', '_')),
        format: sweep.formats,
        weight_format: weightFormat,
        overwrite: true,
      },
      context,
    );
    for (const { format, files, size } of stripped.exports)
      exports.push({ format, weightFormat, files: files.map(({ path }) => relative(folder, path)), ...size });
  }
  const result = {
    name: run.name,
    settings: run.settings,
    version: manifest.version,
    step: trained.step,
    sparsity: trained.sparsity,
    averages: measured(testSet.averages),
    raw: measured(testSet.raw),
    exports,
  };
  await writeResult(folder, result);
  return result;
}

function measured({ accuracy, correct, count, confusion }: Evaluation): MeasuredAccuracy {
  return { accuracy, correct, count, confusion };
}
