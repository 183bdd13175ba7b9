import { UserError } from '../errors.ts';
import type { Network } from '../model/network.ts';
import type { Device } from './device.ts';
import type { Engine } from './engine.ts';
import type { GraphExecutor, GraphPlan } from './graph-plan.ts';
import { BACKEND_NAMES, type BackendName } from './tfjs/backend-names.ts';

/** What `--engine` and `--backend` take. */
export const ENGINE_CHOICES = ['auto', 'tfjs'] as const;
export const BACKEND_CHOICES = ['auto', ...BACKEND_NAMES] as const;

export interface DeviceChoice {
  /** One of `ENGINE_CHOICES`; `auto` by default. */
  readonly engine?: string | undefined;
  /** One of `BACKEND_CHOICES`; `auto` by default. */
  readonly backend?: string | undefined;
}

/** Loads an engine's code, and nothing of the others'. */
const engines: Readonly<Record<string, (backend: BackendName | 'auto') => Promise<Device>>> = {
  tfjs: async (backend) => (await import('./tfjs/open-device.ts')).openDevice(backend),
};
/** What `auto` stands for. */
const DEFAULT_ENGINE = 'tfjs';

/**
 * The engine that trains `network`.
 *
 * @returns with it, in one line, which it is and why, and the name that device placement gives it
 * @throws UserError `engine` on an unknown choice, or one that cannot be used here
 */
export async function selectEngine(
  choice: DeviceChoice & { readonly network: Network },
): Promise<{ engine: Engine; reason: string; device: string }> {
  const device = await selectDevice(choice);
  return { engine: device.createEngine(choice.network), reason: device.reason, device: device.name };
}

/** The executor of a frozen graph. @throws UserError `engine` as `selectEngine` */
export async function selectExecutor(
  choice: DeviceChoice & { readonly plan: GraphPlan },
): Promise<{ executor: GraphExecutor; reason: string; device: string }> {
  const device = await selectDevice(choice);
  return { executor: device.createExecutor(choice.plan), reason: device.reason, device: device.name };
}

async function selectDevice({ engine = 'auto', backend = 'auto' }: DeviceChoice): Promise<Device> {
  const engineName = oneOf('engine', ENGINE_CHOICES, engine);
  const backendName = oneOf('backend', BACKEND_CHOICES, backend);
  return engines[engineName === 'auto' ? DEFAULT_ENGINE : engineName]!(backendName);
}

function oneOf<Name extends string>(what: string, names: readonly Name[], given: string): Name {
  const name = names.find((candidate) => candidate === given);
  if (name) return name;
  throw new UserError(
    'engine',
    `there is no ${what} ${given}`,
    `choose ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`,
  );
}
