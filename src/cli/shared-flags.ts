import { MAX_THREADS } from '../engine/max-threads.ts';
import { BACKEND_CHOICES, describeEngines, ENGINE_CHOICES, KERNEL_CHOICES } from '../engine/select.ts';
import { DATASETS, DEFAULT_TASK, TASK_NAMES } from '../tasks/index.ts';
import { choice, integer, path, text, toggle } from './flag.ts';

/** The default in the help of a flag whose value a run stores. */
export const ofTheRun = (fallback: number | string) => `(default: that of the run, or ${fallback})`;

/** What is trained. */
export const TASK_FLAG = {
  task: choice(TASK_NAMES, {
    default: undefined,
    doc: `Network with its datasets and learning rate ${ofTheRun(DEFAULT_TASK.name)}`,
  }),
};

export const DATASET_NAMES: readonly string[] = DATASETS.map(({ name }) => name);

const datasetsInWords = DATASETS.map(({ doc }) => doc).join(', or ');

/** Where the pictures come from. */
export const DATA_FLAGS = {
  dataset: choice(DATASET_NAMES, {
    default: undefined,
    doc: `${datasetsInWords[0]!.toUpperCase()}${datasetsInWords.slice(1)} ${ofTheRun(DEFAULT_TASK.datasets[0].name)}`,
  }),
  data_dir: path({
    default: 'data/',
    doc: 'Folder that holds cifar-10-batches-bin; if it does not, the pictures are downloaded into it',
  }),
  data_url: text({
    default: undefined,
    placeholder: 'URL',
    doc: 'Mirror of cifar-10-binary.tar.gz to download from',
  }),
};

const ENGINES = describeEngines();

/** What computes. */
export const ENGINE_FLAGS = {
  engine: choice(ENGINE_CHOICES, {
    default: 'auto',
    doc: `Engine to compute with; auto takes ${ENGINES.unasked}`,
  }),
  backend: choice(BACKEND_CHOICES, {
    default: 'auto',
    doc: `Backend of engine ${ENGINES.withBackends}; auto takes the fastest that is installed`,
  }),
  kernels: choice(KERNEL_CHOICES, {
    default: 'auto',
    doc: `Kernels of engine ${ENGINES.withKernels}: native code, where npm could build it, or WebAssembly; auto takes wasm, which is faster on pruned networks`,
  }),
  threads: integer({
    default: undefined,
    min: 1,
    max: MAX_THREADS,
    doc: `Computing threads of engine ${ENGINES.withThreads} (default: as many as there are cores)`,
  }),
};

/** Which node of a frozen graph gives the result. */
export const OUTPUT_NODE_FLAG = {
  output_node_name: text({
    default: undefined,
    placeholder: 'NODE',
    doc: 'Output node of the frozen graph; needed if the graph has several nodes that no other node reads',
  }),
};

export const JSON_FLAG = {
  json: toggle('Print one JSON object on stdout, and nothing else there'),
};
