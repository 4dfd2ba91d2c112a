import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  countedScores,
  nearestLabels,
  TextCounts,
  trainCounter,
  wordsAndPairs,
} from '../../../../../main/engine/eval/rivals/word-counts.ts';

interface Golden {
  readonly rows: readonly { text: string; label: string }[];
  readonly asked: readonly string[];
  readonly cases: readonly {
    strength: number;
    features: number;
    labels: readonly string[];
    scores: readonly (readonly number[])[];
  }[];
}
const file = path.join(import.meta.dirname, '../../../../golden/data/word-counts.json');
const { rows, asked, cases } = JSON.parse(readFileSync(file, 'utf8')) as Golden;

describe('word counts with logistic regression', () => {
  it('learn the same to the bit where the texts were counted for another column, among others', () => {
    const counts = new TextCounts();
    const other = [...asked.map((text) => ({ text, label: 'asked' })), ...rows.toReversed()];
    trainCounter(other, { strength: 1, counts });
    expect(trainCounter(rows, { strength: 1, counts })).toEqual(trainCounter(rows, { strength: 1 }));
  });

  it.each(cases)('give the figures of scikit-learn at strength $strength', ({ strength, ...wanted }) => {
    const counter = trainCounter(rows, { strength, tolerance: 1e-8 });
    expect(counter.labels).toEqual(wanted.labels);
    expect(counter.features).toHaveLength(wanted.features);
    const scores = countedScores(counter, asked);
    for (const [row, expected] of wanted.scores.entries())
      for (const [label, score] of expected.entries())
        expect(scores[row]![label], `${row}, ${label}`).toBeCloseTo(score, 4);
  });

  it('choose their strength by held-out loss, the same each time', () => {
    const texts = Array.from({ length: 90 }, (_, i) => ({
      text: `${['red', 'green', 'blue'][i % 3]} thing number ${i}`,
      label: ['r', 'g', 'b'][i % 3]!,
    }));
    const counter = trainCounter(texts);
    const said = countedScores(counter, ['a red one', 'so green', 'blue too']).map(
      (scores) => counter.labels[scores.indexOf(Math.max(...scores))],
    );
    expect(said).toEqual(['r', 'g', 'b']);
    expect(trainCounter(texts).weights).toEqual(counter.weights);
  });

  it('say a single label always', () => {
    const counter = trainCounter([{ text: 'one word', label: 'x' }]);
    expect(countedScores(counter, ['one', 'other'])).toEqual([Float64Array.of(0), Float64Array.of(0)]);
  });
});

describe('words', () => {
  it('are those with two letters and the pairs of neighbours; letters of scripts without spaces alone', () => {
    expect(wordsAndPairs('I saw A cat, a CAT')).toEqual(['saw', 'cat', 'cat', 'saw cat', 'cat cat']);
    expect(wordsAndPairs('退款 OK')).toEqual(['退', '款', 'ok', '退 款', '款 ok']);
    expect(wordsAndPairs('…')).toEqual([]);
  });
});

describe('the nearest row', () => {
  it('is the one with the most telling words in common', () => {
    const known = [
      { text: 'the parcel is late', label: 'delivery' },
      { text: 'the bill is wrong', label: 'billing' },
    ];
    expect(nearestLabels(known, ['the bill came twice', 'where is the parcel', 'hello'])).toEqual([
      'billing',
      'delivery',
      'delivery',
    ]);
  });
});
