/** Moments in 8 bits: the update is the one that the format says, by plain float64 arithmetic, and stays near that of AdamW. */
import { describe, expect, it } from 'vitest';
import { adamw, adamw8bit } from '../../../../main/engine/nn/adamw.ts';
import {
  decodeTable,
  FLOAT8_BLOCK,
  type Float8Format,
  nextRandom,
  roundingSeed,
  SIGNED,
  UNSIGNED,
} from '../../../../main/engine/nn/small-floats.ts';
import { noise } from '../../../helpers/graphs.ts';

const BLOCKS = 3;
const SIZE = BLOCKS * FLOAT8_BLOCK;
const SETTINGS = { rate: 0.01, shrink: 0.999, beta1: 0.9, beta2: 0.99, eps: 1e-8, scale: 0.5 };

const scalarsOf = (t: number) => ({
  ...SETTINGS,
  unbias1: 1 / (1 - SETTINGS.beta1 ** t),
  unbias2: 1 / Math.sqrt(1 - SETTINGS.beta2 ** t),
});

/** Gradients whose sizes differ by so many decades within a block, some of them zero. */
function gradients(update: number, decades = 5): Float32Array {
  const sizes = noise(SIZE, 77);
  return noise(SIZE, update).map((x, i) => (i % 19 === 0 ? 0 : x * 10 ** (decades * (sizes[i]! - 1))));
}

function packed() {
  return {
    ...{ m: new Uint8Array(SIZE), mScale: new Float32Array(BLOCKS) },
    ...{ v: new Uint8Array(SIZE), vScale: new Float32Array(BLOCKS) },
  };
}

/** The magnitudes of a format in rising order, found from what its codes mean. */
function magnitudesOf(format: Float8Format): number[] {
  return [...decodeTable(format)].filter((x) => x >= 0).slice(0, format.signed ? 128 : 256);
}

const OF_M = magnitudesOf(SIGNED);
const OF_V = magnitudesOf(UNSIGNED);

/** The code of a magnitude up to 1: that of its lower neighbour, or of the upper one by a chance that keeps the mean. */
function stochasticallyRounded(x: number, magnitudes: readonly number[], chance: number): number {
  const above = magnitudes.findIndex((one) => one > x);
  if (above < 0) return magnitudes.length - 1;
  const high = magnitudes[above]!;
  // below the smallest the steps go on, but all that is there counts as 0
  const low = above === 1 ? 0.9 * high : magnitudes[above - 1]!;
  if (x < low) return 0;
  return (x - low) / (high - low) + chance >= 1 ? above : above - 1;
}

/** One update by the definition, one number after the other. */
function byDefinition(state: ReturnType<typeof begin>, grad: Float32Array, t: number) {
  const { rate, shrink, beta1, beta2, eps, scale } = SETTINGS;
  const { unbias1, unbias2 } = scalarsOf(t);
  const [ofM, ofV] = [decodeTable(SIGNED), decodeTable(UNSIGNED)];
  for (let block = 0; block < BLOCKS; block++) {
    const places = Array.from({ length: FLOAT8_BLOCK }, (_, j) => block * FLOAT8_BLOCK + j);
    const m = places.map(
      (i) => beta1 * ofM[state.m[i]!]! * state.mScale[block]! + (1 - beta1) * scale * grad[i]!,
    );
    const v = places.map(
      (i) => beta2 * ofV[state.v[i]!]! * state.vScale[block]! + (1 - beta2) * (scale * grad[i]!) ** 2,
    );
    places.forEach((i, j) => {
      state.param[i] =
        shrink * state.param[i]! - (rate * m[j]! * unbias1) / (Math.sqrt(v[j]!) * unbias2 + eps);
    });
    const [mScale, vScale] = [Math.fround(Math.max(...m.map(Math.abs))), Math.fround(Math.max(...v))];
    let random = roundingSeed(t, block);
    const chance = () => {
      random = nextRandom(random);
      return (random >>> 12) / 2 ** 20;
    };
    places.forEach((i, j) => {
      const code = stochasticallyRounded(Math.abs(m[j]!) / mScale, OF_M, chance());
      state.m[i] = code === 0 ? 0 : code + (m[j]! < 0 ? 128 : 0);
    });
    places.forEach((i, j) => {
      const code = stochasticallyRounded(v[j]! / vScale, OF_V, chance());
      state.v[i] = code === 0 && v[j]! > 0 ? 1 : code;
    });
    state.mScale[block] = mScale;
    state.vScale[block] = vScale;
  }
}

function begin() {
  return { param: noise(SIZE, 1), ...packed() };
}

describe('the codes', () => {
  it.each([
    ['signed', SIGNED, 2 ** -15.5],
    ['unsigned', UNSIGNED, 2 ** -31.5],
  ])('of %s numbers rise by an eighth at most, from next to nothing to 1', (_, format, least) => {
    const magnitudes = magnitudesOf(format);
    expect([magnitudes[0], magnitudes.at(-1)]).toEqual([0, 1]);
    expect(magnitudes[1]).toBeLessThan(least);
    for (let i = 2; i < magnitudes.length; i++) {
      expect(magnitudes[i]! / magnitudes[i - 1]!).toBeGreaterThan(1.06);
      expect(magnitudes[i]! / magnitudes[i - 1]!).toBeLessThanOrEqual(1.125);
    }
    if (format.signed) expect(decodeTable(format)[200]).toBe(-decodeTable(format)[72]!);
  });
});

describe('AdamW with moments in 8 bits', () => {
  it('makes the update of its definition, in any number of pieces', () => {
    const [state, expected] = [begin(), begin()];
    let [codes, differ] = [0, 0];
    for (let t = 1; t <= 6; t++) {
      const grad = gradients(t + 10);
      byDefinition(expected, grad, t);
      for (const range of [[0, FLOAT8_BLOCK] as const, [FLOAT8_BLOCK, SIZE] as const])
        adamw8bit({ param: state.param, grad }, state, range, scalarsOf(t), t);
      for (let i = 0; i < SIZE; i++) {
        expect(Math.abs(state.param[i]! - expected.param[i]!)).toBeLessThan(2e-6);
        codes += 2;
        if (state.m[i] !== expected.m[i]) differ++;
        if (state.v[i] !== expected.v[i]) differ++;
      }
      // where the chance lies on the border float32 may fall on the other side: then go on from the same codes
      for (const part of ['m', 'v', 'mScale', 'vScale'] as const) state[part].set(expected[part]);
    }
    expect(differ / codes).toBeLessThan(3e-5);
  });

  it('keeps a slow mean where it should be, although a step changes it by less than the distance of two codes', () => {
    const state = begin();
    const grad = new Float32Array(SIZE).fill(1);
    const settings = { ...SETTINGS, scale: 1, beta2: 0.999, unbias1: 1, unbias2: 1 };
    adamw8bit({ param: state.param, grad }, state, [0, SIZE], settings, 1);
    // from now on half as large, but for one of each block that keeps the scale
    grad.fill(0.5);
    for (let block = 0; block < BLOCKS; block++) grad[block * FLOAT8_BLOCK] = 1;
    for (let t = 2; t <= 1001; t++) adamw8bit({ param: state.param, grad }, state, [0, SIZE], settings, t);
    const expected = 0.001 * 0.999 ** 1000 + 0.25 * (1 - 0.999 ** 1000);
    const ofV = decodeTable(UNSIGNED);
    let sum = 0;
    for (let i = 0; i < SIZE; i++)
      if (i % FLOAT8_BLOCK > 0) sum += ofV[state.v[i]!]! * state.vScale[Math.floor(i / FLOAT8_BLOCK)]!;
    expect(sum / (SIZE - BLOCKS) / expected).toBeGreaterThan(0.97);
    expect(sum / (SIZE - BLOCKS) / expected).toBeLessThan(1.03);
  });

  it('goes the way of AdamW', () => {
    const state = begin();
    const plain = { param: state.param.slice(), grad: new Float32Array(SIZE), ...floats() };
    const start = state.param.slice();
    for (let t = 1; t <= 40; t++) {
      // always the same direction, with noise of its size
      plain.grad.set(gradients(1, 1).map((x, i) => x + gradients(t, 1)[i]!));
      adamw8bit({ param: state.param, grad: plain.grad }, state, [0, SIZE], scalarsOf(t), t);
      adamw(plain, [0, SIZE], scalarsOf(t));
    }
    const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((x, i) => x - b[i]!));
    expect(distance(plain.param, start)).toBeGreaterThan(1);
    expect(distance(state.param, plain.param)).toBeLessThan(0.1 * distance(plain.param, start));
  });

  it('moves nothing and divides by nothing where there is no gradient', () => {
    const state = begin();
    const before = state.param.slice();
    adamw8bit(
      { param: state.param, grad: new Float32Array(SIZE) },
      state,
      [0, SIZE],
      { ...scalarsOf(1), shrink: 1 },
      1,
    );
    expect(state.param).toEqual(before);
    expect(new Set([...state.m, ...state.v])).toEqual(new Set([0]));
  });
});

function floats() {
  return { m: new Float32Array(SIZE), v: new Float32Array(SIZE) };
}
