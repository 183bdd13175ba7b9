import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainingGraph } from '../../src/graph/index.ts';
import { withDefaults } from '../../src/hparams/index.ts';
import { initialValues, trainableVariables } from '../../src/model/variables.ts';
import { magnitudeMask } from '../../src/pruning/index.ts';
import { randomStream } from '../../src/random.ts';
import { histogramProto } from '../../src/summary/histogram.ts';
import {
  EventWriter,
  evaluationSummaries,
  hparamsSessionEnd,
  image,
  images,
  pruningSummaries,
  runSummaries,
  type SummaryValue,
  type TrainingReport,
  trainingSummaries,
} from '../../src/summary/index.ts';
import { readScalars } from '../../src/summary/read-scalars.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { runPython } from './python.ts';

type Series<T> = Record<string, [step: number, value: T][]>;
interface Answer {
  readonly records: [step: number, what: string, wallTime: number][];
  readonly accumulated: {
    readonly scalars: Series<number>;
    readonly histograms: Series<number>;
    readonly images: Series<number[]>;
    /** As HTML. */
    readonly texts: Series<string>;
    readonly nodes: string[];
  };
  /** Of `<layer>/masked_weights` at the last step, as HISTOGRAMS gets them. */
  readonly bins: Record<string, [left: number, right: number, count: number][]>;
  readonly dashboards: Record<string, Record<string, string[]>>;
  readonly hparams: unknown[];
  readonly histograms: Record<string, unknown>[];
  readonly pictures: [tag: string, colorspace: number, pixels: number[]][][];
}

const NAME = 'cifar10_pruning';
const layers = ['conv1', 'conv2', 'local3', 'local4', 'softmax_linear'];
const lossVariables = [
  'total_loss/avg',
  'cross_entropy/avg',
  ...layers.map((layer) => `${layer}/weight_loss/avg`),
];
const stream = randomStream(3, 'summaries');
const normals = (count: number, scale = 1) =>
  Float32Array.from({ length: count }, () => stream.normal() * scale);
const values = initialValues(CIFAR10_NETWORK, 5);
const variables = new Map(trainableVariables(CIFAR10_NETWORK).map(({ name }) => [name, values.get(name)!]));
const pruned = new Map(
  layers
    .map((layer) => `${layer}/weights`)
    .map((name) => [name, magnitudeMask(variables.get(name)!, 0.75, 0, 0)]),
);
const batch = { height: 24, width: 24, channels: 3, pixels: normals(5 * 24 * 24 * 3) } as const;

/** Numbers that tell steps and attempts apart. */
const report = (step: number, attempt: number): TrainingReport => ({
  learningRate: 0.1,
  stepsPerSecond: 3,
  losses: new Map(lossVariables.map((name) => [name, step + attempt])),
  lossAverages: new Map(lossVariables.map((name) => [name, step + attempt + 0.5])),
  pruning: {
    name: NAME,
    sparsity: step / 1000,
    lastMaskUpdateStep: step - 10,
    masks: new Map(Array.from(pruned, ([name, { mask }]) => [name, mask])),
    thresholds: new Map(Array.from(pruned, ([name, { threshold }]) => [name, threshold])),
  },
  images: batch,
  variables,
  gradients: variables,
  activations: new Map(layers.map((layer) => [layer, Float32Array.of(0, 0.5)])),
});

// Without subnormal numbers, which TensorFlow takes for 0.
const histograms: [file: string, values: Float32Array | Float64Array][] = [
  ['weights', variables.get('local3/weights')!],
  ['relu', normals(100_000, 3).map((value) => Math.max(0, value))],
  [
    'magnitudes of float32',
    Float32Array.from({ length: 20_000 }, () => stream.normal() * 10 ** stream.uniform(-30, 37)),
  ],
  [
    'magnitudes of float64',
    Float64Array.from({ length: 20_000 }, () => stream.normal() * 10 ** stream.uniform(-290, 150)),
  ],
  ['zeros', new Float32Array(10)],
  ['one', Float32Array.of(-2.5)],
  ['none', new Float32Array()],
];

const withNotFinite = normals(3 * 8 * 8 * 3);
[3, 70, 71, 72, 200].forEach((index) => {
  withNotFinite[index] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][index % 3]!;
});
const pictures: [file: string, shape: [number, number, number, 1 | 3 | 4], values: Float32Array][] = [
  ['crops', [5, 24, 24, 3], batch.pixels],
  ['positive', [3, 24, 24, 3], normals(3 * 24 * 24 * 3, 40).map(Math.abs)],
  ['grey', [3, 16, 16, 1], normals(3 * 16 * 16, 1000)],
  ['transparent', [2, 9, 7, 4], normals(2 * 9 * 7 * 4, 0.01).map(Math.abs)],
  ['not finite', [3, 8, 8, 3], withNotFinite],
  ['almost nothing', [2, 4, 4, 3], normals(2 * 4 * 4 * 3, 1e-8)],
];

let folder: string;
let answer: Answer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'summary-'));
  writeLogs();
  for (const [file, data] of histograms) await writeFile(join(folder, `h ${file}`), data);
  for (const [file, , data] of pictures) await writeFile(join(folder, `p ${file}`), data);
  const request = {
    histograms: histograms.map(([file, data]) => [`h ${file}`, data instanceof Float64Array ? '<f8' : '<f4']),
    pictures: pictures.map(([file, shape]) => [`p ${file}`, shape]),
  };
  await writeFile(join(folder, 'request.json'), JSON.stringify(request));
  answer = JSON.parse(await runPython('summary.py', [folder]));
}, 300_000);

afterAll(() => rm(folder, { recursive: true }));

/** A run that is killed after step 300, resumed from the checkpoint of step 200, and evaluated. */
function writeLogs() {
  const clock = () => 1700000000.5;
  const train = join(folder, 'logs', 'train');
  const killed = new EventWriter(train, { clock });
  killed.addSessionStart(0);
  killed.addGraph(toBinary(GraphDefSchema, trainingGraph(CIFAR10_NETWORK, NAME)));
  killed.add(
    0,
    runSummaries({
      flags: { max_steps: 400, pruning_hparams: 'weight_sparsity_map=[conv1|conv2:0.9]' },
      hparams: withDefaults({ name: NAME, target_sparsity: 0.9, weight_sparsity_map: ['conv(1|2):0.5'] }),
      settings: { seed: 7, batch_size: 64, dataset: 'synthetic', network: 'conv1 conv2' },
      startedAt: 1700000000.5,
    }),
  );
  // A mask update between two steps that are shown whole.
  killed.add(50, pruningSummaries(report(50, 0).pruning!));
  killed.add(100, trainingSummaries(report(100, 0)));
  killed.add(200, trainingSummaries(report(200, 0)));
  killed.addCheckpoint(200, join(train, 'model.ckpt-200'));
  killed.add(300, trainingSummaries(report(300, 0)));

  const resumed = new EventWriter(train, { clock });
  resumed.addSessionStart(201);
  resumed.add(300, trainingSummaries(report(300, 1)));
  resumed.add(400, trainingSummaries(report(400, 1)));
  resumed.add(400, [hparamsSessionEnd('success', 1700000100)]);
  resumed.addSessionStop(400);
  resumed.close();

  const evaluation = new EventWriter(join(train, 'eval'), { clock });
  evaluation.add(400, evaluationSummaries(0.75));
  evaluation.close();
}

describe("TensorFlow's summary_iterator", () => {
  it('reads every record', () => {
    expect(answer.records.map(([step, what]) => [step, what])).toEqual([
      [0, 'file_version'],
      [0, 'session_log'],
      [0, 'graph_def'],
      [0, 'summary'],
      [50, 'summary'],
      [100, 'summary'],
      [200, 'summary'],
      [200, 'session_log'],
      [300, 'summary'],
      [0, 'file_version'],
      [201, 'session_log'],
      [300, 'summary'],
      [400, 'summary'],
      [400, 'summary'],
      [400, 'session_log'],
    ]);
    expect(new Set(answer.records.map(([, , wallTime]) => wallTime))).toEqual(new Set([1700000000.5]));
  });
});

describe("TensorBoard's EventAccumulator", () => {
  const scalarTags = [
    ...['learning_rate', 'global_step/sec'],
    ...['total_loss', 'cross_entropy', 'total_loss/raw', 'cross_entropy/raw'],
    ...[`${NAME}_summaries/sparsity`, `${NAME}_summaries/last_mask_update_step`],
    ...layers.flatMap((layer) => [
      `${layer}/weight_loss`,
      `${layer}/weight_loss/raw`,
      `${NAME}_summaries/${layer}/mask/sparsity`,
      `${NAME}_summaries/${layer}/threshold/threshold`,
      `${layer}/activations/zero_fraction`,
    ]),
  ];
  const histogramTags = layers.flatMap((layer) => [
    `${layer}/weights`,
    `${layer}/biases`,
    `${layer}/masked_weights`,
    `${layer}/weights/gradients`,
    `${layer}/biases/gradients`,
    `${layer}/activations`,
  ]);

  it('lists every tag and no other', () => {
    const { scalars, histograms, images, texts } = answer.accumulated;
    expect(Object.keys(scalars).sort()).toEqual(scalarTags.sort());
    expect(Object.keys(histograms).sort()).toEqual(histogramTags.sort());
    expect(Object.keys(images)).toEqual(['images/image/0', 'images/image/1', 'images/image/2']);
    const hparamTags = ['_hparams_/experiment', '_hparams_/session_end_info', '_hparams_/session_start_info'];
    expect(Object.keys(texts).sort()).toEqual([...hparamTags, 'pruning_hparams', 'train_flags']);
  });

  it('holds each step once, of the resumed run where there are two', () => {
    const { scalars, histograms } = answer.accumulated;
    expect(scalars.total_loss).toEqual([
      [100, 100.5],
      [200, 200.5],
      [300, 301.5],
      [400, 401.5],
    ]);
    for (const [tag, series] of Object.entries({ ...scalars, ...histograms }))
      expect(series.map(([step]) => step)).toEqual(
        tag.startsWith(`${NAME}_summaries/`) ? [50, 100, 200, 300, 400] : [100, 200, 300, 400],
      );
  });

  it('holds what our reader reads', async () => {
    const { scalars, seconds } = await readScalars(join(folder, 'logs', 'train'), scalarTags);
    const ours = Array.from(scalars, ([tag, { steps, values }]) => [
      tag,
      steps.map((step, index) => [step, values[index]]),
    ]);
    expect(Object.fromEntries(ours)).toEqual(answer.accumulated.scalars);
    expect(seconds).toBe(0);
  });

  it('reads the values', () => {
    const { scalars, histograms, texts } = answer.accumulated;
    const last = (tag: string) => scalars[tag]?.at(-1)?.[1];
    expect(last('total_loss/raw')).toBe(401);
    expect(last('learning_rate')).toBe(Math.fround(0.1));
    expect(last(`${NAME}_summaries/sparsity`)).toBe(Math.fround(0.4));
    expect(last(`${NAME}_summaries/last_mask_update_step`)).toBe(390);
    expect(last(`${NAME}_summaries/local4/mask/sparsity`)).toBe(0.75);
    expect(last(`${NAME}_summaries/local4/threshold/threshold`)).toBe(
      pruned.get('local4/weights')!.threshold,
    );
    expect(last('conv1/activations/zero_fraction')).toBe(0.5);
    expect(histograms['local3/weights']?.[0]).toEqual([100, 2304 * 384]);
    const hparamsHtml = texts.pruning_hparams?.[0]?.[1];
    expect(hparamsHtml).toMatch(
      /<td>name<\/td>\s*<td><code>cifar10_pruning<\/code><\/td>\s*<td><code>model_pruning<\/code><\/td>/,
    );
    expect(hparamsHtml).toContain('<td><code>[conv(1|2):0.5]</code></td>');
    expect(hparamsHtml).toMatch(/<td>seed<\/td>\s*<td><code>7<\/code><\/td>/);
    expect(hparamsHtml?.match(/<table>/g)).toHaveLength(2);
    expect(texts.train_flags?.[0]?.[1]).toContain(
      '<td><code>weight_sparsity_map=[conv1|conv2:0.9]</code></td>',
    );
  });

  it('shows in masked_weights the gap that the threshold leaves', () => {
    for (const layer of layers) {
      const weights = `${layer}/weights`;
      const { threshold } = pruned.get(weights)!;
      const bins = answer.bins[`${layer}/masked_weights`]!;
      expect(bins.reduce((sum, [, , count]) => sum + count, 0)).toBe(variables.get(weights)!.length / 4);
      // Limits of TensorFlow's buckets grow by a tenth.
      const inGap = bins.filter(([left, right]) => right > -threshold / 1.1 && left < threshold / 1.1);
      expect(inGap.filter(([, , count]) => count > 0)).toEqual([]);
      for (const side of [-1, 1])
        expect(bins.some(([left, , count]) => count > 0 && left * side > 0)).toBe(true);
    }
  });

  it('parses the graph, with what pruning needs of conv1', () => {
    const nodes = ['conv1/weights', 'conv1/mask', 'conv1/threshold', 'conv1/weights/masked_weight'];
    expect(answer.accumulated.nodes).toEqual(expect.arrayContaining(nodes));
  });

  it("lists each tag on its plugin's page", () => {
    const { scalars, histograms, images, text, graphs } = answer.dashboards;
    expect(scalars!.train!.sort()).toEqual(scalarTags.sort());
    expect(scalars!['train/eval']).toEqual(['Precision @ 1']);
    expect(histograms!.train!.sort()).toEqual(histogramTags.sort());
    expect(images!.train).toHaveLength(3);
    expect(text!.train!.sort()).toEqual(['pruning_hparams', 'train_flags']);
    expect(Object.keys(graphs!)).toEqual(['train']);
  });
});

describe("TensorBoard's HPARAMS plugin", () => {
  it('lists the five columns that it shows first, of those that tell runs apart', () => {
    const [{ hparam_infos: columns }] = answer.hparams as [{ hparam_infos: Record<string, unknown>[] }];
    expect(columns.slice(0, 6).map(({ name, type, differs }) => [name, type, differs])).toEqual([
      ['batch_size', 'DATA_TYPE_FLOAT64', true],
      ['seed', 'DATA_TYPE_FLOAT64', true],
      ['sparsity_function_end_step', 'DATA_TYPE_FLOAT64', true],
      ['target_sparsity', 'DATA_TYPE_FLOAT64', true],
      ['weight_sparsity_map', 'DATA_TYPE_STRING', true],
      ['begin_pruning_step', 'DATA_TYPE_FLOAT64', undefined],
    ]);
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['dataset', 'network']));
  });

  it('reads values, precision first, and the end of the session', () => {
    expect(answer.hparams).toEqual([
      expect.objectContaining({ time_created_secs: 1700000000.5 }),
      {
        total_size: 1,
        session_groups: [
          expect.objectContaining({
            hparams: expect.objectContaining({
              ...{ seed: 7, batch_size: 64, dataset: 'synthetic', network: 'conv1 conv2' },
              ...{ target_sparsity: 0.9, use_tpu: false, weight_sparsity_map: '[conv(1|2):0.5]' },
            }),
            metric_values: [
              expect.objectContaining({ name: { group: 'eval', tag: 'Precision @ 1' }, value: 0.75 }),
              expect.objectContaining({
                name: { tag: `${NAME}_summaries/sparsity` },
                value: Math.fround(0.4),
              }),
              expect.objectContaining({ name: { tag: 'total_loss' }, value: 401.5, training_step: 400 }),
            ],
            sessions: [
              expect.objectContaining({
                name: 'train',
                status: 'STATUS_SUCCESS',
                start_time_secs: 1700000000.5,
                end_time_secs: 1700000100,
              }),
            ],
          }),
        ],
      },
    ]);
  });
});

describe("TensorFlow's HistogramSummary", () => {
  it.each(histograms.map(([file, data], index) => ({ file, data, index })))(
    'of $file is ours bucket for bucket',
    ({ data, index }) => {
      const { min, max, num, sum, sumSquares, bucketLimit, bucket } = histogramProto('values', data);
      const ours = { min, max, num, sum, sum_squares: sumSquares, bucket_limit: bucketLimit, bucket };
      expect(answer.histograms[index]).toEqual(ours);
    },
  );
});

describe("TensorFlow's ImageSummary", () => {
  const decoded = ({ tag, value }: SummaryValue) =>
    value.case === 'image'
      ? [tag, value.value.colorspace, [...decode(value.value.encodedImageString).data]]
      : tag;

  it.each(pictures.map(([file, shape, data], index) => ({ file, shape, data, index })))(
    'of $file is ours pixel for pixel',
    ({ shape: [, height, width, channels], data, index }) => {
      const ours = images('images', { height, width, channels, pixels: data });
      expect(ours.map(decoded)).toEqual(answer.pictures[index]);
    },
  );

  it('in an event file is what was put in', () => {
    const first = batch.pixels.subarray(0, 24 * 24 * 3);
    const shown = answer.accumulated.images['images/image/0']!.at(-1)![1];
    expect(shown).toEqual(decoded(image('t', { ...batch, pixels: first }))[2]);
  });
});
