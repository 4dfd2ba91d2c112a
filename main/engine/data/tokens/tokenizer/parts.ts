/**
 * The common ground of all tokenizer sources: whatever a folder or a GGUF file says is brought into one shape, and
 * from there one function makes the tokenizer with its special tokens, stop ids and chat template.
 */
import type { Message } from '../../rows/messages.ts';
import { createChatTemplate } from '../chat-template.ts';
import type { ChatTemplate, SpecialTokens, Tokenizer } from '../tokenizer-types.ts';
import { addedTokenSplitter } from './added-tokens.ts';
import type { TokenizerDefinition } from './definition.ts';
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
