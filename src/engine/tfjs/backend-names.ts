/** Backends of TensorFlow.js in order of preference, as `--backend` names them. */
export const BACKEND_NAMES = ['node-gpu', 'node', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

/** The packages of backends that do not come with this one. */
export const OPTIONAL_PACKAGES: Readonly<Record<string, string>> = {
  'node-gpu': '@tensorflow/tfjs-node-gpu',
  node: '@tensorflow/tfjs-node',
};
