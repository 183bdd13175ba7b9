import { create } from '@bufbuild/protobuf';
import { constant } from '../graph/index.ts';
import { declaredShape } from '../tensorflow/attributes.ts';
import { freeName, nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { type GraphDef, type NodeDef, NodeDefSchema } from '../wire/protos.ts';
import { elementCount } from '../wire/tensor.ts';
import { outputShape } from './cut-input.ts';
import { withNodes } from './keep-needed.ts';

const ANY = -1;

/**
 * Lets a graph that was built for one batch size take any number of images: a Reshape to a constant shape gets -1 as its first
 * extent if the shapes in the graph say that it keeps the first extent, or the number of elements of each image of an open input.
 */
export function openBatch(graph: GraphDef): GraphDef {
  const nodes = nodesByName(graph);
  const taken = new Set(nodes.keys());
  return withNodes(
    graph,
    graph.node.flatMap((node) => {
      const target = node.op === 'Reshape' ? openTarget(node, nodes) : undefined;
      if (!target) return [node];
      const name = freeName(`${node.name}/open_shape`, taken);
      taken.add(name);
      const shape = constant(name, { dtype: 'int32', shape: [target.length], data: Int32Array.from(target) });
      const [tensor, , ...others] = node.input;
      const attr = { ...node.attr, Tshape: shape.attr.dtype! };
      return [shape, create(NodeDefSchema, { ...node, attr, input: [tensor!, name, ...others] })];
    }),
  );
}

/** The Reshape's target with -1 as its first extent; undefined if that might not compute the same. */
function openTarget(reshape: NodeDef, nodes: ReadonlyMap<string, NodeDef>): number[] | undefined {
  const [tensor = '', shape = ''] = reshape.input;
  const source = parseInput(tensor);
  const producer = nodes.get(source.node);
  const from = producer && (outputShape(producer, source.output) ?? declaredShape(producer));
  const to = outputShape(reshape, 0);
  if (!from || !to || nodes.get(parseInput(shape).node)?.op !== 'Const') return undefined;
  const [batch, ...rest] = to;
  const isKept = from[0] === batch || (from[0] === ANY && elementCount(from.slice(1)) === elementCount(rest));
  const isKnown = batch! > 0 && from.length > 1 && rest.length > 0 && rest.every((extent) => extent > 0);
  return isKept && isKnown ? [ANY, ...rest] : undefined;
}
