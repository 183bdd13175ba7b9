import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphDef, node } from '../../src/graph/index.ts';
import { keepNeeded } from '../../src/strip/keep-needed.ts';
import { names } from './graphs.ts';

const kept = (graph: ReturnType<typeof graphDef>) => graph.node.map(({ name, input }) => [name, ...input]);

describe('keepNeeded', () => {
  it('drops control inputs and what only they need', () => {
    const graph = graphDef([
      node('assign', 'Assign', []),
      node('x', 'Const', []),
      node('y', 'Split', ['x', '^assign']),
      node('z', 'Add', ['y:1', 'y', '^y']),
    ]);
    expect(kept(keepNeeded(graph, ['z']))).toEqual([['x'], ['y', 'x'], ['z', 'y:1', 'y']]);
  });

  it('keeps control inputs where they choose between branches', () => {
    const graph = graphDef([
      node('unneeded', 'Const', []),
      node('condition', 'Const', []),
      node('x', 'Const', ['^unneeded']),
      node('switch', 'Switch', ['x', 'condition']),
      node('when_true', 'Identity', ['switch:1']),
      node('one', 'Const', ['^when_true']),
      node('merge', 'Merge', ['switch', 'one']),
    ]);
    const [, condition, , ...inside] = kept(graph);
    expect(kept(keepNeeded(graph, ['merge']))).toEqual([condition, ['x'], ...inside]);
  });

  it('drops those that come from a branch which no value comes from', () => {
    const graph = graphDef([
      node('x', 'Const', []),
      node('switch', 'Switch', ['x', 'x']),
      node('update', 'Identity', ['switch:1']),
      node('y', 'Identity', ['x', '^update']),
    ]);
    expect(kept(keepNeeded(graph, ['y']))).toEqual([['x'], ['y', 'x']]);
  });

  it('refuses a circle in what a loop takes into its next iteration', () => {
    const graph = graphDef([
      node('x', 'Const', []),
      node('enter', 'Enter', ['x']),
      node('merge', 'Merge', ['enter', 'next']),
      node('next', 'NextIteration', ['a']),
      node('a', 'Add', ['merge', 'b']),
      node('b', 'Identity', ['a']),
    ]);
    expect(() => keepNeeded(graph, ['merge'])).toThrow('nodes read each other in a circle: a, b');
  });

  // Node i reads some of the nodes before it.
  const graphs = fc
    .array(fc.array(fc.record({ from: fc.nat(), form: fc.constantFrom('', ':1', '^') }), { maxLength: 3 }), {
      minLength: 1,
      maxLength: 12,
    })
    .map((inputs) =>
      graphDef(
        inputs.map((list, index) => {
          const reads = index === 0 ? [] : list.map(({ from, form }) => ({ name: `n${from % index}`, form }));
          const input = reads.map(({ name, form }) => (form === '^' ? `^${name}` : name + form));
          return node(`n${index}`, 'Op', input);
        }),
      ),
    );
  const graphsWithOutput = graphs.chain((graph) =>
    fc.record({ graph: fc.constant(graph), output: fc.constantFrom(...names(graph)) }),
  );

  it('keeps exactly what a value reaches the output from', () => {
    fc.assert(
      fc.property(graphsWithOutput, ({ graph, output }) => {
        const result = keepNeeded(graph, [output]);
        const remaining = new Set(names(result));
        expect(remaining.has(output)).toBe(true);
        for (const { name, input } of result.node) {
          expect(input.every((each) => remaining.has(each.replace(':1', '')))).toBe(true);
          const isRead = result.node.some((other) =>
            other.input.some((each) => each.replace(':1', '') === name),
          );
          expect(isRead || name === output).toBe(true);
        }
      }),
    );
  });

  it('changes nothing when done twice, and keeps the order', () => {
    fc.assert(
      fc.property(graphsWithOutput, ({ graph, output }) => {
        const once = keepNeeded(graph, [output]);
        expect(kept(keepNeeded(once, [output]))).toEqual(kept(once));
        expect(names(once)).toEqual(names(graph).filter((name) => names(once).includes(name)));
      }),
    );
  });
});
