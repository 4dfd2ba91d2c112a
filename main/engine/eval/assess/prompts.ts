/** The prompts of an assessment: plain, and with instructions or examples as someone would write them. */

import { AppError } from '../../../../common/errors.ts';
import type { Message } from '../../../rows/messages.ts';
import { answeredOf, type TrainingRow } from '../../../rows/schema.ts';
import { type Tool, writtenCall } from '../../../rows/tool-calls.ts';
import { type ThinkingUse, thoughtIn, unthinking } from '../../data/tokens/conversation.ts';
import { encodePrompt } from '../../data/tokens/encode.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { AnsweredText } from '../answered-text.ts';

/** A row taken apart: everything before the last answer, and that answer. */
export interface AskedRow {
  readonly turns: readonly Message[];
  /** Without what is thought before it; calls as Hermes writes them. */
  readonly answer: string;
  /** What the model has to say until the answer ends, where it thinks first. */
  readonly thinking?: string;
  /** Tools that may be called. */
  readonly tools?: readonly Tool[];
}

/** The question and the last answer of a row, or the last call of a tool; null for running text. */
export function askedRow(given: TrainingRow, use?: ThinkingUse): AskedRow | null {
  const row = answeredOf(given);
  if (row.kind === 'text') return null;
  if (row.kind === 'completion') {
    const system: Message[] = row.system === undefined ? [] : [{ role: 'system', content: row.system }];
    return {
      turns: [...system, { role: 'user', content: row.prompt }],
      ...replyOf({ role: 'assistant', content: row.completion }, use),
    };
  }
  const { messages, tools } = use === 'leave-out' ? unthinking(row) : row;
  const call = messages.findLastIndex(({ tool_calls: calls }) => calls !== undefined);
  const last = call > 0 ? call : messages.findLastIndex(({ role }) => role === 'assistant');
  if (last < 1) return null;
  return { turns: messages.slice(0, last), ...replyOf(messages[last]!, use), ...(tools && { tools }) };
}

function replyOf(message: Message, use: ThinkingUse | undefined): Pick<AskedRow, 'answer' | 'thinking'> {
  const thought = thoughtIn(message);
  const said = (thought?.answer ?? message.content).trim();
  const calls = (message.tool_calls ?? []).map((call) => writtenCall(call.function));
  const answer =
    calls.length === 0 ? (thought?.answer ?? message.content) : [said, ...calls].join('\n').trim();
  return { answer, ...(thought && use !== 'leave-out' && { thinking: thought.thinking }) };
}

/** The prompt of a row as people read it: what the user said last. */
export function shownPrompt({ turns }: AskedRow): string {
  return turns.at(-1)?.content ?? '';
}

/** A row as simpler ways read it: what was said before the answer. */
export function answeredText({ turns, answer }: AskedRow): AnsweredText {
  const said = turns.filter(({ role }) => role !== 'system').map(({ content }) => content);
  return { text: said.join('\n'), answer };
}

/** Ids of the question as the model meets it in training. */
export function plainPrompt(tokenizer: Tokenizer, { turns, tools }: AskedRow): number[] {
  return encodePrompt(tokenizer, turns, tools);
}

/** What stands around questions: instructions (none where empty), and answered rows as earlier turns. */
export interface WrittenPrompt {
  readonly instructions: string;
  readonly examples: readonly AskedRow[];
}

/** Ids of the question behind `prompt`. */
export function promptedIds(tokenizer: Tokenizer, row: AskedRow, prompt: WrittenPrompt): number[] {
  return encodePrompt(tokenizer, promptedTurns(tokenizer, row, prompt), row.tools);
}

/**
 * The question after instructions, which follow the row's own system message, and examples as earlier turns. Without a template for
 * system messages they begin the first turn; without any all is one text with empty lines between.
 */
export function promptedTurns(
  tokenizer: Tokenizer,
  { turns, tools }: AskedRow,
  { instructions, examples }: WrittenPrompt,
): readonly Message[] {
  if (tokenizer.chat === null) {
    const shown = examples.map((example) => plainText(example.turns) + example.answer);
    const texts = [instructions, ...shown, plainText(turns)].filter((text) => text !== '');
    return [{ role: 'user', content: texts.join('\n\n') }];
  }
  const [own, question] = apart(turns);
  const shown = examples.flatMap((example): Message[] => [
    ...apart(example.turns)[1],
    { role: 'assistant', content: example.answer },
  ]);
  const said = [...shown, ...question];
  const content = [...own.map((turn) => turn.content), instructions]
    .filter((text) => text !== '')
    .join('\n\n');
  if (content === '') return said;
  const whole: Message[] = [{ role: 'system', content }, ...said];
  if (instructions === '') return whole;
  try {
    encodePrompt(tokenizer, whole, tools);
    return whole;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const [first, ...others] = said;
    return [{ role: 'user', content: `${content}\n\n${first?.content ?? ''}` }, ...others];
  }
}

/** The row's own system message, and what is said after it. */
function apart(turns: readonly Message[]): [own: readonly Message[], said: readonly Message[]] {
  const own = turns[0]?.role === 'system' ? 1 : 0;
  return [turns.slice(0, own), turns.slice(own)];
}

function plainText(turns: readonly Message[]): string {
  return turns.map((turn) => turn.content).join('\n\n');
}
