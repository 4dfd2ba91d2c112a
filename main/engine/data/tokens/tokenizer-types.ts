/** What the engine needs of a tokenizer and of a chat template; implementations load them from files. */
import type { Skill } from '../../../../common/protocol/protocol.ts';
import type { Message } from '../../../rows/messages.ts';

export interface SpecialTokens {
  readonly bos: number | null;
  readonly eos: number | null;
  readonly pad: number | null;
  readonly unk: number | null;
}

export interface Tokenizer {
  /** Number of ids, special and added tokens included; every id is below it. */
  readonly vocabSize: number;
  /** The most characters that one token stands for. */
  readonly longestToken: number;
  readonly special: SpecialTokens;
  /** Ids that end a generated answer (eos, and the end-of-turn token of the chat template where it differs). */
  readonly stopIds: readonly number[];
  /** The chat template, or null for a base model without one. */
  readonly chat: ChatTemplate | null;
  /**
   * Token ids of `text`. Special tokens inside the text are matched; `addSpecial` adds the model's own BOS/EOS. With `atMost` the text's end
   * is cut, and these stay.
   */
  encode(text: string, options?: { addSpecial?: boolean; atMost?: number }): number[];
  decode(ids: readonly number[], options?: { skipSpecial?: boolean }): string;
  idOf(token: string): number | undefined;
}

export interface ChatTemplate {
  /** The Jinja source. */
  readonly source: string;
  /** Whether the template has no place for a system message, so that `render` puts its text before the first question. */
  foldsSystem(): boolean;
  /** Whether it has no place for tools, so that `render` writes them, their calls and results as text. */
  foldsTools(): boolean;
  /** What it has a place for beside questions and answers. */
  skills(): readonly Skill[];
  /** The conversation as text; `addGenerationPrompt` appends the opening of an assistant turn. */
  render(messages: readonly TemplateMessage[], options?: RenderOptions): string;
}

/** A turn of a conversation, from wherever it comes: the arguments of its calls may be anything. */
export interface TemplateMessage extends Omit<Message, 'tool_calls'> {
  readonly tool_calls?: readonly object[];
}

export interface RenderOptions {
  readonly addGenerationPrompt?: boolean;
  /** Further variables that a template knows, e.g. `tools`, or `enable_thinking` of Qwen3. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A tokenised training row: `labels[i]` is `ids[i]` where the token is trained on and -100 elsewhere. */
export interface EncodedRow {
  readonly ids: number[];
  readonly labels: number[];
  /** Of two sequences one after the other, such as a better and a worse answer: where the second begins. */
  readonly second?: number;
  /** Of two sequences: so many tokens of the first belong to both and stand there once. Default 0. */
  readonly shared?: number;
  /** Labels before it are of the prompt, and no part of the answer. Default 0. */
  readonly promptEnd?: number;
  /** An answer that was rated as bad. */
  readonly bad?: true;
  /** The end of a prompt and the beginning of its answer are one token, which is trained on. */
  readonly joinsBorder?: true;
}

/** The label of a token that is not trained on. */
export const NOT_TRAINED = -100;
