import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { DataType, hparams } from '../wire/protos.ts';
import { pluginTensor, type SummaryValue } from './values.ts';

export type HparamValue = number | boolean | string;

/** A column of the HPARAMS page with a setting of runs. */
export interface HparamColumn {
  readonly name: string;
  readonly type: 'number' | 'boolean' | 'string';
  readonly description?: string;
  /**
   * Whether runs of the experiment have different values in this column. TensorBoard lists such columns first, sorts both
   * kinds by name, and shows the first five columns until a user chooses others.
   */
  readonly differs?: boolean;
}

/** A column of the HPARAMS page with a result of runs: the last value of a scalar. */
export interface MetricColumn {
  readonly tag: string;
  /** The folder that holds the scalar, relative to the session's: '' for the same folder, or `eval`. */
  readonly group?: string;
  readonly displayName?: string;
  readonly description?: string;
}

const HPARAM_TYPES = {
  number: hparams.DataType.FLOAT64,
  boolean: hparams.DataType.BOOL,
  string: hparams.DataType.STRING,
} as const;

/** The columns for these values. @param differing names of the columns in which runs of the experiment differ */
export function hparamColumns(
  values: Readonly<Record<string, HparamValue>>,
  differing: readonly string[] = [],
): HparamColumn[] {
  return Object.entries(values).map(([name, value]) => ({
    name,
    type: typeof value as HparamColumn['type'],
    differs: differing.includes(name),
  }));
}

/**
 * The columns of the HPARAMS page. TensorBoard reads only one such value, from any run of the experiment.
 *
 * @param createdAt seconds since 1970
 */
export function hparamsExperiment(
  columns: readonly HparamColumn[],
  metrics: readonly MetricColumn[],
  createdAt = Date.now() / 1000,
): SummaryValue {
  const hparamInfos = columns.map(({ type, ...column }) => ({ ...column, type: HPARAM_TYPES[type] }));
  const metricInfos = metrics.map(({ tag, group = '', ...column }) => ({ ...column, name: { group, tag } }));
  return hparamsValue('_hparams_/experiment', {
    case: 'experiment',
    value: { hparamInfos, metricInfos, timeCreatedSecs: createdAt },
  });
}

/**
 * The settings of a run: its row of the HPARAMS page. TensorBoard keeps the first such value of a run.
 *
 * @param startedAt seconds since 1970
 * @param group runs of the same group share a row with averaged metrics; by default each run has its own row
 */
export function hparamsSessionStart(
  values: Readonly<Record<string, HparamValue>>,
  startedAt = Date.now() / 1000,
  group = '',
): SummaryValue {
  return hparamsValue('_hparams_/session_start_info', {
    case: 'sessionStartInfo',
    value: {
      hparams: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, { kind: kindOf(value) }]),
      ),
      startTimeSecs: startedAt,
      groupName: group,
    },
  });
}

const STATUS = { success: hparams.Status.SUCCESS, failure: hparams.Status.FAILURE } as const;

/**
 * How a run ended. TensorBoard keeps the first such value of a run, so write it only for a run that will not be resumed.
 *
 * @param endedAt seconds since 1970
 */
export function hparamsSessionEnd(status: keyof typeof STATUS, endedAt = Date.now() / 1000): SummaryValue {
  return hparamsValue('_hparams_/session_end_info', {
    case: 'sessionEndInfo',
    value: { status: STATUS[status], endTimeSecs: endedAt },
  });
}

function kindOf(value: HparamValue) {
  if (typeof value === 'number') return { case: 'numberValue', value } as const;
  if (typeof value === 'boolean') return { case: 'boolValue', value } as const;
  return { case: 'stringValue', value } as const;
}

/** The plugin reads only the metadata; the tensor beside it is a single zero. */
function hparamsValue(
  tag: string,
  data: NonNullable<MessageInitShape<typeof hparams.HParamsPluginDataSchema>['data']>,
): SummaryValue {
  const content = toBinary(
    hparams.HParamsPluginDataSchema,
    create(hparams.HParamsPluginDataSchema, { data }),
  );
  return pluginTensor(tag, 'hparams', content, {
    dtype: DataType.DT_FLOAT,
    tensorShape: { dim: [{ size: 1n }] },
    floatVal: [0],
  });
}
