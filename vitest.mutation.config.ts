import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const folder = process.env.MUTATE ?? 'pruning';

/** Their mocks must not reach the tests of other files. */
const mocking = readdirSync(`test/${folder}`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${folder}/${name}`)
  .filter((file) => /\bvi\.mock\(/.test(readFileSync(file, 'utf8')));
// Trains a model with TensorFlow.js, which takes longer than all others together.
const slow = 'test/pruning/example.test.ts';
const common = { setupFiles: ['test/seed.ts', 'test/skipped.ts'], testTimeout: 30_000 };

/** What `stryker.config.mjs` runs. One thread for all files is several times as fast as one for each. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'together',
          include: [`test/${folder}/**/*.test.ts`],
          exclude: [slow, ...mocking],
          isolate: false,
        },
      },
      ...(mocking.length > 0
        ? [{ test: { ...common, name: 'alone', include: mocking, isolate: true } }]
        : []),
    ],
  },
});
