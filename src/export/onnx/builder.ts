import { create } from '@bufbuild/protobuf';
import { onnx } from '../../wire/protos.ts';
import { float32Tensor } from '../../wire/tensor.ts';
import type { WeightFormat } from '../weight-format.ts';
import { AXES, AXES_BACK, inLayout, type Layout } from './layout.ts';
import { type OnnxAttributes, onnxNode, onnxTensor, onnxValue } from './messages.ts';
import { storedWeights } from './weights.ts';

/** A tensor of the graph that is built. */
export interface Value {
  /** The node of the frozen graph that gives it. */
  readonly name: string;
  /** In TensorFlow's order of axes; -1 for the number of images. */
  readonly shape: readonly number[];
  /** How the ONNX graph has it. */
  readonly layout: 'plain' | 'NCHW';
  /** Of a constant, which comes into the graph when something reads it, in the layout in which it is read. */
  readonly constant?: Float32Array;
}

/** Where the filters or the columns for one output channel lie. */
interface WeightAxes {
  readonly layout: Layout;
  readonly channelAxis: number;
}

/** Collects an ONNX graph. Tensors keep the names of the frozen graph's nodes; what is put between them has longer ones. */
export class GraphBuilder {
  readonly #graph = create(onnx.GraphProtoSchema, { name: 'frozen' });
  readonly #taken: Set<string>;
  readonly #outputs: ReadonlySet<string>;
  readonly #weightFormat: WeightFormat;
  /** What values are called in a layout in which they were read. */
  readonly #readAs = new Map<string, string>();

  /** @param names of all nodes and outputs, which nothing else may have */
  constructor(names: readonly string[], outputs: readonly string[], weightFormat: WeightFormat) {
    this.#taken = new Set(names);
    this.#outputs = new Set(outputs);
    this.#weightFormat = weightFormat;
  }

  get graph(): onnx.GraphProto {
    return this.#graph;
  }

  input(name: string, shape: readonly number[]): Value {
    this.#graph.input.push(onnxValue(name, shape));
    return { name, shape, layout: 'plain' };
  }

  /** An operation that gives `result`. @param inputs what {@link read}, {@link filter} and the like returned */
  add(opType: string, inputs: readonly string[], attributes: OnnxAttributes, result: Value): Value {
    const output = this.#nameIn(result, result.layout);
    this.#graph.node.push(onnxNode(opType, result.name, inputs, output, attributes));
    return result;
  }

  /** The name by which a value is read in a layout; turns it if need be. Constants of up to four axes fit any layout. */
  read(value: Value, layout: Value['layout']): string {
    return this.#once(value, layout, () => {
      const name = this.#nameIn(value, layout);
      if (value.constant) {
        const { shape, data } = inLayout({ shape: value.shape, data: value.constant }, layout);
        this.#graph.initializer.push(onnxTensor(name, float32Tensor(shape, data)));
      } else {
        const perm = layout === 'NCHW' ? AXES.NCHW : AXES_BACK.NCHW;
        this.#graph.node.push(onnxNode('Transpose', name, [this.read(value, value.layout)], name, { perm }));
      }
      return name;
    });
  }
}
