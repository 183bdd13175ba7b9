import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import sharp from 'sharp';
import {
  encodeBundle,
  latestCheckpoint,
  openCheckpoint,
  readMetaGraph,
} from '../../../src/checkpoint/index.ts';
import { parseRecords, readImageFile, serializeRecords } from '../../../src/cifar10-loader.ts';
import { EXPORT_FORMATS } from '../../../src/export/index.ts';
import { tfjsManifest } from '../../../src/formats/tfjs/manifest.ts';
import { parseHparams } from '../../../src/hparams/index.ts';
import { inspection } from '../../../src/inspect/index.ts';
import { tfjsModel } from '../../../src/inspect/tfjs-model.ts';
import { createPruning, pruningWarnings } from '../../../src/pruning/index.ts';
import { CIFAR10 } from '../../../src/tasks/cifar10.ts';
import { formatSettings, newSettings, readSettings } from '../../../src/train/run-settings.ts';
import { BundleEntryProtoSchema, EventSchema, MetaGraphDefSchema } from '../../../src/wire/protos.ts';
import { decodeRecords, encodeRecord } from '../../../src/wire/record.ts';
import { decodeTable, encodeTable } from '../../../src/wire/table.ts';
import { smallClassifier } from '../../export/graphs.ts';
import { type Draw, damageBytes } from '../../runtime/mutations.ts';
import { refMetaGraph, values } from '../../strip/graphs.ts';
import { damageText } from './damage-text.ts';
import { damageJson, damageMessage } from './damage-tree.ts';
import { folder, utf8 } from './folder.ts';
import type { Target } from './target.ts';

const prefix = join(folder, 'checkpoint', 'model.ckpt-7');
const bundle = encodeBundle(values);
const meta = toBinary(MetaGraphDefSchema, refMetaGraph());
const state = utf8('model_checkpoint_path: "model.ckpt-7"\nall_model_checkpoint_paths: "model.ckpt-7"\n');
const checkpointFiles: Readonly<Record<string, Uint8Array>> = {
  [`${prefix}.data-00000-of-00001`]: bundle.data,
  [`${prefix}.index`]: bundle.index,
  [`${prefix}.meta`]: meta,
  [join(folder, 'checkpoint', 'checkpoint')]: state,
};
mkdirSync(join(folder, 'checkpoint'));
for (const [path, bytes] of Object.entries(checkpointFiles)) writeFileSync(path, bytes);

const tfjs = EXPORT_FORMATS.tfjs.weightFormats.map((weightFormat) =>
  EXPORT_FORMATS.tfjs.encode(smallClassifier(), { filename: `${weightFormat}.pb`, weightFormat }),
);
for (const [model, ...shards] of tfjs) {
  mkdirSync(join(folder, model!.name, '..'), { recursive: true });
  for (const { name, bytes } of shards) writeFileSync(join(folder, name), bytes);
}

const records = serializeRecords(
  Array.from({ length: 3 }, (_, label) => ({ label, planes: new Uint8Array(3072) })),
);
const events = [
  encodeRecord(toBinary(EventSchema, fromBinary(EventSchema, Uint8Array.of()))),
  encodeRecord(meta),
];
const solid = sharp({ create: { width: 9, height: 7, channels: 3, background: '#39f' } });
const pictures = await Promise.all(
  [solid.png(), solid.jpeg(), solid.webp()].map((image) => image.toBuffer()),
);
const WEIGHTS = [
  { name: 'conv1/weights', shape: [3, 3, 2, 4] },
  { name: 'local3/weights', shape: [8, 4] },
];

export const fileTargets: Readonly<Record<string, Target>> = {
  checkpoint_index: {
    whole: [bundle.index],
    damage: (bytes, draw) => (draw(3) === 0 ? damageBytes(bytes, draw) : damageEntries(bytes, draw)),
    read: (bytes) => readingAs(`${prefix}.index`, bytes, readAll),
  },
  checkpoint_data: {
    whole: [bundle.data],
    damage: damageBytes,
    read: (bytes) => readingAs(`${prefix}.data-00000-of-00001`, bytes, readAll),
  },
  checkpoint_meta: {
    whole: [meta],
    damage: (bytes, draw) => damageMessage(MetaGraphDefSchema, bytes, draw),
    read: (bytes) => readingAs(`${prefix}.meta`, bytes, () => readMetaGraph(prefix)),
  },
  checkpoint_state: {
    whole: [state],
    damage: damageBytes,
    read: (bytes) =>
      readingAs(join(folder, 'checkpoint', 'checkpoint'), bytes, () =>
        latestCheckpoint(join(folder, 'checkpoint')),
      ),
  },
  run_settings: {
    whole: [utf8(formatSettings(newSettings(CIFAR10, {})))],
    damage: damageJson,
    async read(bytes) {
      writeFileSync(join(folder, 'run.json'), bytes);
      const settings = await readSettings(folder);
      if (settings) parseHparams(settings.pruning_hparams);
    },
  },
  tfjs: {
    whole: tfjs.map(([model]) => model!.bytes),
    damage: damageJson,
    async read(bytes) {
      const manifest = tfjsManifest(bytes);
      const path = join(folder, tfjs[0]![0]!.name);
      if (!manifest) return;
      writeFileSync(path, bytes);
      inspection({ kind: 'TensorFlow.js model', path, ...(await tfjsModel(path, manifest)) });
    },
  },
  /** What reads a model of TensorFlow.js back after it has been written. */
  tfjs_weights: {
    whole: tfjs.map(([model]) => model!.bytes),
    damage: damageJson,
    read: (bytes) => EXPORT_FORMATS.tfjs.readWeights([{ ...tfjs[0]![0]!, bytes }, ...tfjs[0]!.slice(1)]),
  },
  events: {
    whole: [Buffer.concat(events)],
    damage: damageBytes,
    read: (bytes) => [...decodeRecords(bytes)],
  },
  hparams: {
    whole: [
      'name=a,initial_sparsity=0.3,target_sparsity=.9,do_not_prune=[conv1,local]',
      'weight_sparsity_map=[conv1:0.8,local.*:0.95],block_dims_map=[local3:4x4],threshold_decay=1e-3',
      'block_height=2,block_width=-1,block_pooling_function=MAX,use_tpu=true,nbins=7,end_pruning_step=-1',
    ].map(utf8),
    damage: damageText,
    read(bytes) {
      const pruning = createPruning(new TextDecoder().decode(bytes), WEIGHTS);
      pruningWarnings(pruning.hparams, 100, WEIGHTS);
    },
  },
  batch_file: {
    whole: [records],
    damage: damageBytes,
    read: (bytes) => parseRecords(bytes, 'batch'),
    slowness: 4,
  },
  picture: {
    whole: pictures,
    damage: damageBytes,
    slowness: 50,
    read(bytes) {
      const path = join(folder, 'picture');
      writeFileSync(path, bytes);
      return readImageFile(path);
    },
  },
};

/** One entry's message, or one entry, with the checksums right again. */
function damageEntries(bytes: Uint8Array, draw: Draw): Uint8Array {
  try {
    const entries = decodeTable(bytes).map(([key, value]): [Uint8Array, Uint8Array] => [key, value]);
    const at = draw(entries.length);
    const [key, value] = entries[at]!;
    const way = draw(6);
    if (way === 0) entries.splice(at, 1);
    else if (way === 1) entries[at] = [damageBytes(key, draw), value];
    else entries[at] = [key, damageMessage(BundleEntryProtoSchema, value, draw)];
    return encodeTable(entries.toSorted(([a], [b]) => Buffer.compare(a, b)));
  } catch {
    return damageBytes(bytes, draw);
  }
}

/** Puts bytes in the place of a file while something is read. */
async function readingAs(path: string, bytes: Uint8Array, read: () => Promise<unknown>): Promise<void> {
  writeFileSync(path, bytes);
  try {
    await read();
  } finally {
    writeFileSync(path, checkpointFiles[path]!);
  }
}

async function readAll(): Promise<void> {
  const checkpoint = await openCheckpoint(prefix);
  for (const name of checkpoint.names) await checkpoint.read(name);
}
