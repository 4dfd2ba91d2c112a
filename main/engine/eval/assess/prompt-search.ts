/**
 * A search for the best prompt by successive halving: all are asked a few rows, the better half as many again, until the rows are used up
 * or the time is.
 */

/** Rows of the first round; each one doubles them. */
export const FIRST_ROWS = 8;
/** What four rounds cost, in first rounds: so much of the time is the first one's. */
const ROUNDS_COST = 2.5;

export interface PromptWinner<Prompt> {
  readonly prompt: Prompt;
  /** Prompts that were asked, and rows that the best was compared on. */
  readonly tried: number;
  readonly rows: number;
  readonly seconds: number;
}

interface Entry<Prompt> {
  readonly prompt: Prompt;
  readonly scores: number[];
}

/**
 * The best of `prompts` by the mean of what `score` says of rows, at least one. The first is the usual one, asked in each round: another
 * wins only where it is better on the same rows.
 */
export async function searchPrompt<Prompt>(
  prompts: readonly [Prompt, ...Prompt[]],
  rows: number,
  score: (prompt: Prompt, from: number, to: number) => Promise<readonly number[]>,
  {
    seconds,
    now = () => performance.now() / 1000,
  }: { readonly seconds: number; readonly now?: () => number },
): Promise<PromptWinner<Prompt>> {
  const started = now();
  const entries = prompts.map((prompt): Entry<Prompt> => ({ prompt, scores: [] }));
  const usual = entries[0]!;
  let perRow = 0;
  const ask = async (one: Entry<Prompt>, to: number) => {
    const before = now();
    const from = one.scores.length;
    one.scores.push(...(await score(one.prompt, from, to)));
    // the first call compiles, and tells nothing of the next
    perRow = one === usual && from === 0 ? 0 : (now() - before) / (to - from);
  };
  let left = entries.slice(1);
  let final: { readonly entries: readonly Entry<Prompt>[]; readonly rows: number } = { entries: [], rows: 0 };
  for (let to = Math.min(FIRST_ROWS, rows); ; to = Math.min(2 * to, rows)) {
    const isFirst = final.rows === 0;
    let until = seconds;
    const hasTime = () => now() - started + perRow * (to - final.rows) < until;
    const asked: Entry<Prompt>[] = [];
    if (!isFirst && !hasTime()) break;
    await ask(usual, to);
    const spent = now() - started;
    if (isFirst) until = spent + (seconds - spent) / ROUNDS_COST;
    for (const one of left) {
      if (!hasTime()) break;
      await ask(one, to);
      asked.push(one);
    }
    if (asked.length > 0 || isFirst) final = { entries: asked, rows: to };
    if (asked.length === 0 || to === rows) break;
    left = asked.toSorted((a, b) => mean(b, to) - mean(a, to)).slice(0, Math.ceil(asked.length / 2));
  }
  const best = final.entries.reduce(
    (found, one) => (mean(one, final.rows) > mean(found, final.rows) ? one : found),
    usual,
  );
  const tried = entries.filter(({ scores }) => scores.length > 0).length;
  return { prompt: best.prompt, tried, rows: final.rows, seconds: now() - started };
}

function mean({ scores }: Entry<unknown>, rows: number): number {
  return scores.slice(0, rows).reduce((sum, score) => sum + score, 0) / rows;
}
