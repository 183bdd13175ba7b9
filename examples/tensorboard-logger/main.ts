import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventWriter,
  histogram,
  hparamColumns,
  hparamsExperiment,
  hparamsSessionEnd,
  hparamsSessionStart,
  image,
  scalar,
  text,
} from 'cifar10-prune/tensorboard-logger';
import { Line } from './line.ts';

const STEPS = 200;
const LEARNING_RATES = [0.02, 0.1, 0.4];
const logdir = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'tensorboard-logger-')));

const metrics = [{ tag: 'loss', description: 'mean squared error' }];
for (const learning_rate of LEARNING_RATES) {
  const hparams = { learning_rate, steps: STEPS };
  const writer = new EventWriter(join(logdir, `learning_rate=${learning_rate}`));
  writer.addSessionStart(0);
  writer.add(0, [
    hparamsExperiment(hparamColumns(hparams), metrics),
    hparamsSessionStart(hparams),
    text('about', 'A line is fitted to points by **gradient descent**. Each picture shows line and points.'),
  ]);

  const line = new Line();
  for (let step = 1; step <= STEPS; step++) {
    const { loss, residuals } = line.fit(learning_rate);
    writer.add(step, [
      scalar('loss', loss),
      scalar('line/slope', line.slope),
      scalar('line/offset', line.offset),
    ]);
    if (step % 10 === 0) writer.add(step, [histogram('residuals', residuals), image('line', line.picture())]);
  }

  writer.add(STEPS, [hparamsSessionEnd('success')]);
  writer.close();
  console.log(`${writer.path}: y = ${line.slope.toFixed(3)} x + ${line.offset.toFixed(3)}`);
}
console.log(`tensorboard --logdir ${logdir}`);
