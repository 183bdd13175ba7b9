import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ENGINE = join(import.meta.dirname, '../../src/engine/simd');

/** What builds programs, without comments. */
const SOURCES = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('kernels'))
  .map((file) => {
    const text = readFileSync(join(ENGINE, file), 'utf8');
    return { file, code: text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '') };
  });

/** What a number may be outside of named constants: bytes of a value, halves, and as many scalars as a step takes. */
const NUMBERS = new Set(['0', '1', '2', '4', '8']);
const EXCEPTIONS = /\[\d+\]|2 \*\* 30|^(?:export )?const [A-Z_]+ = .*|allocate\(4 \* 3\)/gm;

test.each(SOURCES)('$file knows no tile and no number of lanes', ({ code }) => {
  const numbers = code.replace(EXCEPTIONS, '').match(/(?<![\w.$'])\d[\d_]*(?![\w.'])/g) ?? [];
  expect(numbers.filter((number) => !NUMBERS.has(number))).toEqual([]);
  // 4 and 8 are bytes: nothing is rounded to them, or counted by them.
  expect(code).not.toMatch(/roundUp\([^;]*, \d+\)|% \d|Math\.(ceil|floor)\([^;]*\/ [2-9]\)/);
});
