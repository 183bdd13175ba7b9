import { type DatasetSource, type RecordFormat, Records, recordBytes } from '../../src/dataset/index.ts';
import { layerOutputName } from '../../src/model/names.ts';
import { randomStream } from '../../src/random.ts';
import { staircase } from '../../src/tasks/schedules.ts';
import type { Task } from '../../src/tasks/task.ts';
import { conv, dense, pool } from '../engine/networks.ts';

export const FORMAT: RecordFormat = { height: 16, width: 18, channels: 1, classes: 3, name: 'drawn stripes' };

/** Grey pictures: horizontal stripes, vertical stripes, or none. */
function drawn(split: string, count: number): Records {
  const size = recordBytes(FORMAT);
  const bytes = new Uint8Array(new SharedArrayBuffer(count * size));
  for (let index = 0; index < count; index++) {
    const stream = randomStream(0, 'stripes', split, index);
    const label = index % FORMAT.classes;
    const phase = stream.integer(4);
    bytes[index * size] = label;
    for (let pixel = 0; pixel < size - 1; pixel++) {
      const place = [Math.floor(pixel / FORMAT.width), pixel % FORMAT.width, 0][label]!;
      const isBright = (place + phase) % 4 < 2;
      bytes[index * size + 1 + pixel] = (isBright ? 150 : 60) + stream.integer(60);
    }
  }
  return new Records(bytes, 'stripes', FORMAT);
}

const STRIPES: DatasetSource = {
  name: 'stripes',
  doc: 'drawn stripes',
  format: FORMAT,
  classNames: ['horizontal', 'vertical', 'plain'],
  isAtHand: async () => true,
  load: async (split) => drawn(split, split === 'train' ? 30 : 15),
};

/** A task that shares nothing with CIFAR-10's but the library: grey 12x14 windows of 16x18 pictures of three classes. */
export const MADE_UP: Task = {
  name: 'made-up',
  title: 'a made-up network',
  network: {
    input: [12, 14, 1],
    classes: 3,
    layers: [
      conv('first', [3, 3, 1, 8], { biasInit: 0.1 }),
      pool('smaller', 2, 2),
      dense('last', 6 * 7 * 8, 3, { activation: 'none', weightDecay: 0.001 }),
    ],
  },
  datasets: [STRIPES],
  recipe: {
    batchSize: 6,
    learningRate: staircase({ initial: 0.08, factor: 0.5, stepsPerDecay: 4 }),
    averageDecay: () => 0.5,
    augmentation: { flip: false, brightness: 20, contrast: [0.9, 1.1] },
  },
  outputName: layerOutputName('last'),
};
