/** An update shared among threads gives the bits of one thread, whatever is kept, and a thread that fails is an error and not a wait. */
import { describe, expect, it } from 'vitest';
import { UPDATE_CHUNK } from '../../../../main/engine/nn/adamw.ts';
import type { ValuesPlan } from '../../../../main/engine/step/trained-values.ts';
import { SharedValues } from '../../../../main/engine/step/update-threads.ts';
import { noise } from '../../../helpers/graphs.ts';

const CHUNK = UPDATE_CHUNK / 64;
const SETTINGS = {
  rate: 0.01,
  weightDecay: 0.1,
  stayClose: 2,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  maxNorm: 1,
};
const PLAN: ValuesPlan = {
  ...{ size: 7 * CHUNK, decayedEnd: 4 * CHUNK, chunk: CHUNK },
  ...{ isHalf: false, optimizer: 'adamw', anchored: false },
};

/** The values after two updates of all and one of a part, and what is kept beside them. */
async function updated(plan: ValuesPlan, threads: number) {
  const values = new SharedValues(plan, { threads, sharedFrom: 0 });
  const all = Float32Array.from(noise(plan.size, 1));
  for (const [start, end] of [[0, plan.decayedEnd] as const, [plan.decayedEnd, plan.size] as const]) {
    values.masters.write(start, all.subarray(start, end));
    values.anchor?.write(start, all.subarray(start, end));
  }
  for (const number of [1, 2]) {
    const grad = Float32Array.from(noise(plan.size, 1 + number));
    await values.updateAll(
      [0, plan.size],
      { grad, gradFirst: 0 },
      { settings: SETTINGS, scale: 0.5, number },
    );
  }
  const [from, end] = [2 * CHUNK, 4 * CHUNK];
  const grad = Float32Array.from(noise(end - from, 9));
  await values.updateAll([from, end], { grad, gradFirst: from }, { settings: SETTINGS, scale: 1, number: 3 });
  await values.release();
  return {
    decayed: Buffer.from(bytesOf(values.masters.kept([0, plan.decayedEnd]))),
    others: Buffer.from(bytesOf(values.masters.kept([plan.decayedEnd, plan.size]))),
    moments: values.moments.parts([0, plan.size]).map(({ data }) => Buffer.from(bytesOf(data))),
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array | Uint8Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

describe('an update shared among threads', () => {
  it.each([
    ['float32', {}],
    ['float32 with an anchor', { anchored: true }],
    ['moments in 8 bits', { optimizer: 'adamw-8bit' }],
    ['values in 16 bits', { isHalf: true, anchored: true }],
    ['both', { isHalf: true, optimizer: 'adamw-8bit' }],
  ] as const)('gives the same bits: %s', async (_, kept) => {
    const plan = { ...PLAN, ...kept };
    const alone = await updated(plan, 1);
    const shared = await updated(plan, 3);
    expect(alone.decayed.some((byte) => byte !== 0)).toBe(true);
    expect(shared.decayed.equals(alone.decayed)).toBe(true);
    expect(shared.others.equals(alone.others)).toBe(true);
    for (const [i, part] of shared.moments.entries()) expect(part.equals(alone.moments[i]!)).toBe(true);
  });

  it('passes on what a thread throws', async () => {
    const values = new SharedValues(PLAN, { threads: 2, sharedFrom: 0 });
    // its settings can't be read there
    const update = { settings: null as unknown as typeof SETTINGS, scale: 1, number: 1 };
    const grad = new Float32Array(PLAN.size);
    values.update = () => {};
    await expect(values.updateAll([0, PLAN.size], { grad, gradFirst: 0 }, update)).rejects.toThrow();
    await values.release();
  });
});
