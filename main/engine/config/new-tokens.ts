/** What texts may become new tokens, whatever the tokenizer; what it says to them is decided in ../data/tokenizer/new-tokens.ts. */
import type { z } from 'zod';

/** So many tokens may be added, and so many characters may each have. */
const MOST_NEW_TOKENS = 1024;
const LONGEST_NEW_TOKEN = 200;

/** One text, several, or none, as they may be given. */
export type GivenTexts = string | readonly string[] | undefined;

/** The texts in a list; empty where none are given. */
export function listOfTexts(given: GivenTexts): string[] {
  return [given ?? []].flat();
}

/** Adds an issue at `newTokens` for each thing that is wrong with the texts. */
export function checkNewTokens(given: GivenTexts, context: z.RefinementCtx): void {
  for (const message of problemsOf(listOfTexts(given)))
    context.addIssue({ code: 'custom', path: ['newTokens'], message });
}

function problemsOf(texts: readonly string[]): string[] {
  const twice = texts.find((text, i) => texts.indexOf(text) !== i);
  const spaced = texts.find((text) => text.trim() !== text);
  const long = texts.find((text) => text.length > LONGEST_NEW_TOKEN);
  const shown = (text: string) => JSON.stringify(text.slice(0, 60));
  return [
    ...(twice === undefined ? [] : [`{newTokens} has ${shown(twice)} twice`]),
    ...(spaced === undefined
      ? []
      : [`{newTokens} takes texts without white space at their ends; got ${shown(spaced)}`]),
    ...(long === undefined
      ? []
      : [`{newTokens} takes texts of at most ${LONGEST_NEW_TOKEN} characters; got ${long.length}`]),
    ...(texts.length <= MOST_NEW_TOKENS
      ? []
      : [`{newTokens} takes at most ${MOST_NEW_TOKENS} tokens; got ${texts.length}`]),
  ];
}
