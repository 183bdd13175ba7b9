import type { Network } from '../model/network.ts';
import type { Engine } from './engine.ts';
import type { GraphExecutor, GraphPlan } from './graph-plan.ts';

/** Something that computes, ready to use: one engine's code on one of its backends. */
export interface Device {
  /** As device placement names it: `tfjs:wasm`. */
  readonly name: string;
  /** In one line, what it is and why it was chosen. */
  readonly reason: string;
  /** Whether a graphics processor computes. */
  readonly isOnGpu: boolean;
  createEngine(network: Network): Engine;
  createExecutor(plan: GraphPlan): GraphExecutor;
}
