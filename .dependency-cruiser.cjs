// Imports point down only, floor by floor, and never sideways within a floor except inside one folder.
const floors = [
  ['^bin/'],
  ['^src/cli/'],
  ['^src/report/'],
  ['^src/inspect/', '^src/sensitivity/', '^src/sweep/'],
  ['^src/jobs/'],
  ['^src/export/'],
  ['^src/train/', '^src/eval/', '^src/strip/'],
  ['^src/runtime/', '^src/checkpoint/'],
  ['^src/graph/', '^src/summary/', '^src/pruning/', '^src/tasks/'],
  ['^src/formats/'],
  ['^src/tensorflow/'],
  ['^src/engine/', '^src/wire/', '^src/dataset/', '^src/hparams/'],
  ['^src/model/', '^src/staging/'],
  [
    '^src/random\\.ts$',
    '^src/worker\\.ts$',
    '^src/durable\\.ts$',
    '^src/regular-file\\.ts$',
    '^src/lock/',
    '^src/json\\.ts$',
  ],
  ['^src/errors\\.ts$', '^src/redacted\\.ts$'],
  ['^src/printable\\.ts$'],
];

/** Entries of the package that lie above all floors. */
const publicEntries = ['^src/index\\.ts$', '^src/cifar10-loader\\.ts$'];

const upwards = floors.slice(1).map((floor, below) => ({
  name: `floor-${below + 1}-imports-no-higher-floor`,
  severity: 'error',
  from: { path: floor },
  to: { path: floors.slice(0, below + 1).flat() },
}));

const sideways = floors
  .filter((floor) => floor.length > 1)
  .flatMap((floor) =>
    floor.map((folder) => ({
      name: `${folder.replace(/[^a-z]/g, '')}-imports-no-neighbour`,
      severity: 'error',
      from: { path: folder },
      to: { path: floor.filter((other) => other !== folder) },
    })),
  );

module.exports = {
  forbidden: [
    ...upwards,
    ...sideways,
    {
      name: 'every-source-file-is-on-a-floor',
      severity: 'error',
      from: { path: '^(bin|src)/', pathNot: [...floors.flat(), ...publicEntries] },
      to: {},
    },
    {
      name: 'strip-knows-no-training',
      severity: 'error',
      from: { path: '^src/strip/' },
      to: { path: '^src/(train|pruning)/', reachable: true },
    },
    {
      // Everything else is handed the task that it works on.
      name: 'tasks-are-named-at-the-top',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', '^src/jobs/', '^src/tasks/', ...publicEntries] },
      to: { path: '^src/tasks/', pathNot: '^src/tasks/task\\.ts$' },
    },
    {
      name: 'kernel-sets-are-known-by-their-table',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/simd/kernels/(kernel-sets\\.ts$|wasm/|native/)' },
      to: { path: '^src/engine/simd/kernels/(wasm|native)/' },
    },
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nothing-imports-the-index',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: publicEntries },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@tensorflow/tfjs-node' },
    },
    {
      name: 'no-development-dependency',
      severity: 'error',
      // What the page of a report is drawn with is bundled into dist/report, so users do not install it.
      from: { path: '^(bin|src)/', pathNot: '^src/report/(browser|charts)/' },
      // An optional peer is a development dependency, too.
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
