/**
 * Builds the native kernels into native/build/kernels.node, unless they are there and as their sources are, with the C++ compiler that CXX
 * names, c++ otherwise.
 *
 *   node native/build.mjs                   fails if they cannot be built
 *   node native/build.mjs --if-possible     says why and ends well, as `npm install` needs it
 *   node native/build.mjs --output=FILE     builds FILE instead
 *   node native/build.mjs --sanitize        with the sanitizers for addresses and undefined behaviour, for tests
 *   node native/build.mjs --arch=arm64      for another processor than this one, with a compiler for it
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const [compiler, ...compilerFlags] = (process.env.CXX || 'c++').trim().split(/\s+/);
const isOptional = process.argv.includes('--if-possible');
const sanitize = process.argv.includes('--sanitize');
const arch = flagValue('--arch') ?? process.arch;
const target = flagValue('--output') ?? join(folder, 'build', 'kernels.node');
/** Beside the kernels, what they were built from. */
const record = `${target}.sha256`;

/** By processor: instruction set, float32 values a vector, and the extensions that addon.cc looks for. */
const VARIANTS = {
  x64: [
    [
      'avx512',
      16,
      ...['-mavx512f', '-mavx512bw', '-mavx512cd', '-mavx512dq', '-mavx512vl', '-mfma', '-mbmi2'],
      '-mprefer-vector-width=512',
    ],
    ['avx2', 8, '-mavx2', '-mfma', '-mbmi2'],
  ],
  arm64: [['neon', 4]],
};

const FLAGS = [
  '-std=c++17',
  '-O3',
  '-fPIC',
  '-fvisibility=hidden',
  '-fno-exceptions',
  '-fno-rtti',
  // Memory is bytes that hold one type here and another there.
  '-fno-strict-aliasing',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-ffp-contract=off',
  '-Wall',
  '-Wextra',
  '-Wno-psabi',
  '-Wno-ignored-attributes',
];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-g'];

/** The value of a flag; undefined if it is not given. */
function flagValue(flag) {
  return process.argv.find((argument) => argument.startsWith(`${flag}=`))?.slice(flag.length + 1);
}

/** Why the kernels cannot be built here, undefined if they can. */
function obstacle() {
  const { platform } = process;
  if (platform !== 'linux' && platform !== 'darwin') return `there is no build for ${platform} yet`;
  if (!(arch in VARIANTS)) return `there are no native kernels for ${arch}`;
  // Without its command line tools, macOS has a c++ that offers to install them.
  if (platform === 'darwin' && !succeeds('xcode-select', ['-p']))
    return 'there are no command line tools of Xcode';
  if (!succeeds(compiler, [...compilerFlags, '--version'])) return `there is no C++ compiler ${compiler}`;
  if (!headers()) return "Node-API's headers are missing: npm install node-api-headers";
  return undefined;
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** The folder of node_api.h: a package's, or what Node was installed with. */
function headers() {
  const own = join(dirname(dirname(process.execPath)), 'include', 'node');
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    return existsSync(join(own, 'node_api.h')) ? own : undefined;
  }
}

/** A digest of all that decides what is built. */
function sources() {
  const digest = createHash('sha256').update(JSON.stringify([arch, sanitize, process.env.CXX ?? '']));
  for (const name of readdirSync(folder).sort())
    if (/\.(cc|h|mjs)$/.test(name)) digest.update(`${name}\n`).update(readFileSync(join(folder, name)));
  return digest.digest('hex');
}

/** @throws Error with the compiler's first error */
function build() {
  mkdirSync(dirname(target), { recursive: true });
  const scratch = mkdtempSync(join(dirname(target), 'building-'));
  try {
    const flags = [...compilerFlags, ...FLAGS, ...(sanitize ? SANITIZERS : [])];
    const compile = (source, object, ...more) =>
      run([...flags, ...more, '-c', join(folder, source), '-o', join(scratch, object)]);
    const variants = VARIANTS[arch];
    for (const [name, lanes, ...more] of variants)
      compile('kernels.cc', `${name}.o`, `-DVARIANT=${name}`, `-DLANES=${lanes}`, ...more);
    compile('addon.cc', 'addon.o', `-I${headers()}`);
    const objects = [...variants.map(([name]) => name), 'addon'].map((name) => join(scratch, `${name}.o`));
    const shared = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
    run([...flags, ...shared, '-o', join(scratch, 'kernels.node'), ...objects, '-lm']);
    // A running process keeps the file that it has loaded.
    renameSync(join(scratch, 'kernels.node'), target);
    writeFileSync(record, sources());
    return variants.map(([name]) => name).join(' and ');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(args) {
  const { status, stderr, error } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status === 0) {
    process.stderr.write(stderr);
    return;
  }
  const lines = (stderr ?? '').split('\n').filter((line) => line !== '');
  throw new Error(
    lines.find((line) => /error/i.test(line)) ?? lines[0] ?? error?.message ?? `${compiler} failed`,
  );
}

function isBuilt() {
  return existsSync(target) && existsSync(record) && readFileSync(record, 'utf8') === sources();
}

try {
  if (!isBuilt()) {
    const problem = obstacle();
    if (problem !== undefined) throw new Error(problem);
    console.log(`native kernels: built for ${build()}`);
  }
} catch (error) {
  try {
    // What was built from other sources must not stay.
    for (const file of [target, record]) rmSync(file, { force: true });
  } catch {
    // Nor can it be replaced in a folder that nobody may write to.
  }
  console.error(`native kernels: not built; ${error.message}. WebAssembly computes instead.`);
  if (!isOptional) process.exitCode = 1;
}
