import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { EXPORT_FORMATS, writeExport } from '../../src/export/index.ts';
import { type Inspection, inspection, loadModel } from '../../src/inspect/index.ts';
import { runCaptured } from '../cli/capture.ts';
import { cifar10Graph } from '../export/graphs.ts';
import { names } from '../strip/graphs.ts';
import { runPython } from './python.ts';

interface Findings {
  readonly weights: Readonly<Record<string, { readonly shape: number[]; readonly nonzero: number }>>;
  readonly flops: number;
  readonly nodes: string[];
}

const graph = cifar10Graph(0.9);
const CASES = (
  [
    ['pb', 'dense'],
    ['pb', 'sparse'],
    ['pb', 'sparse,int8'],
    ['saved_model', 'sparse,float16'],
    ['onnx', 'dense'],
    ['onnx', 'sparse'],
  ] as const
).map(([format, weightFormat], index) => ({ format, weightFormat, index }));

let folder: string;
let ours: Inspection[];
let theirs: Findings[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interop-inspect-'));
  const asked: [string, string][] = [];
  ours = [];
  for (const { format, weightFormat } of CASES) {
    const files = EXPORT_FORMATS[format].encode(graph, { filename: `${weightFormat}.pb`, weightFormat });
    const [main] = await writeExport(files, { folder, overwrite: false });
    ours.push(inspection(await loadModel(main!.path)));
    asked.push([format, files[0]!.name]);
  }
  const logdir = join(folder, 'graph');
  const given = ['inspect', join(folder, 'dense.pb'), `--logdir=${logdir}`, '--json'];
  const { stdout } = await runCaptured(given, COMMANDS);
  asked.push(['events', join('graph', basename(JSON.parse(stdout).event_file))]);
  await writeFile(join(folder, 'files.json'), JSON.stringify(asked));
  theirs = JSON.parse(await runPython('inspect.py', [folder]));
});
afterAll(() => rm(folder, { recursive: true }));

it.each(CASES)(
  'weights of $format, $weightFormat, are those that its own library finds',
  ({ format, index }) => {
    const found = Object.values(theirs[index]!.weights);
    // ONNX has the channels of a convolution first.
    const ordered = (shape: readonly number[]) =>
      format === 'onnx' ? shape.toSorted((a, b) => a - b) : shape;
    const byShape = (weights: readonly { shape: readonly number[]; nonzero: number }[]) =>
      weights.map(({ shape, nonzero }) => `${ordered(shape).join('x')}: ${nonzero}`).sort();
    expect(found).toHaveLength(5);
    expect(byShape(ours[index]!.weights)).toEqual(byShape(found));
  },
);

it('multiply-adds are half of the operations that TensorFlow counts', () => {
  expect(theirs[0]!.flops).toBe(2 * ours[0]!.total.multiplyAdds.dense);
});

it('TensorBoard reads the graph from the event file', () => {
  expect(theirs.at(-1)!.nodes.toSorted()).toEqual(names(graph).toSorted());
});
