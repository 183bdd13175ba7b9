import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Mutation tests of one folder of src: `MUTATE=summary npm run test:mutation`; arguments of Stryker may follow `--`, such as
 * `--mutate=src/summary/histogram.ts:20-40`. Only that folder's own tests run, so that a mutant takes seconds.
 *
 * `QUICK=400` leaves out tests that take 400 ms or longer: the few slowest take most of the time. What survives without them
 * is tested again, with all tests, by the same command without QUICK. `STATIC=1` mutates what runs outside of tests, too, such
 * as a training in a `beforeAll`.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
const folder = process.env.MUTATE ?? 'pruning';
const quick = Number(process.env.QUICK);
if (quick > 0) process.env.SKIPPED_TESTS = JSON.stringify(slowTests(quick));

/** @param {number} milliseconds */
function slowTests(milliseconds) {
  const durations = `.stryker/${folder}-durations.json`;
  const args = [
    'vitest',
    'run',
    '--config=vitest.mutation.config.ts',
    '--reporter=json',
    `--outputFile=${durations}`,
  ];
  execFileSync('npx', args, { stdio: 'ignore' });
  const { testResults } = JSON.parse(readFileSync(durations, 'utf8'));
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ duration = 0 }) => duration >= milliseconds)
    .map(({ title }) => title);
}

export default {
  mutate: [`src/${folder}/**/*.ts`],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  ignoreStatic: process.env.STATIC === undefined,
  incremental: true,
  incrementalFile: `.stryker/${folder}.json`,
  tempDirName: '.stryker/sandbox',
  ignorePatterns: [
    '/dist/*',
    '!/dist/assembly',
    '/data',
    '/bench',
    '/demo-run',
    '/.venv-interop',
    '/.stryker',
  ],
  concurrency: 1,
  timeoutMS: 5_000,
  reporters: ['progress-append-only', 'clear-text', 'html'],
  htmlReporter: { fileName: `.stryker/${folder}.html` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
