import type { CallOf } from '../../../src/engine/simd/kernels/signatures.ts';
import type { Arena, Reader } from '../arena.ts';
import { filled, type KernelTests } from '../kernel-test.ts';
import { type Outcome, ROUNDING, Sum } from '../outcome.ts';

/** Values that comparisons treat in ways of their own. */
const SPECIAL = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40];

type CombineCall = Omit<CallOf<'add'>, 'kernel'>;

export const elementWise: KernelTests<'relu' | 'reluGradient' | 'add' | 'multiply' | 'descend'> = {
  relu: {
    draw: (arena, set) => {
      const count = arena.integer(1, 40);
      const x = arena.floats(filled(count, set), () => special(arena));
      return { kernel: 'relu', x, y: arena.room(4 * filled(count, set)), count };
    },
    reference: ({ x, y, count }, before, expected, set) => {
      expected.anything(y, 4 * filled(count, set));
      for (let i = 0; i < count; i++) {
        const value = before.float(x + 4 * i);
        expected.float(y + 4 * i, value < 0 ? 0 : value);
      }
    },
  },
  reluGradient: {
    draw: (arena, { lanes }) => {
      const count = lanes * arena.integer(1, 10);
      const values = () => arena.floats(count, () => special(arena));
      return { kernel: 'reluGradient', d: values(), y: values(), count };
    },
    reference: ({ d, y, count }, before, expected) => {
      for (let i = 0; i < count; i++)
        expected.float(d + 4 * i, before.float(y + 4 * i) > 0 ? before.float(d + 4 * i) : 0);
    },
  },
  add: {
    draw: (arena) => ({ kernel: 'add', ...drawCombine(arena) }),
    reference: (call, before, expected) => combine(call, before, expected, (a, b) => a + b),
  },
  multiply: {
    draw: (arena) => ({ kernel: 'multiply', ...drawCombine(arena) }),
    reference: (call, before, expected) => combine(call, before, expected, (a, b) => a * b),
  },
  descend: {
    draw: (arena, { lanes }) => {
      const count = lanes * arena.integer(1, 10);
      return {
        kernel: 'descend',
        weights: arena.floats(count),
        gradient: arena.floats(count),
        average: arena.floats(count),
        count,
        step: arena.floats(2, () => arena.real(0, 1)),
        decay: arena.floats(1, () => arena.pick(0, 0.1)),
        squares: arena.room(8),
        total: arena.flag() * arena.room(4 * count),
      };
    },
    reference: ({ weights, gradient, average, count, step, decay, squares, total }, before, expected) => {
      const [rate, approach, shrink] = [before.float(step), before.float(step + 4), before.float(decay)];
      const sum = new Sum();
      for (let at = 0; at < 4 * count; at += 4) {
        const [w, g, a] = [weights, gradient, average].map((address) => before.float(address + at));
        const [slope, next] = [g! + shrink * w!, w! - rate * (g! + shrink * w!)];
        const error = 4 * ROUNDING * (Math.abs(w!) + rate * (Math.abs(g!) + Math.abs(shrink * w!)));
        sum.add(w! * w!);
        if (total > 0)
          expected.float(total + at, slope, 2 * ROUNDING * (Math.abs(g!) + Math.abs(shrink * w!)));
        expected.float(weights + at, next, error);
        expected.float(
          average + at,
          a! - approach * (a! - next),
          approach * error + 4 * ROUNDING * (Math.abs(a!) + approach * (Math.abs(a!) + Math.abs(next))),
        );
      }
      expected.double(squares, sum.total, (count + 2) * ROUNDING * sum.magnitude);
    },
  },
};

function special(arena: Arena): number {
  return arena.index(8) === 0 ? SPECIAL[arena.index(SPECIAL.length)]! : arena.value();
}

/** Tensors that are broadcast along some axes, or lie with gaps between rows. */
function drawCombine(arena: Arena): CombineCall {
  const extents = [3, 3, 4, 20].map((most) => arena.integer(1, most));
  const operand = () => {
    let size = 4;
    const strides = extents.toReversed().map((extent, axis) => {
      if (arena.index(3) === 0) return 0;
      const stride = axis === 0 ? size : arena.stride(size);
      size = stride * extent;
      return stride;
    });
    return { values: arena.floats(size / 4), strides: strides.reverse() };
  };
  const [a, b] = [operand(), operand()];
  const [n0, n1, n2, n3] = extents as [number, number, number, number];
  const [a0, a1, a2, a3] = a.strides as [number, number, number, number];
  const [b0, b1, b2, b3] = b.strides as [number, number, number, number];
  const y = arena.room(4 * n0 * n1 * n2 * n3);
  return { a: a.values, b: b.values, y, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3 };
}

function combine(
  { a, b, y, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3 }: CombineCall,
  before: Reader,
  expected: Outcome,
  operation: (a: number, b: number) => number,
): void {
  let to = y;
  for (let i = 0; i < n0; i++)
    for (let j = 0; j < n1; j++)
      for (let k = 0; k < n2; k++)
        for (let l = 0; l < n3; l++, to += 4) {
          const left = before.float(a + i * a0 + j * a1 + k * a2 + l * a3);
          const right = before.float(b + i * b0 + j * b1 + k * b2 + l * b3);
          expected.float(to, operation(left, right));
        }
}
