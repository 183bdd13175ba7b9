import type { GraphExecutor, GraphPlan } from '../graph-plan.ts';
import { type Backend, computeOn } from './backends.ts';
import { computePlan } from './operations.ts';
import { download, TensorMap, upload } from './tensor-map.ts';

/** Computes a frozen graph with TensorFlow.js. */
export class TfjsExecutor implements GraphExecutor {
  readonly description: string;
  readonly #plan: GraphPlan;
  readonly #backend: Backend;
  readonly #constants = new TensorMap();
  #disposed = false;

  constructor(plan: GraphPlan, backend: Backend) {
    this.description = `tfjs on ${backend.description}`;
    this.#plan = plan;
    this.#backend = backend;
    computeOn(backend, () => {
      for (const { name, compute } of plan.operations) {
        if (compute.op === 'Const') this.#constants.set(name, upload(compute.values, compute.shape));
      }
    });
  }

  async run(images: Float32Array, batch: number): Promise<Float32Array> {
    if (this.#disposed) throw new Error('this executor has been disposed of');
    return computeOn(this.#backend, () => {
      const results = computePlan(this.#plan, images, batch, ({ name }) => this.#constants.get(name));
      return download(results[this.#plan.output]!);
    });
  }

  async dispose(): Promise<void> {
    this.#constants.clear();
    this.#disposed = true;
  }
}
