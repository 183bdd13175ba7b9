import { describe, expect, test } from 'vitest';
import { weightConstants } from '../../src/export/weights/index.ts';
import { constant, graphDef, node, placeholder, shapeAttr, typeAttr } from '../../src/graph/index.ts';
import { knownValues } from '../../src/inspect/known-values.ts';
import { planGraph } from '../../src/runtime/plan.ts';
import { freezeVariables } from '../../src/strip/freeze-variables.ts';
import { Body } from '../../src/strip/functions/body.ts';
import { passedArguments } from '../../src/strip/functions/outputs.ts';
import { originsOf } from '../../src/strip/origins.ts';
import { nodesByName } from '../../src/tensorflow/lookup.ts';
import {
  isEntrance,
  passedFrom,
  passedInput,
  passedPlaces,
  passesOn,
  passingOperations,
  withoutReference,
} from '../../src/tensorflow/passing.ts';
import { restoredFrom } from '../../src/tensorflow/restored.ts';
import { DataType } from '../../src/wire/protos.ts';
import { float32Tensor } from '../../src/wire/tensor.ts';

const T = { T: typeAttr(DataType.DT_FLOAT) };
const VALUE = float32Tensor([2, 2], Float32Array.of(1, 2, 3, 4));
const W = constant('w', VALUE);
const IMAGES = placeholder('images', DataType.DT_FLOAT, [-1, 2]);
const passing = (op: string, input = 'w') => node('y', op, [input], T);

function succeeds(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

/** What reads graphs, and whether it takes what `op` gives for what that reads. */
const USERS: Readonly<Record<string, (op: string) => boolean>> = {
  'the runtime computes': (op) => succeeds(() => planGraph(graphDef([IMAGES, passing(op, 'images')]), 'y')),
  'strip folds': (op) => {
    const variables = { has: (name: string) => name === 'w', isMask: () => false };
    return originsOf(nodesByName(graphDef([W, passing(op)])), variables).has('y');
  },
  'strip freezes a variable behind': (op) => {
    const handle = node('w', 'VarHandleOp', [], {
      dtype: typeAttr(DataType.DT_FLOAT),
      shape: shapeAttr([2, 2]),
    });
    const graph = graphDef([handle, passing(op), node('read', 'ReadVariableOp', ['y'])]);
    return succeeds(() => freezeVariables(graph, new Map([['w', VALUE]])));
  },
  'strip takes a function past': (op) => {
    const type = DataType.DT_FLOAT;
    const results = [{ name: 'result', type, value: 'y:output:0' }];
    const body = new Body('f', [{ name: 'w', type }], results, [passing(op)]);
    return passedArguments(body)[0] === 0;
  },
  'a saver restores through': (op) =>
    restoredFrom(nodesByName(graphDef([node('w', 'RestoreV2', []), passing(op)])), 'y') !== undefined,
  'an export finds weights behind': (op) => {
    const graph = graphDef([IMAGES, W, passing(op), node('product', 'MatMul', ['images', 'y'], T)]);
    return weightConstants(graph).length === 1;
  },
  'inspect knows': (op) => knownValues(graphDef([W, passing(op)])).constants.has('y'),
  'inspect knows the shape of': (op) =>
    knownValues(graphDef([IMAGES, passing(op, 'images')]))
      .shapes.get('y')
      ?.join() === '1,2',
};

const EVERYTHING = Object.keys(USERS);
const WHAT_LOOKS = EVERYTHING.slice(-3);
const STRIP = ['strip folds', 'strip freezes a variable behind'];
const SAVER = 'a saver restores through';

describe('what each user does with an operation that passes a value on', () => {
  test.each<readonly [string, readonly string[]]>([
    ['Identity', EVERYTHING],
    ['PreventGradient', EVERYTHING],
    ['Snapshot', EVERYTHING],
    ['StopGradient', EVERYTHING],
    // A check that is dropped could not fail any more.
    ['CheckNumerics', [SAVER, ...WHAT_LOOKS]],
    // Strip follows one output a node.
    ['IdentityN', [SAVER, ...WHAT_LOOKS]],
    ['RefIdentity', [...STRIP, SAVER, ...WHAT_LOOKS]],
    // The runtime computes no loops and no branches, and a function that has some stays as it is.
    ['Enter', [...STRIP, ...WHAT_LOOKS]],
    ['RefEnter', [...STRIP, ...WHAT_LOOKS]],
    ['Switch', [...STRIP, ...WHAT_LOOKS]],
    ['RefSwitch', [...STRIP, ...WHAT_LOOKS]],
    // The default may be replaced by whoever runs the graph; the runtime's only input is the images.
    ['PlaceholderWithDefault', ['the runtime computes']],
    ['ReadVariableOp', [...STRIP, 'inspect knows', 'inspect knows the shape of']],
    // Another value in each iteration.
    ['Exit', ['inspect knows the shape of']],
    ['RefExit', ['inspect knows the shape of']],
    ['NextIteration', ['inspect knows the shape of']],
    ['RefNextIteration', ['inspect knows the shape of']],
    ['LoopCond', ['inspect knows the shape of']],
    ['Merge', ['inspect knows the shape of']],
    ['RefMerge', ['inspect knows the shape of']],
    ['Elu', ['inspect knows the shape of']],
  ])('%s', (op, users) => {
    expect(EVERYTHING.filter((user) => USERS[user]!(op))).toEqual(
      EVERYTHING.filter((user) => users.includes(user)),
    );
  });
});

test('an operation is passed only where all that it does beside is allowed', () => {
  expect(passesOn('Identity')).toBe(true);
  expect(passesOn('RefEnter')).toBe(false);
  expect(passesOn('RefEnter', ['refers'])).toBe(false);
  expect(passesOn('RefEnter', ['refers', 'enters', 'asserts'])).toBe(true);
  expect(passesOn('Transpose', ['arranges'])).toBe(true);
  expect(passesOn('Relu', ['arranges'])).toBe(false);
  expect(passesOn('constructor')).toBe(false);
  expect(passingOperations()).toEqual(['Identity', 'PreventGradient', 'Snapshot', 'StopGradient']);
});

test('each output has its input', () => {
  expect(passedPlaces('Identity', 1)).toEqual([0]);
  expect(passedPlaces('Switch', 2, ['branches'])).toEqual([0, 0]);
  expect(passedPlaces('IdentityN', 3, ['lists'])).toEqual([0, 1, 2]);
  expect(passedPlaces('IdentityN', 3)).toBeUndefined();
  const list = node('list', 'IdentityN', ['a', '^first', 'b:2']);
  expect([0, 1, 2].map((output) => passedInput(list, output, ['lists']))).toEqual(['a', 'b:2', undefined]);
});

test('an input is followed to where nothing passes it on, in damaged graphs too', () => {
  const nodes = nodesByName(
    graphDef([
      node('split', 'Split', []),
      node('a', 'Identity', ['split:1']),
      node('list', 'IdentityN', ['x', 'a']),
      node('b', 'Snapshot', ['list:1']),
      node('round', 'Identity', ['trip']),
      node('trip', 'Identity', ['round']),
      node('lost', 'Identity', ['missing']),
      node('empty', 'Identity', []),
    ]),
  );
  const from = passedFrom(nodes, ['lists']);
  expect(['b', 'a', 'list', 'round', 'lost', 'empty'].map(from)).toEqual([
    'split:1',
    'split:1',
    'list',
    'trip',
    'lost',
    'empty',
  ]);
  expect(passedFrom(nodes)('b')).toBe('list:1');
});

test('entrances and references', () => {
  const operations = ['Enter', 'RefEnter', 'Switch', 'RefSwitch'];
  expect([...operations, 'Exit', 'Merge', 'Identity', 'Relu'].filter(isEntrance)).toEqual(operations);
  expect(['RefMerge', 'RefExit', 'Exit', 'RefSelect', 'Refine'].map(withoutReference)).toEqual([
    'Merge',
    'Exit',
    'Exit',
    'RefSelect',
    'Refine',
  ]);
});
