/**
 * Builds the native kernels into native/build/kernels.node, with the C++ compiler that CXX names, c++ otherwise.
 *
 *   node native/build.mjs                 fails if they cannot be built
 *   node native/build.mjs --if-possible   says why and ends well, as `npm install` needs it
 *   node native/build.mjs --sanitize      with the sanitizers for addresses and undefined behaviour, for tests
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const compiler = process.env.CXX || 'c++';
const optional = process.argv.includes('--if-possible');
const sanitize = process.argv.includes('--sanitize');
/** Whoever installs has no use for the compiler's messages. */
const stdio = ['ignore', optional ? 'ignore' : 'inherit', optional ? 'ignore' : 'inherit'];

/** By processor: instruction set, float32 values a vector, and what the compiler needs to be told. */
const VARIANTS = {
  x64: [
    ['avx512', 16, '-march=x86-64-v4', '-mprefer-vector-width=512'],
    ['avx2', 8, '-march=x86-64-v3'],
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
  // Products are fused with sums, on every processor.
  '-ffp-contract=fast',
  '-Wall',
  '-Wextra',
  '-Wno-psabi',
  '-Wno-ignored-attributes',
];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-g'];

/** Why the kernels cannot be built here, undefined if they can. */
function obstacle() {
  const { platform, arch } = process;
  if (platform !== 'linux' && platform !== 'darwin') return `there is no build for ${platform} yet`;
  if (!(arch in VARIANTS)) return `there are no native kernels for ${arch}`;
  if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status !== 0)
    return `there is no C++ compiler ${compiler}`;
  if (!headers()) return "Node-API's headers are missing: npm install node-api-headers";
  return undefined;
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

function build() {
  const target = join(folder, 'build');
  mkdirSync(target, { recursive: true });
  const scratch = mkdtempSync(join(target, 'building-'));
  try {
    const flags = [...FLAGS, ...(sanitize ? SANITIZERS : [])];
    const compile = (source, object, ...more) =>
      execFileSync(compiler, [...flags, ...more, '-c', join(folder, source), '-o', join(scratch, object)], {
        stdio,
      });
    const variants = VARIANTS[process.arch];
    for (const [name, lanes, ...more] of variants)
      compile('kernels.cc', `${name}.o`, `-DVARIANT=${name}`, `-DLANES=${lanes}`, ...more);
    compile('addon.cc', 'addon.o', `-I${headers()}`);
    const objects = [...variants.map(([name]) => name), 'addon'].map((name) => join(scratch, `${name}.o`));
    const shared = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
    const linking = [...shared, ...(sanitize ? SANITIZERS : []), '-o', join(scratch, 'kernels.node')];
    execFileSync(compiler, [...linking, ...objects, '-lm'], { stdio });
    // A running process keeps the file that it has loaded.
    renameSync(join(scratch, 'kernels.node'), join(target, 'kernels.node'));
    return variants.map(([name]) => name).join(' and ');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const problem = obstacle();
if (problem === undefined) {
  try {
    console.log(`native kernels: built for ${build()}`);
  } catch (error) {
    console.error(`native kernels: not built; ${error.message.split('\n')[0]}`);
    if (!optional) process.exitCode = 1;
  }
} else {
  console.error(`native kernels: not built; ${problem}. WebAssembly computes instead.`);
  if (!optional) process.exitCode = 1;
}
