import type { KernelSet } from '../../../src/engine/simd/kernels/kernel-set.ts';
import type { CallOf } from '../../../src/engine/simd/kernels/signatures.ts';
import type { Arena, Reader } from '../arena.ts';
import { filled, type KernelTests } from '../kernel-test.ts';
import { Sum } from '../outcome.ts';

/** Rows in argmax's high half byte, columns in its low one. */
const ARGMAX_ROW = 16;

/** A pixel of a window that is inside the image: its value, and its place in the window. */
interface Pixel {
  readonly value: number;
  readonly row: number;
  readonly column: number;
}

/** Along one axis. */
interface Sliding {
  readonly size: number;
  readonly stride: number;
  readonly before: number;
  readonly inputs: number;
  readonly outputs: number;
}

export const pooling: KernelTests<'maxPool' | 'maxPoolGradient' | 'maxPoolValues'> = {
  maxPool: {
    draw: (arena, set) => {
      const { x, vertical, horizontal, ...image } = drawImage(arena, set, true);
      const yRow = 4 * (filled(horizontal.outputs, set) + set.lanes * arena.integer(0, 1));
      const yPlane = vertical.outputs * yRow + 16 * arena.integer(0, 1);
      return {
        kernel: 'maxPool',
        x,
        y: arena.room(image.planes * yPlane),
        argmax: arena.room((image.planes * yPlane) / 4),
        ...image,
        outRows: vertical.outputs,
        outColumns: horizontal.outputs,
        yPlane,
        yRow,
        size: vertical.size,
        stride: vertical.stride,
        top: vertical.before,
        left: horizontal.before,
      };
    },
    reference: (call, before, expected, set) => {
      const [size, stride] = [
        [call.size, call.size],
        [call.stride, call.stride],
      ] as const;
      const { planes, outRows, outColumns, yPlane, yRow } = call;
      for (let plane = 0; plane < planes; plane++)
        for (let row = 0; row < outRows; row++) {
          const at = plane * yPlane + row * yRow;
          expected.anything(call.argmax + at / 4, filled(outColumns, set));
          for (let column = 0; column < outColumns; column++) {
            // The first of equal ones.
            const [first, ...others] = pixelsOf({ ...call, size, stride }, plane, row, column, before);
            const best = others.reduce((a, b) => (b.value > a.value ? b : a), first!);
            expected.float(call.y + at + 4 * column, best.value);
            expected.byte(call.argmax + at / 4 + column, ARGMAX_ROW * best.row + best.column);
          }
          for (let column = outColumns; column < filled(outColumns, set); column++)
            expected.float(call.y + at + 4 * column, 0);
        }
    },
  },
  maxPoolValues: {
    draw: (arena, set) => {
      const { x, vertical, horizontal, ...image } = drawImage(arena, set, false);
      // Without anything between rows, too: they are written in order.
      const yRow = arena.pick(4 * horizontal.outputs, 4 * filled(horizontal.outputs, set));
      const yPlane = arena.stride(vertical.outputs * yRow);
      return {
        kernel: 'maxPoolValues',
        x,
        y: arena.room(image.planes * yPlane + 4 * set.lanes),
        ...image,
        outRows: vertical.outputs,
        outColumns: horizontal.outputs,
        yPlane,
        yRow,
        height: vertical.size,
        width: horizontal.size,
        down: vertical.stride,
        right: horizontal.stride,
        top: vertical.before,
        left: horizontal.before,
      };
    },
    reference: (call, before, expected, set) => {
      const [size, stride] = [
        [call.height, call.width],
        [call.down, call.right],
      ] as const;
      for (let plane = 0; plane < call.planes; plane++)
        for (let row = 0; row < call.outRows; row++) {
          const to = call.y + plane * call.yPlane + row * call.yRow;
          expected.anything(to, 4 * filled(call.outColumns, set));
          for (let column = 0; column < call.outColumns; column++) {
            const pixels = pixelsOf({ ...call, size, stride }, plane, row, column, before);
            expected.float(to + 4 * column, Math.max(...pixels.map(({ value }) => value)));
          }
        }
    },
  },
  maxPoolGradient: {
    draw: (arena, set) => {
      const { planes, rows, xPlane, xRow, vertical, horizontal } = drawImage(arena, set, true);
      const yRow = 4 * filled(horizontal.outputs, set);
      const yPlane = vertical.outputs * yRow + 16 * arena.integer(0, 1);
      const argmax = arena.bytes(
        Array.from({ length: (planes * yPlane) / 4 }, (_, place) => {
          const inPlane = (4 * place) % yPlane;
          const [row, column] = [Math.floor(inPlane / yRow), (inPlane % yRow) / 4];
          return ARGMAX_ROW * winner(arena, vertical, row) + winner(arena, horizontal, column);
        }),
      );
      return {
        kernel: 'maxPoolGradient',
        dy: arena.floats((planes * yPlane) / 4),
        argmax,
        dx: arena.floats((planes * xPlane) / 4),
        planes,
        rows,
        xPlane,
        xRow,
        outRows: vertical.outputs,
        outColumns: horizontal.outputs,
        yPlane,
        yRow,
        stride: vertical.stride,
        top: vertical.before,
        left: horizontal.before,
      };
    },
    reference: (call, before, expected) => {
      const { planes, rows, xPlane, xRow, outRows, outColumns, yPlane, yRow, stride, top, left } = call;
      for (let plane = 0; plane < planes; plane++) {
        const sums = Array.from({ length: (rows * xRow) / 4 }, () => new Sum());
        for (let row = 0; row < outRows; row++)
          for (let column = 0; column < outColumns; column++) {
            const at = plane * yPlane + row * yRow;
            const won = before.byte(call.argmax + at / 4 + column);
            const inputRow = row * stride - top + Math.floor(won / ARGMAX_ROW);
            const inputColumn = column * stride - left + (won % ARGMAX_ROW);
            sums[(inputRow * xRow) / 4 + inputColumn]!.add(before.float(call.dy + at + 4 * column));
          }
        sums.forEach((sum, place) => {
          expected.sum(call.dx + plane * xPlane + 4 * place, sum);
        });
      }
    },
  },
};

/** The pixels of a window that are inside the image, row-major. */
function pixelsOf(
  call: Pick<CallOf<'maxPool'>, 'x' | 'rows' | 'columns' | 'xPlane' | 'xRow' | 'top' | 'left'> & {
    readonly size: readonly [number, number];
    readonly stride: readonly [number, number];
  },
  plane: number,
  outRow: number,
  outColumn: number,
  before: Reader,
): Pixel[] {
  const pixels: Pixel[] = [];
  for (let row = 0; row < call.size[0]; row++)
    for (let column = 0; column < call.size[1]; column++) {
      const [r, c] = [
        outRow * call.stride[0] - call.top + row,
        outColumn * call.stride[1] - call.left + column,
      ];
      if (r < 0 || r >= call.rows || c < 0 || c >= call.columns) continue;
      pixels.push({ value: before.float(call.x + plane * call.xPlane + r * call.xRow + 4 * c), row, column });
    }
  return pixels;
}

/** Images, and windows of which each has a pixel inside; often the size and stride that kernels have a way of their own for. */
function drawImage(arena: Arena, set: KernelSet, square: boolean) {
  const [planes, rows, columns] = [arena.integer(1, 3), arena.integer(1, 7), arena.integer(1, 20)];
  const usual = arena.flag() === 1;
  const [height, down] = usual ? [3, 2] : [arena.integer(1, 5), arena.integer(1, 4)];
  const [width, right] = square || usual ? [height, down] : [arena.integer(1, 5), arena.integer(1, 4)];
  const vertical = slide(arena, rows, height, down);
  const horizontal = slide(arena, columns, width, right);
  const xRow = arena.stride(4 * filled(columns, set));
  const xPlane = arena.stride(rows * xRow);
  return {
    x: arena.floats((planes * xPlane) / 4),
    planes,
    rows,
    columns,
    xPlane,
    xRow,
    vertical,
    horizontal,
  };
}

function slide(arena: Arena, inputs: number, size: number, stride: number): Sliding {
  const before = arena.integer(0, size - 1);
  // The last window begins inside the image.
  const most = Math.floor((inputs - 1 + before) / stride) + 1;
  return { size, stride, before, inputs, outputs: Math.max(1, most - arena.integer(0, 1)) };
}

/** A place in a window that is inside the image; columns that fill a row up have none. */
function winner(arena: Arena, { size, stride, before, inputs }: Sliding, output: number): number {
  const start = output * stride - before;
  const [first, end] = [Math.max(0, -start), Math.min(size, inputs - start)];
  return end > first ? first + arena.index(end - first) : 0;
}
