import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type StripReport, stripCheckpoint } from '../../src/strip/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { runPython } from './python.ts';

interface Judged {
  readonly name: string;
  readonly equal: boolean;
  readonly largest: number;
  readonly masks: readonly string[];
  readonly 'named as masks': readonly string[];
  readonly 'expected masks': number;
}

let folder: string;
let judged: Judged[];
const reports = new Map<string, StripReport>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masked-graphs-'));
  const names: string[] = JSON.parse(await runPython('masked-graphs.py', ['write', folder]));
  for (const name of names) {
    const checkpointDir = join(folder, name);
    const { graph, report } = await stripCheckpoint({ checkpointDir, outputNodeNames: ['y'] });
    reports.set(name, report);
    await writeFile(join(checkpointDir, 'frozen.pb'), toBinary(GraphDefSchema, graph));
  }
  judged = JSON.parse(await runPython('masked-graphs.py', ['judge', folder]));
});
afterAll(() => rm(folder, { recursive: true }));

it('graphs of masks in functions, loops, branches and many forms give TensorFlow the bits of those they are frozen from', () => {
  expect(judged.length).toBeGreaterThan(11);
  expect(judged.filter(({ equal, largest }) => !equal || largest < 1e-3)).toEqual([]);
});

it('and hold no mask but those that an output reads, which is said', () => {
  for (const each of judged) {
    const { name, masks } = each;
    expect({ name, masks: masks.length }).toEqual({ name, masks: each['expected masks'] });
    if (masks.length === 0) expect({ name, named: each['named as masks'] }).toEqual({ name, named: [] });
    const { tensors, warnings } = reports.get(name)!;
    expect(tensors.length).toBeGreaterThan(0);
    expect(warnings.filter((warning) => warning.includes(' mask '))).toHaveLength(masks.length);
  }
});
