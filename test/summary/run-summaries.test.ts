import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it, vi } from 'vitest';
import { withDefaults } from '../../src/hparams/index.ts';
import {
  evaluationSummaries,
  hparamsExperiment,
  hparamsSessionEnd,
  hparamsSessionStart,
  pruningSummaries,
  runSummaries,
  type SummaryValue,
  type TrainingReport,
  text,
  trainingSummaries,
} from '../../src/summary/index.ts';
import { DataClass, DataType, hparams } from '../../src/wire/protos.ts';

const contents = ({ tag, value }: SummaryValue) => [
  tag,
  value.case === 'simpleValue' ? value.value : value.case,
];
const utf8 = new TextDecoder();

const report: TrainingReport = {
  learningRate: 0.1,
  stepsPerSecond: 12,
  losses: new Map([
    ['total_loss/avg', 4],
    ['conv1/weight_loss/avg', 2],
  ]),
  lossAverages: new Map([
    ['total_loss/avg', 0.4],
    ['conv1/weight_loss/avg', 0.2],
  ]),
  pruning: {
    name: 'cifar10_pruning',
    sparsity: 0.5,
    lastMaskUpdateStep: 90,
    masks: new Map([['conv1/weights', Float32Array.of(0, 1, 1, 0)]]),
    thresholds: new Map([['conv1/weights', 0.03]]),
  },
  images: { height: 1, width: 1, channels: 1, pixels: Float32Array.of(1, 2, 3, 4) },
  variables: new Map([
    ['conv1/weights', Float32Array.of(0.01, -0.5, 0.25, 0.02)],
    ['conv1/biases', Float32Array.of(2)],
  ]),
  gradients: new Map([['conv1/weights', Float32Array.of(3)]]),
  activations: new Map([['conv1', Float32Array.of(0, -0, 5, 0)]]),
};

describe('trainingSummaries', () => {
  it('gives every number its tag', () => {
    expect(trainingSummaries(report).map(contents)).toEqual([
      ['learning_rate', 0.1],
      ['global_step/sec', 12],
      ['total_loss', 0.4],
      ['conv1/weight_loss', 0.2],
      ['total_loss/raw', 4],
      ['conv1/weight_loss/raw', 2],
      ['cifar10_pruning_summaries/sparsity', 0.5],
      ['cifar10_pruning_summaries/last_mask_update_step', 90],
      ['cifar10_pruning_summaries/conv1/mask/sparsity', 0.5],
      ['cifar10_pruning_summaries/conv1/threshold/threshold', 0.03],
      ['images/image/0', 'image'],
      ['images/image/1', 'image'],
      ['images/image/2', 'image'],
      ['conv1/weights', 'histo'],
      ['conv1/biases', 'histo'],
      ['conv1/masked_weights', 'histo'],
      ['conv1/weights/gradients', 'histo'],
      ['conv1/activations', 'histo'],
      ['conv1/activations/zero_fraction', 0.75],
    ]);
  });

  it('shows only what it is given', () => {
    const none = { learningRate: 1, losses: new Map(), lossAverages: new Map() };
    expect(trainingSummaries(none).map(contents)).toEqual([['learning_rate', 1]]);
  });

  const histogramOf = (given: TrainingReport, tag: string) => {
    const value = trainingSummaries(given).find((summary) => summary.tag === tag)?.value;
    return value?.case === 'histo' ? value.value : undefined;
  };

  it('shows the weights that their mask keeps, and nothing where it keeps none', () => {
    const { num, min, max } = histogramOf(report, 'conv1/masked_weights')!;
    expect({ num, min, max }).toEqual({ num: 2, min: -0.5, max: 0.25 });
    expect(histogramOf(report, 'conv1/weights')!.num).toBe(4);
    const masks = new Map([['conv1/weights', new Float32Array(4)]]);
    const whole = { ...report, pruning: { ...report.pruning!, masks } };
    expect(histogramOf(whole, 'conv1/masked_weights')).toBeUndefined();
  });

  it('shows no weights that it is not given', () => {
    const { variables: _, ...rest } = report;
    expect(histogramOf(rest, 'conv1/masked_weights')).toBeUndefined();
  });

  it('names the histogram whose values are not finite', () => {
    const diverged = { ...report, gradients: new Map([['conv2/biases', Float32Array.of(Number.NaN)]]) };
    expect(() => trainingSummaries(diverged)).toThrow('histogram conv2/biases/gradients: value 0 is NaN');
  });
});

describe('pruningSummaries', () => {
  it('are the scalars of pruning alone', () => {
    expect(pruningSummaries(report.pruning!).map(contents)).toEqual([
      ['cifar10_pruning_summaries/sparsity', 0.5],
      ['cifar10_pruning_summaries/last_mask_update_step', 90],
      ['cifar10_pruning_summaries/conv1/mask/sparsity', 0.5],
      ['cifar10_pruning_summaries/conv1/threshold/threshold', 0.03],
    ]);
  });
});

describe('evaluationSummaries', () => {
  it('is the precision', () => {
    expect(evaluationSummaries(0.86).map(contents)).toEqual([['Precision @ 1', 0.86]]);
  });
});

describe('text', () => {
  it('is a string tensor of the text plugin', () => {
    const { tag, metadata, value } = text('notes', '*é*');
    expect(tag).toBe('notes');
    expect(metadata).toMatchObject({ pluginData: { pluginName: 'text' }, dataClass: DataClass.TENSOR });
    expect(value).toMatchObject({
      case: 'tensor',
      value: {
        dtype: DataType.DT_STRING,
        stringVal: [new TextEncoder().encode('*é*')],
        tensorShape: { dim: [] },
      },
    });
  });
});

describe('runSummaries', () => {
  const settings = { seed: 7, batch_size: 64, dataset: 'synthetic', network: 'conv1 conv2' };
  const description = {
    flags: { train_dir: '/tmp/a|b', max_steps: 200, pruning_hparams: '', overwrite: false },
    hparams: withDefaults({
      name: 'cifar10_pruning',
      target_sparsity: 0.9,
      weight_sparsity_map: ['conv1:0.5', 'local(3|4):0.95'],
    }),
    settings,
    startedAt: 1700000000.5,
  };
  const [hparamsText, flags, experiment, start] = runSummaries(description);
  const pluginData = (summary: SummaryValue | undefined) => {
    expect(summary?.metadata?.pluginData?.pluginName).toBe('hparams');
    return fromBinary(hparams.HParamsPluginDataSchema, summary!.metadata!.pluginData!.content).data;
  };

  const linesOf = (summary: SummaryValue | undefined) =>
    summary?.value.case === 'tensor' ? utf8.decode(summary.value.value.stringVal[0]).split('\n') : [];

  it('shows the hparams, first those that are not at their default, then the settings', () => {
    expect(hparamsText?.tag).toBe('pruning_hparams');
    const lines = linesOf(hparamsText);
    expect(lines.slice(0, 7)).toEqual([
      '| pruning hparam | value | instead of |',
      '| --- | --- | --- |',
      '| name | `cifar10_pruning` | `model_pruning` |',
      '| weight_sparsity_map | `[conv1:0.5,local(3|4):0.95]` | `[]` |',
      '| target_sparsity | `0.9` | `0.5` |',
      '| begin_pruning_step | `0` |  |',
      '| end_pruning_step | `-1` |  |',
    ]);
    expect(lines.slice(-7)).toEqual([
      '',
      '| setting | value |',
      '| --- | --- |',
      '| seed | `7` |',
      '| batch_size | `64` |',
      '| dataset | `synthetic` |',
      '| network | `conv1 conv2` |',
    ]);
    const shown = lines.map((line) => line.split(' ')[1]).filter((name) => name !== undefined);
    for (const name of Object.keys(description.hparams))
      expect(shown.filter((other) => other === name)).toHaveLength(1);
  });

  it('shows the flags as a table, after the hparams', () => {
    expect(flags?.tag).toBe('train_flags');
    expect(flags!.tag > hparamsText!.tag).toBe(true);
    expect(linesOf(flags)).toEqual([
      '| flag | value |',
      '| --- | --- |',
      '| train_dir | `/tmp/a|b` |',
      '| max_steps | `200` |',
      '| pruning_hparams |  |',
      '| overwrite | `false` |',
    ]);
  });

  const columnsOf = (summary: SummaryValue | undefined) => {
    const data = pluginData(summary);
    return data.case === 'experiment' ? data.value.hparamInfos : [];
  };

  it('describes the columns of the HPARAMS page, precision before all other metrics', () => {
    expect(experiment?.tag).toBe('_hparams_/experiment');
    expect(pluginData(experiment)).toMatchObject({
      case: 'experiment',
      value: {
        timeCreatedSecs: 1700000000.5,
        metricInfos: [
          { name: { group: 'eval', tag: 'Precision @ 1' }, displayName: 'Precision @ 1' },
          { name: { group: '', tag: 'cifar10_pruning_summaries/sparsity' }, displayName: 'sparsity' },
          { name: { group: '', tag: 'total_loss' }, displayName: 'total_loss' },
        ],
      },
    });
    const types = new Map(columnsOf(experiment).map(({ name, type }) => [name, type]));
    expect([...types.keys()].sort()).toEqual(
      [...Object.keys(settings), ...Object.keys(description.hparams)].sort(),
    );
    expect(types.get('target_sparsity')).toBe(hparams.DataType.FLOAT64);
    expect(types.get('use_tpu')).toBe(hparams.DataType.BOOL);
    expect(types.get('weight_sparsity_map')).toBe(hparams.DataType.STRING);
  });

  it('shows the same five columns first in every run, since TensorBoard takes the columns of any', () => {
    const otherRun = runSummaries({ ...description, hparams: withDefaults({ block_height: 4 }) });
    for (const summary of [experiment, otherRun[2]])
      expect(
        columnsOf(summary)
          .filter(({ differs }) => differs)
          .map(({ name }) => name)
          .sort(),
      ).toEqual([
        'batch_size',
        'seed',
        'sparsity_function_end_step',
        'target_sparsity',
        'weight_sparsity_map',
      ]);
  });

  it('says what the run was given', () => {
    expect(start?.tag).toBe('_hparams_/session_start_info');
    expect(pluginData(start)).toMatchObject({
      case: 'sessionStartInfo',
      value: {
        startTimeSecs: 1700000000.5,
        groupName: '',
        hparams: {
          seed: { kind: { case: 'numberValue', value: 7 } },
          network: { kind: { case: 'stringValue', value: 'conv1 conv2' } },
          target_sparsity: { kind: { case: 'numberValue', value: 0.9 } },
          weight_sparsity_map: { kind: { case: 'stringValue', value: '[conv1:0.5,local(3|4):0.95]' } },
          use_tpu: { kind: { case: 'boolValue', value: false } },
          block_pooling_function: { kind: { case: 'stringValue', value: 'AVG' } },
        },
      },
    });
  });

  it('comes with a tensor that TensorBoard can read, one zero', () => {
    for (const summary of [experiment, start, hparamsSessionEnd('success')])
      expect(summary?.value).toMatchObject({
        case: 'tensor',
        value: { dtype: DataType.DT_FLOAT, tensorShape: { dim: [{ size: 1n }] }, floatVal: [0] },
      });
  });

  it('is of now, in seconds, unless told otherwise', () => {
    vi.useFakeTimers({ now: 1_700_000_000_250 });
    expect(pluginData(hparamsExperiment([], []))).toMatchObject({
      value: { timeCreatedSecs: 1700000000.25 },
    });
    expect(pluginData(hparamsSessionStart({}))).toMatchObject({ value: { startTimeSecs: 1700000000.25 } });
    expect(pluginData(hparamsSessionEnd('success'))).toMatchObject({ value: { endTimeSecs: 1700000000.25 } });
    vi.useRealTimers();
  });

  it('says how the run ended', () => {
    const end = hparamsSessionEnd('failure', 1700000009);
    expect(end.tag).toBe('_hparams_/session_end_info');
    expect(pluginData(end)).toMatchObject({
      case: 'sessionEndInfo',
      value: { status: hparams.Status.FAILURE, endTimeSecs: 1700000009 },
    });
  });
});
