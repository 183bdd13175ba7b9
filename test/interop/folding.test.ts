import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readGraphDef } from '../../src/runtime/read-graph.ts';
import { Allowance } from '../../src/tensorflow/allowance.ts';
import { foldNode, readConstant } from '../../src/tensorflow/constants.ts';
import { FOLDS } from '../../src/tensorflow/fold/folds.ts';
import { nodesByName } from '../../src/tensorflow/lookup.ts';
import type { NodeDef } from '../../src/wire/protos.ts';
import { type Dtype, type Tensor, tensorFromBytes } from '../../src/wire/tensor.ts';
import { runPython } from './python.ts';

interface Result {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly bytes: string;
}

const isNaNHalf = (bits: number | bigint) => (Number(bits) & 0x7fff) > 0x7c00;

it('gives of constants what TensorFlow does, bit for bit but for the bits of a NaN', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'folding-'));
  await runPython('folding.py', [folder]);
  const graph = await readGraphDef(join(folder, 'graph.pb'));
  const theirs: Record<string, Result> = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8'));
  await rm(folder, { recursive: true });

  const nodes = nodesByName(graph);
  const allowance = new Allowance();
  const compute = (node: NodeDef): Tensor =>
    node.op === 'Const'
      ? readConstant(node, allowance)
      : foldNode(
          node,
          node.input.map((input) => compute(nodes.get(input)!)),
          allowance,
        );
  const differing: Record<string, unknown> = {};
  const compared = new Set<string>();
  for (const [name, { shape, dtype, bytes }] of Object.entries(theirs)) {
    const node = nodes.get(name)!;
    const expected = tensorFromBytes(dtype, shape, Buffer.from(bytes, 'base64'));
    const given = compute(node);
    const same =
      given.dtype === dtype &&
      given.shape.join() === shape.join() &&
      expected.data.every(
        (value, i) =>
          Object.is(value, given.data[i]) ||
          (dtype === 'float16' && isNaNHalf(value) && isNaNHalf(given.data[i]!)),
      );
    if (!same) differing[`${name} ${node.input.map((each) => nodes.get(each)!.op)}`] = { given, expected };
    compared.add(node.op);
  }
  expect(differing).toEqual({});
  expect([...compared].sort()).toEqual(Object.keys(FOLDS).sort());
  expect(Object.keys(theirs).length).toBeGreaterThan(3000);
});
