import { existsSync } from 'node:fs';
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `Times cifar10-prune beside other libraries, all in turn in one run; see README.md.

  --rounds=N            how often each has its turn (7)
  --libraries=A,B       only these, of ours, tensorflow, pytorch, onnxruntime, tfjs-node, tfjs-wasm,
                        ours-tfjs (all)
  --json=FILE           write everything that was measured
  --write_docs          put the tables into README.md and docs/reference.md of the package

CIFAR10_PRUNE_PYTHON names the Python that has TensorFlow and PyTorch (python3).`;

const README = new URL('../../README.md', import.meta.url);
const REFERENCE = new URL('../../docs/reference.md', import.meta.url);
const BUILT = new URL('../../dist/src/index.js', import.meta.url);
const note = (line: string) => console.error(line);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      libraries: { type: 'string' },
      json: { type: 'string' },
      write_docs: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds is ${values.rounds}; expected 1 or more`);
  if (values.json) await access(dirname(values.json), constants.W_OK);
  if (!existsSync(BUILT)) throw new Error('the package is not built; run "npm ci" in the folder above');

  // These need the package to be built.
  const { contestants, OURS, PEAK } = await import('./contestants.ts');
  const { isBusy } = await import('./machine.ts');
  const { report, shortReport } = await import('./report.ts');
  const { race } = await import('./run.ts');
  const { scheduleSparsities } = await import('./schedule.ts');
  const { writeMaterials } = await import('./write-materials.ts');

  const threads = availableParallelism();
  const wanted = values.libraries === undefined ? undefined : [PEAK, OURS, ...values.libraries.split(',')];
  const all = contestants(threads, scheduleSparsities());
  const unknown = wanted?.find((name) => !all.some(({ library }) => library === name));
  if (unknown !== undefined)
    throw new Error(
      `--libraries names ${unknown}; expected some of ${[...new Set(all.map(({ library }) => library))].join(', ')}`,
    );
  const specs = all.filter(({ library }) => !wanted || wanted.includes(library));
  if (isBusy())
    note('Other programs are computing: what follows is slower than it would be and varies more.');
  const folder = await mkdtemp(join(tmpdir(), 'cifar10-prune-bench-'));
  try {
    await writeMaterials(folder);
    const results = await race(specs, { folder, rounds, threads, note });
    const markdown = report(results);
    console.log(`\n${markdown}`);
    if (values.json) await writeFile(values.json, `${JSON.stringify(results)}\n`);
    if (values.write_docs) {
      await putInto(README, shortReport(results));
      await putInto(REFERENCE, markdown);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function putInto(document: URL, section: string): Promise<void> {
  const { withSection } = await import('./documents.ts');
  await writeFile(document, withSection(await readFile(document, 'utf8'), section));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
