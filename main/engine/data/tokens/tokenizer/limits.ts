/**
 * Limits on what the stages of a tokenizer do to a text: their patterns and replacements come from a file, and a pattern such as `(a+)+$`
 * takes longer than anyone lives.
 */

import type { AppError } from '../../../../../common/errors.ts';
import { say } from '../../../../../common/words/language.ts';
import { isLimit, LimitReached, tooMuch, withinTime } from '../too-much.ts';
import { type AddedToken, badTokenizer, lengthOf, type StageConfig } from './definition.ts';
import { PRESETS } from './presets.ts';

type Stage = StageConfig | null;

/** Real tokenizers have some 3,000 characters of patterns and 30 groups; compiling many more takes long and is not interrupted. */
const MAX_PATTERNS = 5000;
const MAX_GROUPS = 200;
const MILLISECONDS = 2000;
/** Text that even a slow computer cuts in a millisecond. */
const CHARACTERS_PER_MILLISECOND = 1000;

/** The longest tokens in use are runs of one character, some hundreds. */
const MAX_TOKEN_LENGTH = 10_000;
/** Every place of a text is compared with the added tokens, whose characters are the nodes of a tree. */
const MAX_ADDED_LENGTH = 1000;
const MAX_ADDED_CHARACTERS = 4_000_000;

/** The patterns of the families: they're known to pass over any text in time that grows with its length. */
const FAMILIAR: ReadonlySet<string> = new Set(
  [...PRESETS.values()].flatMap((preset) => patternsOf(preset.preTokenizer)),
);

/** Runs what the stages make of a text of `length` characters. */
type Limiter = <T>(length: number, work: () => T) => T;

/**
 * The limiter for some stages. It throws AppError TOO_MUCH, from then on at once, where they take too long or the text grows beyond its
 * limit. Only patterns that no family is known for are timed, because that costs 0.1 ms a text.
 */
export function limiterOf(stages: readonly Stage[], where: string): Limiter {
  const patterns = stages.flatMap(patternsOf);
  const all = patterns.join('');
  if (all.length > MAX_PATTERNS || all.split('(').length > MAX_GROUPS)
    throw badTokenizer(where, 'its patterns are longer than those of any model');
  const isTimed = patterns.some((pattern) => !FAMILIAR.has(pattern));
  let stopped: AppError | null = null;
  return (length, work) => {
    if (stopped !== null) throw stopped;
    try {
      return isTimed
        ? withinTime(MILLISECONDS + Math.ceil(length / CHARACTERS_PER_MILLISECOND), work)
        : work();
    } catch (cause) {
      // The engine refuses patterns that become too large only when they first run.
      const isTooMuch = isTimed
        ? isLimit(cause) || cause instanceof SyntaxError
        : cause instanceof LimitReached;
      if (!isTooMuch) throw cause;
      stopped = tooMuch(say`The tokenizer in ${where}`, { cause });
      throw stopped;
    }
  };
}

/** Throws AppError for tokens whose length alone would take the time or the memory. */
export function checkTokens(
  tokens: readonly (string | undefined)[],
  added: readonly AddedToken[],
  where: string,
): void {
  const texts = added.map((token) => token.content);
  const tooLong =
    tokens.some((token) => token !== undefined && token.length > MAX_TOKEN_LENGTH) ||
    texts.some((text) => text.length > MAX_ADDED_LENGTH);
  if (tooLong || lengthOf(texts) > MAX_ADDED_CHARACTERS)
    throw badTokenizer(where, 'its tokens are longer than those of any model');
}

function patternsOf(stage: unknown): string[] {
  if (typeof stage !== 'object' || stage === null) return [];
  return Object.entries(stage).flatMap(([key, part]) =>
    key === 'Regex' && typeof part === 'string' ? [part] : patternsOf(part),
  );
}
