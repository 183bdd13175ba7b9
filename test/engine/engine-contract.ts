import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { UserError } from '../../src/errors.ts';
import { averageName, weightsName } from '../../src/model/names.ts';
import { type Network, weightedLayers } from '../../src/model/network.ts';
import { trainableVariables } from '../../src/model/variables.ts';
import { expectClose } from './expect-close.ts';
import { conv, DAGS, dense, NETWORKS, networkOf, pool, randomStep } from './networks.ts';
import { finiteDifferences, type ReferenceState, referenceForward, referenceLoss } from './reference.ts';

const STEP = { learningRate: 0.25, averageDecay: 0.75, observe: true };
const f32 = (...values: number[]) => Float32Array.from(values);

/** What every engine must do; `open` makes a new one. */
export function describeEngine(name: string, open: (network: Network) => Promise<Engine>): void {
  const loaded = async (network: Network, batch: number, seed = 1) => {
    const step = randomStep(network, batch, seed);
    const engine = await open(network);
    engine.setVariables(step.variables);
    engine.setMasks(step.masks);
    return { engine, ...step };
  };

  describe(`${name} held to plain loops in float64`, () => {
    const cases = Object.entries({ ...NETWORKS, ...DAGS }).flatMap(([what, network]) =>
      [1, 3].map((batch) => ({ what, network, batch })),
    );

    it.each(cases)('computes the logits of $what, batch of $batch', async ({ network, batch }) => {
      const { engine, ...state } = await loaded(network, batch);
      const expected = referenceForward(network, state, state.images).logits;
      expectClose(await engine.forward(state.images), expected, 1e-5);
      await engine.dispose();
    });

    it.each(cases)('computes loss and gradients of $what, batch of $batch', async ({ network, batch }) => {
      const { engine, images, labels, ...state } = await loaded(network, batch);
      const result = await engine.trainStep(images, labels, STEP);

      const { totalLoss, crossEntropy, weightLosses } = referenceLoss(network, state, images, labels);
      expectClose([result.totalLoss, result.crossEntropy], [totalLoss, crossEntropy], 1e-5);
      expect([...result.weightLosses.keys()]).toEqual([...weightLosses.keys()]);
      expectClose([...result.weightLosses.values()], [...weightLosses.values()], 1e-5);

      const { activations } = referenceForward(network, state, images);
      expect([...result.observed!.activations.keys()]).toEqual([...activations.keys()]);
      for (const [layer, expected] of activations)
        expectClose(result.observed!.activations.get(layer)!, expected, 1e-5);

      const { gradients } = result.observed!;
      expect([...gradients.keys()]).toEqual(trainableVariables(network).map((variable) => variable.name));
      for (const [variable, gradient] of gradients)
        expectClose(gradient, finiteDifferences(network, state, images, labels, variable), 1e-4);
      await engine.dispose();
    });

    it('gives the gradient of max pooling to the first of the largest, be they negative', async () => {
      // Channel 0 of the image alone decides what is largest; channel 1 tells which pixel got the gradient.
      const network = networkOf(
        [2, 4, 2],
        [conv('conv', [1, 1, 2, 1], { activation: 'none' }), pool('pool', 2, 2)],
        [1, 2, 1],
      );
      const engine = await open(network);
      engine.setVariables(
        new Map([
          ['conv/weights', f32(1, 0)],
          ['logits/weights', f32(1, 0, 0, 0, 0, 1)],
        ]),
      );
      const [tied, alone] = [-1, -5];
      const pixels = [...[tied, 10, tied, 20, alone, 1, alone, 2], ...[tied, 30, tied, 40, alone, 3, -4, 4]];
      const { observed } = await engine.trainStep(Float32Array.from(pixels), Uint8Array.of(2), STEP);
      // Logits -1, 0 and -4; the gradients of the two pooled values are softmax - label of logits 0 and 2.
      const odds = [-1, 0, -4].map(Math.exp);
      const [first, , third] = odds.map((odd) => odd / odds.reduce((a, b) => a + b));
      const slope = [first!, third! - 1];
      expectClose(
        observed!.gradients.get('conv/weights')!,
        [slope[0]! * tied + slope[1]! * -4, slope[0]! * 10 + slope[1]! * 4],
        1e-5,
      );
      await engine.dispose();
    });
  });

  describe(`${name} in a training step`, () => {
    it('gives the numbers computed by hand', async () => {
      const network: Network = {
        input: [1, 1, 1],
        classes: 2,
        layers: [dense('only', 1, 2, { activation: 'none', weightDecay: 0.1 })],
      };
      const engine = await open(network);
      engine.setVariables(
        new Map([
          ['only/weights', f32(0.5, -0.5)],
          ['only/weights/ExponentialMovingAverage', f32(1, 1)],
        ]),
      );
      const options = { learningRate: 0.5, averageDecay: 0.9 };
      const result = await engine.trainStep(f32(2), Uint8Array.of(0), options);
      // Logits 1 and -1, p = 1 / (1 + e^-2) = 0.880797; loss -ln p, and 0.1 * (0.25 + 0.25) / 2.
      expect(result.crossEntropy).toBeCloseTo(0.126928, 6);
      expect(result.weightLosses).toEqual(new Map([['only', expect.closeTo(0.025, 6)]]));
      expect(result.totalLoss).toBeCloseTo(0.151928, 6);
      expect(result.accuracy).toBe(1);
      expect(result).not.toHaveProperty('observed');
      // d/dw = 2 * (p - 1) + 0.1 * 0.5 = -0.188406; d/db = p - 1 = -0.119203.
      const values = await engine.readVariables(trainableVariables(network).flatMap(withAverage));
      expectClose(values.get('only/weights')!, [0.594203, -0.594203], 1e-5);
      expectClose(values.get('only/biases')!, [0.059601, -0.059601], 1e-4);
      expectClose(values.get('only/weights/ExponentialMovingAverage')!, [0.95942, 0.84058], 1e-5);
      expectClose(values.get('only/biases/ExponentialMovingAverage')!, [0.00596, -0.00596], 1e-3);
      await engine.dispose();
    });

    it('updates in float32: variable - rate * gradient, average - (average - variable) * (1 - decay)', async () => {
      const { engine, variables, images, labels } = await loaded(NETWORKS['all kinds of layers']!, 3);
      const options = { learningRate: 0.1, averageDecay: 0.9, observe: true };
      const { observed } = await engine.trainStep(images, labels, options);
      const updated = await engine.readVariables([...variables.keys()]);
      const { fround } = Math;
      for (const [name, gradient] of observed!.gradients) {
        const next = variables.get(name)!.map((v, i) => v - fround(fround(0.1) * gradient[i]!));
        const share = fround(1 - 0.9);
        const average = variables
          .get(averageName(name))!
          .map((a, i) => a - fround(fround(a - next[i]!) * share));
        expect(updated.get(name)).toEqual(next);
        expect(updated.get(averageName(name))).toEqual(average);
      }
      await engine.dispose();
    });

    it('lets masked weights feel the decay alone', async () => {
      const network = NETWORKS['all kinds of layers']!;
      const { engine, variables, masks, images, labels } = await loaded(network, 3);
      const { observed } = await engine.trainStep(images, labels, STEP);
      for (const { name, weightDecay } of weightedLayers(network)) {
        const weights = variables.get(weightsName(name))!;
        const masked = [...weights.keys()].filter((i) => masks.get(weightsName(name))![i] === 0);
        expect(masked.length).toBeGreaterThan(0);
        const gradient = observed!.gradients.get(weightsName(name))!;
        for (const i of masked) {
          if (weightDecay === 0) expect(Math.abs(gradient[i]!)).toBe(0);
          else expectClose([gradient[i]!], [weightDecay * weights[i]!], 1e-6);
        }
      }
      await engine.dispose();
    });

    it('counts as right an image whose first largest logit is its label', async () => {
      const network: Network = {
        input: [1, 1, 1],
        classes: 3,
        layers: [dense('only', 1, 3, { activation: 'none' })],
      };
      const engine = await open(network);
      engine.setVariables(new Map([['only/biases', f32(1, 2, 2)]]));
      const { accuracy } = await engine.trainStep(f32(0, 0, 0, 0), Uint8Array.of(1, 2, 0, 1), STEP);
      expect(accuracy).toBe(0.5);
      await engine.dispose();
    });

    it('gives the same bits again', async () => {
      const run = async () => {
        const { engine, variables, images, labels } = await loaded(NETWORKS['all kinds of layers']!, 5);
        const losses: number[] = [];
        for (let i = 0; i < 4; i++) losses.push((await engine.trainStep(images, labels, STEP)).totalLoss);
        const values = await engine.readVariables([...variables.keys()]);
        const logits = await engine.forward(images);
        await engine.dispose();
        return { losses, values, logits };
      };
      expect(await run()).toEqual(await run());
    });
  });

  describe(`${name} as the owner of the variables`, () => {
    const network = NETWORKS['all kinds of layers']!;
    const names = trainableVariables(network).flatMap(withAverage);

    it('starts with zeros and masks of ones', async () => {
      const engine = await open(network);
      const values = await engine.readVariables(names);
      expect([...values.keys()]).toEqual(names);
      expect([...values.values()].every((array) => array.every((value) => value === 0))).toBe(true);

      const { variables, images } = randomStep(network, 1, 3);
      engine.setVariables(variables);
      expectClose(
        await engine.forward(images),
        referenceForward(network, { variables }, images).logits,
        1e-5,
      );
      await engine.dispose();
    });

    it('takes and gives copies', async () => {
      const engine = await open(network);
      const given = f32(1, 2, 3, 4);
      engine.setVariables(new Map([['conv1/biases', given]]));
      given.fill(9);
      const [taken] = [...(await engine.readVariables(['conv1/biases'])).values()];
      expect(taken).toEqual(f32(1, 2, 3, 4));
      taken!.fill(9);
      expect(await engine.readVariables(['conv1/biases'])).toEqual(
        new Map([['conv1/biases', f32(1, 2, 3, 4)]]),
      );
      await engine.dispose();
    });

    it('computes with what was set last', async () => {
      const { engine, masks, images, labels } = await loaded(network, 2);
      await engine.forward(images);
      const { variables } = randomStep(network, 2, 8);
      engine.setVariables(variables);
      const expectReference = async (state: ReferenceState) =>
        expectClose(await engine.forward(images), referenceForward(network, state, images).logits, 1e-5);
      await expectReference({ variables, masks });

      const others = randomStep(network, 2, 9).masks;
      engine.setMasks(others);
      await expectReference({ variables, masks: others });

      const one = new Map([['conv1/weights', masks.get('conv1/weights')!]]);
      engine.setMasks(one);
      const mixed = new Map([...others, ...one]);
      await expectReference({ variables, masks: mixed });

      await engine.trainStep(images, labels, STEP);
      await expectReference({ variables: await engine.readVariables(names), masks: mixed });
      await engine.dispose();
    });

    it('refuses unknown names and wrong lengths, and keeps what it has', async () => {
      const { engine, variables } = await loaded(network, 1);
      const good = f32(1, 1, 1, 1);
      const refused = (attempt: () => void, message: string | RegExp) => {
        expect(attempt).toThrow(UserError);
        expect(attempt).toThrow(message);
      };
      refused(
        () =>
          engine.setVariables(
            new Map([
              ['conv1/biases', good],
              ['conv9/biases', good],
            ]),
          ),
        'conv9/biases',
      );
      refused(
        () =>
          engine.setVariables(
            new Map([
              ['conv1/biases', good],
              ['conv2/biases', f32(1)],
            ]),
          ),
        /conv2\/biases.* 1 .*expected 5 /,
      );
      refused(() => engine.setMasks(new Map([['pool1', good]])), 'pool1');
      refused(() => engine.setMasks(new Map([['conv1', new Float32Array(72)]])), 'no mask of conv1');
      refused(
        () => engine.setMasks(new Map([['conv1/weights', new Float32Array(72).fill(0.5)]])),
        /conv1\/weights holds 0.5/,
      );
      refused(
        () => engine.setMasks(new Map([['conv1/weights', f32(1)]])),
        /conv1\/weights.* 1 .*expected 72 .*\[3, 3, 2, 4\]/,
      );
      await expect(engine.readVariables(['conv1/bias'])).rejects.toThrow(/no variable conv1\/bias/);
      expect(await engine.readVariables([...variables.keys()])).toEqual(variables);
      await engine.dispose();
    });

    it('refuses a batch that does not fit', async () => {
      const { engine, variables, images } = await loaded(network, 2);
      await expect(engine.forward(images.subarray(1))).rejects.toThrow(/119 values.*expected 6 x 5 x 2/);
      const steps: [Float32Array, number[], RegExp][] = [
        [images.subarray(1), [0, 0], /119 values/],
        [images, [0], /2 images has 1 labels/],
        [new Float32Array(), [], /0 images/],
        [images, [2, 3], /label 1 of the batch is 3; expected a class from 0 to 2/],
      ];
      for (const [pixels, labels, message] of steps)
        await expect(engine.trainStep(pixels, Uint8Array.from(labels), STEP)).rejects.toThrow(message);
      expect(await engine.readVariables([...variables.keys()])).toEqual(variables);
      await engine.dispose();
    });

    it('cannot be used once disposed of', async () => {
      const { engine, images, labels, variables } = await loaded(network, 1);
      await engine.dispose();
      await expect(engine.forward(images)).rejects.toThrow(/disposed/);
      await expect(engine.trainStep(images, labels, STEP)).rejects.toThrow(/disposed/);
      await expect(engine.readVariables(names)).rejects.toThrow(/disposed/);
      expect(() => engine.setVariables(variables)).toThrow(/disposed/);
    });
  });
}

const withAverage = ({ name }: { name: string }) => [name, averageName(name)];
