/**
 * SentencePiece files store a score for every token instead of merges. Merging the pair whose result scores highest is
 * byte-pair encoding with the pairs in order of that score, so the merges are written out once, in the order of the
 * tokenizer.json files that were converted from such models: by score of the result, then its id, then ids of the parts.
 */

/** All splits of tokens into two other tokens, in the order in which they are to be merged. */
export function mergesFromScores(tokens: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map<string, number>();
  tokens.forEach((token, id) => {
    if (!ids.has(token)) ids.set(token, id);
  });
  const byScore = [...ids].sort(([, a], [, b]) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  return byScore.flatMap(([token]) => splits(token, ids));
}

/** The splits of one token whose halves are tokens, in order of their ids. */
function splits(token: string, ids: ReadonlyMap<string, number>): [string, string][] {
  const found: { pair: [string, string]; left: number; right: number }[] = [];
  let at = 0;
  for (const char of token) {
    at += char.length;
    const pair: [string, string] = [token.slice(0, at), token.slice(at)];
    const [left, right] = [ids.get(pair[0]), ids.get(pair[1])];
    if (left !== undefined && right !== undefined) found.push({ pair, left, right });
  }
  return found.sort((a, b) => a.left - b.left || a.right - b.right).map(({ pair }) => pair);
}
