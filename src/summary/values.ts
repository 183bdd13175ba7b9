import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  DataClass,
  DataType,
  type Summary_Value,
  Summary_ValueSchema,
  SummaryMetadataSchema,
  TensorProtoSchema,
} from '../wire/protos.ts';
import { histogramProto } from './histogram.ts';
import { imageProto, type Picture } from './image.ts';

/** One tagged value of one step: what `EventWriter.add` takes. */
export type SummaryValue = Summary_Value;

/** A point of a curve, stored as float32. TensorBoard marks NaN and infinities. */
export function scalar(tag: string, value: number): SummaryValue {
  return tagged(tag, { case: 'simpleValue', value });
}

/**
 * A distribution of values, in TensorFlow's buckets.
 *
 * @throws UserError `argument` if a value is NaN or infinite
 */
export function histogram(tag: string, values: ArrayLike<number>): SummaryValue {
  return tagged(tag, { case: 'histo', value: histogramProto(tag, values) });
}

/** An image. @throws UserError `argument` if the number of values does not match the size */
export function image(tag: string, picture: Picture): SummaryValue {
  return tagged(tag, { case: 'image', value: imageProto(tag, picture) });
}

/** Images of one size, one after the other; `pixels` holds count * height * width * channels values. */
export type PictureBatch = Picture;

/**
 * The first images of a batch, with the tags of TensorFlow 1's tf.summary.image: `<tag>/image/0`, `<tag>/image/1`, ..., or
 * `<tag>/image` if `maxOutputs` is 1.
 *
 * @throws UserError `argument` if the number of values does not match the size
 */
export function images(tag: string, batch: PictureBatch, maxOutputs = 3): SummaryValue[] {
  const size = batch.height * batch.width * batch.channels;
  const count = Math.min(maxOutputs, Math.ceil(batch.pixels.length / size));
  return Array.from({ length: count }, (_, index) =>
    image(maxOutputs === 1 ? `${tag}/image` : `${tag}/image/${index}`, {
      ...batch,
      pixels: batch.pixels.subarray(index * size, (index + 1) * size),
    }),
  );
}

/** Text in Markdown, for the TEXT page. */
export function text(tag: string, markdown: string): SummaryValue {
  return pluginTensor(tag, 'text', new Uint8Array(), {
    dtype: DataType.DT_STRING,
    tensorShape: {},
    stringVal: [new TextEncoder().encode(markdown)],
  });
}

/** A tensor for a plugin of TensorBoard. */
export function pluginTensor(
  tag: string,
  pluginName: string,
  content: Uint8Array,
  tensor: MessageInitShape<typeof TensorProtoSchema>,
): SummaryValue {
  return create(Summary_ValueSchema, {
    tag,
    metadata: create(SummaryMetadataSchema, {
      pluginData: { pluginName, content },
      dataClass: DataClass.TENSOR,
    }),
    value: { case: 'tensor', value: create(TensorProtoSchema, tensor) },
  });
}

function tagged(tag: string, value: SummaryValue['value']): SummaryValue {
  return create(Summary_ValueSchema, { tag, value });
}
