import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const MAX_LINES = 250;

async function cruiseFrom(folder: string): Promise<ICruiseResult> {
  const { tsConfig, ...options }: ICruiseOptions = await extractDepcruiseOptions(
    join(root, '.dependency-cruiser.cjs'),
  );
  const { output } = await cruise(['bin', 'src'], { ...options, baseDir: folder });
  return output as ICruiseResult;
}

const violations = ({ summary }: ICruiseResult) =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);

describe('the import rule', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'architecture-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function cruiseSources(sources: Record<string, string>) {
    await mkdir(join(folder, 'bin'), { recursive: true });
    for (const [path, text] of Object.entries(sources)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return violations(await cruiseFrom(folder));
  }

  it('holds in bin and src', async () => {
    const result = await cruiseFrom(root);
    expect(violations(result)).toEqual([]);
    expect(result.summary.totalDependenciesCruised).toBeGreaterThan(50);
  });

  it('allows imports that point down', async () => {
    const sources = {
      'src/cli/a.ts': "import { b } from '../strip/b.ts';\nexport const a = b;\n",
      'src/strip/b.ts': "import { c } from '../model/c.ts';\nexport const b = c;\n",
      'src/model/c.ts': 'export const c = 1;\n',
    };
    expect(await cruiseSources(sources)).toEqual([]);
  });

  it.each([
    ['upwards', 'src/pruning/a.ts', 'src/train/b.ts', /no-higher-floor/],
    ['upwards for a type alone', 'src/model/a.ts', 'src/graph/b.ts', /no-higher-floor/, 'import type'],
    ['upwards when it runs', 'src/engine/a.ts', 'src/cli/b.ts', /no-higher-floor/, 'import()'],
    ['sideways', 'src/strip/a.ts', 'src/train/b.ts', /no-neighbour/],
    ['from strip to pruning', 'src/strip/a.ts', 'src/pruning/b.ts', /strip-knows-no-training/],
    ['to no floor', 'src/misc/a.ts', 'src/model/b.ts', /every-source-file-is-on-a-floor/],
    ['to the index', 'src/cli/a.ts', 'src/index.ts', /nothing-imports-the-index/],
    ['from train to a task', 'src/train/a.ts', 'src/tasks/b.ts', /tasks-are-named-at-the-top/],
  ])('refuses an import that points %s', async (_, from, to, rule, form = 'import') => {
    const path = `../${to.replace('src/', '')}`;
    const statement = {
      import: `import { b } from '${path}';\nexport const a = b;\n`,
      'import type': `import type { B } from '${path}';\nexport type A = B;\n`,
      'import()': `export const a = () => import('${path}');\n`,
    }[form]!;
    const found = await cruiseSources({
      [from]: statement,
      [to]: 'export const b = 1;\nexport type B = 1;\n',
    });
    expect(found).toContainEqual(expect.stringMatching(rule));
  });

  it('refuses a circle within a folder', async () => {
    const sources = {
      'src/graph/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
      'src/graph/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
    };
    expect(await cruiseSources(sources)).toContainEqual(expect.stringMatching(/no-circle/));
  });
});

describe('source files', async () => {
  const files = (await readdir(join(root, 'src'), { recursive: true }))
    .filter((path) => path.endsWith('.ts') && !path.startsWith(join('wire', 'gen')))
    .sort();

  it('are found', () => expect(files.length).toBeGreaterThan(10));

  it(`have at most ${MAX_LINES} lines`, async () => {
    const lengths = await Promise.all(
      files.map(async (path) => ({
        path,
        lines: (await readFile(join(root, 'src', path), 'utf8')).split('\n').length - 1,
      })),
    );
    expect(lengths.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
  });

  it('are named after what they hold', () => {
    const vague = /(^|\/)(utils?|helpers?|misc|common)\b/;
    expect(files.filter((path) => vague.test(path.replaceAll('\\', '/')))).toEqual([]);
  });
});
