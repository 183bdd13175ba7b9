import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { intAttr, intListAttr, shapeAttr, stringAttr, typeAttr } from '../../src/graph/index.ts';
import { type AttrValue, type GraphDef, GraphDefSchema, type NodeDef } from '../../src/wire/protos.ts';

/** Gives a whole number from 0 up to a limit; the same ones for the same seed. */
export type Draw = (limit: number) => number;

/** Marsaglia's xorshift of 32 bits. */
export function drawsOf(seed: number): Draw {
  let state = seed || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

const EXTENTS = [-(2 ** 31), -2, -1, 0, 1, 2, 3, 7, 64, 255, 2 ** 16, 2 ** 31 - 1, 2 ** 40, 2 ** 53];
const OPERATIONS = [
  ...['Const', 'Placeholder', 'PlaceholderWithDefault', 'Identity', 'NoOp', 'Reshape', 'MatMul', 'Conv2D'],
  ...[
    'MaxPool',
    'LRN',
    'Softmax',
    'Relu',
    'Add',
    'BiasAdd',
    'Mul',
    'Sub',
    'Cast',
    'Cumsum',
    'GatherV2',
    'Slice',
  ],
  ...[
    'StridedSlice',
    'Transpose',
    'Pack',
    'ConcatV2',
    'Squeeze',
    'ExpandDims',
    'RightShift',
    'BitwiseAnd',
    'Elu',
  ],
];

/** The bytes of a graph, damaged in one to four places. */
export function damage(graph: Uint8Array, draw: Draw): Uint8Array {
  if (draw(2) === 0) return damageBytes(graph, draw);
  const message = fromBinary(GraphDefSchema, graph);
  for (let count = 1 + draw(3); count > 0; count--) damageField(message, draw);
  return toBinary(GraphDefSchema, message);
}

/** Any bytes, changed in one to four places. */
export function damageBytes(whole: Uint8Array, draw: Draw): Uint8Array {
  const bytes = [...whole];
  for (let count = 1 + draw(4); count > 0; count--) {
    const at = draw(bytes.length || 1);
    const ways = [
      () => {
        bytes[at] = draw(256);
      },
      () => {
        bytes[at] = (bytes[at] ?? 0) ^ (1 << draw(8));
      },
      () => void bytes.splice(at, 1 + draw(4)),
      () => void bytes.splice(at, 0, draw(256)),
      () => void bytes.splice(at, 0, ...bytes.slice(draw(bytes.length || 1)).slice(0, 40)),
      () => void (draw(4) === 0 && bytes.splice(at)),
    ];
    ways[draw(ways.length)]!();
  }
  return Uint8Array.from(bytes);
}

function damageField({ node: nodes }: GraphDef, draw: Draw): void {
  const pick = <Item>(items: readonly Item[]) => items[draw(items.length)]!;
  const node = pick(nodes);
  const ways = [
    () => {
      node.op = pick(OPERATIONS);
    },
    () => {
      node.name = pick(nodes).name;
    },
    () => {
      node.input[draw(node.input.length + 1)] = pick(['^', '', '^gone', pick(nodes).name, 'images:1']);
    },
    () => void node.input.push(pick(nodes).name),
    () => void node.input.pop(),
    () => void nodes.splice(draw(nodes.length), nodes.length > 1 ? 1 : 0),
    () => void delete node.attr[pick([...Object.keys(node.attr), 'T'])],
    () => {
      node.attr[pick([...Object.keys(node.attr), 'axis'])] = attribute(draw);
    },
    () => damageTensor(node, draw),
  ];
  pick(ways)();
}

function damageTensor({ attr }: NodeDef, draw: Draw): void {
  const pick = <Item>(items: readonly Item[]) => items[draw(items.length)]!;
  const value = attr.value?.value;
  if (value?.case !== 'tensor') return;
  const tensor = value.value;
  const ways = [
    () => {
      tensor.dtype = draw(24);
    },
    () => void tensor.tensorShape?.dim.pop(),
    () => {
      const dim = tensor.tensorShape?.dim.at(draw(4));
      if (dim) dim.size = BigInt(pick(EXTENTS));
    },
    () => {
      tensor.tensorContent = tensor.tensorContent.subarray(0, draw(tensor.tensorContent.length + 1));
      tensor.floatVal = [draw(9), Number.NaN];
    },
    () => {
      tensor.tensorContent = new Uint8Array();
      tensor.intVal = [pick(EXTENTS.filter((extent) => Math.abs(extent) < 2 ** 31))];
    },
  ];
  pick(ways)();
}

function attribute(draw: Draw): AttrValue {
  const extents = () => Array.from({ length: draw(6) }, () => EXTENTS[draw(EXTENTS.length)]!);
  const ways = [
    () => typeAttr(draw(24)),
    () => intAttr(EXTENTS[draw(EXTENTS.length)]!),
    () => intListAttr(extents()),
    () => shapeAttr(extents()),
    () => stringAttr(['SAME', 'VALID', 'NCHW', '\u0000\n'][draw(4)]!),
  ];
  return ways[draw(ways.length)]!();
}
