/** How likely the tokens of a text are, in the forms of OpenAI's API. The model reads the text again for it, as it stands. */
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { Score } from './speaker.ts';
import type { Voice } from './speech.ts';

interface Alternative {
  readonly token: string;
  readonly logprob: number;
}

/** A token with its text; the first one of all has no score. */
export interface Scored {
  readonly token: string;
  readonly logprob: number | null;
  readonly top: readonly Alternative[];
}

/** The tokens of `ids` from `from` on, with `top` alternatives each. */
export async function scored(
  { tokenizer, speaker }: Voice,
  ids: readonly number[],
  from: number,
  top: number,
  gone: AbortSignal,
): Promise<readonly Scored[]> {
  const first = Math.max(1, from);
  const scores = ids.length > first ? await speaker.score(ids, first, top, gone) : [];
  const unscored: readonly (Score | null)[] = from === 0 ? [null] : [];
  return [...unscored, ...scores].map((score, i) => {
    const before = ids[from + i - 1];
    return {
      token: textOf(tokenizer, before, ids[from + i]!),
      logprob: score?.logProb ?? null,
      top: (score?.top ?? []).map(({ id, logProb }) => ({
        token: textOf(tokenizer, before, id),
        logprob: logProb,
      })),
    };
  });
}

/** Of an answer that a text has stopped, the tokens that still show. */
export function within(tokens: readonly Scored[], length: number): readonly Scored[] {
  let at = 0;
  return tokens.filter(({ token }) => {
    const begins = at;
    at += token.length;
    return begins < length;
  });
}

/** The text that a token adds: the first of a text may lose its space. */
function textOf(tokenizer: Tokenizer, before: number | undefined, id: number): string {
  const start = before === undefined ? [] : [before];
  return tokenizer.decode([...start, id]).slice(tokenizer.decode(start).length);
}

const bytesOf = (token: string) => (token.includes('\ufffd') ? null : [...Buffer.from(token)]);

export function chatLogProbs(tokens: readonly Scored[]) {
  const content = tokens.map(({ token, logprob, top }) => ({
    token,
    logprob,
    bytes: bytesOf(token),
    top_logprobs: top.map((one) => ({ ...one, bytes: bytesOf(one.token) })),
  }));
  return { content, refusal: null };
}

export function textLogProbs(tokens: readonly Scored[]) {
  let at = 0;
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ token, logprob, top }) =>
      logprob === null
        ? null
        : Object.fromEntries([...top.map((one) => [one.token, one.logprob]), [token, logprob]]),
    ),
    text_offset: tokens.map(({ token }) => {
      at += token.length;
      return at - token.length;
    }),
  };
}
