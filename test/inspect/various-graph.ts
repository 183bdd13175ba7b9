import { create } from '@bufbuild/protobuf';
import { boolAttr, graphDef, intAttr, intListAttr, node, stringAttr } from '../../src/graph/index.ts';
import {
  AttrValueSchema,
  DataType,
  type FunctionDef,
  FunctionDefSchema,
  type GraphDef,
  type NodeDef,
} from '../../src/wire/protos.ts';
import { floats, image, integers, op, sliding } from '../runtime/graphs.ts';

const ones = (count: number) => new Float32Array(count).fill(1);

/** An attribute that names a function. */
export const funcAttr = (name: string) =>
  create(AttrValueSchema, { value: { case: 'func', value: { name } } });

/** @param outputs by name what they are, as bodies refer to it: `node:output:0` */
export function functionOf(
  name: string,
  inputs: string[],
  outputs: Record<string, string>,
  nodes: NodeDef[],
): FunctionDef {
  const args = (names: readonly string[]) => names.map((each) => ({ name: each, type: DataType.DT_FLOAT }));
  return create(FunctionDefSchema, {
    signature: { name, inputArg: args(inputs), outputArg: args(Object.keys(outputs)) },
    nodeDef: nodes,
    ret: outputs,
  });
}

export function withFunctions(nodes: NodeDef[], functions: FunctionDef[]): GraphDef {
  const library = { $typeName: 'tensorflow.FunctionDefLibrary' as const, function: functions, gradient: [] };
  return { ...graphDef(nodes), library };
}

/** An image through many operations whose shapes are told, functions and both kinds of loops. */
export function variousGraph(): GraphDef {
  const body = functionOf('body', ['x', 'w'], { x: 'product:product:0', w: 'w' }, [
    op('product', 'MatMul', ['x', 'w']),
  ]);
  const cond = functionOf('cond', ['x', 'w'], { go: 'x' }, []);
  const call = functionOf('call', ['x', 'w'], { y: 'loop:output:0' }, [
    node('loop', 'While', ['x', 'w'], { cond: funcAttr('cond'), body: funcAttr('body') }),
  ]);
  return withFunctions(
    [
      image(-1, 6, 8, 3),
      integers('pads', 0, 0),
      floats('w', [3, 3, 3, 4], ones(108)),
      op('conv', '_FusedConv2D', ['images', 'w'], {
        ...sliding('SAME', 2),
        dilations: intListAttr([1, 1, 1, 1]),
      }),
      floats('d', [3, 3, 4, 2], ones(72)),
      op('depth', 'FusedDepthwiseConv2dNative', ['conv', 'd'], sliding('SAME', 1)),
      integers('size', 6, 8),
      op('resized', 'ResizeBilinear', ['depth', 'size']),
      integers('axis', 3),
      op('joined', 'ConcatV2', ['resized', 'images', 'axis']),
      op('shape', 'Shape', ['joined']),
      node('parts', 'Unpack', ['shape'], { num: intAttr(4) }),
      node('pixels', 'Mul', ['parts:1', 'parts:2']),
      node('target', 'Pack', ['parts', 'pixels', 'parts:3']),
      op('rows', 'Reshape', ['joined', 'target']),
      integers('axes', 1),
      op('mean', 'Mean', ['rows', 'axes'], { keep_dims: boolAttr(false) }),
      floats('square', [11, 11], ones(121)),
      node('called', 'StatefulPartitionedCall', ['mean', 'square'], { f: funcAttr('call') }),
      op('enter', 'Enter', ['called']),
      op('merge', 'Merge', ['enter', 'next']),
      op('product', 'MatMul', ['merge', 'square']),
      op('next', 'NextIteration', ['product']),
      op('exit', 'Exit', ['product']),
      floats('heads', [11, 2, 5], ones(110)),
      op('mixed', 'Einsum', ['exit', 'heads'], { equation: stringAttr('ab,bcd->acd') }),
      integers('order', 0, 2, 1),
      op('turned', 'Transpose', ['mixed', 'order']),
      integers('repeats', 1, 2, 1),
      op('tiled', 'Tile', ['turned', 'repeats']),
      integers('begin', 0, 1),
      integers('end', 1, 9),
      integers('strides', 1, 2),
      op('taken', 'StridedSlice', ['tiled', 'begin', 'end', 'strides'], { shrink_axis_mask: intAttr(0) }),
      op('split', 'Split', ['axes', 'taken'], { num_split: intAttr(2) }),
      op('batched', 'BatchMatMulV2', ['split:1', 'pair']),
      floats('pair', [2, 3], ones(6)),
      op('squeezed', 'Squeeze', ['batched'], { squeeze_dims: intListAttr([0]) }),
    ],
    [body, cond, call],
  );
}
