import { defineConfig } from 'vitest/config';

const folder = process.env.MUTATE ?? 'pruning';

/** What `stryker.config.mjs` runs. */
export default defineConfig({
  test: {
    setupFiles: ['test/seed.ts'],
    include: [`test/${folder}/**/*.test.ts`],
    // Trains a model with TensorFlow.js, which takes longer than all others together.
    exclude: ['test/pruning/example.test.ts'],
    testTimeout: 30_000,
    // One thread for all files is several times as fast, where tests of pure functions do not mind.
    isolate: !['pruning', 'summary'].includes(folder),
  },
});
