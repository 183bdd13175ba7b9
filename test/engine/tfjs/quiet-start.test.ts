import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('loads TensorFlow.js when it is first used, prints nothing and leaves errors to the process', async () => {
  const script = join(import.meta.dirname, 'quiet-start.ts');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script]);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ beforeUse: [], listeners: [0, 0] });
});
