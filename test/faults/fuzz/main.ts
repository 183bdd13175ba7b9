import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeFiles } from './folder.ts';
import { answer, fuzz, shares, TARGETS } from './fuzz.ts';

process.on('exit', removeFiles);

const USAGE = `npm run fuzz -- [--cases=N] [--seed=N] [--target=NAME,NAME]
npm run fuzz -- --target=NAME --replay=FILE
targets: ${Object.keys(TARGETS).join(', ')}`;
const LINE_EVERY_MS = 10_000;

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', default: Object.keys(TARGETS).join() },
    replay: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const names = flags.target.split(',');
if (flags.help || names.some((name) => !(name in TARGETS))) {
  console.error(USAGE);
  process.exit(2);
}
if (flags.replay !== undefined) {
  console.log(await answer(TARGETS[names[0]!]!, readFileSync(flags.replay)));
} else {
  process.exitCode = (await fuzzAll(Number(flags.cases), Number(flags.seed))) ? 0 : 1;
}

/** @returns whether all went well */
async function fuzzAll(cases: number, seed: number): Promise<boolean> {
  let tried = 0;
  let told = performance.now();
  let failures = 0;
  for (const [name, share] of shares(cases, names)) {
    const began = performance.now();
    const { cases, refused, failure } = await fuzz(name, { cases: share, seed }, () => {
      tried++;
      if (performance.now() - told < LINE_EVERY_MS) return;
      told = performance.now();
      console.log(`${name}: ${tried} cases`);
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${name}: ${cases} cases, ${refused} refused, ${seconds} s${failure ? ', FAILED' : ''}`);
    if (!failure) continue;
    failures++;
    const file = join(tmpdir(), `fuzz-${name}-${seed}.bin`);
    writeFileSync(file, failure.bytes);
    console.error(failure.error);
    console.error(`again: npm run fuzz -- --target=${name} --replay=${file}`);
  }
  console.log(`${tried} cases in all, seed ${seed}, ${failures} failures`);
  return failures === 0;
}
