import { expect, test } from 'vitest';
import { AccuracyCounter, perClassAccuracy } from '../../src/eval/accuracy.ts';

test('counts each image under its label and its largest logit, the first of equals', () => {
  const counter = new AccuracyCounter(3, 'softmax');
  counter.add(Float32Array.of(1, 2, 0, 5, 5, 1), Uint8Array.of(1, 0));
  counter.add(Float32Array.of(0, 0, 9), Uint8Array.of(0));
  const result = counter.result();
  expect(result).toMatchObject({ count: 3, correct: 2, accuracy: 2 / 3 });
  expect(result.confusion).toEqual([
    [1, 0, 1],
    [0, 1, 0],
    [0, 0, 0],
  ]);
  expect(perClassAccuracy(result)).toEqual([0.5, 1, Number.NaN]);
});

test('logits that do not fit the labels are refused', () => {
  expect(() => new AccuracyCounter(3, 'softmax').add(new Float32Array(4), Uint8Array.of(0))).toThrow(
    expect.objectContaining({
      message: 'the model returned 4 values for 1 images, expected 3 logits an image',
      hint: 'Name the node that gives the logits, for example softmax, when stripping.',
    }),
  );
});

test('NaN is no logit: the image is named, counted from the first', () => {
  const counter = new AccuracyCounter(3, 'softmax');
  counter.add(Float32Array.of(0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY), Uint8Array.of(2));
  const logits = Float32Array.of(1, 2, 3, 1, Number.NaN, 3);
  expect(() => counter.add(logits, Uint8Array.of(2, 2))).toThrow(
    'the model returned NaN for class 1 of image 2, expected numbers',
  );
  expect(counter.result()).toMatchObject({ count: 1, correct: 1 });
});
