import { defineConfig } from 'vitest/config';

/** What `stryker.config.mjs` runs. */
export default defineConfig({
  test: {
    setupFiles: ['test/seed.ts'],
    include: [`test/${process.env.MUTATE ?? 'pruning'}/**/*.test.ts`],
    // Trains a model with TensorFlow.js, which takes longer than all others together.
    exclude: ['test/pruning/example.test.ts'],
    testTimeout: 30_000,
    isolate: false,
  },
});
