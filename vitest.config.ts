import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };

// Examples import the package by its name; tests run them on the sources, not on what was built last.
const alias = Object.entries(manifest.exports).flatMap(([path, file]) => {
  const source = file.replace(/^\.\/dist\/(.*)\.js$/, './$1.ts');
  if (source === file) return [];
  return {
    find: new RegExp(`^${manifest.name}${path.slice(1)}$`),
    replacement: fileURLToPath(new URL(source, import.meta.url)),
  };
});

export default defineConfig({
  resolve: { alias },
  test: {
    pool: 'forks',
    setupFiles: ['test/seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**', 'test/slow/**', 'test/faults/**'],
          testTimeout: 30_000,
          // On two cores Vitest would take one worker: 8 minutes instead of 5.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          hookTimeout: 600_000,
          testTimeout: 600_000,
          // Most of the time each waits for one process that it has started.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          globalSetup: 'test/interop/environment.ts',
          runner: 'test/interop/runner.ts',
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
