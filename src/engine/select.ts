import type { Network } from '../model/network.ts';
import {
  backendChoices,
  chooseDevice,
  type DeviceChoice,
  engineChoices,
  namedEngine,
} from './choose-device.ts';
import type { Engine } from './engine.ts';
import { ENGINES, type EngineEntry } from './engines.ts';
import type { GraphExecutor, GraphPlan } from './graph-plan.ts';

export type { DeviceChoice } from './choose-device.ts';

/** What `--engine` and `--backend` take. */
export const ENGINE_CHOICES = engineChoices(ENGINES);
export const BACKEND_CHOICES = backendChoices(ENGINES);

/**
 * The engine that trains `network`.
 *
 * @returns with it, in one line, which it is and why, and the name that device placement gives it
 * @throws UserError `engine` on an unknown choice, or one that cannot be used here
 */
export async function selectEngine(
  choice: DeviceChoice & { readonly network: Network },
): Promise<{ engine: Engine; reason: string; device: string }> {
  const device = await chooseDevice(ENGINES, choice);
  return { engine: device.createEngine(choice.network), reason: device.reason, device: device.name };
}

/** The executor of a frozen graph. @throws UserError `engine` as `selectEngine` */
export async function selectExecutor(
  choice: DeviceChoice & { readonly plan: GraphPlan },
): Promise<{ executor: GraphExecutor; reason: string; device: string }> {
  const device = await chooseDevice(ENGINES, choice);
  return { executor: device.createExecutor(choice.plan), reason: device.reason, device: device.name };
}

/** Whether a choice may be given a number of threads. @throws UserError `engine` as `selectEngine` */
export function takesThreads(choice: Pick<DeviceChoice, 'engine' | 'backend'>): boolean {
  return namedEngine(ENGINES, choice)?.takesThreads ?? true;
}

/** For the help of `--engine`, `--backend` and `--threads`. */
export function describeEngines(): { unasked: string; withBackends: string; withThreads: string } {
  const names = (entries: readonly EngineEntry[]) => entries.map(({ name }) => name).join(', ');
  const unasked = ENGINES.flatMap((entry) => entry.unasked ?? []).toSorted((a, b) => b.rank - a.rank);
  return {
    unasked: unasked.map(({ doc }) => doc).join(', or '),
    withBackends: names(ENGINES.filter(({ backends }) => backends.length > 0)),
    withThreads: names(ENGINES.filter((entry) => entry.takesThreads)),
  };
}
