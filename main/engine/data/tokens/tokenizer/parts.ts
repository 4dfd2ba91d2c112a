/**
 * The common ground of all tokenizer sources: whatever a folder or a GGUF file says is brought into one shape, and from there one function
 * makes the tokenizer with its special tokens, stop ids and chat template.
 */

import { AppError } from '../../../../../common/errors.ts';
import { say } from '../../../../../common/words/language.ts';
import type { Message } from '../../../../rows/messages.ts';
import { createChatTemplate } from '../chat-template.ts';
import type { ChatTemplate, SpecialTokens, Tokenizer } from '../tokenizer-types.ts';
import { addedTokenSplitter } from './added-tokens.ts';
import type { AddedToken, TokenizerDefinition } from './definition.ts';
import { createTokenizer } from './tokenizer.ts';

/** Roles that files give to tokens, by their text. */
export type SpecialRole = 'bos' | 'eos' | 'pad' | 'unk';

export interface TokenizerParts {
  readonly definition: TokenizerDefinition;
  readonly special: Readonly<Partial<Record<SpecialRole, string>>>;
  /** Ids that the source names as ending a generation, beside EOS. */
  readonly stopIds: readonly number[];
  /** Jinja source of the chat template. */
  readonly template: string | null;
  /** The file, for errors. */
  readonly where: string;
}

/** Makes the tokenizer. Throws AppError for stages that Fettle does not know. */
export function assembleTokenizer(parts: TokenizerParts): Tokenizer {
  const { definition, special, template, where } = parts;
  const chat = template === null ? null : createChatTemplate(template, templateTokens(special));
  const bare = createTokenizer(definition, { special: NO_SPECIAL, stopIds: [], chat: null }, where);
  const idOf = (role: SpecialRole) =>
    special[role] === undefined ? null : (bare.idOf(special[role]) ?? null);
  const ids: SpecialTokens = { bos: idOf('bos'), eos: idOf('eos'), pad: idOf('pad'), unk: idOf('unk') };
  const stops = [ids.eos, ...parts.stopIds, chat === null ? null : endOfTurn(chat, definition)];
  const stopIds = [...new Set(stops.filter((id) => id !== null && id < bare.vocabSize))] as number[];
  return { ...bare, special: ids, stopIds, chat };
}

const NO_SPECIAL: SpecialTokens = { bos: null, eos: null, pad: null, unk: null };

function templateTokens(special: TokenizerParts['special']): Record<string, string> {
  return Object.fromEntries(Object.entries(special).map(([role, token]) => [`${role}_token`, token]));
}

/** The special token that the template writes right after an answer, which often is not EOS; null when it writes none. */
function endOfTurn(chat: ChatTemplate, definition: TokenizerDefinition): number | null {
  const marker = 'FettleAnswerMarker';
  const turns: Message[] = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: marker },
  ];
  let tail: string;
  try {
    tail = chat.render(turns).split(marker)[1]?.trimStart() ?? '';
  } catch {
    return null; // A broken template speaks up when it is used.
  }
  const special = definition.addedTokens.filter((token) => token.special);
  return addedTokenSplitter(special)(tail)[0]?.id ?? null;
}

// New tokens are added tokens as Transformers' `add_tokens` makes them: found before anything else is done with a text, and shown in
// answers like other text (not "special", which would be left out).

interface GrownTokenizer {
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
  checkRoundTrip(assembleTokenizer(larger), added);
  return { parts: larger, first, pieces };
}

/**
 * Tokenizers of bytes write each byte as a letter, and read the letters of an added token the same way: a word with `é` in it comes back as
 * something else, here as in Transformers.
 */
function checkRoundTrip(tokenizer: Tokenizer, added: readonly AddedToken[]): void {
  const before = tokenizer.encode('a');
  for (const { id, content } of added) {
    const shown = tokenizer.decode([...before, id]);
    if (shown.endsWith(content)) continue;
    throw new AppError(
      'bad-config',
      say`As one token, ${JSON.stringify(content)} would appear in answers as ${JSON.stringify(shown.slice(1))}.`,
      say`Choose a new token without accents and special letters.`,
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
    say`The tokenizer in ${where} leaves out ids: its ids end at ${vocabSize - 1}, and a new token would get the id ${next}.`,
    say`New tokens can't be added to this model.`,
  );
}

function isKnown(text: string, id: number): AppError {
  return new AppError(
    'bad-config',
    say`${JSON.stringify(text)} is already a token of this model, with the id ${id}.`,
    say`Remove it from the new tokens.`,
  );
}

function isNothing(text: string): AppError {
  return new AppError(
    'bad-config',
    say`The tokenizer of this model makes nothing of ${JSON.stringify(text)}.`,
    say`Choose another new token.`,
  );
}
