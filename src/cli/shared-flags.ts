import { choice, integer, path, text, toggle } from './flag.ts';

/** Where the pictures come from. */
export const DATA_FLAGS = {
  dataset: choice(['cifar10', 'synthetic'], {
    default: 'cifar10',
    doc: 'The real pictures, or ten classes of drawn ones that need no download',
  }),
  data_dir: path({
    default: 'data/',
    doc: 'Folder that holds cifar-10-batches-bin; without it the pictures are downloaded into this folder',
  }),
  data_url: text({
    default: undefined,
    placeholder: 'URL',
    doc: 'Mirror of cifar-10-binary.tar.gz to download from',
  }),
};

/** What one seed and one batch size decide. */
export const BATCH_FLAGS = {
  batch_size: integer({ default: 128, min: 1, doc: 'Images in a batch' }),
  seed: integer({
    default: 1,
    doc: 'Decides initial weights, the order of the pictures and their augmentation',
  }),
};

/** What computes. */
export const ENGINE_FLAGS = {
  engine: choice(['auto', 'tfjs'], { default: 'auto', doc: 'What computes' }),
  backend: text({
    default: undefined,
    placeholder: 'NAME',
    doc: 'Backend of TensorFlow.js, such as tensorflow, wasm or cpu; without it the fastest that is installed',
  }),
  threads: integer({ default: undefined, min: 1, doc: 'Threads that compute; without it one a core' }),
  log_device_placement: toggle('Say where the engine computes what'),
};

export const JSON_FLAG = {
  json: toggle('Print one JSON object on stdout, and nothing else there'),
};
