import type { Network } from '../model/network.ts';
import {
  backendChoices,
  chooseDevice,
  type DeviceChoice,
  engineChoices,
  kernelChoices,
  namedEngine,
} from './choose-device.ts';
import type { Engine } from './engine.ts';
import { ENGINES, type EngineEntry } from './engines.ts';
import type { GraphExecutor, GraphPlan } from './graph-plan.ts';

export type { DeviceChoice } from './choose-device.ts';

/** The values that `--engine`, `--backend` and `--kernels` accept. */
export const ENGINE_CHOICES = engineChoices(ENGINES);
export const BACKEND_CHOICES = backendChoices(ENGINES);
export const KERNEL_CHOICES = kernelChoices(ENGINES);

/**
 * Opens the chosen engine and has it make an engine for `network`.
 *
 * @returns the engine; `reason`, a line that says which engine it is and why; `device`, its name in the log of device placement
 * @throws UserError `engine` if the choice is unknown or cannot be used on this machine, `network` if the engine cannot compute it
 */
export async function selectEngine(
  choice: DeviceChoice & { readonly network: Network },
): Promise<{ engine: Engine; reason: string; device: string }> {
  const device = await chooseDevice(ENGINES, choice);
  return { engine: device.createEngine(choice.network), reason: device.reason, device: device.name };
}

/** Opens the chosen engine for a frozen graph. @throws UserError `engine` as `selectEngine`, `graph` if it cannot compute the plan */
export async function selectExecutor(
  choice: DeviceChoice & { readonly plan: GraphPlan },
): Promise<{ executor: GraphExecutor; reason: string; device: string }> {
  const device = await chooseDevice(ENGINES, choice);
  return { executor: device.createExecutor(choice.plan), reason: device.reason, device: device.name };
}

/** Whether `--threads` may be given with a choice. @throws UserError `engine` on an unknown choice */
export function takesThreads(choice: Pick<DeviceChoice, 'engine' | 'backend' | 'kernels'>): boolean {
  return namedEngine(ENGINES, choice)?.takesThreads ?? true;
}

/** Lists of engines, joined by commas, for the help of `--engine`, `--backend`, `--kernels` and `--threads`. */
export function describeEngines(): Readonly<
  Record<'unasked' | 'withBackends' | 'withKernels' | 'withThreads', string>
> {
  const names = (entries: readonly EngineEntry[]) => entries.map(({ name }) => name).join(', ');
  const unasked = ENGINES.flatMap((entry) => entry.unasked ?? []).toSorted((a, b) => b.rank - a.rank);
  return {
    unasked: unasked.map(({ doc }) => doc).join(', or '),
    withBackends: names(ENGINES.filter(({ backends }) => backends.length > 0)),
    withKernels: names(ENGINES.filter(({ kernels }) => kernels.length > 0)),
    withThreads: names(ENGINES.filter((entry) => entry.takesThreads)),
  };
}
