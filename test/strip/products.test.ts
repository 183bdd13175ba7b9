import { describe, expect, it } from 'vitest';
import { storeWeights } from '../../src/export/weights/index.ts';
import { type Attributes, constant, identity, node, shapeAttr, typeAttr } from '../../src/graph/index.ts';
import { strippedGraph } from '../../src/strip/index.ts';
import { DataType, type NodeDef } from '../../src/wire/protos.ts';
import { float32Scalar, float32Tensor, type Tensor } from '../../src/wire/tensor.ts';
import { constantValue, FLOAT, images, mask, metaGraphOf, names, refVariable, weights } from './graphs.ts';

const T = { T: FLOAT };
const BOOL = typeAttr(DataType.DT_BOOL);
const INT = typeAttr(DataType.DT_INT32);
const CAST_TO_FLOAT = { SrcT: BOOL, DstT: FLOAT };
const MASKED = [1, 0, 0, 0, 5, -6];

const int32 = (name: string, ...data: number[]) =>
  constant(name, { dtype: 'int32', shape: [data.length], data: Int32Array.from(data) });
const half = constant('half', float32Scalar(0.5));
const zero = constant('zero', float32Scalar(0));
const kept = node('kept', 'Greater', ['mask/read', 'half'], T);

/** A fully connected layer whose matrix is the node `product`. */
function layerOf(
  product: readonly NodeDef[],
  variables = [...refVariable('w', [3, 2]), ...refVariable('mask', [3, 2])],
) {
  return metaGraphOf([images, ...variables, ...product, node('y', 'MatMul', ['images', 'product'], T)]);
}
const saved = new Map<string, Tensor>([
  ['w', weights],
  ['mask', mask],
]);

const multiplied = (op: string, inputs: string[], attr: Attributes = T) => node('product', op, inputs, attr);

describe('products of any form fold, whatever they are named', () => {
  it.each<[form: string, nodes: NodeDef[]]>([
    ['mask * w', [multiplied('Mul', ['mask/read', 'w/read'])]],
    ['w * mask', [multiplied('Mul', ['w/read', 'mask/read'])]],
    [
      'stop_gradient(mask) * w',
      [node('s', 'StopGradient', ['mask/read'], T), multiplied('Mul', ['s', 'w/read'])],
    ],
    [
      'cast(mask > 0.5) * w',
      [half, kept, node('c', 'Cast', ['kept'], CAST_TO_FLOAT), multiplied('Mul', ['c', 'w/read'])],
    ],
    ['where(mask, w, 0), broadcast', [half, kept, zero, multiplied('SelectV2', ['kept', 'w/read', 'zero'])]],
    [
      'where(mask, w, zeros_like(w))',
      [
        half,
        kept,
        node('zeros', 'ZerosLike', ['w/read'], T),
        multiplied('Select', ['kept', 'w/read', 'zeros']),
      ],
    ],
    [
      'where(not mask, 0, w)',
      [
        half,
        kept,
        zero,
        node('dropped', 'LogicalNot', ['kept']),
        multiplied('SelectV2', ['dropped', 'zero', 'w/read']),
      ],
    ],
    [
      'where(cast(mask, bool), w, 0)',
      [
        zero,
        node('c', 'Cast', ['mask/read'], { SrcT: FLOAT, DstT: BOOL }),
        multiplied('SelectV2', ['c', 'w/read', 'zero']),
      ],
    ],
    [
      'a mask that is arranged anew',
      [
        int32('flat', 6),
        int32('square', 3, 2),
        node('r', 'Reshape', ['mask/read', 'flat'], T),
        node('rr', 'Reshape', ['r', 'square'], T),
        identity('i', 'rr', DataType.DT_FLOAT),
        multiplied('Mul', ['i', 'w/read']),
      ],
    ],
    [
      'a product that is arranged anew and masked again',
      [
        int32('flat', 6),
        int32('square', 3, 2),
        node('once', 'Mul', ['mask/read', 'w/read'], T),
        node('r', 'Reshape', ['once', 'flat'], T),
        node('rr', 'Reshape', ['r', 'square'], T),
        multiplied('Mul', ['mask/read', 'rr']),
      ],
    ],
    [
      'three factors',
      [
        constant('two', float32Scalar(2)),
        constant('one_half', float32Scalar(0.5)),
        node('doubled', 'Mul', ['w/read', 'two'], T),
        node('halved', 'Mul', ['mask/read', 'one_half'], T),
        multiplied('Mul', ['halved', 'doubled']),
      ],
    ],
  ])('%s', (_, nodes) => {
    const { graph, report } = strippedGraph(layerOf(nodes), saved, { outputNodeNames: ['y'] });
    expect(names(graph)).toEqual(['images', 'product', 'y']);
    expect(constantValue(graph, 'product')).toEqual(float32Tensor([3, 2], Float32Array.from(MASKED)));
    expect(report.warnings).toEqual([]);
    expect(report.tensors).toEqual([
      { name: 'product', dtype: 'float32', shape: [3, 2], values: 6, zeros: 3 },
    ]);
  });

  it.each([false, true])(
    'a product that only an arrangement of it reads, readers first %s',
    (readersFirst) => {
      const nodes = [
        node('masked', 'Mul', ['mask/read', 'w/read'], T),
        int32('order', 0, 1),
        multiplied('Transpose', ['masked', 'order'], { T: FLOAT, Tperm: INT }),
      ];
      const meta = layerOf(nodes);
      if (readersFirst) meta.graphDef!.node.reverse();
      const { graph, report } = strippedGraph(meta, saved, { outputNodeNames: ['y'] });
      expect(report.tensors).toMatchObject([{ name: 'masked', zeros: 3 }]);
      const left = ['images', 'masked', 'order', 'product', 'y'];
      expect(names(graph)).toEqual(readersFirst ? left.toReversed() : left);
    },
  );

  it('weights that are kept by what a Cast takes for true', () => {
    const nodes = [
      zero,
      node('c', 'Cast', ['uses/read'], { SrcT: FLOAT, DstT: BOOL }),
      multiplied('SelectV2', ['c', 'w/read', 'zero']),
    ];
    const meta = layerOf(nodes, [...refVariable('w', [3, 2]), ...refVariable('uses', [3, 2])]);
    const uses = float32Tensor([3, 2], Float32Array.of(3, 0, 0, 0, 1, 2));
    const { graph } = strippedGraph(meta, new Map(saved).set('uses', uses), { outputNodeNames: ['y'] });
    expect([...constantValue(graph, 'product').data]).toEqual(MASKED);
  });

  it('a mask of rows that is broadcast', () => {
    const rows = layerOf(
      [
        constant('axis', { dtype: 'int32', shape: [], data: Int32Array.of(1) }),
        node('e', 'ExpandDims', ['mask/read', 'axis'], T),
        int32('whole', 3, 2),
        node('b', 'BroadcastTo', ['e', 'whole'], T),
        multiplied('Mul', ['b', 'w/read']),
      ],
      [...refVariable('w', [3, 2]), ...refVariable('mask', [3])],
    );
    const { graph } = strippedGraph(
      rows,
      new Map(saved).set('mask', float32Tensor([3], Float32Array.of(0, 1, 0))),
      {
        outputNodeNames: ['y'],
      },
    );
    expect([...constantValue(graph, 'product').data]).toEqual([0, 0, 3, -4, 0, 0]);
  });

  it('weights that are kept by their own magnitude', () => {
    const nodes = [
      node('magnitudes', 'Abs', ['w/read'], T),
      node('large', 'GreaterEqual', ['magnitudes', 'threshold/read'], T),
      node('c', 'Cast', ['large'], CAST_TO_FLOAT),
      multiplied('Mul', ['c', 'w/read']),
    ];
    const meta = layerOf(nodes, [...refVariable('w', [3, 2]), ...refVariable('threshold', [])]);
    const { graph } = strippedGraph(
      meta,
      new Map<string, Tensor>([
        ['w', weights],
        ['threshold', float32Scalar(4)],
      ]),
      {
        outputNodeNames: ['y'],
      },
    );
    expect([...constantValue(graph, 'product').data]).toEqual([0, 0, 0, -4, 5, -6]);
  });

  it('a mask of any name, by its zeros and ones', () => {
    const meta = layerOf(
      [multiplied('Mul', ['connections/read', 'w/read'])],
      [...refVariable('w', [3, 2]), ...refVariable('connections', [3, 2])],
    );
    const { graph } = strippedGraph(
      meta,
      new Map([
        ['w', weights],
        ['connections', mask],
      ]),
      {
        outputNodeNames: ['y'],
      },
    );
    expect([...constantValue(graph, 'product').data]).toEqual(MASKED);
  });
});

describe('what cannot fold', () => {
  const strip = (nodes: NodeDef[], outputNodeNames = ['y']) =>
    strippedGraph(layerOf(nodes), saved, { outputNodeNames }).report;

  it('is left and named where the other factor is no constant', () => {
    const { warnings, tensors } = strip([
      node('squashed', 'Tanh', ['w/read'], T),
      multiplied('Mul', ['mask/read', 'squashed']),
    ]);
    expect(tensors).toEqual([]);
    expect(warnings).toEqual([
      'the outputs need no masked weights: 0 weight tensors were folded',
      'node product (Mul) still multiplies by the mask mask: its factor squashed (Tanh) cannot be folded',
    ]);
  });

  it('is left and named where the product would not be that of TensorFlow', () => {
    const { warnings } = strip([
      node('c', 'Cast', ['mask/read'], { SrcT: FLOAT, DstT: typeAttr(DataType.DT_INT32) }),
      node('cc', 'Cast', ['c'], { SrcT: typeAttr(DataType.DT_INT32), DstT: FLOAT }),
      multiplied('Mul', ['cc', 'w/read']),
    ]);
    expect(warnings[1]).toBe(
      'node product (Mul) still multiplies by the mask mask: node c (Cast) casts float32 to DT_INT32, which this runtime does not compute',
    );
  });

  it('is a mask that something else reads, told once, by what reads it first', () => {
    const sum = node('sum', 'Sum', ['ones', 'axes'], { T: FLOAT });
    const nodes = [
      multiplied('Mul', ['mask/read', 'w/read']),
      constant('one', float32Scalar(1)),
      node('ones', 'Add', ['mask/read', 'one'], T),
      int32('axes', 0, 1),
      sum,
    ];
    expect(strip(nodes, ['y', 'sum']).warnings).toEqual(['node sum (Sum) reads the mask mask, which stays']);
    const [, ...others] = nodes;
    const squashed = [node('squashed', 'Tanh', ['w/read'], T), multiplied('Mul', ['mask/read', 'squashed'])];
    expect(strip([...squashed, ...others], ['y', 'sum']).warnings.slice(1)).toEqual([
      'node product (Mul) still multiplies by the mask mask: its factor squashed (Tanh) cannot be folded',
    ]);
  });

  it('is a mask that an output reads by itself, beside the folded product', () => {
    const report = strip([multiplied('Mul', ['mask/read', 'w/read'])], ['y', 'mask/read']);
    expect(report.tensors).toHaveLength(1);
    expect(report.warnings).toEqual(['node mask/read (Identity) reads the mask mask, which stays']);
  });
});

describe('what is no product by a mask stays without a word', () => {
  const NONE = ['the outputs need no masked weights: 0 weight tensors were folded'];
  const two = constant('two', float32Scalar(2));

  it.each<[what: string, nodes: NodeDef[]]>([
    ['weights that are scaled', [two, multiplied('Mul', ['w/read', 'two'])]],
    [
      'weights that a Cast gives',
      [two, node('c', 'Cast', ['w/read'], { SrcT: FLOAT, DstT: FLOAT }), multiplied('Mul', ['c', 'two'])],
    ],
    [
      'weights by a truth of constants alone',
      [
        half,
        zero,
        node('more', 'Greater', ['half', 'zero'], T),
        node('c', 'Cast', ['more'], CAST_TO_FLOAT),
        multiplied('Mul', ['w/read', 'c']),
      ],
    ],
  ])('%s', (_, nodes) => {
    const { graph, report } = strippedGraph(layerOf(nodes), saved, { outputNodeNames: ['y'] });
    expect(names(graph)).toEqual(expect.arrayContaining(['w', 'product', 'y']));
    expect(report).toMatchObject({ tensors: [], warnings: NONE });
  });

  it('a truth of weights that something reads', () => {
    const nodes = [
      half,
      node('large', 'Greater', ['w/read', 'half'], T),
      int32('axes', 0, 1),
      node('all', 'All', ['large', 'axes'], {}),
    ];
    const { report } = strippedGraph(layerOf(nodes), saved, { outputNodeNames: ['all'] });
    expect(report.warnings).toEqual(NONE);
  });

  it('integers by a mask', () => {
    const ints = (name: string) => [
      node(name, 'VariableV2', [], { dtype: INT, shape: shapeAttr([2]) }),
      identity(`${name}/read`, name, DataType.DT_INT32),
    ];
    const nodes = [
      ...ints('places'),
      ...ints('mask'),
      node('y', 'Mul', ['mask/read', 'places/read'], { T: INT }),
    ];
    const value = (...data: number[]): Tensor => ({
      dtype: 'int32',
      shape: [2],
      data: Int32Array.from(data),
    });
    const given = new Map([
      ['places', value(3, 4)],
      ['mask', value(0, 1)],
    ]);
    const { graph, report } = strippedGraph(metaGraphOf(nodes), given, { outputNodeNames: ['y'] });
    expect(names(graph)).toContain('y');
    expect(report.warnings).toEqual([...NONE, 'node y (Mul) reads the mask mask, which stays']);
  });
});

describe('weights of other types than float32', () => {
  const typed = (dtype: DataType) => (name: string) => [
    node(name, 'VariableV2', [], { dtype: typeAttr(dtype), shape: shapeAttr([2, 2]) }),
    identity(`${name}/read`, name, dtype),
  ];
  function stripped(dtype: DataType, weights: Tensor, mask: Tensor) {
    const variable = typed(dtype);
    const meta = metaGraphOf([
      ...variable('w'),
      ...variable('mask'),
      node('w/masked_weight', 'Mul', ['mask/read', 'w/read'], { T: typeAttr(dtype) }),
    ]);
    const given = new Map([
      ['w', weights],
      ['mask', mask],
    ]);
    return strippedGraph(meta, given, { outputNodeNames: ['w/masked_weight'] });
  }
  const shape = [2, 2];

  it('fold as float64', () => {
    const { graph, report } = stripped(
      DataType.DT_DOUBLE,
      { dtype: 'float64', shape, data: Float64Array.of(0.1, -0.2, -0.3, 1e300) },
      { dtype: 'float64', shape, data: Float64Array.of(1, 0, 1, 1) },
    );
    const folded = constantValue(graph, 'w/masked_weight');
    expect(folded).toEqual({ dtype: 'float64', shape, data: Float64Array.of(0.1, 0, -0.3, 1e300) });
    expect(report.tensors).toEqual([
      { name: 'w/masked_weight', dtype: 'float64', shape, values: 4, zeros: 1 },
    ]);
    expect(report.warnings).toEqual([
      'w/masked_weight holds float64, which weight format dense keeps; sizes and verification cover float32 weights only',
    ]);
    for (const weightFormat of ['sparse', 'float16', 'int8'] as const)
      expect(() => storeWeights(graph, weightFormat)).toThrow(
        'w/masked_weight holds weights of float64; only float32 can be stored in another way',
      );
    expect(storeWeights(graph, 'dense')).toBe(graph);
  });

  it('are refused as integers', () => {
    const data = Int32Array.of(1, 0, 1, 1);
    const ints: Tensor = { dtype: 'int32', shape, data };
    expect(() => stripped(DataType.DT_INT32, ints, ints)).toThrow(
      'node w/masked_weight (Mul) masks weights of int32, expected float16, float32 or float64',
    );
  });

  it('fold as float16, with every zero positive', () => {
    const { graph, report } = stripped(
      DataType.DT_HALF,
      { dtype: 'float16', shape, data: Uint16Array.of(0x3c01, 0xbc00, 0x8001, 0x7bff) },
      { dtype: 'float16', shape, data: Uint16Array.of(0x3c00, 0, 0x3c00, 0x3c00) },
    );
    expect(constantValue(graph, 'w/masked_weight').data).toEqual(Uint16Array.of(0x3c01, 0, 0x8001, 0x7bff));
    expect(report.tensors[0]).toMatchObject({ dtype: 'float16', values: 4, zeros: 1 });
  });
});
