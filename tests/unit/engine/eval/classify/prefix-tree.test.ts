import { expect, it } from 'vitest';
import { emptyLayout } from '../../../../../main/engine/data/batches/batch.ts';
import { byTokens, PrefixTree } from '../../../../../main/engine/eval/classify/prefix-tree.ts';

it('has what sequences begin with once, and each token sees those before it and no other', () => {
  const sequences = [
    [1, 2, 3],
    [1, 2],
    [1, 2, 4, 5],
    [1, 6],
    [7, 2, 3],
  ].sort(byTokens);
  const tree = new PrefixTree();
  const paths = sequences.map((ids) => tree.add(ids));
  const beginnings = new Set(sequences.flatMap((ids) => ids.map((_, t) => ids.slice(0, t + 1).join())));
  expect(tree.size).toBe(beginnings.size);
  const layout = emptyLayout(2, 16, { continues: true });
  tree.place(layout, 16);
  const { tokens, positions, segments, until } = layout;
  expect([...segments.subarray(0, 16)]).toEqual(new Array(16).fill(-1));
  const seenFrom = (node: number) =>
    [...tokens.keys()].filter((key) => {
      const query = 16 + node;
      const isMet = segments[key]! <= segments[query]! && segments[query]! <= until![key]!;
      return isMet && positions[key]! <= positions[query]!;
    });
  for (const [i, path] of paths.entries())
    expect(seenFrom(path.at(-1)!).map((place) => tokens[place])).toEqual(sequences[i]);
  // and empty places see no token
  expect([...tokens.keys()].filter((key) => segments[key]! <= -1 && until![key]! >= -1)).toHaveLength(
    32 - tree.size,
  );
});
