import {
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  type FileRegistry,
  fromBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { beforeAll, describe, expect, test } from 'vitest';
import * as protos from '../../src/wire/protos.ts';
import { runPython } from './python.ts';

const files = Object.values({ ...protos, ...protos.hparams, ...protos.onnx }).filter(isFile);
const messages = files.flatMap((file) => file.messages.flatMap(withNested));
const enums = [...files, ...messages].flatMap((parent) =>
  'enums' in parent ? parent.enums : parent.nestedEnums,
);

let theirs: FileRegistry;
beforeAll(async () => {
  const descriptors = Buffer.from(await runPython('protos.py', []), 'base64');
  theirs = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
});

describe('messages have the fields of TensorFlow, TensorBoard and ONNX', () => {
  test.each(messages.map((message) => [message.typeName, message] as const))('%s', (typeName, ours) => {
    const fields = new Map(theirs.getMessage(typeName)?.fields.map((field) => [field.name, field]));
    const expected = ours.fields.map(({ name }) => fields.has(name) && wireForm(fields.get(name)!));
    expect(ours.fields.map(wireForm)).toEqual(expected);
  });
});

describe('enumerations have the values of TensorFlow, TensorBoard and ONNX', () => {
  test.each(enums.map((ours) => [ours.typeName, ours] as const))('%s', (typeName, ours) => {
    expect(valuesOf(theirs.getEnum(typeName))).toMatchObject(valuesOf(ours));
  });
});

test('nothing of what is used goes unchecked', () => {
  const checked = [...messages, ...enums].map(({ typeName }) => typeName);
  expect(checked).toEqual(
    expect.arrayContaining([
      'tensorflow.GraphDef',
      'tensorflow.MetaGraphDef',
      'tensorflow.BundleEntryProto',
      'tensorflow.CheckpointState',
      'tensorflow.Summary.Value',
      'tensorflow.DataType',
      'tensorboard.hparams.HParamsPluginData',
      'onnx.ModelProto',
      'onnx.TensorProto.DataType',
    ]),
  );
});

function isFile(value: unknown): value is DescFile {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'file';
}

function withNested(message: DescMessage): DescMessage[] {
  return [message, ...message.nestedMessages.flatMap(withNested)];
}

/** All that decides the bytes of a field, and its name. */
function wireForm(field: DescField) {
  const { name, number, type, label, typeName } = field.proto;
  return {
    ...{ name, number, type, label, typeName },
    oneof: field.oneof?.name,
    presence: field.presence,
    packed: field.fieldKind === 'list' && field.packed,
    entry: field.fieldKind === 'map' && [field.mapKey, field.mapKind, field.scalar, field.message?.typeName],
  };
}

function valuesOf(described: DescEnum | undefined): Record<string, number> {
  return Object.fromEntries(described?.values.map(({ name, number }) => [name, number]) ?? []);
}
