import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it, vi } from 'vitest';
import {
  evaluationSummaries,
  hparamsExperiment,
  hparamsSessionEnd,
  hparamsSessionStart,
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
    masks: new Map([['conv1', Float32Array.of(0, 1, 1, 0)]]),
    thresholds: new Map([['conv1', 0.03]]),
  },
  images: { height: 1, width: 1, channels: 1, pixels: Float32Array.of(1, 2, 3, 4) },
  variables: new Map([
    ['conv1/weights', Float32Array.of(1)],
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
      ['conv1/weights/gradients', 'histo'],
      ['conv1/activations', 'histo'],
      ['conv1/activations/zero_fraction', 0.75],
    ]);
  });

  it('shows only what it is given', () => {
    const none = { learningRate: 1, losses: new Map(), lossAverages: new Map() };
    expect(trainingSummaries(none).map(contents)).toEqual([['learning_rate', 1]]);
  });

  it('names the histogram whose values are not finite', () => {
    const diverged = { ...report, gradients: new Map([['conv2/biases', Float32Array.of(Number.NaN)]]) };
    expect(() => trainingSummaries(diverged)).toThrow('histogram conv2/biases/gradients: value 0 is NaN');
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
  const [flags, experiment, start] = runSummaries({
    flags: { train_dir: '/tmp/a|b', max_steps: 200, pruning_hparams: '', overwrite: false },
    hparams: { target_sparsity: 0.9, use_tpu: false, block_pooling_function: 'AVG' },
    pruningName: 'cifar10_pruning',
    startedAt: 1700000000.5,
  });
  const pluginData = (summary: SummaryValue | undefined) => {
    expect(summary?.metadata?.pluginData?.pluginName).toBe('hparams');
    return fromBinary(hparams.HParamsPluginDataSchema, summary!.metadata!.pluginData!.content).data;
  };

  it('shows the flags as a table', () => {
    expect(flags?.tag).toBe('flags');
    const table = flags?.value.case === 'tensor' ? utf8.decode(flags.value.value.stringVal[0]) : '';
    expect(table.split('\n')).toEqual([
      '| flag | value |',
      '| --- | --- |',
      '| train_dir | `/tmp/a|b` |',
      '| max_steps | `200` |',
      '| pruning_hparams |  |',
      '| overwrite | `false` |',
    ]);
  });

  it('describes the columns of the HPARAMS page', () => {
    expect(experiment?.tag).toBe('_hparams_/experiment');
    expect(pluginData(experiment)).toMatchObject({
      case: 'experiment',
      value: {
        timeCreatedSecs: 1700000000.5,
        hparamInfos: [
          { name: 'target_sparsity', type: hparams.DataType.FLOAT64 },
          { name: 'use_tpu', type: hparams.DataType.BOOL },
          { name: 'block_pooling_function', type: hparams.DataType.STRING },
        ],
        metricInfos: [
          { name: { group: '', tag: 'total_loss' } },
          { name: { group: '', tag: 'cifar10_pruning_summaries/sparsity' }, displayName: 'sparsity' },
          { name: { group: 'eval', tag: 'Precision @ 1' } },
        ],
      },
    });
  });

  it('says what the run was given', () => {
    expect(start?.tag).toBe('_hparams_/session_start_info');
    expect(pluginData(start)).toMatchObject({
      case: 'sessionStartInfo',
      value: {
        startTimeSecs: 1700000000.5,
        hparams: {
          target_sparsity: { kind: { case: 'numberValue', value: 0.9 } },
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
