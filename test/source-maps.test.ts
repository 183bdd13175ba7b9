import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';

test('maps carry their sources, which are not packed, and no map leads to what is not there', () => {
  const { config } = ts.readConfigFile('tsconfig.build.json', (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  const emitted = new Map<string, string>();
  ts.createProgram(['src/errors.ts'], { ...options, noCheck: true, types: [] }).emit(
    undefined,
    (path, text) => {
      emitted.set(path.replace(/^.*?dist\//, ''), text);
    },
  );
  const names = [...emitted.keys()].filter((path) => path.startsWith('src/errors.')).sort();
  expect(names).toEqual(['src/errors.d.ts', 'src/errors.js', 'src/errors.js.map']);
  const map = JSON.parse(emitted.get('src/errors.js.map')!) as { sourcesContent?: string[] };
  expect(map.sourcesContent).toEqual([readFileSync('src/errors.ts', 'utf8')]);
});
