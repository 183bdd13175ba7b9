import { weightedLayers } from '../../src/model/network.ts';
import { type RandomStream, randomStream } from '../../src/random.ts';
import { filterPictures } from '../../src/report/filters.ts';
import { pngAddress } from '../../src/report/png.ts';
import type {
  Curve,
  ReportData,
  ReportedAccuracy,
  ReportedLayer,
  ReportedRun,
} from '../../src/report/report-data.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const STEPS = 10_000;
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  conv1: [5, 5, 3, 64],
  conv2: [5, 5, 64, 64],
  local3: [2304, 384],
  local4: [384, 192],
  softmax_linear: [192, 10],
};

export const SPARSITIES = [0.3, 0.5, 0.75, 0.9, 0.95] as const;

/** A report of each of some sparsities with each of some seeds, as plausible as numbers that are drawn can be. */
export function sampleReport({
  sparsities = SPARSITIES as readonly number[],
  seeds = 3,
  seed = 1,
} = {}): ReportData {
  return {
    version: '0.0.0',
    madeAt: '2026-01-02T03:04:05.000Z',
    machine: { cpu: 'A processor', cores: 4, node: 'v20.20.2' },
    classNames: CLASSES,
    runs: sparsities.flatMap((sparsity) =>
      Array.from({ length: seeds }, (_, index) =>
        sampleRun(sparsity, index + 1, randomStream(seed, sparsity, index)),
      ),
    ),
  };
}

function sampleRun(target: number, seed: number, random: RandomStream): ReportedRun {
  const name = `target_sparsity=${target},seed=${seed}`;
  const layers = weightedLayers(CIFAR10_NETWORK).map((layer) => sampleLayer(layer.name, target, random));
  const total = layers.reduce((sum, { weights }) => sum + weights, 0);
  const sparsity = layers.reduce((sum, { histogram }) => sum + histogram.masked, 0) / total;
  const accuracy = 0.86 - 0.08 * target ** 8 + random.normal() * 0.003;
  const dense = 4 * total + 5000;
  const packed = Math.round(4 * total * (1 - sparsity) + total / 8 + 5000);
  const time = (batch: number) => (0.2 + (1.5 / batch) * (1.1 - sparsity)) * random.uniform(0.95, 1.05);
  return {
    name,
    folder: `sweep/${name}`,
    settings: {
      seed: `${seed}`,
      dataset: 'cifar10',
      batch_size: '128',
      target_sparsity: `${target}`,
      begin_pruning_step: '1000',
      end_pruning_step: '8000',
    },
    step: STEPS,
    sparsity,
    trainingSeconds: random.uniform(900, 1100),
    averages: sampleAccuracy(accuracy, random),
    raw: sampleAccuracy(accuracy - 0.012 + random.normal() * 0.002, random),
    models: [
      {
        format: 'pb',
        weightFormat: 'dense',
        bytes: dense,
        gzippedBytes: Math.round(dense * (1.1 - sparsity)),
      },
      { format: 'pb', weightFormat: 'sparse', bytes: packed, gzippedBytes: Math.round(packed * 0.95) },
    ],
    timings: [1, 128].map((batchSize) => ({ batchSize, threads: 1, millisecondsAnImage: time(batchSize) })),
    curves: {
      sparsity: curve((fraction) => scheduled(target, fraction)),
      totalLoss: curve(
        (fraction) => 0.6 + 4 * Math.exp(-6 * fraction) + target ** 8 * 0.3 + random.normal() * 0.03,
      ),
      learningRate: curve(() => 0.1),
      precision: curve((fraction) => accuracy - 0.4 * Math.exp(-8 * fraction), 10),
    },
    layers,
    mistakes: Array.from({ length: 8 }, (_, index) => sampleMistake(index * 37 + seed, random)),
  };
}

const scheduled = (target: number, fraction: number) =>
  target * (1 - (1 - Math.min(Math.max((fraction - 0.1) / 0.7, 0), 1)) ** 3);

function curve(valueAt: (fraction: number) => number, points = 100): Curve {
  const fractions = Array.from({ length: points }, (_, index) => (index + 1) / points);
  return { steps: fractions.map((fraction) => Math.round(fraction * STEPS)), values: fractions.map(valueAt) };
}

function sampleLayer(name: string, target: number, random: RandomStream): ReportedLayer {
  const shape = SHAPES[name]!;
  const weights = shape.reduce((product, size) => product * size, 1);
  const sparsity = Math.min(target * (name === 'conv1' ? 0.8 : 1), 1);
  const masked = Math.round(weights * sparsity);
  const threshold = sparsity * 0.05;
  const bins = 60;
  const edges = Array.from({ length: bins }, (_, bin) => -0.2 + ((bin + 0.5) * 0.4) / bins);
  const density = edges.map((value) => (Math.abs(value) < threshold ? 0 : Math.exp(-((value / 0.06) ** 2))));
  const whole = density.reduce((sum, value) => sum + value, 0);
  return {
    name,
    shape,
    weights,
    sparsity: masked / weights,
    threshold,
    sparsityCurve: curve((fraction) => scheduled(sparsity, fraction)),
    histogram: {
      low: -0.2,
      high: 0.2,
      counts: density.map((value) => Math.round((value / whole) * (weights - masked))),
      masked,
    },
    ...(name === 'conv1' && { filters: sampleFilters(shape, weights, sparsity, random) }),
  };
}

function sampleFilters(shape: readonly number[], count: number, sparsity: number, random: RandomStream) {
  const weights = Float32Array.from({ length: count }, () => random.normal());
  const sorted = weights.map(Math.abs).sort();
  const threshold = sorted[Math.floor(count * sparsity)]!;
  return filterPictures(
    shape,
    weights,
    weights.map((weight) => (Math.abs(weight) < threshold ? 0 : 1)),
  );
}

function sampleAccuracy(accuracy: number, random: RandomStream): ReportedAccuracy {
  const confusion = CLASSES.map((_, label) => {
    const wrong = CLASSES.map((__, said) =>
      said === label ? 0 : Math.floor(random.uniform(0, 2 * (1 - accuracy)) * 110),
    );
    wrong[label] = 1000 - wrong.reduce((sum, each) => sum + each, 0);
    return wrong;
  });
  const correct = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  return { accuracy: correct / 10_000, correct, count: 10_000, confusion };
}

function sampleMistake(index: number, random: RandomStream): ReportedRun['mistakes'][number] {
  const label = random.integer(CLASSES.length);
  const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => 40 + ((at * 7) % 97) + random.integer(60));
  const said = (label + 3) % CLASSES.length;
  return {
    index,
    picture: pngAddress({ width: 32, height: 32, channels: 3, data }),
    label,
    top: [
      { class: said, probability: 0.62 },
      { class: label, probability: 0.3 },
      { class: (label + 5) % CLASSES.length, probability: 0.05 },
    ],
  };
}
