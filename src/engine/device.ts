import type { Network } from '../model/network.ts';
import type { Engine } from './engine.ts';
import type { GraphExecutor, GraphPlan } from './graph-plan.ts';

/** An engine on one of its backends, loaded and ready to use. */
export interface Device {
  /** Its name in the log of device placement: `tfjs:wasm`. */
  readonly name: string;
  /** One line that says what it is and why it was chosen. */
  readonly reason: string;
  /** Whether it computes on a GPU. */
  readonly isOnGpu: boolean;
  createEngine(network: Network): Engine;
  createExecutor(plan: GraphPlan): GraphExecutor;
}
