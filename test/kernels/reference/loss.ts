import type { Reader } from '../arena.ts';
import type { KernelTests } from '../kernel-test.ts';
import { ROUNDING } from '../outcome.ts';

export const loss: KernelTests<'softmax' | 'softmaxCrossEntropy'> = {
  softmax: {
    draw: (arena) => {
      const [rows, columns] = [arena.integer(1, 5), arena.integer(1, 12)];
      const stride = arena.stride(4 * columns);
      // Numbers too large for exp, too.
      const scale = arena.pick(1, 100);
      const values = arena.floats((rows * stride) / 4, () => scale * arena.value());
      return { kernel: 'softmax', values, rows, columns, stride };
    },
    reference: ({ values, rows, columns, stride }, before, expected) => {
      for (let row = 0; row < rows; row++) {
        const at = (column: number) => values + row * stride + 4 * column;
        const { probabilities, errors } = softmax(floats(before, columns, at));
        probabilities.forEach((value, column) => {
          expected.float(at(column), value, errors[column]);
        });
      }
    },
  },
  softmaxCrossEntropy: {
    draw: (arena) => {
      const [images, classes] = [arena.integer(1, 12), arena.integer(1, 10)];
      const columns = images + arena.integer(0, 4);
      const row = arena.stride(4 * columns);
      return {
        kernel: 'softmaxCrossEntropy',
        logits: arena.floats((classes * row) / 4, () => 3 * arena.value()),
        labels: arena.bytes(Array.from({ length: images }, () => arena.index(classes))),
        images,
        columns,
        classes,
        row,
        gradient: arena.room(classes * row),
        scale: arena.floats(1, () => 1 / images),
        loss: arena.room(8),
        hits: arena.room(4),
      };
    },
    reference: (call, before, expected) => {
      const { images, columns, classes, row, gradient } = call;
      const scale = before.float(call.scale);
      let [loss, error, hits] = [0, 0, 0];
      for (let image = 0; image < images; image++) {
        const logits = floats(before, classes, (k) => call.logits + k * row + 4 * image);
        const label = before.byte(call.labels + image);
        const { probabilities, errors } = softmax(logits);
        probabilities.forEach((value, k) => {
          const slope = (value - Number(k === label)) * scale;
          expected.float(gradient + k * row + 4 * image, slope, (errors[k]! + 2 * ROUNDING) * scale);
        });
        const margin = Math.max(...logits) - logits[label]!;
        loss -= Math.log(probabilities[label]!);
        error += 2 * (classes + 8) * ROUNDING * (1 + margin + Math.log(classes));
        // The first of equal ones.
        if (logits.indexOf(Math.max(...logits)) === label) hits++;
      }
      for (let image = images; image < columns; image++)
        for (let k = 0; k < classes; k++) expected.float(gradient + k * row + 4 * image, 0);
      expected.double(call.loss, loss, error);
      expected.word(call.hits, hits);
    },
  },
};

function floats(before: Reader, count: number, address: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => before.float(address(index)));
}

/** exp over the sum of exps, and how far float32 may be off: each exponent is rounded, so what is far below the largest is off more. */
function softmax(logits: readonly number[]): { probabilities: number[]; errors: number[] } {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  const probabilities = powers.map((power) => power / sum);
  const errors = probabilities.map(
    (value, k) => value * ROUNDING * (2 * (largest - logits[k]!) + logits.length + 10),
  );
  return { probabilities, errors };
}
