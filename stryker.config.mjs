/**
 * Mutation tests of one folder of src: `MUTATE=summary npm run test:mutation`; arguments of Stryker may follow `--`, such as
 * `--mutate=src/summary/histogram.ts:20-40`. Only that folder's own tests run, so that a mutant takes seconds.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
const folder = process.env.MUTATE ?? 'pruning';

export default {
  mutate: [`src/${folder}/**/*.ts`],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
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
