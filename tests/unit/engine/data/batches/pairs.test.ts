/** Pairs of sequences from the store to the batch: what is kept of them, and that they stay together. */
import { afterAll, describe, expect, it } from 'vitest';
import { materialiseBatch } from '../../../../../main/engine/data/batches/lay-out.ts';
import { planEpoch } from '../../../../../main/engine/data/batches/pack.ts';
import { cutAt, noCuts } from '../../../../../main/engine/data/tokens/dataset.ts';
import { withOtherAnswer, withSharedPrompt } from '../../../../../main/engine/data/tokens/encode.ts';
import { encodedRow, storedRow, wordsOf } from '../../../../../main/engine/data/tokens/token-store.ts';
import { TokenStoreWriter } from '../../../../../main/engine/data/tokens/token-writer.ts';
import type { EncodedRow } from '../../../../../main/engine/data/tokens/tokenizer-types.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** A prompt of `prompt` tokens and an answer of `answer` others. */
function sequence(prompt: number, answer: number, id: number): EncodedRow {
  const ids = Array.from({ length: prompt + answer }, (_, t) => id + t);
  return { ids, labels: ids.map((one, t) => (t < prompt ? -100 : one)) };
}

function pair(prompt: number, chosen: number, rejected: number, id: number): EncodedRow {
  const [first, second] = [sequence(prompt, chosen, id), sequence(prompt, rejected, id)];
  return {
    ids: [...first.ids, ...second.ids],
    labels: [...first.labels, ...second.labels],
    second: first.ids.length,
  };
}

describe('a pair', () => {
  it.each<[string, EncodedRow]>([
    ['of two answers', pair(3, 2, 4, 10)],
    [
      'with labels of the prompt',
      { ...pair(2, 2, 2, 10), labels: [-100, 11, 12, 13, -100, -100, 12, 13], promptEnd: 2 },
    ],
    ['with a prompt that stands there once', withSharedPrompt(pair(5, 2, 3, 7))],
    ['with a bad answer', { ...pair(2, 2, 3, 7), bad: true }],
  ])('%s is the same when it was stored', (_, row) => {
    expect(encodedRow(storedRow(wordsOf(row)))).toEqual(row);
  });

  it('keeps a prompt once, but for the token that predicts the first label', () => {
    const shared = withSharedPrompt(pair(3, 2, 4, 10));
    expect(shared).toMatchObject({
      ids: [10, 11, 12, 13, 14, 12, 13, 14, 15, 16],
      labels: [-100, -100, -100, 13, 14, -100, 13, 14, 15, 16],
      ...{ second: 5, shared: 2 },
    });
    // the limit holds for each sequence with its prompt
    expect([...cutAt(shared, { isText: false }, 5, noCuts())]).toEqual([withSharedPrompt(pair(3, 2, 2, 10))]);
    expect([...cutAt(shared, { isText: false }, 3, noCuts())]).toEqual([]);
    // nothing is shared of a prompt that is learned, that is one token long or another
    const learned = { ...pair(2, 2, 2, 10), labels: [-100, 11, 12, 13, -100, -100, 12, 13], promptEnd: 2 };
    const other = { ...pair(3, 2, 2, 10), ids: [10, 11, 12, 13, 14, 9, 11, 12, 13, 14] };
    for (const row of [learned, pair(1, 2, 2, 10), other]) expect(withSharedPrompt(row)).toBe(row);
  });

  it('keeps a part of both answers at a limit, or is lost', () => {
    const counts = noCuts();
    const cut = (row: EncodedRow, limit: number) => [...cutAt(row, { isText: false }, limit, counts)];
    expect(cut(pair(3, 2, 4, 10), 7)).toEqual([pair(3, 2, 4, 10)]);
    expect(cut(pair(3, 2, 4, 10), 5)).toEqual([pair(3, 2, 2, 10)]);
    expect(counts).toMatchObject({ truncatedRows: 1, lostTokens: 2, lostRows: 0 });
    expect(cut(pair(3, 2, 4, 10), 3)).toEqual([]);
    expect(counts).toMatchObject({ lostRows: 1 });
    expect(cut({ ...pair(3, 2, 1, 10), labels: new Array(9).fill(-100) }, 9)).toEqual([]);
    expect(counts).toMatchObject({ unlabelledRows: 1 });
    // labels of the prompt alone are no answer
    const whole = pair(3, 2, 2, 10);
    const asked = {
      ...whole,
      labels: whole.ids.map((id, t) => (t < 5 ? id : whole.labels[t]!)),
      promptEnd: 3,
    };
    expect(cut(asked, 3)).toEqual([]);
  });

  it.each([
    ['with both prompts', (row: EncodedRow) => row],
    ['with one prompt', withSharedPrompt],
  ])('stays in one micro-batch and one row, each answer for itself, %s', async (_, kept) => {
    const writer = await TokenStoreWriter.create(folder);
    const sizes = [
      [3, 2, 4],
      [2, 5, 1],
      [4, 1, 1],
      [1, 3, 3],
      [6, 2, 7],
    ] as const;
    for (const [i, size] of sizes.entries()) await writer.add(kept(pair(size[0], size[1], size[2], 100 * i)));
    const store = await writer.finish({ contentHash: '', stats: {} as never });
    const { lengths } = store;
    const rows = Uint32Array.from(sizes, (_, i) => i);
    const plan = planEpoch({
      lengths,
      rows,
      rowLength: 32,
      rowsPerBatch: 2,
      seed: 3,
      epoch: 0,
      shuffle: true,
    });
    const seen: number[] = [];
    for (let index = 0; index < plan.batches; index++) {
      const batch = await materialiseBatch(store, plan, index, { labelCapacity: 40, pairCapacity: 6 });
      const { answers, inAnswer, lengths: each, rows: pairs } = batch.pairs!;
      for (const [place, row] of pairs.entries()) {
        const at = (side: 0 | 1) =>
          [...answers.keys()].filter((i) => inAnswer[i] === 1 && answers[i] === 2 * place + side);
        const first = sizes.findIndex((_, i) => 100 * i === (row as unknown as { ids: Int32Array }).ids[0]);
        const [prompt, ...expected] = sizes[first]!;
        seen.push(first);
        for (const side of [0, 1] as const) {
          const labels = at(side);
          expect(labels).toHaveLength(expected[side]!);
          expect(each[2 * place + side]).toBe(expected[side]!);
          expect(labels.map((i) => batch.targets[i])).toEqual(labels.map((_, t) => 100 * first + prompt + t));
          // positions begin again, and what predicts a label is of its own sequence
          expect(labels.map((i) => batch.positions[batch.rows[i]!])).toEqual(
            labels.map((_, t) => prompt + t - 1),
          );
        }
      }
      expect(each.subarray(2 * pairs.length).every((length) => length === 1)).toBe(true);
    }
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4]);
    await store.close();
  });

  it('gives a rated answer its prompt with the answer to another one', () => {
    const [own, other] = [sequence(3, 2, 10), sequence(1, 3, 50)];
    const rated = withOtherAnswer({ ...own, bad: true }, other);
    expect(rated.ids).toEqual([10, 11, 12, 13, 14, 10, 11, 12, 51, 52, 53]);
    expect(rated.labels).toEqual([-100, -100, -100, 13, 14, -100, -100, -100, 51, 52, 53]);
    expect(rated).toMatchObject({ second: 5, bad: true });
  });
});
