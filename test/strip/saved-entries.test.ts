import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { savedEntries } from '../../src/strip/saved-entries.ts';
import { MetaGraphDefSchema } from '../../src/wire/protos.ts';

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

it.each([
  [[], [''], 'does not say what its output 0 is'],
  [['v'], [], 'does not say what its output 0 is'],
  [['v'], ['4 3 3,2:0,3'], 'restores the part "4 3 3,2:0,3", expected such as "4 3 0,2:0,3"'],
  [['v'], ['4 3 -1,2:0,3'], 'restores the part "4 3 -1,2:0,3", expected such as "4 3 0,2:0,3"'],
  [['v'], ['4 3 0,2'], 'restores the part "4 3 0,2", expected such as "4 3 0,2:0,3"'],
  [['v'], ['4 0,2:0,3'], 'restores the part "4 0,2:0,3", expected such as "4 3 0,2:0,3"'],
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
