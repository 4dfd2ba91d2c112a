/**
 * Texts that a tokenizer is to know as one token each. They are added tokens as Transformers' `add_tokens` makes them: found in a text
 * before anything else is done with it, wherever they stand, and shown in answers like other text (not "special", which would be left out).
 */
import { AppError } from '../../../../../common/errors.ts';
import type { Tokenizer } from '../tokenizer-types.ts';
import type { AddedToken, TokenizerDefinition } from './definition.ts';
import { assembleTokenizer, type TokenizerParts } from './parts.ts';

export interface GrownTokenizer {
  readonly parts: TokenizerParts;
  /** The id of the first new token; the others follow. */
  readonly first: number;
  /** The ids that each text was split into before. */
  readonly pieces: readonly (readonly number[])[];
}

/** `parts` with `texts` as new tokens. Throws `AppError('bad-config')` for one that is a token already, or that nothing is left of. */
export function withNewTokens(parts: TokenizerParts, texts: readonly string[]): GrownTokenizer {
  const before = assembleTokenizer(parts);
  const first = nextId(parts, before.vocabSize);
  const pieces = texts.map((text) => before.encode(text));
  for (const [i, text] of texts.entries()) {
    const known = before.idOf(text) ?? (pieces[i]!.length === 1 ? pieces[i]![0] : undefined);
    if (known !== undefined) throw isKnown(text, known);
    if (pieces[i]!.length === 0) throw isNothing(text);
  }
  const added = texts.map((content, i): AddedToken => {
    const flags = { singleWord: false, lstrip: false, rstrip: false, normalized: false, special: false };
    return { id: first + i, content, ...flags };
  });
  const definition = { ...parts.definition, addedTokens: [...parts.definition.addedTokens, ...added] };
  const larger = { ...parts, definition };
  checkWayBack(assembleTokenizer(larger), added);
  return { parts: larger, first, pieces };
}

/**
 * Tokenizers of bytes write each byte as a letter, and read the letters of an added token the same way: a word with `é` in it comes back
 * as something else, here as in Transformers.
 */
function checkWayBack(tokenizer: Tokenizer, added: readonly AddedToken[]): void {
  const before = tokenizer.encode('a');
  for (const { id, content } of added) {
    const shown = tokenizer.decode([...before, id]);
    if (shown.endsWith(content)) continue;
    throw new AppError(
      'bad-config',
      `As one token, ${JSON.stringify(content)} would be shown in answers as ${JSON.stringify(shown.slice(1))}: this tokenizer has no other way back.`,
      'Give a text without accents and other special letters with --new-token.',
    );
  }
}

/** The id that the tokenizers library gives to the next added token; where ids have holes it would be one that is taken, or another than here. */
function nextId({ definition, where }: TokenizerParts, vocabSize: number): number {
  const { model, addedTokens }: TokenizerDefinition = definition;
  const count = model.tokens.filter((token) => token !== undefined).length;
  const last = Math.max(-1, ...addedTokens.map(({ id }) => id));
  const next = last >= count ? last + 1 : count;
  if (next === vocabSize) return next;
  throw new AppError(
    'tokenizer.unsupported',
    `The tokenizer in ${where} leaves out ids: its ids end at ${vocabSize - 1}, and a new token would get the id ${next}.`,
    'New tokens cannot be added to it. Leave out --new-token.',
  );
}

function isKnown(text: string, id: number): AppError {
  return new AppError(
    'bad-config',
    `${JSON.stringify(text)} is a token of this model already, with the id ${id}.`,
    'There is nothing to add: leave it out of --new-token.',
  );
}

function isNothing(text: string): AppError {
  return new AppError(
    'bad-config',
    `The tokenizer of this model makes nothing of ${JSON.stringify(text)}.`,
    'Give another text with --new-token.',
  );
}
