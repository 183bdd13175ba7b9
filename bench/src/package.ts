/** What the benchmark takes of the package: as it was built, for that is what its users run. */
export { loadSplit, trainingBatches } from '../../dist/src/cifar10-loader.js';
export type { Engine } from '../../dist/src/engine/engine.js';
export { type DeviceChoice, selectEngine } from '../../dist/src/engine/select.js';
export { onnx } from '../../dist/src/export/onnx/index.js';
export { pb } from '../../dist/src/export/pb.js';
export { graphVariables, metaGraph } from '../../dist/src/graph/index.js';
export { averageName, layerOf, layerOutputName, maskName, weightsName } from '../../dist/src/model/names.js';
export { weightedLayers, weightShape } from '../../dist/src/model/network.js';
export { initialValues, trainableVariables } from '../../dist/src/model/variables.js';
export { magnitudeMask, polynomialSchedule } from '../../dist/src/pruning/index.js';
export { type FrozenModel, loadFrozenModel } from '../../dist/src/runtime/index.js';
export { strippedGraph } from '../../dist/src/strip/index.js';
export { CIFAR10 } from '../../dist/src/tasks/cifar10.js';
export type { GraphDef } from '../../dist/src/wire/protos.js';
export { elementCount, float32Tensor } from '../../dist/src/wire/tensor.js';
