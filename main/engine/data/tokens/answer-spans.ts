/**
 * Finds the assistant's answers in a rendered conversation. A template may trim, move or drop text, so positions are never computed
 * from the contents: variants of the conversation are rendered and compared.
 */

import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Message } from '../../../rows/messages.ts';
import type { ChatTemplate } from './tokenizer-types.ts';
import { TOO_MUCH } from './too-much.ts';

/** UTF-16 offsets into the rendered text: from the end of the assistant's header to the start of the next turn. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The span of the answer in message `turn`. */
export interface AnswerSpan extends Span {
  readonly turn: number;
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
): AnswerSpan[] {
  const spans: AnswerSpan[] = [];
  messages.forEach((message, turn) => {
    if (message.role !== 'assistant') return;
    const span = findSpan({ chat, messages, text, stopTokens }, turn);
    if (span === null || span.start < (spans.at(-1)?.end ?? 0)) throw lostSpan(turn);
    spans.push({ ...span, turn });
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
  /** The marker stands for the name of its first call: so much of the call is before it. */
  readonly isInCall?: true;
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
  const probe = renderAround(conversation, turn);
  const before = probe?.before ?? null;
  if (probe?.isInCall) return isPrefix(before, text) ? startBefore(before.length, prompt, text) : null;
  // a template may put a space before words, and none before a call
  const header = messages[turn]!.tool_calls && before !== null ? before.trimEnd() : null;
  return [before, header].find((one) => isPrefix(one, text))?.length ?? null;
}

/** Characters of notation that stand before the name in a call, at most, and of the end of a prompt that tell where it was, at least. */
const MOST_NOTATION = 200;
const LEAST_TAIL = 4;

/** The place before `place` that most looks like the end of `prompt`, whose list of tools may stand elsewhere in `text`. */
function startBefore(place: number, prompt: string | null, text: string): number | null {
  if (prompt === null) return null;
  let best: { readonly at: number; readonly tail: number } | null = null;
  for (let at = place; at >= Math.max(0, place - MOST_NOTATION); at--) {
    let tail = 0;
    while (tail < Math.min(at, prompt.length) && text[at - 1 - tail] === prompt.at(-1 - tail)) tail++;
    if (tail >= LEAST_TAIL && tail > (best?.tail ?? 0)) best = { at, tail };
  }
  return best?.at ?? null;
}

function findEnd(conversation: Conversation, turn: number): number | null {
  const { chat, messages, text } = conversation;
  const through = turn === messages.length - 1 ? text : tryRender(chat, messages.slice(0, turn + 1), false);
  const asked = tryRender(chat, messages.slice(0, turn + 1), true);
  // A template that ignores the generation prompt may write the next header always: look closer.
  if (isPrefix(through, text) && through !== asked) return through.length;
  const probe = renderAround(conversation, turn);
  const end = probe && endByProbe(conversation, probe);
  // Gemma 4 has calls, results and the answer in one turn: between them nobody is asked for anything
  return end ?? (messages[turn]!.tool_calls && isPrefix(through, text) ? through.length : null);
}

function isPrefix(candidate: string | null, text: string): candidate is string {
  return candidate !== null && text.startsWith(candidate);
}

/** What replacing the answer in message `turn` by `prefix` and a marker shows; null where the template does not show it once. */
export function renderAround(
  { chat, messages, text }: Omit<Conversation, 'stopTokens'>,
  turn: number,
  prefix = '',
): Probe | null {
  let marker = 'FettleAnswerMarker';
  while (text.includes(marker)) marker += 'X';
  const probeWith = (replaced: Message): Probe | null => {
    const marked = messages.map((message, i) => (i === turn ? replaced : message));
    const whole = splitOnce(tryRender(chat, marked, false), marker);
    const alone = splitOnce(tryRender(chat, marked.slice(0, turn + 1), false), marker);
    return whole === null || alone === null ? null : { before: whole[0], after: whole[1], tail: alone[1] };
  };
  const { tool_calls: calls, ...message } = messages[turn]!;
  const content = prefix + marker;
  const [call, ...others] = calls ?? [];
  const found = probeWith({ ...messages[turn]!, content });
  if (found !== null || call === undefined) return found;
  // beside a call some templates show no words, and some take no words where a result follows
  const named = { ...call, function: { ...call.function, name: marker } };
  const inCall = probeWith({ ...messages[turn]!, tool_calls: [named, ...others] });
  return probeWith({ ...message, content }) ?? (inCall && { ...inCall, isInCall: true });
}

function endByProbe({ text, stopTokens }: Conversation, probe: Probe): number | null {
  // between words and a call there may be space that a call alone has not
  const isSame = text.endsWith(probe.after);
  const [tail, after] = isSame
    ? [probe.tail, probe.after]
    : [probe.tail.trimStart(), probe.after.trimStart()];
  if (!text.endsWith(after)) return null;
  const contentEnd = text.length - after.length;
  const common = commonPrefix(tail, after);
  const afterStop = cutAfterStop(common, stopTokens);
  if (afterStop !== null) return contentEnd + afterStop;
  return common.length === tail.length ? contentEnd + common.length : null;
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
