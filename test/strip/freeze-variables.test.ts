import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  type Attributes,
  boolAttr,
  graphDef,
  intAttr,
  node,
  shapeAttr,
  stringAttr,
  typeAttr,
} from '../../src/graph/index.ts';
import { freezeVariables } from '../../src/strip/freeze-variables.ts';
import { AttrValueSchema, DataType, type NodeDef } from '../../src/wire/protos.ts';
import { float32Tensor, type Tensor } from '../../src/wire/tensor.ts';
import { constantValue, FLOAT, find } from './graphs.ts';

const INT = typeAttr(DataType.DT_INT32);
const RESOURCE = typeAttr(DataType.DT_RESOURCE);
const saved = new Map<string, Tensor>([['w', float32Tensor([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))]]);
const frozen = (...nodes: NodeDef[]) => freezeVariables(graphDef(nodes), saved);
const handle = node('w', 'VarHandleOp', [], { dtype: FLOAT, shape: shapeAttr([3, 2]) });
const reference = (attr: Attributes) => node('w', 'VariableV2', [], { dtype: FLOAT, ...attr });

describe('a resource variable', () => {
  it('is read as a constant wherever its handle is carried', () => {
    const carried = { T: RESOURCE };
    const graph = frozen(
      handle,
      node('enter', 'Enter', ['w'], {
        ...carried,
        frame_name: stringAttr('loop'),
        is_constant: boolAttr(true),
      }),
      node('switch', 'Switch', ['enter', 'condition'], carried),
      node('identity', 'Identity', ['switch:1'], carried),
      node('inside', 'ReadVariableOp', ['identity'], { dtype: FLOAT }),
      node('outside', 'ReadVariableOp', ['w'], { dtype: FLOAT }),
      node('beside', 'Identity', ['w'], carried),
      node('read', 'ReadVariableOp', ['beside'], { dtype: FLOAT }),
      node('other', 'Identity', ['elsewhere'], carried),
      node('empty', 'Enter', [], carried),
    );
    expect(graph.node.slice(1).map(({ name, op, input }) => [name, op, ...input])).toEqual([
      ['enter', 'Enter', 'w'],
      ['switch', 'Switch', 'enter', 'condition'],
      ['identity', 'Identity', 'switch:1'],
      ['inside', 'Identity', 'identity'],
      ['outside', 'Identity', 'w'],
      ['beside', 'Identity', 'w'],
      ['read', 'Identity', 'beside'],
      ['other', 'Identity', 'elsewhere'],
      ['empty', 'Enter'],
    ]);
    expect(find(graph, 'enter').attr).toEqual({
      T: FLOAT,
      frame_name: stringAttr('loop'),
      is_constant: boolAttr(true),
    });
    expect(graph.node.slice(2, -2).map(({ attr }) => attr)).toEqual(new Array(6).fill({ T: FLOAT }));
    expect(find(graph, 'other').attr).toEqual(carried);
  });

  it.each([
    ['no batch_dims', {}],
    ['batch_dims 0', { batch_dims: intAttr(0) }],
  ])('is looked up in by a Gather, with %s', (_, attr) => {
    const lookup = node('rows', 'ResourceGather', ['w', 'ids'], { dtype: FLOAT, Tindices: INT, ...attr });
    const rows = find(frozen(handle, lookup), 'rows');
    expect(rows).toMatchObject({ op: 'Gather', input: ['w', 'ids'] });
    expect(rows.attr).toEqual({ Tparams: FLOAT, Tindices: INT });
  });

  it.each([
    node('use', 'ResourceGather', ['w', 'ids'], { dtype: FLOAT, Tindices: INT, batch_dims: intAttr(1) }),
    node('use', 'ResourceGather', ['w', 'ids'], { dtype: FLOAT }),
    node('use', 'ResourceGatherNd', ['w', 'ids'], { dtype: FLOAT, Tindices: INT }),
    node('use', 'Strange', ['ids', 'w'], { dtype: FLOAT }),
  ])('that is used otherwise is refused: $op', (use) => {
    expect(() => frozen(handle, use)).toThrow(
      expect.objectContaining({
        code: 'graph',
        message: `node use (${use.op}) does more to variable w than read it, so it cannot be frozen`,
      }),
    );
  });

  it('that a function takes is refused, with what to do', () => {
    const f = create(AttrValueSchema, { value: { case: 'func', value: { name: 'loop_body' } } });
    const call = node('call', 'MapDefun', ['images', 'w'], { output_shapes: INT, f });
    expect(() => frozen(handle, call)).toThrow(
      expect.objectContaining({
        code: 'graph',
        message: 'node call (MapDefun) reads variable w within a function, which cannot be frozen',
        hint: expect.stringContaining('tf.compat.v1.disable_control_flow_v2()'),
      }),
    );
  });
});

describe('a variable held by reference', () => {
  it.each(['Enter', 'Switch', 'Merge', 'NextIteration', 'Exit', 'Identity'])(
    'is carried by %s once it is a constant',
    (op) => {
      const graph = frozen(reference({ shape: shapeAttr([3, 2]) }), node('carrier', `Ref${op}`, ['w']));
      expect(find(graph, 'carrier').op).toBe(op);
    },
  );

  it.each([undefined, [3, 2], [-1, 2], []])('of the declared shape %j takes a value of [3, 2]', (shape) => {
    const graph = frozen(reference(shape ? { shape: shapeAttr(shape) } : {}));
    expect(constantValue(graph, 'w')).toEqual(saved.get('w'));
  });

  it.each([[[3]], [[3, 2, 1]], [[-1, 3]], [[2, 2]]])('of the declared shape %j refuses it', (shape) => {
    expect(() => frozen(reference({ shape: shapeAttr(shape) }))).toThrow(
      expect.objectContaining({
        code: 'checkpoint',
        message: `variable w has shape [3,2] in the checkpoint, expected [${shape}]`,
      }),
    );
  });
});

it('an operation whose name starts as one that writes stays where it writes no variable', () => {
  const scatter = node('y', 'ScatterNd', ['indices', 'read', 'shape'], { T: FLOAT });
  const read = node('read', 'Identity', ['w'], { T: FLOAT });
  expect(find(frozen(reference({}), read, scatter), 'y')).toEqual(scatter);
});
