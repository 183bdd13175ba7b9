import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { BACKEND_CHOICES, type DeviceChoice, ENGINE_CHOICES, selectEngine } from '../../src/engine/select.ts';
import { UserError } from '../../src/errors.ts';
import { NETWORKS } from './networks.ts';

const network = NETWORKS['a fully connected layer']!;
const isInstalled = (packageName: string) => {
  try {
    return Boolean(createRequire(import.meta.url).resolve(packageName));
  } catch {
    return false;
  }
};
const refusal = async (choice: DeviceChoice) => {
  const error = await selectEngine({ ...choice, network }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  const { code, message, hint } = error as UserError;
  expect(code).toBe('engine');
  return `${message} | ${hint}`;
};

describe('the choice of engine and backend', () => {
  it.skipIf(isInstalled('@tensorflow/tfjs-node-gpu'))('takes simd and says why in one line', async () => {
    const { engine, reason, device } = await selectEngine({ network });
    expect(engine.network).toBe(network);
    expect(engine.name).toBe('simd');
    expect(device).toBe('simd');
    expect(reason).toBe(`${engine.description}, the default, which can skip what is pruned`);
    await engine.dispose();
  });

  it('takes the fastest backend of tfjs when asked for tfjs', async () => {
    const { engine, reason, device } = await selectEngine({ engine: 'tfjs', network });
    expect(engine.name).toBe('tfjs');
    expect(device).toMatch(/^tfjs:(node-gpu|node|wasm|cpu)$/);
    expect(reason).toContain(engine.description);
    expect(reason).not.toContain('\n');
    await engine.dispose();
  });

  it('takes simd when asked to, on so many threads', async () => {
    const { engine, reason } = await selectEngine({ engine: 'simd', threads: 3, network });
    expect(reason).toMatch(/^simd on WebAssembly \((relaxed )?SIMD, 3 threads\), as asked for$/);
    expect(await engine.forward(new Float32Array(6))).toEqual(new Float32Array(4));
    await engine.dispose();
  });

  it('takes tfjs when one of its backends is named', async () => {
    const { engine } = await selectEngine({ backend: 'cpu', network });
    expect(engine.name).toBe('tfjs');
    await engine.dispose();
  });

  it('refuses what does not go together', async () => {
    expect(await refusal({ engine: 'simd', backend: 'wasm' })).toBe(
      'engine simd has no backend wasm | Leave one of the two out: backends are those of engine tfjs.',
    );
    expect(await refusal({ engine: 'tfjs', threads: 2 })).toBe(
      'engine tfjs takes no number of threads | Leave it out, or choose simd.',
    );
  });

  it.each(['wasm', 'cpu'])('takes backend %s when asked to', async (backend) => {
    const { engine, reason, device } = await selectEngine({ engine: 'tfjs', backend, network });
    expect(device).toBe(`tfjs:${backend}`);
    expect(reason).toBe(`${engine.description}, as asked for`);
    expect(await engine.forward(new Float32Array(6))).toEqual(new Float32Array(4));
    await engine.dispose();
  });

  it('says how to get a backend that is not installed', async () => {
    const backend = isInstalled('@tensorflow/tfjs-node-gpu') ? 'node' : 'node-gpu';
    expect(await refusal({ backend })).toBe(
      `backend ${backend}: @tensorflow/tfjs-${backend} is not installed | ` +
        `Run npm install @tensorflow/tfjs-${backend}, or leave --backend out to use what is here.`,
    );
  });

  it('names the choices there are', async () => {
    expect(await refusal({ engine: 'torch' })).toBe(
      `there is no engine torch | Choose ${ENGINE_CHOICES.slice(0, -1).join(', ')} or ${ENGINE_CHOICES.at(-1)}.`,
    );
    expect(await refusal({ backend: 'gpu' })).toBe(
      'there is no backend gpu | Choose auto, node-gpu, node, wasm or cpu.',
    );
    // Names that every JavaScript object has are no engines, either.
    expect(await refusal({ engine: 'constructor' })).toContain('there is no engine constructor');
    expect(BACKEND_CHOICES[0]).toBe('auto');
  });
});
