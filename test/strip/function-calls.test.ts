import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  type Attributes,
  constant,
  identity,
  intAttr,
  node,
  shapeListAttr,
  typeAttr,
} from '../../src/graph/index.ts';
import { DataType, type FunctionDef, FunctionDefSchema, type NodeDef } from '../../src/wire/protos.ts';
import { float32Scalar, float32Tensor } from '../../src/wire/tensor.ts';
import {
  callNode,
  described,
  functionDef,
  handles,
  layer,
  MASKED,
  matMul,
  mul,
  partitionedCall,
  read,
  references,
  refusal,
  strip,
  T,
  variable,
  whileNode,
} from './function-graphs.ts';
import { constantValue, find, images, names, refVariable, weights } from './graphs.ts';

const { DT_BOOL, DT_FLOAT, DT_HALF } = DataType;
const y = (input: string) => identity('y', input, DT_FLOAT);
const callLayer = partitionedCall('call', 'layer', ['images', 'mask/read', 'w/read']);
const withV = [...references, ...refVariable('v', [3, 2])];
const values = (graph: Parameters<typeof constantValue>[0], name: string) => [
  ...constantValue(graph, name).data,
];

describe('a function that is called more than once', () => {
  it('gets the product of each call, if any call gives it a mask', () => {
    const { graph } = strip(
      [
        ...withV,
        partitionedCall('one', 'layer', ['images', 'v/read', 'w/read']),
        partitionedCall('two', 'layer', ['one', 'mask/read', 'w/read']),
        y('two'),
      ],
      [layer],
    );
    expect(described(graph).layer!.args).toEqual(['x', 'product_1']);
    expect(values(graph, 'one/product/masked_weight')).toEqual([7, -2, 3, -4, 5, -48]);
    expect(values(graph, 'two/product/masked_weight')).toEqual(MASKED);
  });

  it('computes the mask of each by a threshold', () => {
    const threshold = functionDef(
      'threshold',
      ['x', 'w', 't'],
      [
        node('magnitude', 'Abs', ['w'], T),
        node('above', 'Greater', ['magnitude:y:0', 't'], T),
        node('ones', 'Cast', ['above:z:0'], { SrcT: typeAttr(DT_BOOL), DstT: T.T }),
        mul('product', 'ones:y:0', 'w'),
        matMul('out', 'x', 'product:z:0'),
      ],
      ['out:product:0'],
    );
    const { graph } = strip(
      [
        ...withV,
        constant('t', float32Scalar(3.5)),
        partitionedCall('one', 'threshold', ['images', 'w/read', 't']),
        partitionedCall('two', 'threshold', ['one', 'v/read', 't']),
        y('two'),
      ],
      [threshold],
    );
    expect(described(graph).threshold!.nodes).toEqual(['out MatMul x product_1']);
    expect(values(graph, 'one/product/masked_weight')).toEqual([0, 0, 0, -4, 5, -6]);
    expect(values(graph, 'two/product/masked_weight')).toEqual([7, 0, 0, 0, 0, 8]);
  });

  it('by functions of several levels, is looked at after all of them', () => {
    const inner = functionDef(
      'inner',
      ['x', 'm', 'w'],
      [partitionedCall('c', 'layer', ['x', 'm', 'w'])],
      ['c:output:0'],
    );
    const outer = functionDef(
      'outer',
      ['x', 'm', 'w', 'v'],
      [
        partitionedCall('a', 'layer', ['x', 'v', 'w']),
        partitionedCall('b', 'inner', ['a:output:0', 'm', 'w']),
      ],
      ['b:output:0'],
    );
    const { report } = strip(
      [...withV, partitionedCall('call', 'outer', ['images', 'mask/read', 'w/read', 'v/read']), y('call')],
      [outer, layer, inner],
    );
    expect(report.tensors.map(({ zeros }) => zeros).toSorted()).toEqual([0, 3]);
    expect(report.warnings).toEqual([]);
  });

  it('with weights and with activations, computes each where it is called', () => {
    const scaled = functionDef(
      'scaled',
      ['m', 'a'],
      [node('magnitude', 'Abs', ['a'], T), mul('product', 'm', 'magnitude:y:0')],
      ['product:z:0'],
    );
    const outer = functionDef(
      'outer',
      ['x', 'm'],
      [partitionedCall('c', 'scaled', ['m', 'x'])],
      ['c:output:0'],
    );
    const { graph, report } = strip(
      [
        ...references,
        partitionedCall('weights', 'scaled', ['mask/read', 'w/read']),
        partitionedCall('activations', 'outer', ['images', 'mask/read']),
        node('y', 'Add', ['activations', 'weights'], T),
      ],
      [scaled, outer],
    );
    expect(described(graph)).toEqual({
      outer: {
        args: ['x', 'm'],
        nodes: ['c/magnitude Abs x', 'c/product Mul m c/magnitude:y:0'],
        results: ['c/product:z:0'],
      },
    });
    expect(values(graph, 'weights/product/masked_weight')).toEqual([1, 0, 0, 0, 5, 6]);
    expect(report.warnings).toEqual([
      'function outer: node c/product (Mul) still multiplies by the mask mask: its factor c/magnitude (Abs) cannot be folded',
    ]);
  });
});

it('of products that go one into the next, only the last becomes an argument', () => {
  const chain = functionDef(
    'chain',
    ['x', 'm', 'w', 'v'],
    [mul('first', 'm', 'w'), mul('second', 'first:z:0', 'v'), matMul('out', 'x', 'second:z:0')],
    ['out:product:0'],
  );
  const { graph, report } = strip(
    [...withV, partitionedCall('call', 'chain', ['images', 'mask/read', 'w/read', 'v/read']), y('call')],
    [chain],
  );
  expect(described(graph).chain!.args).toEqual(['x', 'second_1']);
  expect(report.tensors.map(({ name }) => name)).toEqual(['call/second/masked_weight']);
  expect(values(graph, 'call/second/masked_weight')).toEqual([7, 0, 0, 0, 5, -48]);
});

describe('functions are called', () => {
  it('by a choice among many, with an index', () => {
    const types = callLayer.attr;
    const other = functionDef('other', ['x', 'm', 'w'], [matMul('out', 'x', 'w')], ['out:product:0']);
    const { graph } = strip(
      [
        ...references,
        callNode(
          'choice',
          'StatelessCase',
          ['images', 'images', 'mask/read', 'w/read'],
          { branches: ['layer', 'other'] },
          { Tin: types.Tin!, Tout: types.Tout! },
        ),
        y('choice'),
      ],
      [layer, other],
    );
    expect(described(graph)).toEqual({
      layer: { args: ['x', 'w', 'product_1'], nodes: ['out MatMul x product_1'], results: ['out:product:0'] },
      other: { args: ['x', 'w', 'product_1'], nodes: ['out MatMul x w'], results: ['out:product:0'] },
    });
    expect(find(graph, 'choice').input).toEqual([
      'images',
      'images',
      'w/read',
      'choice/product/masked_weight',
    ]);
  });

  it('by their own names, in a function by those of the results', () => {
    const pair = functionDef(
      'pair',
      ['x', 'm', 'w'],
      [mul('product', 'm', 'w'), matMul('out', 'x', 'product:z:0')],
      ['product:z:0', 'out:product:0'],
    );
    const outer = functionDef(
      'outer',
      ['x', 'm', 'w'],
      [node('c', 'pair', ['x', 'm', 'w'])],
      ['c:result_1:0'],
    );
    const { graph } = strip(
      [
        ...references,
        node('direct', 'pair', ['images', 'mask/read', 'w/read']),
        partitionedCall('call', 'outer', ['direct:1', 'mask/read', 'w/read']),
        y('call'),
      ],
      [pair, outer],
    );
    expect(described(graph)).toEqual({
      pair: { args: ['x', 'product_1'], nodes: ['out MatMul x product_1'], results: ['out:product:0'] },
      outer: {
        args: ['x', 'c_product_masked_weight'],
        nodes: ['c pair x c_product_masked_weight'],
        results: ['c:result_1:0'],
      },
    });
    expect(find(graph, 'call').input).toEqual(['direct', 'call/c/product/masked_weight']);
  });

  it('with attributes that lack types, or the function', () => {
    const { graph } = strip(
      [
        ...references,
        callNode('call', 'PartitionedCall', ['images', 'mask/read', 'w/read'], { f: 'layer' }),
        node('odd', 'PartitionedCall', ['call']),
        node('odd_1', 'Case', ['odd']),
        y('odd_1'),
      ],
      [layer],
    );
    expect(find(graph, 'call').input).toEqual(['images', 'call/product/masked_weight']);
    expect(find(graph, 'odd').input).toEqual(['call']);
  });

  it('that give only what they are given, as outputs of the graph', () => {
    const same = functionDef('same', ['x'], [identity('i', 'x', DT_FLOAT)], ['i:output:0']);
    const { graph } = strip([images, partitionedCall('call', 'same', ['images'])], [same], {
      outputNodeNames: ['call'],
    });
    expect(names(graph)).toEqual(['images', 'call']);
  });

  it('beside what fills lookup tables', () => {
    const { graph } = strip(
      [
        ...references,
        node('table', 'HashTableV2', []),
        constant('keys', weights),
        node('table_init', 'InitializeTableV2', ['table', 'keys', 'keys']),
        node('init_all_tables', 'NoOp', ['^table_init']),
        callLayer,
        y('call'),
      ],
      [layer],
      { outputNodeNames: ['y', 'init_all_tables'] },
    );
    expect(find(graph, 'init_all_tables').input).toEqual(['^table_init']);
    expect(names(graph)).toContain('table_init');
  });
});

describe('results of functions', () => {
  it('that nothing reads go at every level, and the others are numbered anew', () => {
    const inner = functionDef(
      'inner',
      ['x', 'unread'],
      [0, 1, 2, 3].map((index) => node(`t${index}`, 'Op', ['x'])),
      [0, 1, 2, 3].map((index) => `t${index}:y:0`),
    );
    const callInner = (name: string, input: string) => {
      const call = partitionedCall(name, 'inner', [input, input], 4);
      call.attr.output_shapes = shapeListAttr([[1], [2], [3], [4]]);
      return call;
    };
    const outer = functionDef(
      'outer',
      ['x'],
      [
        callInner('c', 'x'),
        node('read', 'Op', ['c:output:3', 'c:output:1']),
        node('unread', 'Op', ['c:output:2']),
      ],
      ['read:y:0', 'unread:y:0'],
    );
    const { graph } = strip(
      [
        images,
        partitionedCall('first', 'outer', ['images'], 2),
        callInner('second', 'first'),
        node('y', 'Op', ['second:3', 'second:1']),
      ],
      [inner, outer],
    );
    expect(described(graph)).toEqual({
      inner: { args: ['x'], nodes: ['t1 Op x', 't3 Op x'], results: ['t1:y:0', 't3:y:0'] },
      outer: {
        args: ['x'],
        nodes: ['c PartitionedCall x', 'read Op c:output:1 c:output:0'],
        results: ['read:y:0'],
      },
    });
    expect(find(graph, 'y').input).toEqual(['second:1', 'second']);
    const { Tout, output_shapes } = find(graph, 'second').attr;
    expect(Tout!.value.value).toMatchObject({ type: [DT_FLOAT, DT_FLOAT] });
    expect(output_shapes!.value.value).toMatchObject({
      shape: [{ dim: [{ size: 2n }] }, { dim: [{ size: 4n }] }],
    });
  });

  it('are refused that a function does not give', () => {
    expect(refusal([...references, callLayer, y('call:1')], [layer])).toBe(
      'node call (PartitionedCall) gives 1 values, but call:1 is read',
    );
    const outer = (input: string) =>
      functionDef('outer', ['x', 'm', 'w'], [node('c', 'layer', ['x', 'm', 'w'])], [input]);
    const call = partitionedCall('call', 'outer', ['images', 'mask/read', 'w/read']);
    for (const input of ['c:result_1:0', 'c:product:1'])
      expect(refusal([...references, call, y('call')], [layer, outer(input)])).toBe(
        `node c (layer) gives 1 values, but ${input} is read`,
      );
  });
});

describe('new arguments', () => {
  it('and nodes get names that are free', () => {
    const taken = functionDef(
      'taken',
      ['product', 'product_1', 'm', 'w', 'w_handle'],
      [
        mul('Product', 'm', 'w'),
        mul('1x1', 'm', 'product_1'),
        read('read', 'w_handle'),
        node('out', 'Op', ['product', 'Product:z:0', '1x1:z:0', 'read:value:0']),
      ],
      ['out:y:0'],
    );
    const { graph } = strip(
      [
        ...withV,
        variable('other/mask', [3, 2]),
        node('call/read', 'Op', ['images']),
        node('call/read_1', 'Op', ['call/read']),
        partitionedCall('call', 'taken', ['call/read_1', 'v/read', 'mask/read', 'w/read', 'other/mask']),
        y('call'),
      ],
      [taken],
    );
    expect(described(graph).taken).toEqual({
      args: ['product', 'product_2', 'arg1x1', 'read_1'],
      nodes: ['out Op product product_2 arg1x1 read_1'],
      results: ['out:y:0'],
    });
    expect(find(graph, 'call').input).toEqual([
      'call/read_1',
      'call/Product/masked_weight',
      'call/1x1/masked_weight',
      'call/read_2',
    ]);
    expect(find(graph, 'call/read').op).toBe('Op');
  });

  const half = { T: typeAttr(DT_HALF) };
  it.each<[string, DataType, string, string[], Attributes]>([
    ['a comparison', DT_BOOL, 'Greater', ['m', 'm'], half],
    ['a cast', DT_HALF, 'Cast', ['m'], { SrcT: T.T, DstT: half.T }],
    ['a read', DT_HALF, 'ReadVariableOp', ['m_handle'], { dtype: half.T }],
    ['a lookup', DT_HALF, 'GatherV2', ['m', 'm', 'm'], { Tparams: half.T }],
    ['a sum', DT_HALF, 'AddV2', ['m', 'm'], half],
  ])('have the type of %s', (_, type, op, inputs, attributes) => {
    const typed = functionDef(
      'typed',
      ['x', 'm', 'm_handle'],
      [node('root', op, inputs, attributes), node('out', 'Op', ['x', 'root:y:0'])],
      ['out:y:0'],
    );
    const { graph } = strip(
      [
        ...references,
        variable('other/mask', [3, 2]),
        partitionedCall('call', 'typed', ['images', 'mask/read', 'other/mask']),
        y('call'),
      ],
      [typed],
    );
    expect(graph.library!.function[0]!.signature!.inputArg.map((each) => each.type)).toEqual([
      DT_FLOAT,
      type,
    ]);
    expect(find(graph, 'call').attr.Tin!.value.value).toMatchObject({ type: [DT_FLOAT, type] });
  });
});

describe('lookups in variables within functions', () => {
  const lookup = (op: string, attributes: Attributes) =>
    functionDef(
      'lookup',
      ['w_handle', 'x'],
      [
        node('rows/ReadVariableOp', 'Op', ['x']),
        node('rows', op, ['w_handle', 'rows/ReadVariableOp:y:0'], {
          dtype: T.T,
          Tindices: T.T,
          ...attributes,
        }),
      ],
      ['rows:output:0'],
    );
  const nodes = [...handles, partitionedCall('call', 'lookup', ['w', 'images']), y('call')];

  it('become lookups in what is read', () => {
    const { graph } = strip(nodes, [
      lookup('ResourceGather', { batch_dims: intAttr(0), dtype: typeAttr(DT_HALF) }),
    ]);
    expect(described(graph).lookup!.nodes).toEqual([
      'rows/ReadVariableOp Op x',
      'rows Gather rows_readvariableop_1 rows/ReadVariableOp:y:0',
    ]);
    const [{ signature, nodeDef }] = graph.library!.function as [FunctionDef];
    expect(signature!.inputArg.map(({ type }) => type)).toEqual([DT_FLOAT, DT_HALF]);
    expect(nodeDef[1]!.attr).toEqual({ Tindices: T.T, Tparams: typeAttr(DT_HALF) });
  });

  it.each([
    ['of batches', 'ResourceGather', { batch_dims: intAttr(1) }],
    ['by several indices', 'ResourceGatherNd', {}],
  ])('are refused %s', (_, op, attributes) => {
    expect(refusal(nodes, [lookup(op, attributes)])).toBe(
      'node call (PartitionedCall) reads variable w within a function, which cannot be frozen',
    );
  });
});

describe('a function stays as it is', () => {
  const { DT_INVALID } = DataType;
  it.each<[string, (definition: FunctionDef) => void]>([
    [
      'of a type that calls choose',
      ({ signature }) => Object.assign(signature!.inputArg[0]!, { type: DT_INVALID, typeAttr: 'T' }),
    ],
    ['of lists of tensors', ({ signature }) => Object.assign(signature!.inputArg[0]!, { numberAttr: 'N' })],
    [
      'of lists of types',
      ({ signature }) => Object.assign(signature!.outputArg[0]!, { type: DT_INVALID, typeListAttr: 'Ts' }),
    ],
    ['of no type', ({ signature }) => Object.assign(signature!.inputArg[0]!, { type: DT_INVALID })],
    ['with nodes of the same name', ({ nodeDef }) => nodeDef.push(nodeDef[0]!)],
    [
      'that does not give all its results',
      ({ signature }) => signature!.outputArg.push({ ...signature!.outputArg[0]!, name: 'another' }),
    ],
  ])('%s', (_, change) => {
    const definition = functionDef('layer', ['x', 'm', 'w'], [...layer.nodeDef], ['out:product:0']);
    change(definition);
    definition.attr = {};
    const { graph, report } = strip([...references, callLayer, y('call')], [definition]);
    expect(graph.library!.function).toEqual([definition]);
    expect(find(graph, 'call').input).toEqual(callLayer.input);
    expect(report.warnings).toContain('node call (PartitionedCall) reads the mask mask, which stays');
  });

  it('that is chosen instead of one of those', () => {
    const generic = functionDef('generic', ['x', 'm', 'w'], [...layer.nodeDef], ['out:product:0']);
    generic.signature!.inputArg[0]!.typeAttr = 'T';
    const plain = functionDef('plain', ['x', 'm', 'w'], [matMul('out', 'x', 'w')], ['out:product:0']);
    const choice = callNode('choice', 'If', ['images', 'images', 'mask/read', 'w/read'], {
      then_branch: 'plain',
      else_branch: 'generic',
    });
    const { graph } = strip([...references, choice, y('choice')], [plain, generic]);
    expect(described(graph).plain!.args).toEqual(['x', 'm', 'w']);
    expect(find(graph, 'choice').input).toEqual(choice.input);
  });

  it('beside one without a name', () => {
    const { graph } = strip([...references, callLayer, y('call')], [layer, create(FunctionDefSchema)]);
    expect(Object.keys(described(graph))).toEqual(['layer']);
    expect(described(graph).layer!.args).toEqual(['x', 'product_1']);
  });

  const custom = callNode('custom', 'MapDefun', ['images'], { f: 'mapped' });
  const callMapped = partitionedCall('call', 'mapped', ['images', 'mask/read', 'w/read'], 2);

  it('that a node of another kind also calls', () => {
    const body = [matMul('out', 'x', 'w')];
    const mapped = functionDef('mapped', ['x', 'm', 'w'], body, ['out:product:0', 'w']);
    const other = functionDef('other', ['x', 'm', 'w'], body, ['out:product:0', 'w']);
    const choice = callNode('choice', 'If', ['images', ...callMapped.input], {
      then_branch: 'other',
      else_branch: 'mapped',
    });
    const { graph } = strip(
      [...references, choice, custom, node('y', 'Add', ['choice', 'custom'], T)],
      [mapped, other],
    );
    const same = { args: ['x', 'm', 'w'], nodes: ['out MatMul x w'], results: ['out:product:0', 'w'] };
    expect(described(graph)).toEqual({ mapped: same, other: same });
    expect(find(graph, 'choice').input).toEqual(choice.input);
  });

  it('and is refused if it masks', () => {
    const mapped = functionDef('mapped', ['x', 'm', 'w'], [...layer.nodeDef], ['out:product:0', 'w']);
    const nodes = [...references, custom, callMapped, node('y', 'Add', ['call', 'custom'], T)];
    expect(refusal(nodes, [mapped])).toBe(
      'function mapped: node product (Mul) multiplies by the mask mask and cannot be folded, since the function is called by custom (MapDefun)',
    );
  });

  const branch = [
    node('switch', 'Switch', ['x', 'x'], T),
    node('then', 'Op', ['^switch']),
    partitionedCall('c', 'same', ['switch:output_true:0', '^then']),
  ];
  const same = functionDef('same', ['x'], [node('out', 'Op', ['x'])], ['out:y:0']);
  const callBranch = partitionedCall('call', 'branch', ['images', 'mask/read', 'w/read']);

  it('whose control inputs decide what runs', () => {
    const whole = functionDef('branch', ['x', 'm', 'w'], branch, ['c:output:0']);
    const { graph } = strip([...references, callBranch, y('call')], [whole, same]);
    expect(described(graph).branch).toEqual(described({ library: { function: [whole] } } as never).branch);
  });

  it('and is refused if it masks, too', () => {
    const masking = [...branch, mul('product', 'm', 'w'), matMul('out', 'c:output:0', 'product:z:0')];
    const whole = functionDef('branch', ['x', 'm', 'w'], masking, ['out:product:0']);
    expect(refusal([...references, callBranch, y('call')], [whole, same])).toBe(
      'function branch: node product (Mul) multiplies by the mask mask and cannot be folded, since the function has loops or branches made of nodes',
    );
  });
});

it('a function is left without what only orders it', () => {
  const ordered = functionDef(
    'ordered',
    ['x'],
    [node('check', 'Assert', ['x']), node('out', 'Op', ['x', '^check'])],
    ['out:y:0'],
  );
  Object.assign(ordered, { controlRet: { check: 'check' } });
  ordered.signature!.controlOutput = ['check'];
  const { graph } = strip([images, partitionedCall('call', 'ordered', ['images']), y('call')], [ordered]);
  expect(described(graph).ordered!.nodes).toEqual(['out Op x']);
  expect(graph.library!.function[0]).toMatchObject({ signature: { controlOutput: [] }, controlRet: {} });
});

it('what is named as a masked weight folds without a mask, too', () => {
  const named = functionDef(
    'named',
    ['x', 'v', 'w'],
    [mul('masked_weight', 'v', 'w'), matMul('out', 'x', 'masked_weight:z:0')],
    ['out:product:0'],
  );
  const { graph } = strip(
    [...withV, partitionedCall('call', 'named', ['images', 'v/read', 'w/read']), y('call')],
    [named],
  );
  expect(described(graph).named!.args).toEqual(['x', 'masked_weight_1']);
  expect(values(graph, 'call/masked_weight')).toEqual([7, -2, 3, -4, 5, -48]);
});

it('nodes of a function that read each other, or nothing, are left', () => {
  const damaged = functionDef(
    'damaged',
    ['x'],
    [node('a', 'Op', ['x', 'b:y:0']), node('b', 'Op', ['a:y:0']), node('i', 'Identity', [], T)],
    ['b:y:0', 'i:output:0'],
  );
  const { graph } = strip(
    [images, partitionedCall('call', 'damaged', ['images'], 2), node('y', 'Add', ['call', 'call:1'], T)],
    [damaged],
  );
  expect(described(graph).damaged!.nodes).toEqual(['a Op x b:y:0', 'b Op a:y:0', 'i Identity']);
});

it('a constant that is named as a masked weight may be in a function', () => {
  const holding = functionDef(
    'holding',
    ['x'],
    [constant('masked_weight', weights), matMul('out', 'x', 'masked_weight:output:0')],
    ['out:product:0'],
  );
  const { graph } = strip([images, partitionedCall('call', 'holding', ['images']), y('call')], [holding]);
  expect(described(graph).holding!.nodes).toHaveLength(2);
});

describe('a loop', () => {
  const cond = (args: string[]) => functionDef('cond', args, [node('more', 'Op', [args[0]!])], ['more:z:0']);

  it('keeps what its condition and its results need', () => {
    const args = ['i', 'h', 'm', 'w', 'sum', 'dead'];
    const body = functionDef(
      'body',
      args,
      [
        node('next', 'Op', ['i']),
        mul('product', 'm', 'w'),
        matMul('h_1', 'h', 'product:z:0'),
        node('sum_1', 'Op', ['sum', 'h_1:product:0']),
        node('dead_1', 'Op', ['dead', 'm']),
        mul('dead_product', 'm', 'dead'),
      ],
      ['next:y:0', 'h_1:product:0', 'm', 'w', 'sum_1:y:0', 'dead_1:y:0'],
    );
    const inputs = ['images', 'images', 'mask/read', 'w/read', 'images', 'w/read'];
    const loop = whileNode('loop', inputs, 'cond', 'body');
    loop.attr.output_shapes = shapeListAttr([[0], [1], [2], [3], [4], [5]]);
    const { graph } = strip([...references, loop, node('y', 'Op', ['loop:4', 'loop:1'])], [body, cond(args)]);
    expect(described(graph)).toEqual({
      body: {
        args: ['i', 'h', 'sum', 'product_1'],
        nodes: ['next Op i', 'h_1 MatMul h product_1', 'sum_1 Op sum h_1:product:0'],
        results: ['next:y:0', 'h_1:product:0', 'sum_1:y:0', 'product_1'],
      },
      cond: { args: ['i', 'h', 'sum', 'product_1'], nodes: ['more Op i'], results: ['more:z:0'] },
    });
    expect(find(graph, 'y').input).toEqual(['loop:2', 'loop:1']);
    const shape = (size: number) => ({ dim: [{ size: BigInt(size) }], unknownRank: false });
    expect(find(graph, 'loop').attr.output_shapes!.value.value).toMatchObject({
      shape: [shape(0), shape(1), shape(4), { dim: [], unknownRank: true }],
    });
  });

  it('that swaps what it is given does not give it back', () => {
    const body = functionDef('body', ['a', 'b'], [], ['b', 'a']);
    const loop = whileNode('loop', ['images', 'images'], 'cond', 'body');
    const { graph } = strip([images, loop, y('loop')], [body, cond(['a', 'b'])]);
    expect(find(graph, 'y').input).toEqual(['loop']);
  });

  it('may mask a state that begins as a constant', () => {
    const body = functionDef('body', ['h', 'm'], [mul('product', 'm', 'h')], ['product:z:0', 'm']);
    const loop = whileNode('loop', ['zeros', 'mask/read'], 'cond', 'body');
    const nodes = [...references, constant('zeros', float32Tensor([1], Float32Array.of(0))), loop, y('loop')];
    expect(strip(nodes, [body, cond(['h', 'm'])]).report.warnings).toContain(
      'function body: node product (Mul) still multiplies by the mask mask: it cannot be folded',
    );
  });

  it('in a loop needs nothing that the outer one does not give', () => {
    const inner = functionDef(
      'inner',
      ['i', 'sum'],
      [node('next', 'Op', ['i']), node('add', 'Op', ['sum'])],
      ['next:y:0', 'add:y:0'],
    );
    const outer = functionDef(
      'outer',
      ['i', 'total'],
      [
        whileNode('l', ['i', 'i'], 'cond', 'inner'),
        node('next', 'Op', ['l:output:0']),
        node('more', 'Op', ['total', 'l:output:1']),
      ],
      ['next:y:0', 'more:y:0'],
    );
    const first = functionDef('first', ['i', 'total'], [node('more', 'Op', ['i'])], ['more:z:0']);
    const loop = whileNode('loop', ['images', 'images'], 'first', 'outer');
    const { graph } = strip([images, loop, y('loop')], [inner, outer, cond(['i', 'sum']), first]);
    expect(described(graph)).toMatchObject({ outer: { args: ['i'] }, inner: { args: ['i'] } });
  });

  it('whose body another node may run cannot mask', () => {
    const results = ['m', 'w', 'next:product:0'];
    const body = functionDef(
      'body',
      ['m', 'w', 'h'],
      [mul('product', 'm', 'w'), matMul('next', 'h', 'product:z:0')],
      results,
    );
    const other = functionDef('other', ['m', 'w', 'h'], [], ['m', 'w', 'h']);
    const nodes: NodeDef[] = [
      ...references,
      whileNode('loop', ['mask/read', 'w/read', 'images'], 'cond', 'body'),
      callNode('choice', 'If', ['images', 'mask/read', 'w/read', 'loop:2'], {
        then_branch: 'body',
        else_branch: 'other',
      }),
      y('choice:2'),
    ];
    expect(refusal(nodes, [body, other, cond(['m', 'w', 'h'])])).toBe(
      'function body: node product (Mul) multiplies by the mask mask and cannot be folded, since the function is called by a loop and by another node',
    );
  });
});
