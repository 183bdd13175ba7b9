import { create } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { type HistogramProto, HistogramProtoSchema } from '../wire/protos.ts';
import { BUCKET_COUNT, BUCKET_LIMITS, countByBucket } from './histogram-buckets.ts';

/**
 * The same histogram as TensorFlow's: its buckets, with consecutive empty ones merged into one, and the moments summed in
 * float64 in the order of the values.
 *
 * @param tag the histogram's name in the error
 * @throws UserError `argument` if a value is NaN or infinite
 */
export function histogramProto(tag: string, values: ArrayLike<number>): HistogramProto {
  const counts = countByBucket(values);
  if (counts[BUCKET_COUNT]! > 0) throw notFinite(tag, values);
  return create(HistogramProtoSchema, { ...moments(values), ...withEmptyRunsMerged(counts) });
}

function moments(values: ArrayLike<number>) {
  let min = Number.MAX_VALUE;
  let max = -Number.MAX_VALUE;
  let sum = 0;
  let sumSquares = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    sumSquares += value * value;
  }
  return { min, max, num: values.length, sum, sumSquares };
}

/** Leaves out an empty bucket if the next one is empty, so that the last of consecutive empty buckets stands for all. */
function withEmptyRunsMerged(counts: Float64Array) {
  const bucketLimit: number[] = [];
  const bucket: number[] = [];
  for (let index = 0; index < BUCKET_COUNT; index++) {
    const isLast = index === BUCKET_COUNT - 1;
    if (counts[index] === 0 && counts[index + 1] === 0 && !isLast) continue;
    bucketLimit.push(BUCKET_LIMITS[index]!);
    bucket.push(counts[index]!);
  }
  return { bucketLimit, bucket };
}

function notFinite(tag: string, values: ArrayLike<number>): UserError {
  const index = Array.prototype.findIndex.call(values, (value) => !Number.isFinite(value));
  return new UserError(
    'argument',
    `histogram ${tag}: value ${index} is ${values[index]}, expected finite values`,
    'Check whether the training has diverged, if the values are from one.',
  );
}
