import { create } from '@bufbuild/protobuf';
import { onnx } from '../../wire/protos.ts';
import { float32Tensor } from '../../wire/tensor.ts';
import type { WeightFormat } from '../weight-format.ts';
import type { WeightConstant } from '../weights/index.ts';
import { AXES, axisIn, inLayout, type Layout, NCHW_TO_PLAIN } from './layout.ts';
import { type OnnxAttributes, onnxNode, onnxTensor, onnxValue } from './messages.ts';
import { storeWeights } from './store-weights.ts';

/** A tensor of the ONNX graph. */
export interface Value {
  /** The node of the frozen graph that gives it. */
  readonly name: string;
  /** In TensorFlow's order of axes; -1 for the number of images. */
  readonly shape: readonly number[];
  /** The layout in which its operation gives it. */
  readonly layout: 'plain' | 'NCHW';
  /** The values of a constant. It is added to the graph when something reads it, in the layout in which it is read. */
  readonly constant?: Float32Array;
}

export interface BuilderOptions {
  /** Names of nodes and outputs, which tensors that the builder adds must not have. */
  readonly names: readonly string[];
  readonly outputs: readonly string[];
  readonly weights: ReadonlyMap<string, WeightConstant>;
  readonly weightFormat: WeightFormat;
}

/** Builds an ONNX graph. Tensors keep the names of the frozen graph's nodes; additional tensors have longer names. */
export class GraphBuilder {
  readonly graph = create(onnx.GraphProtoSchema, { name: 'frozen' });
  readonly #taken: Set<string>;
  readonly #outputs: ReadonlySet<string>;
  readonly #weights: ReadonlyMap<string, WeightConstant>;
  readonly #weightFormat: WeightFormat;
  /** For each value, by name, the names of its tensors in the layouts that the graph has so far. */
  readonly #names = new Map<string, Map<Layout, string>>();

  constructor({ names, outputs, weights, weightFormat }: BuilderOptions) {
    this.#taken = new Set(names);
    this.#outputs = new Set(outputs);
    this.#weights = weights;
    this.#weightFormat = weightFormat;
  }

  input(name: string, shape: readonly number[]): Value {
    this.graph.input.push(onnxValue(name, shape));
    const value: Value = { name, shape, layout: 'plain' };
    this.#newName(value, 'plain');
    return value;
  }

  /** Adds an operation that gives `result`. @param inputs names from {@link read} */
  add(opType: string, inputs: readonly string[], attributes: OnnxAttributes, result: Value): Value {
    const output = this.#newName(result, result.layout);
    this.graph.node.push(onnxNode(opType, inputs, output, attributes));
    return result;
  }

  output(name: string, value: Value): void {
    const read = this.read(value, 'plain');
    if (read !== name) this.graph.node.push(onnxNode('Identity', [read], name, {}));
    this.graph.output.push(onnxValue(name, value.shape));
  }

  /** The name of a value in a layout; adds a Transpose if the graph does not have that layout yet. */
  read(value: Value, layout: Layout): string {
    const known = this.#names.get(value.name)?.get(layout);
    if (known !== undefined) return known;
    const name = this.#newName(value, layout);
    if (value.constant) this.#store(name, value, value.constant, layout);
    else {
      const [from, perm] =
        layout === 'plain' ? (['NCHW', NCHW_TO_PLAIN] as const) : (['plain', AXES[layout]] as const);
      this.graph.node.push(onnxNode('Transpose', [this.read(value, from)], name, { perm }));
    }
    return name;
  }

  /** Adds a constant vector of int64 and returns its name. */
  integers(name: string, values: readonly number[]): string {
    const free = this.#free(name);
    const data = BigInt64Array.from(values, BigInt);
    this.graph.initializer.push(onnxTensor(free, { dtype: 'int64', shape: [values.length], data }));
    return free;
  }

  #store(name: string, value: Value, data: Float32Array, layout: Layout): void {
    const tensor = inLayout(float32Tensor(value.shape, data), layout);
    const weights = this.#weights.get(value.name);
    if (!weights) {
      this.graph.initializer.push(onnxTensor(name, tensor));
      return;
    }
    const outputAxis = axisIn(layout, weights.outputAxes[0]!, value.shape.length);
    const parts = storeWeights({ name, value: tensor, outputAxis }, this.#weightFormat, (part) =>
      this.#free(part),
    );
    this.graph.initializer.push(...(parts.initializers ?? []));
    this.graph.sparseInitializer.push(...(parts.sparseInitializers ?? []));
    this.graph.node.push(...(parts.nodes ?? []));
  }

  /** The first layout of a value gets the node's own name; that of an output is reserved for TensorFlow's order of axes. */
  #newName({ name }: Value, layout: Layout): string {
    const names = this.#names.get(name) ?? new Map<Layout, string>();
    const own = layout === 'plain' || !this.#outputs.has(name);
    const chosen = own && ![...names.values()].includes(name) ? name : this.#free(`${name}/${layout}`);
    this.#names.set(name, names.set(layout, chosen));
    return chosen;
  }

  #free(wanted: string): string {
    let name = wanted;
    for (let count = 1; this.#taken.has(name); count++) name = `${wanted}_${count}`;
    this.#taken.add(name);
    return name;
  }
}
