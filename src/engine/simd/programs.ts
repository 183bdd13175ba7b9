import { sliceCount } from './image-stack.ts';
import type { Plan } from './plan.ts';
import type { Phase, Program, Task } from './program.ts';
import type { Rows } from './rows.ts';

/** Lists the weights that the masks leave; to be run when masks have changed. */
export function listingProgram({ weightedLayers }: Plan): Program {
  return [
    weightedLayers.flatMap(({ correlations }) =>
      correlations.flatMap((correlation) => correlation.tasks((range) => correlation.listCalls(range))),
    ),
  ];
}

/** Packs weights for the kernels. */
export function packingPhase({ weightedLayers }: Plan): Phase {
  return weightedLayers.flatMap(({ correlations }) =>
    correlations.flatMap((correlation) => correlation.tasks((range) => correlation.packCalls(range))),
  );
}

/**
 * From images and labels to updated variables.
 *
 * @param observe whether to keep activations and the gradients of the total loss, too
 */
export function trainingProgram(plan: Plan, images: number, observe: boolean): Program {
  const { stack, fullyConnected, weightedLayers, features } = plan;
  const stackLearns = stack.convLayers.length > 0;
  const backward = fullyConnected.map((layer, number) =>
    layer.backward(images, number > 0 || stackLearns, fullyConnected[number - 1]?.hasRelu ?? false),
  );
  const slices = sliceCount(images);
  return withoutEmptyPhases([
    packingPhase(plan),
    ...forwardPhases(plan, images, observe ? plan.activations : new Map()),
    observe ? observationPhase(plan, images) : [],
    lossPhase(plan, images),
    ...backward.reverse(),
    ...(stackLearns
      ? [
          features.toRowsPhase(images, stack.featureGradients, (block) => features.gradient(block)),
          stack.backward(images),
        ]
      : []),
    weightedLayers.flatMap((layer) => layer.gatherTasks(slices)),
    descentPhase(plan, observe),
  ]);
}

function forwardPhases(plan: Plan, images: number, observed: ReadonlyMap<string, Rows>): Phase[] {
  const { stack, features, fullyConnected } = plan;
  return [
    stack.forward(images, observed),
    features.fromRowsPhase(images, stack.features),
    ...fullyConnected.map((layer) => layer.forward(images)),
  ];
}

function observationPhase({ fullyConnected, activations }: Plan, images: number): Phase {
  return fullyConnected.flatMap(({ name, output }) =>
    output.toRowsPhase(images, activations.get(name)!, (block) => output.value(block)),
  );
}

function lossPhase({ output, labels, scalars, losses, hits }: Plan, images: number): Phase {
  return output.blocksOf(images).map(({ block, images: count, rows, filled }): Task => {
    const first = block * output.blockImages;
    return [
      {
        kernel: 'softmaxCrossEntropy',
        logits: output.value(block),
        labels: labels + first,
        images: count,
        columns: rows * filled,
        classes: output.features,
        row: output.feature,
        gradient: output.gradient(block),
        scale: scalars + 8,
        loss: losses + 8 * block,
        hits: hits + 4 * block,
      },
    ];
  });
}

function descentPhase({ chunks, scalars }: Plan, observe: boolean): Phase {
  return chunks.map(({ variable, first, count, squares }): Task => {
    const { values, gradient, average, decay, totalGradient } = variable;
    const at = 4 * first;
    const total = observe ? totalGradient + at : 0;
    return [
      {
        kernel: 'descend',
        weights: values + at,
        gradient: gradient + at,
        average: average + at,
        count,
        step: scalars,
        decay,
        squares,
        total,
      },
    ];
  });
}

function withoutEmptyPhases(phases: readonly Phase[]): Program {
  return phases.filter((phase) => phase.length > 0);
}
