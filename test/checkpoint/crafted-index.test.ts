import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/index.ts';
import { sliceKey } from '../../src/checkpoint/ordered-code.ts';
import { maskedCrc32c } from '../../src/wire/crc32c.ts';
import {
  BundleEntryProtoSchema,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
  DataType,
  TensorSliceProtoSchema,
} from '../../src/wire/protos.ts';
import { encodeTable } from '../../src/wire/table.ts';

interface Entry {
  readonly dtype?: DataType;
  readonly shape?: ReturnType<typeof shapeOf>;
  readonly shardId?: number;
  readonly offset?: bigint;
  readonly size?: bigint;
  readonly crc32c?: number;
  readonly slices?: ReturnType<typeof half>[];
}

const VALUES = Float32Array.of(1, 2, 3, 4);
const DATA = new Uint8Array(VALUES.buffer);
const shapeOf = (...extents: number[]) => ({ dim: extents.map((size) => ({ size: BigInt(size) })) });
/** Some of the four values, beginning with the first. */
const entry = (count: number, change: Entry = {}): Entry => ({
  dtype: DataType.DT_FLOAT,
  shape: shapeOf(count),
  offset: 0n,
  size: BigInt(4 * count),
  crc32c: maskedCrc32c(DATA.subarray(0, 4 * count)),
  ...change,
});
const half = (start: number) => ({
  extent: [{ start: BigInt(start), hasLengthHack: { case: 'length' as const, value: 2n } }],
});

let dir: string;
let prefix: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'crafted-index-'));
  prefix = join(dir, 'model.ckpt-1');
  await writeFile(`${prefix}.data-00000-of-00001`, DATA);
});
afterEach(() => rm(dir, { recursive: true }));

const HEADER: MessageInitShape<typeof BundleHeaderProtoSchema> = { numShards: 1 };

/** Opens a checkpoint whose index has right checksums, whatever it says. */
async function openWith(
  entries: readonly (readonly [key: string | Uint8Array, entry: Entry | Uint8Array])[],
  header: typeof HEADER | Uint8Array | undefined = HEADER,
) {
  const bytes = (value: Entry | Uint8Array) =>
    value instanceof Uint8Array
      ? value
      : toBinary(BundleEntryProtoSchema, create(BundleEntryProtoSchema, value));
  const first =
    header instanceof Uint8Array
      ? header
      : toBinary(BundleHeaderProtoSchema, create(BundleHeaderProtoSchema, header));
  const rows = entries.map(([key, value]): [Uint8Array, Uint8Array] => [Buffer.from(key), bytes(value)]);
  await writeFile(`${prefix}.index`, encodeTable([[new Uint8Array(), first], ...rows]));
  return openCheckpoint(prefix);
}

it('an index as TensorFlow writes it is read', async () => {
  const checkpoint = await openWith([['w', entry(4)]]);
  expect((await checkpoint.read('w')).data).toEqual(VALUES);
});

it('a variable without a shape is a scalar', async () => {
  const { shape: _, ...scalar } = entry(1);
  const checkpoint = await openWith([['w', scalar]]);
  expect(checkpoint.shape('w')).toEqual([]);
  expect((await checkpoint.read('w')).data).toEqual(Float32Array.of(1));
});

describe('an index is refused', () => {
  const refused = (opening: Promise<unknown>, how: string) =>
    expect(opening).rejects.toMatchObject({
      code: 'checkpoint',
      message: `${prefix}.index is damaged: ${how}`,
      hint: 'Train again from the start, or name another folder.',
    });
  const NO_MESSAGE = Uint8Array.of(0xff);

  it('without a header', async () => {
    await writeFile(`${prefix}.index`, encodeTable([]));
    await refused(openCheckpoint(prefix), 'it has no header');
    const row: [Uint8Array, Uint8Array] = [Buffer.from('w'), new Uint8Array()];
    await writeFile(`${prefix}.index`, encodeTable([row]));
    await refused(openCheckpoint(prefix), 'it has no header');
  });

  it('whose header is none', () => refused(openWith([], NO_MESSAGE), 'it does not hold a BundleHeaderProto'));

  it('of big-endian numbers', () =>
    refused(
      openWith([], { ...HEADER, endianness: BundleHeaderProto_Endianness.BIG }),
      'its numbers are big-endian, expected little-endian',
    ));

  it('with an entry that is none', () =>
    refused(openWith([['w', NO_MESSAGE]]), 'it does not hold a BundleEntryProto for each variable'));

  it.each([-1, 1])('with a variable in shard %i of 1', (shardId) =>
    refused(openWith([['w', entry(4, { shardId })]]), `w is in shard ${shardId} of 1`),
  );

  it('with a slice in a shard that is not there', () =>
    refused(openWith([[Uint8Array.of(0, 1), entry(4, { shardId: 1 })]]), 'a slice is in shard 1 of 1'));
});

describe('a variable is refused', () => {
  const refused = async (change: Entry, file: string, how: string) => {
    const checkpoint = await openWith([['w', entry(4, change)]]);
    await expect(checkpoint.read('w')).rejects.toMatchObject({
      code: 'checkpoint',
      message: `${file} is damaged: ${how}`,
    });
  };
  const inIndex = (change: Entry, how: string) => refused(change, `${prefix}.index`, how);
  const inData = (change: Entry, how: string) => refused(change, `${prefix}.data-00000-of-00001`, how);

  it('of a negative extent', () => inIndex({ shape: shapeOf(-1, -4) }, 'w has shape [-1,-4]'));

  it('of more bytes than its shape', () =>
    inIndex({ shape: shapeOf(3) }, 'w, float32 of shape [3], has 16 bytes, expected 12'));

  it('of a negative number of bytes', () =>
    inIndex({ size: -16n }, 'w, float32 of shape [4], has -16 bytes, expected 16'));

  it.each([
    [4n, 16n, '4 to 20'],
    [-4n, 16n, '-4 to 12'],
  ])('at offset %i, outside of the file', (offset, size, at) =>
    inData({ offset, size }, `it has 16 bytes, expected w at ${at}`),
  );

  it('whose checksum is another', () => inData({ crc32c: 1 }, 'the checksum of w does not match'));

  it('of a type that is not read', async () => {
    const checkpoint = await openWith([['w', entry(4, { dtype: DataType.DT_STRING })]]);
    await expect(checkpoint.read('w')).rejects.toMatchObject({
      code: 'checkpoint',
      message: `w in ${prefix} is of type DT_STRING, which this package does not read`,
      hint: 'Choose output nodes that do not need it, or save it as float32.',
    });
    expect(checkpoint.names).toEqual([]);
  });

  it('that is not there, with the nearest name', async () => {
    const checkpoint = await openWith([['w', entry(4)]]);
    await expect(checkpoint.read('v')).rejects.toMatchObject({
      message: `${prefix} has no variable v`,
      hint: 'Name one of its variables; the nearest is w.',
    });
    await expect((await openWith([])).read('v')).rejects.toMatchObject({
      hint: 'Name another checkpoint: this one has no variables.',
    });
  });
});

describe('a partitioned variable', () => {
  const slices = [half(0), half(2)];
  const keyOf = (slice: (typeof slices)[number], name = 'w') =>
    sliceKey(name, create(TensorSliceProtoSchema, slice));
  const second = { offset: 8n, crc32c: maskedCrc32c(DATA.subarray(8)) };
  const whole = (change: Entry = {}): [string, Entry] => ['w', entry(4, { slices, size: 0n, ...change })];

  it('is put together', async () => {
    const checkpoint = await openWith([
      [keyOf(slices[0]!), entry(2)],
      [keyOf(slices[1]!), entry(2, second)],
      whole(),
    ]);
    expect((await checkpoint.read('w')).data).toEqual(VALUES);
  });

  it.each<[string, Entry | undefined, Entry]>([
    ['one is not there', undefined, {}],
    ['one is of another type', entry(2, { ...second, dtype: DataType.DT_INT32 }), {}],
    ['one lies outside', entry(2, second), { shape: shapeOf(3) }],
    ['they do not cover it', entry(2, second), { slices: [half(0), half(0)] }],
  ])('is refused where %s', async (_, other, change) => {
    const checkpoint = await openWith([
      [keyOf(slices[0]!), entry(2)],
      ...(other ? ([[keyOf(slices[1]!), other]] as const) : []),
      whole(change),
    ]);
    const [extent = 4n] = change.shape?.dim?.map(({ size }) => size) ?? [];
    await expect(checkpoint.read('w')).rejects.toMatchObject({
      code: 'checkpoint',
      message: `${prefix}.index is damaged: the slices of w do not fill its shape [${extent}]`,
    });
  });
});
