/** Abilities: what a base model has, what it lost of them, and what chance alone would show. */
import { describe, expect, it } from 'vitest';
import {
  type AbilityBlock,
  abilityFigures,
  abilityItems,
  fewerBlocks,
  knownItems,
} from '../../../../../main/engine/eval/assess/abilities.ts';
import { Rng } from '../../../../../main/rows/rng.ts';

const blocksOf = (ability: string, count: number): AbilityBlock[] =>
  Array.from({ length: count }, (_, block) => ({
    ability,
    options: ['a', 'b', 'c', 'd'].map((option) => `${option}${block}`),
    questions: ['1', '2', '3', '4'].map((question) => `${ability} ${block} ${question}`),
  }));

const items = abilityItems([...blocksOf('facts', 7), ...blocksOf('code', 7)]);
/** A model that always likes the first option best, and the right one a little more than without the question. */
const knowing = (knows: (ability: string, place: number) => boolean, of = items) =>
  of.map(({ ability, options, right }, place) =>
    options.map(
      (_, option) => (option === 0 ? -1 : -4) + (option === right && knows(ability, place) ? 0.5 : 0),
    ),
  );

describe('abilities', () => {
  it('are counted apart from what a model likes to say whatever it is asked', () => {
    const before = knowing((ability) => ability === 'facts');
    const known = knownItems(items, before);
    const after = knowing((_, place) => place < 14, known);
    const { measured, lacking } = abilityFigures(items, { before, after });
    expect(measured).toMatchObject([{ name: 'facts', items: 28, chance: 0.25, before: { value: 1 } }]);
    // the block that it knows in half is decided by the questions that it knows
    expect(measured[0]!.after.value).toBeGreaterThanOrEqual(0.5);
    expect(measured[0]!.change.high).toBeLessThan(0);
    expect(measured[0]!.fell).toBe(true);
    expect(lacking).toMatchObject([{ name: 'code', items: 28, chance: 0.25, before: { value: 0.25 } }]);
  });

  it('are two thirds of each in a quick comparison, always the same', () => {
    const fewer = fewerBlocks([...blocksOf('facts', 7), ...blocksOf('code', 6), ...blocksOf('one', 1)]);
    const counts = Map.groupBy(fewer, ({ ability }) => ability);
    expect([...counts].map(([ability, { length }]) => [ability, length])).toEqual([
      ['facts', 5],
      ['code', 4],
      ['one', 1],
    ]);
    expect(counts.get('facts')).toEqual(blocksOf('facts', 5));
  });

  it('ask the trained model only about what the base model can do', () => {
    const known = knownItems(
      items,
      knowing((ability) => ability === 'code'),
    );
    expect(new Set(known.map(({ ability }) => ability))).toEqual(new Set(['code']));
  });

  it('have nothing to forget where both models are the same', () => {
    const before = knowing(() => true);
    const { measured } = abilityFigures(items, { before, after: before });
    expect(measured.map(({ change, fell }) => [change.value, fell])).toEqual([
      [0, false],
      [0, false],
    ]);
  });

  it('are rarely seen in a model that guesses, and on average as often right as by chance', () => {
    const rng = Rng.fromSeed(1);
    let [seen, right] = [0, 0];
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      const scores = items.map(({ options }) => options.map(() => rng.uniform()));
      const { measured, lacking } = abilityFigures(items, {
        before: scores,
        after: knownItems(items, scores).map(({ options }) => options.map(() => 0)),
      });
      seen += measured.length;
      right += [...measured, ...lacking].reduce((sum, one) => sum + one.before.value, 0) / 2;
    }
    expect(seen / runs).toBeLessThan(0.07);
    expect(right / runs).toBeGreaterThan(0.23);
    expect(right / runs).toBeLessThan(0.27);
  });

  it('leave out a block that is too long for the model', () => {
    const before = knowing(() => true).map((scores, place) => (place === 1 ? null : scores));
    const [facts] = abilityFigures(items, { before, after: knowing(() => true).slice(4) }).measured;
    expect(facts!.items).toBe(24);
  });
});
