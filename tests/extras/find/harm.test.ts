import { describe, expect, test } from 'vitest';
import type { TrainedFrom } from '../../../common/extras/find/calls.ts';
import { harmOf } from '../../../renderer/extras/find/harm.ts';

const model = (path: string, trained?: TrainedFrom) => ({
  name: path,
  path,
  bytes: 1,
  ...(trained && { trained }),
});
const MINILM = model('minilm');
const VECTORS = model('vectors', { model: 'minilm', before: 0.55, after: 0.85 });
const reranker = (from: string, before: number | null, after: number | null) =>
  model('reranker', { model: from, before, after });

describe('a warning of a reranker', () => {
  test.each([
    ['none chosen', VECTORS, undefined, null],
    ['it helped in its training', MINILM, reranker('minilm', 0.55, 0.68), null],
    [
      'it did harm in its training',
      MINILM,
      reranker('minilm', 0.55, 0.5),
      { figures: { without: 0.55, using: 0.5 } },
    ],
    ['nothing measured, encoder as it came', MINILM, reranker('minilm', null, null), null],
    ['trained vectors, measured with others', VECTORS, reranker('minilm', 0.55, 0.68), { figures: null }],
    ['trained vectors, nothing measured', VECTORS, reranker('vectors', null, null), { figures: null }],
    ['trained vectors, it helped them', VECTORS, reranker('vectors', 0.85, 0.87), null],
    ['words alone', undefined, reranker('minilm', 0.55, 0.68), null],
  ])('%s', (_, encoder, order, harm) => {
    expect(harmOf(encoder, order)).toEqual(harm);
  });
});
