/** Where the tokens of several answers part: what a model has to be asked to tell how likely each of them is. */

export interface Fork {
  /** Tokens of the answer that lead here. */
  readonly path: readonly number[];
  /** The tokens that can follow, and the answers that go on with each. */
  readonly ways: readonly { readonly token: number; readonly answers: readonly number[] }[];
}

/** The forks of `answers`, each a list of tokens of which none begins another one; shorter paths first. */
export function forksOf(answers: readonly (readonly number[])[]): Fork[] {
  const forks: Fork[] = [];
  const open: { path: readonly number[]; members: readonly number[] }[] = [
    { path: [], members: answers.map((_, i) => i) },
  ];
  for (let here = open.shift(); here; here = open.shift()) {
    const { path, members } = here;
    if (members.length < 2) continue;
    const ways = [...Map.groupBy(members, (i) => answers[i]![path.length] ?? END)].map(([token, group]) => ({
      token,
      answers: group,
    }));
    if (ways.some(({ token }) => token === END)) throw new Error('internal: an answer begins another one');
    if (ways.length > 1) forks.push({ path, ways });
    for (const { token, answers: group } of ways) open.push({ path: [...path, token], members: group });
  }
  return forks;
}

const END = -1;

/**
 * Adds to `scores` [answers] what the logits [V] at a fork say: the log-probability of each way among those that there are. Over all
 * forks the sums are log-probabilities of the answers, as if nothing else could be said.
 */
export function addFork(scores: Float64Array, { ways }: Fork, logits: Float32Array): void {
  const largest = Math.max(...ways.map(({ token }) => logits[token]!));
  const total = ways.reduce((sum, { token }) => sum + Math.exp(logits[token]! - largest), 0);
  for (const { token, answers } of ways)
    for (const answer of answers) scores[answer]! += logits[token]! - largest - Math.log(total);
}
