/**
 * Finds the assistant's answers in a rendered conversation. A template may trim, move or drop text, so positions are never computed
 * from the contents: variants of the conversation are rendered and compared.
 */

import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Message } from '../rows/messages.ts';
import type { ChatTemplate } from './tokenizer-types.ts';
import { TOO_MUCH } from './too-much.ts';

/** UTF-16 offsets into the rendered text: from the end of the assistant's header to the start of the next turn. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The spans of all assistant turns in `text`, the rendering of `messages`. A span holds the answer, its end-of-turn
 * token (one of `stopTokens`) and what the template writes after it. Throws AppError `chat-template.spans`.
 */
export function findAnswerSpans(
  chat: ChatTemplate,
  messages: readonly Message[],
  text: string,
  stopTokens: readonly string[],
): Span[] {
  const spans: Span[] = [];
  messages.forEach((message, turn) => {
    if (message.role !== 'assistant') return;
    const span = findSpan({ chat, messages, text, stopTokens }, turn);
    if (span === null || span.start < (spans.at(-1)?.end ?? 0)) throw lostSpan(turn);
    spans.push(span);
  });
  return spans;
}

interface Conversation {
  readonly chat: ChatTemplate;
  readonly messages: readonly Message[];
  readonly text: string;
  readonly stopTokens: readonly string[];
}

/** What replacing one answer by a marker shows: the text around the answer's content, and what follows it alone. */
interface Probe {
  readonly before: string;
  readonly after: string;
  /** The text after the answer when the conversation ends there. */
  readonly tail: string;
}

function findSpan(conversation: Conversation, turn: number): Span | null {
  const start = findStart(conversation, turn);
  const end = findEnd(conversation, turn);
  return start === null || end === null || end < start ? null : { start, end };
}

/** The text up to an answer is the prompt with which it would be asked for, or else what stands before its content. */
function findStart(conversation: Conversation, turn: number): number | null {
  const { chat, messages, text } = conversation;
  const prompt = tryRender(chat, messages.slice(0, turn), true);
  if (isPrefix(prompt, text)) return prompt.length;
  const before = probeTurn(conversation, turn)?.before ?? null;
  return isPrefix(before, text) ? before.length : null;
}

function findEnd(conversation: Conversation, turn: number): number | null {
  const { chat, messages, text } = conversation;
  const through = turn === messages.length - 1 ? text : tryRender(chat, messages.slice(0, turn + 1), false);
  const asked = tryRender(chat, messages.slice(0, turn + 1), true);
  // A template that ignores the generation prompt may write the next header always: look closer.
  if (isPrefix(through, text) && through !== asked) return through.length;
  const probe = probeTurn(conversation, turn);
  return probe === null ? null : endByProbe(conversation, probe);
}

function isPrefix(candidate: string | null, text: string): candidate is string {
  return candidate !== null && text.startsWith(candidate);
}

function probeTurn({ chat, messages, text }: Conversation, turn: number): Probe | null {
  let marker = 'FettleAnswerMarker';
  while (text.includes(marker)) marker += 'X';
  const marked = messages.map((message, i) => (i === turn ? { ...message, content: marker } : message));
  const whole = splitOnce(tryRender(chat, marked, false), marker);
  const alone = splitOnce(tryRender(chat, marked.slice(0, turn + 1), false), marker);
  return whole === null || alone === null ? null : { before: whole[0], after: whole[1], tail: alone[1] };
}

function endByProbe({ text, stopTokens }: Conversation, probe: Probe): number | null {
  if (!text.endsWith(probe.after)) return null;
  const contentEnd = text.length - probe.after.length;
  const common = commonPrefix(probe.tail, probe.after);
  const afterStop = cutAfterStop(common, stopTokens);
  if (afterStop !== null) return contentEnd + afterStop;
  return common.length === probe.tail.length ? contentEnd + common.length : null;
}

/** The length of `text` up to its first stop token and the white space after it; null when it holds none. */
function cutAfterStop(text: string, stopTokens: readonly string[]): number | null {
  let best: number | null = null;
  for (const token of stopTokens) {
    const at = token === '' ? -1 : text.indexOf(token);
    if (at >= 0 && (best === null || at + token.length < best)) best = at + token.length;
  }
  if (best === null) return null;
  const space = /^\s*/.exec(text.slice(best))?.[0].length ?? 0;
  return best + space;
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

function splitOnce(text: string | null, marker: string): readonly [string, string] | null {
  if (text === null) return null;
  const at = text.indexOf(marker);
  if (at < 0 || text.includes(marker, at + 1)) return null;
  return [text.slice(0, at), text.slice(at + marker.length)];
}

/** Null where a template rejects a part of a conversation that it accepts as a whole. */
function tryRender(
  chat: ChatTemplate,
  messages: readonly Message[],
  addGenerationPrompt: boolean,
): string | null {
  try {
    return chat.render(messages, { addGenerationPrompt });
  } catch (error) {
    if (error instanceof AppError && error.code === TOO_MUCH) throw error;
    return null;
  }
}

function lostSpan(turn: number): AppError {
  return new AppError(
    'chat-template.spans',
    say`The answer in message ${turn + 1} can't be found in what the model's chat template makes of the row.`,
    say`Train on the whole conversation, or use rows with a question and an answer.`,
  );
}
