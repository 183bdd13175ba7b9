import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReportData } from '../src/report/report-data.ts';
import { sweepSection, withSweepSection } from './readme-sweep.ts';

// Usage: npx tsx scripts/write-readme-sweep.ts SWEEP_DIR [TIMED_SWEEP_DIR], with a sweep of examples/sweep/readme.yaml and a built
// package. Where the sweep shared the machine, training times are taken from the second one: shorter, by the same schedule in proportion.
const PLOT = 'docs/sweep.svg';
const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const [sweep, timedSweep] = process.argv.slice(2);
if (sweep === undefined) throw new Error('name the folder of the sweep');
const report = (folder: string, ...flags: string[]) =>
  execFileSync(process.execPath, [path('dist/bin/cifar10-prune.js'), 'report', folder, ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 30,
  });
const dataOf = (folder: string) => JSON.parse(report(folder, '--json')) as ReportData;

const section = sweepSection(dataOf(sweep), PLOT, timedSweep === undefined ? undefined : dataOf(timedSweep));
const readme = withSweepSection(readFileSync(path('README.md'), 'utf8'), section);
const pictures = mkdtempSync(join(tmpdir(), 'readme-sweep-'));
report(sweep, `--svg=${join(pictures, 'svg')}`, `--output=${join(pictures, 'report.html')}`);
copyFileSync(join(pictures, 'svg', 'accuracy-by-sparsity.svg'), path(PLOT));
rmSync(pictures, { recursive: true });
writeFileSync(path('README.md'), readme);
