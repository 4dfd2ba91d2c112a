import { describe, expect, it } from 'vitest';
import {
  candidatesOf,
  evalEveryFor,
  type Losses,
  ranking,
  roundsOf,
  standing,
  stepAfter,
} from '../../../main/extras/search/halving.ts';

/** Plays a search to its end with a loss for each candidate; gives what was trained, in order. */
function played(count: number, lossOf: (candidate: number, round: number) => number | null) {
  const losses: (number | null)[][] = Array.from({ length: count }, () => []);
  const trained: string[] = [];
  for (let next = standing(losses).next; next; next = standing(losses).next) {
    trained.push(`${next.candidate}@${next.round}`);
    losses[next.candidate]!.push(lossOf(next.candidate, next.round));
    if (trained.length > 100) throw new Error('it does not end');
  }
  return { trained, losses: losses as Losses };
}

describe('halving', () => {
  it('takes the better half on each time, until one is left', () => {
    expect([3, 6, 7, 12].map(roundsOf)).toEqual([
      [3, 2],
      [6, 3, 2],
      [7, 4, 2],
      [12, 6, 3, 2],
    ]);
    // the higher its number, the better it is
    const { trained, losses } = played(6, (candidate, round) => 10 - candidate - round / 10);
    expect(trained).toEqual(['0@0', '1@0', '2@0', '3@0', '4@0', '5@0', '3@1', '4@1', '5@1', '4@2', '5@2']);
    expect(ranking(losses)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(standing(losses)).toEqual({ going: [5], next: null });
  });

  it('knows a candidate by the round that it reached before by its loss', () => {
    // the last one begins best and then falls behind
    const { losses } = played(4, (candidate, round) => (candidate === 3 ? 1 + 5 * round : 2 + candidate));
    expect(ranking(losses)[0]).toBe(0);
    expect(ranking([[3], [1, 2], [1, 4], []])).toEqual([1, 2, 0, 3]);
  });

  it('drops what became unstable, and ends where one is left', () => {
    const { trained, losses } = played(4, (candidate) => (candidate === 2 ? 1 : null));
    expect(trained).toEqual(['0@0', '1@0', '2@0', '3@0']);
    expect(ranking(losses)[0]).toBe(2);
    const none = played(3, () => null);
    expect(none.trained).toHaveLength(3);
    expect(standing(none.losses)).toEqual({ going: [], next: null });
  });

  it('prefers the plan’s own settings where losses are equal', () => {
    expect(ranking(played(5, () => 1).losses)[0]).toBe(0);
  });

  it('goes on wherever it was stopped', () => {
    const whole = played(6, (candidate, round) => ((candidate * 7) % 5) + 1 / (round + 1));
    for (let known = 0; known < whole.trained.length; known++) {
      const losses: (number | null)[][] = Array.from({ length: 6 }, () => []);
      for (const done of whole.trained.slice(0, known)) {
        const [candidate, round] = done.split('@').map(Number) as [number, number];
        losses[candidate]!.push(whole.losses[candidate]![round]!);
      }
      const { next } = standing(losses);
      expect(`${next!.candidate}@${next!.round}`).toBe(whole.trained[known]);
    }
  });

  it('compares at a third of each training at last, and refuses one that is too short', () => {
    expect(evalEveryFor(120, 3)).toBe(10);
    expect([0, 1, 2].map((round) => stepAfter(10, round))).toEqual([10, 20, 40]);
    expect(evalEveryFor(20, 3)).toBe(4);
    expect(evalEveryFor(16, 3)).toBeNull();
  });
});

describe('candidates', () => {
  const base = { learningRate: 2e-4, 'lora.rank': 16, epochs: 3 };

  it('are the same for the same seed, all different, and begin with the plan’s own', () => {
    for (let count = 3; count <= 12; count++) {
      const all = candidatesOf(base, { count, seed: 7 });
      expect(all).toEqual(candidatesOf(base, { count, seed: 7 }));
      expect(all[0]).toEqual(base);
      expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(count);
      const rates = all.map(({ learningRate }) => learningRate!);
      expect(Math.min(...rates)).toBe(5e-5);
      expect(Math.max(...rates)).toBe(8e-4);
    }
    const seeds = [1, 2, 3].map((seed) => JSON.stringify(candidatesOf(base, { count: 8, seed })));
    expect(new Set(seeds).size).toBe(3);
  });

  it('vary only what the training has', () => {
    const all = candidatesOf({ learningRate: 2e-5, epochs: 1 }, { count: 6, seed: 1 });
    expect(all.every((one) => Object.keys(one).join() === 'learningRate,epochs')).toBe(true);
    expect([...new Set(all.map(({ epochs }) => epochs))].sort()).toEqual([1, 2]);
    expect(candidatesOf({ learningRate: 1e-4, 'lora.rank': 1 }, { count: 4, seed: 1 })).toHaveLength(4);
  });

  it('are the combinations of what a person names', () => {
    const given = { learningRate: [1e-4, 3e-4], 'lora.rank': [4, 8] };
    expect(candidatesOf(base, { count: 12, seed: 1, given })).toEqual([
      { ...base, learningRate: 1e-4, 'lora.rank': 4 },
      { ...base, learningRate: 1e-4, 'lora.rank': 8 },
      { ...base, learningRate: 3e-4, 'lora.rank': 4 },
      { ...base, learningRate: 3e-4, 'lora.rank': 8 },
    ]);
    const some = candidatesOf(base, { count: 3, seed: 1, given });
    expect(new Set(some.map((one) => JSON.stringify(one))).size).toBe(3);
  });
});
