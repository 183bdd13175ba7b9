import { styleText } from 'node:util';
import type { StepReport, TrainObserver } from '../train/index.ts';
import type { Context } from './context.ts';
import { downloadProgress } from './download-progress.ts';
import { formatDuration, formatPercent, formatTime } from './format.ts';
import { liveLine } from './live-line.ts';

export interface TrainingOutputOptions {
  /** Keeps stdout free for the result. */
  readonly json: boolean;
  /** Steps from one log line to the next. */
  readonly logFrequency: number;
}

/**
 * Shows a training run: on a terminal a live line on stderr, elsewhere a log line every `logFrequency` steps, in
 * TensorFlow's format, on stdout.
 */
export async function trainingOutput(
  { stdout, stderr }: Context,
  { json, logFrequency }: TrainingOutputOptions,
): Promise<TrainObserver & { end(): void }> {
  const live = json ? undefined : await liveLine(stderr);
  const log = json ? stderr : stdout;
  const logs = !(live && stdout.isTTY);
  return {
    notice: (line) => void stderr.write(`${line}\n`),
    warning: (line) => void stderr.write(`${styleText('yellow', 'warning:', { stream: stderr })} ${line}\n`),
    download: downloadProgress(stderr, live),
    step: (report) => {
      live?.update(describeStep(report));
      if (logs && report.step % logFrequency === 0) log.write(`${logLine(new Date(), report)}\n`);
    },
    checkpoint: ({ path }) => void stderr.write(`checkpoint saved: ${path}\n`),
    /** Removes the live line, so that other output can follow. */
    end: () => live?.clear(),
  };
}

/** The parts of the live line, the most telling first. */
export function describeStep(report: StepReport): string[] {
  return [
    `step ${report.step}/${report.maxSteps}`,
    `loss ${report.loss.toFixed(2)}`,
    `accuracy ${formatPercent(report.accuracy)}`,
    `sparsity ${formatPercent(report.sparsity)}`,
    `${formatDuration(report.secondsLeft)} left`,
    `${report.imagesPerSecond.toFixed(0)} images/s`,
  ];
}

/** `2017-11-03 21:32:02.734000: step 10, loss = 4.66 (353.4 examples/sec; 0.362 sec/batch)` */
export function logLine(time: Date, { step, loss, imagesPerSecond, secondsPerBatch }: StepReport): string {
  const speed = `${imagesPerSecond.toFixed(1)} examples/sec; ${secondsPerBatch.toFixed(3)} sec/batch`;
  return `${formatTime(time)}: step ${step}, loss = ${loss.toFixed(2)} (${speed})`;
}
