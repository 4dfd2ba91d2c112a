import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { headScores, trainHead } from '../../../../../main/engine/eval/rivals/vector-head.ts';

interface Golden {
  readonly labels: readonly string[];
  readonly vectors: readonly (readonly number[])[];
  readonly asked: readonly (readonly number[])[];
  readonly cases: readonly {
    strength: number;
    labels: readonly string[];
    scores: readonly (readonly number[])[];
  }[];
}
const file = path.join(import.meta.dirname, '../../../../golden/data/vector-head.json');
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;
const [vectors, asked] = [golden.vectors, golden.asked].map((rows) =>
  rows.map((row) => Float32Array.from(row)),
) as [Float32Array[], Float32Array[]];

describe('logistic regression on vectors', () => {
  it.each(golden.cases)(
    'gives the figures of scikit-learn at strength $strength',
    ({ strength, ...wanted }) => {
      const head = trainHead(vectors, golden.labels, { strength, tolerance: 1e-8 });
      expect(head.labels).toEqual(wanted.labels);
      const scores = headScores(head, asked);
      for (const [row, expected] of wanted.scores.entries())
        for (const [label, score] of expected.entries())
          expect(scores[row]![label], `${row}, ${label}`).toBeCloseTo(score, 4);
    },
  );

  it('chooses its strength by held-out loss, the same each time', () => {
    const head = trainHead(vectors, golden.labels);
    expect(trainHead(vectors, golden.labels).weights).toEqual(head.weights);
    const strengths = [1, 10, 100, 1000].map((strength) => trainHead(vectors, golden.labels, { strength }));
    expect(strengths.filter(({ weights }) => weights.join() === head.weights.join())).toHaveLength(1);
  });

  it('says a single label of everything', () => {
    const head = trainHead(
      vectors,
      vectors.map(() => 'x'),
    );
    expect(headScores(head, asked)).toEqual(asked.map(() => Float64Array.of(0)));
  });
});
