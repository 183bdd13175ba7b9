import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { boolAttr, node } from '../../src/graph/index.ts';
import { savedEntries } from '../../src/strip/saved-entries.ts';
import { MetaGraphDefSchema, type NodeDef } from '../../src/wire/protos.ts';

/** A saver that restores the variable v as these names and slices say. */
function saver(names: readonly string[], slices: readonly string[]) {
  const strings = (values: readonly string[]) => ({
    value: {
      value: {
        case: 'tensor' as const,
        value: { stringVal: values.map((text) => new TextEncoder().encode(text)) },
      },
    },
  });
  return create(MetaGraphDefSchema, {
    saverDef: { restoreOpName: 'save/restore_all' },
    graphDef: {
      node: [
        { name: 'v', op: 'VariableV2' },
        { name: 'save/names', op: 'Const', attr: strings(names) },
        { name: 'save/slices', op: 'Const', attr: strings(slices) },
        { name: 'save/RestoreV2', op: 'RestoreV2', input: ['save/Const', 'save/names', 'save/slices'] },
        { name: 'save/Identity', op: 'Identity', input: ['save/RestoreV2'] },
        { name: 'save/Assign', op: 'Assign', input: ['v', 'save/Identity'] },
        { name: 'save/restore_all', op: 'NoOp', input: ['^save/Assign'] },
      ],
    },
  });
}

it('a variable is saved under the name that its saver restores, whole or as a part', () => {
  expect(savedEntries(saver(['model/v'], ['']))).toEqual(new Map([['v', { name: 'model/v' }]]));
  const part = { whole: [4, 3], slice: { start: [1, 0], shape: [2, 3] } };
  expect(savedEntries(saver(['v'], ['4 3 1,2:-']))).toEqual(new Map([['v', { name: 'v', part }]]));
});

/** The saver with other nodes of the same names. */
function changed(...nodes: NodeDef[]) {
  const metaGraph = saver(['model/v'], ['']);
  const all = [...metaGraph.graphDef!.node, ...nodes];
  metaGraph.graphDef!.node = [...new Map(all.map((each) => [each.name, each])).values()];
  return metaGraph;
}

it.each<[what: string, nodes: NodeDef[]]>([
  ['a constant', [node('save/Assign', 'Assign', ['v', 'save/names'])]],
  ['what is not there', [node('save/Assign', 'Assign', ['v', 'gone'])]],
  ['what is computed of a saved value', [node('save/Identity', 'Mul', ['save/RestoreV2', 'save/two'])]],
  ['nothing', [node('save/Assign', 'Assign', ['v'])]],
  ['an Identity of nothing', [node('save/Identity', 'Identity', [])]],
  [
    'a circle',
    [node('save/Identity', 'Identity', ['save/round']), node('save/round', 'Identity', ['save/Identity'])],
  ],
])('a variable that the saver sets to %s is saved under its own name', (_, nodes) => {
  expect(savedEntries(changed(...nodes))).toEqual(new Map());
});

it.each<[what: string, names: NodeDef[]]>([
  ['are not there', [node('save/RestoreV2', 'RestoreV2', ['save/Const', 'gone', 'save/slices'])]],
  ['have no value', [node('save/names', 'Placeholder', [])]],
  ['are no tensor', [node('save/names', 'Const', [], { value: boolAttr(true) })]],
])('a saver whose names %s is refused', (_, names) => {
  expect(() => savedEntries(changed(...names))).toThrow('does not give name and slice of its output 0');
});

it.each([
  [[], [''], 'does not give name and slice of its output 0'],
  [['v'], [], 'does not give name and slice of its output 0'],
  [['v'], ['4 3 3,2:0,3'], 'restores the part "4 3 3,2:0,3", expected such as "4 3 0,2:0,3"'],
  [['v'], ['4 3 -1,2:0,3'], 'restores the part "4 3 -1,2:0,3", expected such as "4 3 0,2:0,3"'],
  [['v'], ['4 3 0,2'], 'restores the part "4 3 0,2", expected such as "4 3 0,2:0,3"'],
  [['v'], ['4 0,2:0,3'], 'restores the part "4 0,2:0,3", expected such as "4 3 0,2:0,3"'],
  [['v'], ['4 3 0:0,3'], 'restores the part "4 3 0:0,3", expected such as "4 3 0,2:0,3"'],
  [['v'], ['4 3 2,-1:0,3'], 'restores the part "4 3 2,-1:0,3", expected such as "4 3 0,2:0,3"'],
  [['v'], ['some 0,2'], 'restores the part "some 0,2", expected such as "4 3 0,2:0,3"'],
])('a damaged saver is refused: names %j, slices %j', (names, slices, problem) => {
  expect(() => savedEntries(saver(names, slices))).toThrow(
    expect.objectContaining({
      code: 'graph',
      message: `node save/RestoreV2 (RestoreV2) of the graph's saver ${problem}`,
      hint: 'The .meta file is damaged: save the checkpoint again.',
    }),
  );
});
