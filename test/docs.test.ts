import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { flagsOf } from '../src/cli/command.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { parseHparams, weightSchedule, withDefaults } from '../src/pruning/index.ts';
import { runCaptured } from './cli/capture.ts';
import { anchorsOf, type Block, blocksOf, commandLinesOf, linksOf, wordsOf } from './markdown.ts';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const texts = new Map(documents.map((path) => [path, readFileSync(path, 'utf8')]));
const blocksIn = (...languages: string[]) =>
  [...texts].flatMap(([path, text]) =>
    blocksOf(text)
      .filter(({ language }) => languages.includes(language))
      .map((block) => ({ path, block })),
  );

/** The same commands, which only parse. */
const parsed: Readonly<Record<string, unknown>>[] = [];
const parsers = COMMANDS.map((command) => ({
  ...command,
  run: async (flags: Readonly<Record<string, unknown>>) => {
    parsed.push(flags);
  },
}));
const OTHER_PROGRAMS = ['tensorboard', 'docker', 'source', 'git'];

describe('commands', () => {
  const lines = blocksIn('sh').flatMap(({ path, block }) =>
    commandLinesOf(block).map((line) => [path, line] as const),
  );

  test.each(lines)('%s: %s', async (_, line) => {
    const [program, ...argv] = wordsOf(line).filter((word, at) => at > 0 || !word.includes('='));
    if (OTHER_PROGRAMS.includes(program!)) return;
    if (program === 'npm') return expectNpm(argv);
    if (program === 'npx' && argv[0] !== manifest.name) return expect(['vitest']).toContain(argv[0]);
    const own = program === 'npx' ? argv[0]! : program!;
    expect(Object.keys(manifest.bin)).toContain(own);
    const rest = program === 'npx' ? argv.slice(1) : argv;
    const { code, stderr } = await runCaptured(own === manifest.name ? rest : [own, ...rest], parsers);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const hparams = parsed.at(-1)?.pruning_hparams;
    if (typeof hparams === 'string') parseHparams(hparams);
  });

  function expectNpm([command, ...rest]: readonly string[]): void {
    expect(['ci', 'install', 'test', 'run']).toContain(command);
    if (command === 'run') expect(Object.keys(manifest.scripts)).toContain(rest[0]);
  }

  test('name flags in the text that a command has', () => {
    const known = new Set(COMMANDS.flatMap((command) => Object.keys(flagsOf(command))));
    const foreign = new Set([
      'logdir',
      'global',
      'help',
      'index',
      'version',
      'cases',
      'time',
      'checkpoint_path',
    ]);
    for (const [path, text] of texts) {
      if (path === 'CHANGELOG.md' || path === 'ARCHITECTURE.md') continue;
      const named = [...text.matchAll(/`--(?:no)?([a-z_-]+)/g)].map((match) =>
        match[1]!.replaceAll('-', '_'),
      );
      expect({ path, unknown: named.filter((name) => !known.has(name) && !foreign.has(name)) }).toEqual({
        path,
        unknown: [],
      });
    }
  });
});

describe('console sessions', () => {
  test.each(blocksIn('console').map(({ path, block }) => [path, block.lines[0]!, block] as const))(
    '%s: %s ends with what is printed there',
    async (_, prompt, { lines }: Block) => {
      const [dollar, program, ...argv] = wordsOf(prompt);
      expect([dollar, program]).toEqual(['$', manifest.name]);
      const { code, stderr } = await runCaptured(argv, COMMANDS);
      expect(stderr.trimEnd().split('\n')).toEqual(lines.slice(1));
      expect(code).toBeGreaterThan(0);
    },
  );
});

test('every message that troubleshooting quotes is one of the sources', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join('src', path), 'utf8').replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…'))
    .join('\n');
  const quotes = [...texts.get('docs/troubleshooting.md')!.matchAll(/^> `(.+)`$/gm)].map(
    (match) => match[1]!,
  );
  expect(quotes.length).toBeGreaterThan(15);
  // At a … that the sources compute otherwise than in a template, a message is more than one text.
  const parts = quotes.flatMap((quote) => quote.split('…')).filter((part) => /\w/.test(part));
  expect(parts.filter((part) => !sources.includes(part))).toEqual([]);
});

/** What snippets take from the code around them. */
const AROUND = {
  weights: 'Float32Array',
  weightsByName: 'Map<string, Float32Array>',
  images: 'Float32Array',
  step: 'number',
  loss: 'number',
};

test('TypeScript compiles', () => {
  const snippets = new Map(
    blocksIn('ts').map(({ path, block }, number) => {
      const code = block.lines.join('\n');
      const declarations = Object.entries(AROUND)
        .filter(([name]) => !new RegExp(`(const|let) (\\{[^}]*)?\\b${name}\\b`).test(code))
        .map(([name, type]) => `declare const ${name}: ${type};`);
      const file = resolve(`snippet-${number}-of-${path.replace(/\W/g, '-')}.ts`);
      return [file, `${code}\n${declarations.join('\n')}\nexport {};\n`] as const;
    }),
  );
  expect(snippets.size).toBeGreaterThan(3);
  const { config } = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ['src/index.ts'] },
    ts.sys,
    '.',
  );
  const paths = Object.fromEntries(
    Object.entries(manifest.exports)
      .filter(([, file]) => file.endsWith('.js'))
      .map(([path, file]) => [
        manifest.name + path.slice(1),
        [file.replace(/^\.\/dist\/(.*)\.js$/, './$1.ts')],
      ]),
  );
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (path) => snippets.get(path) ?? readFile(path);
  host.fileExists = (path) => snippets.has(path) || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    snippets.has(path)
      ? ts.createSourceFile(path, snippets.get(path)!, ts.ScriptTarget.ES2023)
      : getSourceFile(path, ...rest);
  const program = ts.createProgram([...snippets.keys()], { ...options, paths }, host);
  const errors = [...snippets.keys()].flatMap((path) => {
    const file = program.getSourceFile(path)!;
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
  expect(errors).toEqual([]);
});

describe('links', () => {
  const links = [...texts].flatMap(([path, text]) =>
    linksOf(text)
      .filter((link) => !/^\w+:/.test(link))
      .map((link) => [path, link] as const),
  );

  test.each(links)('%s: %s', (path, link) => {
    const [file, anchor] = link.split('#') as [string, string?];
    const target = file === '' ? path : normalize(join(dirname(path), file));
    expect(existsSync(target)).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(readFileSync(target, 'utf8'))).toContain(anchor);
  });

  test('of what is packed lead to what is packed', () => {
    const json = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [{ files }] = JSON.parse(json) as [{ files: { path: string }[] }];
    const packed = new Set(files.map((file) => file.path));
    expect(documents.filter((path) => !packed.has(path))).toEqual([]);
    const outside = links.filter(([path, link]) => {
      const file = link.split('#')[0]!;
      return file !== '' && !packed.has(normalize(join(dirname(path), file)));
    });
    expect(outside).toEqual([]);
  });
});

test('the table of schedules holds what the schedule gives', () => {
  const rows = [0, 2000, 4000, 6000, 8000].map((step) => {
    const at = (exponent: number) =>
      weightSchedule(
        withDefaults({
          target_sparsity: 0.9,
          sparsity_function_end_step: 8000,
          sparsity_function_exponent: exponent,
        }),
      )(step);
    const percent = (value: number) => `${(value * 100).toFixed(2)}%`;
    return `| ${step.toLocaleString('en')} | ${percent(at(1))} | ${percent(at(3))} |`;
  });
  expect(texts.get('docs/choosing-sparsity.md')).toContain(rows.join('\n'));
});
