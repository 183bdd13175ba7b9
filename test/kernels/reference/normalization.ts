import type { Arena, Reader } from '../arena.ts';
import { filled, type KernelTests } from '../kernel-test.ts';
import { ROUNDING } from '../outcome.ts';

interface Parameters {
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

export const normalization: KernelTests<'lrn' | 'lrnGradient'> = {
  lrn: {
    draw: (arena, set) => {
      const [channels, rows, columns] = [arena.integer(1, 12), arena.integer(1, 3), arena.integer(1, 14)];
      const radius = arena.integer(0, 5);
      const lie = () => {
        const row = arena.stride(4 * filled(columns, set));
        return { row, plane: arena.stride(rows * row) };
      };
      const [from, to] = [lie(), lie()];
      return {
        kernel: 'lrn',
        x: arena.floats((channels * from.plane) / 4),
        y: arena.room(channels * to.plane),
        channels,
        rows,
        columns,
        xPlane: from.plane,
        xRow: from.row,
        yPlane: to.plane,
        yRow: to.row,
        radius,
        parameters: drawParameters(arena),
        scratch: arena.room(set.scratch.lrn(channels, radius)),
      };
    },
    reference: (call, before, expected, set) => {
      const { x, y, channels, rows, columns, radius } = call;
      const parameters = parametersAt(call.parameters, before);
      expected.anything(call.scratch, set.scratch.lrn(channels, radius));
      for (let row = 0; row < rows; row++) {
        for (let channel = 0; channel < channels; channel++)
          expected.anything(y + channel * call.yPlane + row * call.yRow, 4 * filled(columns, set));
        for (let column = 0; column < columns; column++) {
          const pixel = pixelAt(x + row * call.xRow + 4 * column, channels, call.xPlane, before);
          pixel.forEach((value, channel) => {
            const scaled = value * scaleOf(pixel, channel, radius, parameters) ** -parameters.beta;
            const to = y + channel * call.yPlane + row * call.yRow + 4 * column;
            expected.float(to, scaled, Math.abs(scaled) * exactness(radius));
          });
        }
      }
    },
  },
  lrnGradient: {
    draw: (arena, set) => {
      const [channels, pixels] = [arena.integer(1, 12), set.lanes * arena.integer(1, 5)];
      const radius = arena.integer(0, 5);
      const values = () => arena.floats(channels * pixels);
      return {
        kernel: 'lrnGradient',
        x: values(),
        dy: values(),
        dx: values(),
        channels,
        plane: 4 * pixels,
        radius,
        parameters: drawParameters(arena),
        scratch: arena.room(set.scratch.lrnGradient(channels, radius)),
      };
    },
    reference: (call, before, expected, set) => {
      const { channels, plane, radius } = call;
      const parameters = parametersAt(call.parameters, before);
      const { alpha, beta } = parameters;
      expected.anything(call.scratch, set.scratch.lrnGradient(channels, radius));
      for (let at = 0; at < plane; at += 4) {
        const x = pixelAt(call.x + at, channels, plane, before);
        const dy = pixelAt(call.dy + at, channels, plane, before);
        const scales = x.map((_, channel) => scaleOf(x, channel, radius, parameters));
        x.forEach((value, channel) => {
          const direct = dy[channel]! * scales[channel]! ** -beta;
          let [total, magnitude] = [direct, Math.abs(direct)];
          for (let other = 0; other < channels; other++) {
            if (Math.abs(other - channel) > radius) continue;
            const power = scales[other]! ** (-beta - 1);
            const indirect = -2 * alpha * beta * value * dy[other]! * x[other]! * power;
            total += indirect;
            magnitude += Math.abs(indirect);
          }
          expected.float(call.dx + channel * plane + at, total, magnitude * exactness(radius));
        });
      }
    },
  },
};

/** The exponents that have ways of their own, and one that has none. */
function drawParameters(arena: Arena): number {
  const { bias, alpha } = { bias: arena.real(0.5, 2), alpha: arena.pick(0, 0.001, 0.4) };
  const values = [bias, alpha, arena.pick(0.75, 0.5, 1, 0.6)];
  return arena.floats(3, (index) => values[index]!);
}

function parametersAt(address: number, before: Reader): Parameters {
  const [bias, alpha, beta] = [0, 4, 8].map((at) => before.float(address + at));
  return { bias: bias!, alpha: alpha!, beta: beta! };
}

/** The values of a pixel, channel by channel. */
function pixelAt(address: number, channels: number, plane: number, before: Reader): number[] {
  return Array.from({ length: channels }, (_, channel) => before.float(address + channel * plane));
}

function scaleOf(pixel: readonly number[], channel: number, radius: number, parameters: Parameters): number {
  const near = pixel.filter((_, other) => Math.abs(other - channel) <= radius);
  return parameters.bias + parameters.alpha * near.reduce((sum, value) => sum + value * value, 0);
}

/** Relative, of a power of a sum of squares. */
function exactness(radius: number): number {
  return (2 * (2 * radius + 1) + 16) * ROUNDING;
}
