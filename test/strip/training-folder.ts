import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar';

const fixtures = join(import.meta.dirname, '../fixtures/model-pruning');

/** What TensorFlow computed from a training folder of `test/fixtures/model-pruning`. */
export interface Expected {
  readonly outputNodeNames: string[];
  readonly inputNodeNames: string[];
  readonly inputs: Readonly<Record<string, { readonly shape: number[]; readonly values: number[] }>>;
  readonly output: number[];
  readonly averagedOutput?: number[];
  readonly maskedWeights: Readonly<Record<string, number[]>>;
}

/** Unpacks a training folder into a new folder. */
export async function trainingFolder(name: string): Promise<{ dir: string; expected: Expected }> {
  const dir = await mkdtemp(join(tmpdir(), `${name}-`));
  await extract({ file: join(fixtures, `${name}.tar.gz`), cwd: dir });
  return { dir, expected: JSON.parse(await readFile(join(fixtures, `${name}.json`), 'utf8')) };
}
