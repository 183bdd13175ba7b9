import { beforeEach } from 'vitest';

/** By their titles, of mutation tests. */
const skipped = new Set<string>(JSON.parse(process.env.SKIPPED_TESTS ?? '[]'));

beforeEach(({ task, skip }) => {
  if (skipped.has(task.name)) skip();
});
