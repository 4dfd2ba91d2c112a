import { describe, expect, it } from 'vitest';
import type { PlanRecompute } from '../../../common/api/contract.ts';
import type { Draft } from '../../../main/plan/defaults.ts';
import { firstThatFits, type Sizes } from '../../../main/plan/ladder.ts';
import { Rng, streamSeed } from '../../../main/rows/rng.ts';

const RUNGS: readonly PlanRecompute[] = ['none', 'attention', 'third', 'half', 'block'];

function draftOf(recompute: PlanRecompute, tokensPerMicroBatch: number): Draft {
  const settings = { method: 'qlora', bits: null, optimizer: 'adamw', masterBits: null };
  return {
    settings: { ...settings, recompute, tokensPerMicroBatch, maxLength: 77 },
    whys: {},
    batchTokens: 0,
  } as never;
}

const ladderOf = (sizes: readonly number[]): Sizes[] =>
  RUNGS.map((recompute) => sizes.map((tokens) => draftOf(recompute, tokens)));

/** What drafts need that need less on each rung and with fewer tokens, however unevenly. */
function unevenNeeds(ladder: readonly Sizes[], rng: Rng): ReadonlyMap<Draft, number> {
  const needs = new Map<Draft, number>();
  const least = new Map<number, number>();
  for (const sizes of ladder.toReversed()) {
    let below = 0;
    for (const draft of sizes.toReversed()) {
      const { tokensPerMicroBatch } = draft.settings;
      below = Math.max(below, least.get(tokensPerMicroBatch) ?? 0) + 3e9 * rng.uniform() ** 4;
      least.set(tokensPerMicroBatch, below);
      needs.set(draft, below);
    }
  }
  return needs;
}

/** What drafts need about as the rule of thumb says, times `factor` of what depends on the tokens. */
function thumbNeeds(ladder: readonly Sizes[], factor: number): ReadonlyMap<Draft, number> {
  const shares = [1, 0.97, 0.83, 0.65, 0.24];
  const needOf = ({ settings: { tokensPerMicroBatch, maxLength } }: Draft, rung: number) => {
    const rows = Math.floor(tokensPerMicroBatch / maxLength);
    return 7e9 + factor * 8.4e6 * shares[rung]! * rows * maxLength;
  };
  return new Map(ladder.flatMap((sizes, rung) => sizes.map((draft) => [draft, needOf(draft, rung)])));
}

/** `known`: the share of its needs that a draft's shorter price tells. */
async function found(
  ladder: readonly Sizes[],
  needs: ReadonlyMap<Draft, number>,
  limit: number,
  known: (draft: Draft) => number = () => 1,
  isLate?: () => boolean,
) {
  type Priced = { readonly draft: Draft; readonly bytes: number };
  const [asked, bounds]: [Draft[], Draft[]] = [[], []];
  const best = await firstThatFits<Priced>(ladder, {
    price: async (draft) => {
      asked.push(draft);
      return { draft, bytes: needs.get(draft)! };
    },
    atLeast: async (draft) => {
      bounds.push(draft);
      return { draft, bytes: known(draft) * needs.get(draft)! };
    },
    ...{ bytesOf: ({ bytes }) => bytes, fits: ({ bytes }) => bytes <= limit },
    ...{ likelyBytes: limit, parameters: 8e9, ...(isLate && { isLate }) },
  });
  const { draft = null, bytes = null } = best?.priced ?? {};
  return { draft, bytes, asked, bounds, isProven: best?.isProven ?? null };
}

/** Drafts of which something was asked. */
const lookedAt = ({ asked, bounds }: Awaited<ReturnType<typeof found>>) =>
  new Set([...asked, ...bounds]).size;

describe('the first draft that fits', () => {
  it('is the one that a look at all of them finds, whatever they need, and none is priced twice', async () => {
    const rng = Rng.fromSeed(streamSeed(3, 'ladder'));
    let [asked, all] = [0, 0];
    for (let i = 0; i < 400; i++) {
      const sizes = [4096, 2048, 1024, 512, 300, 77].slice(Math.floor(6 * rng.uniform()));
      const ladder = ladderOf(sizes);
      const needs = unevenNeeds(ladder, rng);
      const limit = rng.uniform() * Math.max(...needs.values()) * 1.1;
      const shares = new Map(ladder.flat().map((draft) => [draft, 0.5 + 0.5 * rng.uniform()]));
      const result = await found(ladder, needs, limit, (draft) => shares.get(draft)!);
      expect(result.draft).toBe(ladder.flat().find((draft) => needs.get(draft)! <= limit) ?? null);
      expect(result.bytes).toBe(result.draft && needs.get(result.draft));
      expect(result.isProven).toBe(result.draft && true);
      for (const once of [result.asked, result.bounds]) expect(new Set(once).size).toBe(once.length);
      asked += lookedAt(result);
      all += ladder.flat().length;
    }
    expect(asked).toBeLessThan(0.5 * all);
  });

  it('is not waited for once it is late: one that fits is told, with whether it is proven', async () => {
    const rng = Rng.fromSeed(streamSeed(3, 'ladder', 'late'));
    let [proven, unproven, other] = [0, 0, 0];
    for (let i = 0; i < 400; i++) {
      const ladder = ladderOf([4096, 2048, 1024, 512, 300, 77].slice(Math.floor(6 * rng.uniform())));
      const needs = thumbNeeds(ladder, 0.7 + 0.7 * rng.uniform());
      const limit = 6.8e9 + 40e9 * rng.uniform() ** 3;
      const first = ladder.flat().find((draft) => needs.get(draft)! <= limit) ?? null;
      const result = await found(ladder, needs, limit, undefined, () => true);
      // that nothing fits is never said before it is known
      expect(result.draft === null).toBe(first === null);
      if (result.draft === null) continue;
      expect(needs.get(result.draft)).toBeLessThanOrEqual(limit);
      if (result.isProven) expect(result.draft).toBe(first);
      else if (result.draft !== first) other++;
      if (result.isProven) proven++;
      else unproven++;
      // nothing more is asked once one fits
      expect(result.asked.filter((draft) => needs.get(draft)! <= limit)).toEqual([result.draft]);
    }
    for (const count of [proven, unproven]) expect(count).toBeGreaterThan(50);
    // rarely is it another than the first, but it is
    expect(other).toBeGreaterThan(0);
    expect(other).toBeLessThan(0.05 * unproven);
  });

  it('is told by three prices at most, in the mean, where needs are about as expected', async () => {
    const ladder = ladderOf([4096, 2048, 1024, 512, 300]);
    const counts: number[] = [];
    // a third more, or less, than the rule of thumb says
    for (const factor of [0.75, 1, 1.33]) {
      const needs = thumbNeeds(ladder, factor);
      for (const limit of [9e9, 12e9, 16e9, 30e9, 60e9]) {
        const result = await found(ladder, needs, limit);
        expect(result.draft).not.toBeNull();
        counts.push(lookedAt(result));
      }
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(5);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(3 * counts.length);
  });
});
