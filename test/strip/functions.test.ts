import { describe, expect, it } from 'vitest';
import { identity, node } from '../../src/graph/index.ts';
import { DataType } from '../../src/wire/protos.ts';
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
import { constantValue, find, weights } from './graphs.ts';

const { DT_FLOAT } = DataType;
describe('a product by a mask moves out of a function, and folds', () => {
  it('that is called, with its factors', () => {
    const { graph, report } = strip(
      [
        ...references,
        partitionedCall('call', 'layer', ['images', 'mask/read', 'w/read']),
        identity('y', 'call', DT_FLOAT),
      ],
      [layer],
    );
    expect(described(graph)).toEqual({
      layer: { args: ['x', 'product_1'], nodes: ['out MatMul x product_1'], results: ['out:product:0'] },
    });
    expect(find(graph, 'call').input).toEqual(['images', 'call/product/masked_weight']);
    expect(find(graph, 'call').attr.Tin?.value.value).toMatchObject({ type: [DT_FLOAT, DT_FLOAT] });
    expect([...constantValue(graph, 'call/product/masked_weight').data]).toEqual(MASKED);
    expect(graph.node.map(({ name }) => name)).toEqual(['images', 'call', 'y', 'call/product/masked_weight']);
    expect(report.warnings).toEqual([]);
    expect(graph.library!.function[0]!.attr).toEqual({});
  });

  it('that reads variables by their handles', () => {
    const reading = functionDef(
      'reading',
      ['x', 'm_handle', 'w_handle'],
      [
        node('done', 'NoOp', ['^read_m']),
        read('read_m', 'm_handle'),
        read('read_w', 'w_handle'),
        node('stopped', 'StopGradient', ['read_m:value:0'], T),
        mul('product', 'stopped:output:0', 'read_w:value:0'),
        matMul('out', 'x', 'product:z:0'),
        node('sum', 'Add', ['out:product:0', 'read_w:value:0', '^done'], T),
      ],
      ['sum:z:0'],
    );
    const { graph } = strip(
      [
        ...handles,
        partitionedCall('call', 'reading', ['images', 'mask', 'w']),
        identity('y', 'call', DT_FLOAT),
      ],
      [reading],
    );
    expect(described(graph).reading).toEqual({
      args: ['x', 'read_w_1', 'product_1'],
      nodes: ['out MatMul x product_1', 'sum Add out:product:0 read_w_1'],
      results: ['sum:z:0'],
    });
    expect([...constantValue(graph, 'call/product/masked_weight').data]).toEqual(MASKED);
    expect(graph.node.map(({ op }) => op)).not.toContain('VarHandleOp');
  });

  it('whose name says that it is a masked weight', () => {
    const named = functionDef(
      'named',
      ['m', 'w'],
      [mul('kernel/masked_weight', 'm', 'w')],
      ['kernel/masked_weight:z:0'],
    );
    const { graph, report } = strip(
      [
        ...references,
        partitionedCall('call', 'named', ['mask/read', 'w/read']),
        identity('y', 'call', DT_FLOAT),
      ],
      [named],
    );
    expect(graph.library).toBeUndefined();
    expect(graph.node.map(({ name }) => name)).toEqual(['y', 'call/kernel/masked_weight']);
    expect(report.tensors.map(({ name }) => name)).toEqual(['call/kernel/masked_weight']);
  });

  it('that is a loop, whose arguments are numbered anew', () => {
    const body = functionDef(
      'body',
      ['m', 'h', 'w'],
      [identity('same', 'm', DT_FLOAT), mul('product', 'm', 'w'), matMul('next', 'h', 'product:z:0')],
      ['same:output:0', 'next:product:0', 'w'],
    );
    const cond = functionDef('cond', ['m', 'h', 'w'], [node('more', 'Op', ['h'])], ['more:z:0']);
    const { graph } = strip(
      [
        ...references,
        whileNode('loop', ['mask/read', 'images', 'w/read'], 'cond', 'body'),
        node('y', 'Add', ['loop:1', 'loop:2'], T),
      ],
      [body, cond],
    );
    expect(described(graph)).toEqual({
      body: {
        args: ['h', 'product_1'],
        nodes: ['next MatMul h product_1'],
        results: ['next:product:0', 'product_1'],
      },
      cond: { args: ['h', 'product_1'], nodes: ['more Op h'], results: ['more:z:0'] },
    });
    expect(find(graph, 'loop').input).toEqual(['images', 'loop/product/masked_weight']);
    expect(find(graph, 'loop').attr.T?.value.value).toMatchObject({ type: [DT_FLOAT, DT_FLOAT] });
    // What the loop gives back as it was given is read before it.
    expect(find(graph, 'y').input).toEqual(['loop', 'w/read']);
  });

  it('that another function calls, once for both calls of it', () => {
    const outer = functionDef(
      'outer',
      ['x', 'w', 'm'],
      [
        partitionedCall('one', 'layer', ['x', 'm', 'w']),
        partitionedCall('two', 'layer', ['one:output:0', 'm', 'w']),
      ],
      ['two:output:0'],
    );
    const { graph, report } = strip(
      [
        ...references,
        partitionedCall('call', 'outer', ['images', 'w/read', 'mask/read']),
        identity('y', 'call', DT_FLOAT),
      ],
      [layer, outer],
    );
    expect(report.tensors.map(({ name }) => name)).toEqual(['call/one/product/masked_weight']);
    expect(described(graph).outer).toEqual({
      args: ['x', 'one_product_masked_weight'],
      nodes: [
        'one PartitionedCall x one_product_masked_weight',
        'two PartitionedCall one:output:0 one_product_masked_weight',
      ],
      results: ['two:output:0'],
    });
  });

  it('in each branch of a choice, and in one that takes what another gives', () => {
    const kept = functionDef('kept', ['m', 'w'], [mul('product', 'm', 'w')], ['product:z:0']);
    const otherwise = functionDef(
      'otherwise',
      ['m', 'w'],
      [node('twice', 'AddV2', ['w', 'w'], T)],
      ['twice:z:0'],
    );
    const types = partitionedCall('', '', ['', '']).attr;
    const { graph } = strip(
      [
        ...references,
        node('condition', 'Op', ['images']),
        callNode(
          'choice',
          'StatelessIf',
          ['condition', 'mask/read', 'w/read'],
          { then_branch: 'kept', else_branch: 'otherwise' },
          { Tin: types.Tin!, Tout: types.Tout! },
        ),
        identity('y', 'choice', DT_FLOAT),
      ],
      [kept, otherwise],
    );
    expect(described(graph)).toEqual({
      kept: { args: ['w', 'product_1'], nodes: [], results: ['product_1'] },
      otherwise: { args: ['w', 'product_1'], nodes: ['twice AddV2 w w'], results: ['twice:z:0'] },
    });
    expect(find(graph, 'choice').input).toEqual(['condition', 'w/read', 'choice/product/masked_weight']);
  });

  it('that gives back what it was given, or what the mask alone decides', () => {
    const same = functionDef('same', ['m'], [identity('i', 'm', DT_FLOAT)], ['i:output:0']);
    const stopped = functionDef('decided', ['m'], [node('a', 'Abs', ['m'], T)], ['a:y:0']);
    const { graph, report } = strip(
      [
        ...references,
        partitionedCall('s', 'same', ['mask/read']),
        partitionedCall('d', 'decided', ['s']),
        partitionedCall('call', 'layer', ['images', 'd', 'w/read']),
        identity('y', 'call', DT_FLOAT),
      ],
      [same, stopped, layer],
    );
    expect(Object.keys(described(graph))).toEqual(['layer']);
    expect([...constantValue(graph, report.tensors[0]!.name).data]).toEqual(MASKED);
  });

  it('that is called by its own name', () => {
    const { graph } = strip(
      [
        ...references,
        node('call', 'layer', ['images', 'mask/read', 'w/read']),
        identity('y', 'call', DT_FLOAT),
      ],
      [layer],
    );
    expect(find(graph, 'call').input).toEqual(['images', 'call/product/masked_weight']);
  });

  it('that looks rows of it up by a handle', () => {
    const lookup = functionDef(
      'lookup',
      ['table_handle', 'indices'],
      [node('rows', 'ResourceGather', ['table_handle', 'indices'], { dtype: T.T, Tindices: T.T })],
      ['rows:output:0'],
    );
    const { graph } = strip(
      [...handles, partitionedCall('call', 'lookup', ['w', 'images']), identity('y', 'call', DT_FLOAT)],
      [lookup],
    );
    expect(described(graph).lookup!.nodes).toEqual(['rows Gather rows_readvariableop indices']);
    expect(constantValue(graph, 'w')).toEqual(weights);
  });
});

it('what a training step kept for gradients goes', () => {
  const forward = functionDef(
    'forward',
    ['x', 'm', 'w'],
    [mul('product', 'm', 'w'), matMul('out', 'x', 'product:z:0')],
    ['m', 'out:product:0', 'product:z:0'],
  );
  const { graph } = strip(
    [
      ...references,
      partitionedCall('call', 'forward', ['images', 'mask/read', 'w/read'], 3),
      identity('y', 'call:1', DT_FLOAT),
    ],
    [forward],
  );
  expect(described(graph).forward!.results).toEqual(['out:product:0']);
  expect(find(graph, 'y').input).toEqual(['call']);
  expect(find(graph, 'call').attr.Tout?.value.value).toMatchObject({ type: [DT_FLOAT] });
});

it('a mask that multiplies activations within a function stays, with a warning', () => {
  const masking = functionDef('masking', ['x', 'm'], [mul('product', 'x', 'm')], ['product:z:0']);
  const { report } = strip(
    [
      ...references,
      partitionedCall('call', 'masking', ['images', 'mask/read']),
      identity('y', 'call', DT_FLOAT),
    ],
    [masking],
  );
  expect(report.warnings).toContain(
    'function masking: node product (Mul) still multiplies by the mask mask: it cannot be folded',
  );
});

describe('refused, naming function and node:', () => {
  const cond = functionDef('cond', ['m', 'w'], [node('more', 'Op', ['w'])], ['more:z:0']);
  const loop = [
    ...references,
    whileNode('loop', ['mask/read', 'w/read'], 'cond', 'body'),
    identity('y', 'loop:1', DT_FLOAT),
  ];

  it('weights that a loop changes', () => {
    const body = functionDef(
      'body',
      ['m', 'w'],
      [mul('product', 'm', 'w'), node('next', 'Add', ['product:z:0', 'w'], T)],
      ['m', 'next:z:0'],
    );
    expect(refusal(loop, [body, cond])).toBe(
      'function body: node product (Mul) multiplies by the mask mask and cannot be folded, since the loop may change what it multiplies',
    );
  });

  it('a function that calls itself', () => {
    const itself = functionDef(
      'itself',
      ['m', 'w'],
      [mul('product', 'm', 'w'), partitionedCall('again', 'itself', ['m', 'product:z:0'])],
      ['again:output:0'],
    );
    const nodes = [
      ...references,
      partitionedCall('call', 'itself', ['mask/read', 'w/read']),
      identity('y', 'call', DT_FLOAT),
    ];
    expect(refusal(nodes, [itself])).toBe(
      'function itself: node product (Mul) multiplies by the mask mask and cannot be folded, since the function is called by a function that calls itself',
    );
  });

  it('a call with too few values, and a loop that gives too few', () => {
    const nodes = [
      ...references,
      partitionedCall('call', 'layer', ['images', 'mask/read']),
      identity('y', 'call', DT_FLOAT),
    ];
    expect(refusal(nodes, [layer])).toBe(
      'node call (PartitionedCall) calls the function layer with 2 values, expected 3',
    );
    const body = functionDef('body', ['m', 'w'], [], ['m']);
    expect(refusal(loop, [body, cond])).toBe(
      'node loop (While) repeats the function body, which gives 1 values for 2',
    );
  });

  it('a variable that a function holds itself', () => {
    const holding = functionDef(
      'holding',
      ['x'],
      [variable('v', [1]), read('r', 'v:resource:0')],
      ['r:value:0'],
    );
    const nodes = [
      ...references,
      partitionedCall('call', 'holding', ['images']),
      identity('y', 'call', DT_FLOAT),
    ];
    expect(refusal(nodes, [holding])).toBe(
      'function holding holds the variable v itself, which cannot be frozen',
    );
  });

  it('a masked weight of what does not fold', () => {
    const odd = functionDef(
      'odd',
      ['m', 'w'],
      [node('squashed', 'Tanh', ['w'], T), mul('masked_weight', 'm', 'squashed:y:0')],
      ['masked_weight:z:0'],
    );
    const nodes = [
      ...references,
      partitionedCall('call', 'odd', ['mask/read', 'w/read']),
      identity('y', 'call', DT_FLOAT),
    ];
    expect(refusal(nodes, [odd])).toBe(
      'function odd: node masked_weight (Mul) is a masked weight that cannot be folded',
    );
  });

  it('masks that unfold without end', () => {
    // Each function calls the next twice, with its masks in another order.
    const names = Array.from({ length: 18 }, (_, index) => `f${index}`);
    const args = Array.from({ length: 18 }, (_, index) => `m${index}`);
    const functions = names.map((name, index) => {
      const next = names[index + 1];
      if (next === undefined) {
        const products = args.slice(1).map((arg, i) => mul(`p${i}`, i === 0 ? 'm0' : `p${i - 1}:z:0`, arg));
        return functionDef(name, args, products, [`${products.at(-1)!.name}:z:0`]);
      }
      const swapped = args.toSpliced(index, 2, args[index + 1]!, args[index]!);
      return functionDef(
        name,
        args,
        [
          partitionedCall('a', next, args),
          partitionedCall('b', next, swapped),
          node('sum', 'Op', ['a:output:0', 'b:output:0']),
        ],
        ['sum:z:0'],
      );
    });
    const masks = args.map((_, index) => (index % 2 === 0 ? 'mask/read' : 'w/read'));
    const distinct = masks.map((each, index) => identity(`i${index}`, each, DT_FLOAT));
    const nodes = [
      ...references,
      ...distinct,
      partitionedCall(
        'call',
        'f0',
        distinct.map(({ name }) => name),
      ),
      identity('y', 'call', DT_FLOAT),
    ];
    expect(refusal(nodes, functions)).toContain('need copies of more than 20000 nodes');
  });
});

it('many calls and many levels fold', () => {
  const calls = Array.from({ length: 1000 }, (_, index) =>
    partitionedCall(`call${index}`, 'f0', [
      index === 0 ? 'images' : `call${index - 1}`,
      'mask/read',
      'w/read',
    ]),
  );
  const levels = Array.from({ length: 200 }, (_, index) =>
    functionDef(
      `f${index}`,
      ['x', 'm', 'w'],
      [partitionedCall('c', `f${index + 1}`, ['x', 'm', 'w'])],
      ['c:output:0'],
    ),
  );
  const last = functionDef('f200', ['x', 'm', 'w'], layer.nodeDef, ['out:product:0']);
  const { graph, report } = strip(
    [...references, ...calls, identity('y', 'call999', DT_FLOAT)],
    [...levels, last],
  );
  expect(report.tensors).toHaveLength(1);
  expect(report.warnings).toEqual([]);
  expect(graph.library!.function).toHaveLength(201);
});
