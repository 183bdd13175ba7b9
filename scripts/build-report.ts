import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

// What a report's page runs, and what draws its plots as files: bundled, so that users install none of the plotting library.

const outdir = join(import.meta.dirname, '../dist/report');
const sources = join(import.meta.dirname, '../src/report');
const common = {
  bundle: true,
  minify: true,
  legalComments: 'inline',
  define: { 'process.env.NODE_ENV': '"production"', __DEV__: 'false' },
} as const;

await build({
  ...common,
  entryPoints: [join(sources, 'browser/main.ts')],
  outfile: join(outdir, 'page.js'),
  format: 'iife',
  platform: 'browser',
  target: ['es2022'],
  tsconfig: join(sources, 'browser/tsconfig.json'),
});
await build({
  ...common,
  entryPoints: [join(sources, 'browser/style.css')],
  outfile: join(outdir, 'page.css'),
  target: ['chrome120', 'firefox120', 'safari17'],
});
await build({
  ...common,
  entryPoints: [join(sources, 'charts/pictures.ts')],
  outfile: join(outdir, 'pictures.cjs'),
  format: 'cjs',
  platform: 'node',
  target: ['node20.19'],
});

const resolve = createRequire(import.meta.url);
const folderOf = (name: string, from = resolve) => dirname(from.resolve(`${name}/package.json`));
const echarts = folderOf('echarts');
const zrender = folderOf('zrender', createRequire(join(echarts, 'package.json')));
const text = (...path: string[]) => readFileSync(join(...path), 'utf8').trim();
const { version } = JSON.parse(text(echarts, 'package.json')) as { version: string };

await mkdir(outdir, { recursive: true });
await writeFile(
  join(outdir, 'NOTICE.txt'),
  [
    `Holds parts of Apache ECharts ${version}, under the Apache License, Version 2.0:`,
    text(echarts, 'NOTICE'),
    'and of ZRender, under this license:',
    text(zrender, 'LICENSE'),
    'and of d3, under this license:',
    text(echarts, 'licenses/LICENSE-d3'),
    '',
  ].join('\n\n'),
);
await writeFile(join(outdir, 'LICENSE-echarts.txt'), `${text(echarts, 'LICENSE')}\n`);
