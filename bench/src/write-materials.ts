import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MATERIALS, type MaterialsList } from './materials.ts';
import {
  averageName,
  CIFAR10,
  elementCount,
  float32Tensor,
  type GraphDef,
  graphVariables,
  initialValues,
  layerOf,
  layerOutputName,
  loadSplit,
  magnitudeMask,
  maskName,
  metaGraph,
  onnx,
  pb,
  strippedGraph,
  trainableVariables,
  trainingBatches,
  weightedLayers,
  weightShape,
  weightsName,
} from './package.ts';
import { BATCH, SPARSITIES } from './task.ts';

type Arrays = ReadonlyMap<string, Float32Array>;

const SEED = 1;
const LOGITS = layerOutputName('softmax_linear');
/** Initial logits are hundredths. Widened, they are of the order of 1, and logits that differ by 0.001 agree in three digits. */
const WIDENED = { variable: weightsName('softmax_linear'), by: 50 };

/** Writes everything that contestants read into an empty folder. */
export async function writeMaterials(folder: string): Promise<void> {
  const write = (file: string, bytes: Uint8Array) => writeFile(join(folder, file), bytes);
  const writeFloats = (file: string, values: Float32Array) =>
    write(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

  const { images, labels } = await drawnBatch();
  await writeFloats(MATERIALS.images, images);
  await write(MATERIALS.labels, labels);

  const variables = startingVariables();
  for (const { name } of trainableVariables(CIFAR10.network))
    await writeFloats(MATERIALS.variable(name), variables.get(name)!);
  for (const sparsity of SPARSITIES) {
    const masks = masksOf(variables, sparsity);
    for (const [weights, mask] of masks) await writeFloats(MATERIALS.mask(layerOf(weights), sparsity), mask);
    const graph = frozenGraph(variables, masks);
    for (const [format, file] of [
      [pb, MATERIALS.frozenGraph(sparsity)],
      [onnx, MATERIALS.onnx(sparsity)],
    ] as const)
      for (const { name, bytes } of format.encode(graph, { filename: file, weightFormat: 'dense' }))
        await write(name, bytes);
  }

  await writeFile(join(folder, MATERIALS.list), JSON.stringify(materialsList()));
}

async function drawnBatch() {
  const records = await loadSplit('train', { name: 'synthetic', counts: { train: BATCH, test: BATCH } });
  return trainingBatches(records, { batchSize: BATCH, seed: SEED })(0);
}

function startingVariables(): Arrays {
  const values = initialValues(CIFAR10.network, SEED);
  const widen = (name: string) => values.get(name)!.map((value) => value * WIDENED.by);
  for (const name of [WIDENED.variable, averageName(WIDENED.variable)]) values.set(name, widen(name));
  return values;
}

/** By the name of the weights: the largest magnitudes of each survive. */
function masksOf(variables: Arrays, sparsity: number): Arrays {
  return new Map(
    weightedLayers(CIFAR10.network).map(({ name }) => {
      const weights = weightsName(name);
      return [weights, magnitudeMask(variables.get(weights)!, sparsity, 0, 0).mask] as const;
    }),
  );
}

function frozenGraph(variables: Arrays, masks: Arrays): GraphDef {
  const byVariable = new Map([...masks].map(([weights, mask]) => [maskName(layerOf(weights)), mask]));
  const pruningName = 'bench';
  const values = graphVariables(CIFAR10.network, pruningName).map(({ name, shape }) => {
    const data = byVariable.get(name) ?? variables.get(name) ?? new Float32Array(elementCount(shape));
    return [name, float32Tensor(shape, data)] as const;
  });
  const meta = metaGraph(CIFAR10.network, { pruningName, keep: 1 });
  return strippedGraph(meta, new Map(values), { outputNodeNames: [LOGITS] }).graph;
}

function materialsList(): MaterialsList {
  return {
    layers: weightedLayers(CIFAR10.network).map((layer) => ({
      name: layer.name,
      shape: weightShape(layer),
      weightDecay: layer.weightDecay,
    })),
    imageShape: CIFAR10.network.input,
    learningRate: 0.01,
    averageDecay: 0.9,
  };
}
