/** What the engine needs of a tokenizer and of a chat template; implementations load them from files. */
import type { Message } from '../rows/messages.ts';

export interface SpecialTokens {
  readonly bos: number | null;
  readonly eos: number | null;
  readonly pad: number | null;
  readonly unk: number | null;
}

export interface Tokenizer {
  /** Number of ids, special and added tokens included; every id is below it. */
  readonly vocabSize: number;
  readonly special: SpecialTokens;
  /** Ids that end a generated answer (eos, and the end-of-turn token of the chat template where it differs). */
  readonly stopIds: readonly number[];
  /** The chat template, or null for a base model without one. */
  readonly chat: ChatTemplate | null;
  /** Token ids of `text`. Special tokens inside the text are matched; `addSpecial` adds the model's own BOS/EOS. */
  encode(text: string, options?: { addSpecial?: boolean }): number[];
  decode(ids: readonly number[], options?: { skipSpecial?: boolean }): string;
  idOf(token: string): number | undefined;
}

export interface ChatTemplate {
  /** The Jinja source. */
  readonly source: string;
  /** Whether the template has no place for a system message, so that `render` puts its text before the first question. */
  foldsSystem(): boolean;
  /** The conversation as text; `addGenerationPrompt` appends the opening of an assistant turn. */
  render(messages: readonly Message[], options?: { addGenerationPrompt?: boolean }): string;
}

/** A tokenised training row: `labels[i]` is `ids[i]` where the token is trained on and -100 elsewhere. */
export interface EncodedRow {
  readonly ids: number[];
  readonly labels: number[];
}

/** The label of a token that is not trained on. */
export const NOT_TRAINED = -100;
