import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../../../../main/engine/data/tokens/tokenizer/load.ts';
import { pairIds } from '../../../../../main/engine/eval/vectors/pair-texts.ts';
import { Reranker } from '../../../../../main/engine/eval/vectors/reranker.ts';
import { TextVectors } from '../../../../../main/engine/eval/vectors/vectors.ts';
import { openExecutor } from '../../../../../main/engine/exec/registry.ts';
import { TINY_ENCODERS, writeTinyEncoder } from '../../../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';
import { familyFolder } from '../../../../helpers/tokenizer-families.ts';

const FIVE = 'red green blue town river';
const SEVEN = 'stone bread house wind road red green';

/** What Hugging Face's tokenizers give, cutting the longest first; the last number is where the second type begins. */
const BERT: [string, string, number, number[], number][] = [
  [FIVE, SEVEN, 16, [2, 560, 230, 49, 1001, 222, 44, 3, 712, 222, 221, 922, 523, 50, 521, 3], 8],
  [FIVE, SEVEN, 10, [2, 560, 230, 49, 3, 712, 222, 221, 922, 3], 5],
  ['red', SEVEN, 12, [2, 560, 230, 3, 712, 222, 221, 922, 523, 50, 521, 3], 4],
  [SEVEN, 'red', 9, [2, 712, 222, 221, 922, 3, 560, 230, 3], 6],
  ['red', 'blue', 100, [2, 560, 230, 3, 44, 236, 704, 3], 4],
];
const XLM_ROBERTA: [string, string, number, number[]][] = [
  [FIVE, SEVEN, 16, [0, 133, 25, 5, 120, 384, 136, 2, 2, 5, 78, 165, 40, 5, 102, 2]],
  [FIVE, SEVEN, 10, [0, 133, 25, 5, 2, 2, 5, 78, 165, 2]],
  [SEVEN, 'red', 9, [0, 5, 78, 165, 2, 2, 133, 25, 2]],
  ['red', 'blue', 100, [0, 133, 25, 2, 2, 5, 102, 62, 162, 40, 2]],
];

describe('two texts read as one', () => {
  test.each(BERT)('BERT: %s, %s, at most %i', async (first, second, most, ids, from) => {
    const tokenizer = await loadTokenizer(familyFolder('bert'));
    expect(pairIds(tokenizer, { ends: 1, hasTypes: true }, [first, second], most)).toEqual({
      ids,
      second: from,
    });
  });

  test.each(XLM_ROBERTA)('XLM-RoBERTa: %s, %s, at most %i', async (first, second, most, ids) => {
    const tokenizer = await loadTokenizer(familyFolder('xlm_roberta'));
    const found = pairIds(tokenizer, { ends: 2, hasTypes: false }, [first, second], most);
    expect(found).toEqual({ ids, second: ids.length });
  });
});

describe.each(TINY_ENCODERS)('a tiny reranker on %s', (kind) => {
  const scratch = temporaryFolder();
  let vectors: TextVectors;
  beforeAll(async () => {
    const folder = await writeTinyEncoder(path.join(scratch.folder, 'encoder'), kind);
    const executor = await openExecutor('ort', { threads: 1 });
    vectors = await TextVectors.open(folder, executor, path.join(scratch.folder, 'cache'));
  });
  afterAll(async () => {
    await vectors.close();
    scratch.remove();
  });

  const WORDS = ['red', 'green', 'blue', 'town', 'river', 'stone', 'bread'];
  /** Colours answer everything. */
  const pairs = WORDS.flatMap((first) => WORDS.map((second) => [first, second] as const));
  const wanted = pairs.map(([, second]) => (WORDS.indexOf(second) < 3 ? 1 : 0));
  const io = { threads: 1, seed: 1, stop: new AbortController().signal };

  test('learns which passage answers: those score higher than all others, and it repeats to the bit', async () => {
    const learned = async () => {
      const reranker = await Reranker.of(vectors, 1);
      const read = pairs.map((pair) => reranker.pair(vectors, pair));
      const losses: number[] = [];
      await reranker.train(
        read,
        wanted,
        { trains: 'whole', rate: 3e-3, passes: 25, batch: 16 },
        { ...io, onStep: (_, __, loss) => void losses.push(loss) },
      );
      const scores = await reranker.scores(read, io.stop);
      await reranker.release();
      return { scores, losses };
    };
    const { scores, losses } = await learned();
    // before, all pairs are equally likely
    expect(losses[0]).toBeGreaterThan(0.5);
    const of = (right: number) => [...scores].filter((_, i) => wanted[i] === right);
    expect(Math.min(...of(1))).toBeGreaterThan(Math.max(...of(0)));
    expect((await learned()).losses).toEqual(losses);
  });

  test('ends where it is stopped', async () => {
    const reranker = await Reranker.of(vectors, 1);
    const read = pairs.map((pair) => reranker.pair(vectors, pair));
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(reranker.scores(read, stop)).rejects.toThrow('enough');
    const recipe = { trains: 'layers', rate: 1e-3, passes: 1, batch: 16 } as const;
    await expect(reranker.train(read, wanted, recipe, { ...io, stop })).rejects.toThrow('enough');
    await reranker.release();
  });
});
