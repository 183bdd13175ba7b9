import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convInput, forwardTaps, type KernelShape } from '../../../src/engine/simd/conv-taps.ts';
import { compileKernels } from '../../../src/engine/simd/kernels/kernel-sets.ts';
import { planes, windowOver } from '../../../src/engine/simd/planes.ts';

const page = readFileSync(join(import.meta.dirname, '../../../ARCHITECTURE.md'), 'utf8').replace(/\s+/g, ' ');

test('the example of ARCHITECTURE.md is what the engine plans', () => {
  const kernel: KernelShape = [3, 3, 1, 1];
  const steps = { strides: [1, 1], dilations: [1, 1] } as const;
  const { kernels } = compileKernels(true);
  const image = planes(kernels, 1, 4, 5);
  const window = windowOver(image, [3, 3], [1, 1], 'SAME');
  const padded = convInput(kernels, image, kernel, steps, window);
  const { taps, spans } = forwardTaps(kernel, padded, steps, image, window);

  expect(page).toContain(`${image.columns} columns take ${image.row / 4} places, ${image.row} bytes`);
  expect(page).toContain(`again ${padded.row} bytes a row`);
  expect(page).toContain(`Here there are nine: ${taps.join(', ')}.`);
  expect(page).toContain(`x[${padded.row} * row + 4 * column + tap[t]]`);
  expect(page).toContain(`the list is \`(${taps[1]}, w[0][1]) (${taps[6]}, w[2][0])\``);
  expect(spans).toEqual([
    { firstRow: 0, endRow: 1, firstTap: 3, endTap: 9 },
    { firstRow: 1, endRow: 3, firstTap: 0, endTap: 9 },
    { firstRow: 3, endRow: 4, firstTap: 0, endTap: 6 },
  ]);
  expect(page).toContain('row 0 with taps 3 to 8, rows 1 and 2 with all, row 3 with taps 0 to 5');
});
