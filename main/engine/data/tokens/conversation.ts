/**
 * A row's conversation as its model's template shows it: with the tools that may be called, one call a turn where the template takes no
 * more, and refused where it would drop a call or all thinking without a word.
 */
import { AppError } from '../../../../common/errors.ts';
import { MODELS } from '../../../../common/settings/suits.ts';
import { plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import type { Message } from '../../../rows/messages.ts';
import type { Tool } from '../../../rows/tool-calls.ts';
import { type AnswerSpan, renderAround, type Span } from './answer-spans.ts';
import type { ChatTemplate } from './tokenizer-types.ts';
import { toolVariables } from './tool-places.ts';

/** What becomes of thinking: it is learned, stands before the answer and is not learned, or is left out. */
export type ThinkingUse = 'train' | 'keep' | 'leave-out';

export interface Conversation {
  readonly messages: readonly Message[];
  /** Turns at the start that are never trained on; default 0. */
  readonly contextMessages?: number;
  readonly tools?: readonly Tool[];
}

/** A conversation and its text. */
export interface RenderedConversation extends Required<Pick<Conversation, 'messages' | 'contextMessages'>> {
  /** The template, which gets the tools of the conversation whatever it renders. */
  readonly chat: ChatTemplate;
  readonly text: string;
}

/** Throws AppError where the template refuses the conversation or drops calls. */
export function renderConversation(
  template: ChatTemplate,
  { messages, contextMessages = 0, tools }: Conversation,
  addGenerationPrompt = false,
): RenderedConversation {
  const chat = tools ? withTools(template, tools) : template;
  const made = renderedApart(chat, { messages, contextMessages }, addGenerationPrompt);
  if (dropsCalls(chat, made.messages)) throw droppedCalls();
  return { ...made, chat };
}

function withTools(chat: ChatTemplate, tools: readonly Tool[]): ChatTemplate {
  const variables = toolVariables(tools);
  return { ...chat, render: (messages, options) => chat.render(messages, { variables, ...options }) };
}

type Turns = Pick<RenderedConversation, 'messages' | 'contextMessages'>;

/** The text; of a template that refuses several calls a turn with each in a turn of its own. */
function renderedApart(
  chat: ChatTemplate,
  turns: Turns,
  addGenerationPrompt: boolean,
): Turns & { text: string } {
  const render = (messages: readonly Message[]) => chat.render(messages, { addGenerationPrompt });
  try {
    return { ...turns, text: render(turns.messages) };
  } catch (error) {
    const isRefusal = error instanceof AppError && error.code === 'chat-template.refused';
    const several = turns.messages.findIndex(({ tool_calls: calls = [] }) => calls.length > 1);
    if (!isRefusal || several < 0) throw error;
    const apart = oneCallATurn(turns);
    if (apart === null || !accepts(render, apart.messages))
      throw severalCalls(error, several, turns.messages);
    return { ...apart, text: render(apart.messages) };
  }
}

function accepts(render: (messages: readonly Message[]) => string, messages: readonly Message[]): boolean {
  try {
    render(messages);
    return true;
  } catch {
    return false;
  }
}

/** Each call with its result behind it; null where calls of one turn do not all have theirs. */
function oneCallATurn({ messages, contextMessages }: Turns): Turns | null {
  const apart: Message[] = [];
  let context = contextMessages;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    const { tool_calls: calls = [], ...said } = message;
    if (calls.length < 2) {
      apart.push(message);
      continue;
    }
    const results = messages.slice(i + 1, i + 1 + calls.length);
    const found = calls.map(({ id }) =>
      results.find((one) => one.role === 'tool' && one.tool_call_id === id),
    );
    if (found.includes(undefined)) return null;
    const pairs = calls.flatMap((call, j): Message[] => [
      j === 0 ? { ...said, tool_calls: [call] } : { role: 'assistant', content: '', tool_calls: [call] },
      found[j]!,
    ]);
    apart.push(...pairs);
    if (i < contextMessages) context += pairs.length - 1 - calls.length;
    i += calls.length;
  }
  return { messages: apart, contextMessages: context };
}

/** Whether a call is missing in what the template makes of the conversation: all are written with other words and looked for. */
function dropsCalls(chat: ChatTemplate, messages: readonly Message[]): boolean {
  let count = 0;
  const mark = () => `FettleMarker${count++}x`;
  const marked = messages.map((message) => {
    const calls = message.tool_calls?.map((call) => ({
      ...call,
      function: { name: mark(), arguments: { key: mark() } },
    }));
    return calls ? { ...message, tool_calls: calls } : message;
  });
  if (count === 0) return false;
  const text = chat.render(marked);
  return Array.from({ length: count }, (_, i) => `FettleMarker${i}x`).some((one) => !text.includes(one));
}

function droppedCalls(): AppError {
  return new AppError(
    'chat-template.calls',
    say`The chat template of this model leaves calls of tools out.`,
    say`Choose a model whose template shows them, such as ${MODELS.tools[0]!}.`,
  );
}

function severalCalls(cause: unknown, turn: number, messages: readonly Message[]): AppError {
  const calls = plural(messages[turn]!.tool_calls!.length, 'call');
  return new AppError(
    'chat-template.several-calls',
    say`The chat template of this model takes one call a turn, but message ${turn + 1} has ${calls}, not each with a result.`,
    say`Add a result for each call, or choose a model such as ${MODELS.tools[0]!}.`,
    { cause },
  );
}

/** Thinking in an answer: apart from it, or between tags at its start, which `prefix` holds. */
interface Thought {
  readonly thinking: string;
  readonly prefix: string;
  readonly answer: string;
}

const THINKING = /^\s*<think>([\s\S]*?)<\/think>\s*/;

/** Null where nothing is thought. */
export function thoughtIn({
  content,
  reasoning_content: apart,
}: Pick<Message, 'content' | 'reasoning_content'>): Thought | null {
  if (apart !== undefined && apart.trim() !== '') return { thinking: apart, prefix: '', answer: content };
  const [prefix, thinking = ''] = THINKING.exec(content) ?? [''];
  if (thinking.trim() === '') return null;
  return { thinking, prefix, answer: content.slice(prefix.length) };
}

/** The text of an answer in a row, without the thinking between tags at its start. */
export function unthought(content: string): string {
  return content.replace(THINKING, '');
}

/** What a model said, without what it thought before that: a prompt may have begun that, and an answer may end in the middle of it. */
export function withoutThinking(text: string): string {
  const rest = text.slice(text.lastIndexOf('</think>') + 1).replace(/^\/think>\s*/, '');
  return /^\s*<think>/.test(rest) ? '' : rest;
}

/** `row` with what the assistant thinks left out. */
export function unthinking<Row extends Conversation>(row: Row): Row {
  const messages = row.messages.map((message) => {
    const { reasoning_content: _, ...rest } = message;
    return message.role === 'assistant' ? { ...rest, content: unthought(rest.content) } : message;
  });
  return { ...row, messages };
}

/**
 * What of the answers is trained on. An answer whose thinking the template drops is not: its model will be asked to think first. Throws
 * AppError where no thinking is left.
 */
export function trainedSpans(
  { chat, messages, contextMessages, text }: RenderedConversation,
  spans: readonly AnswerSpan[],
  use: ThinkingUse,
): Span[] {
  const taught = spans.filter(({ turn }) => turn >= contextMessages);
  const trained = taught.flatMap((span): Span[] => {
    const thought = thoughtIn(messages[span.turn]!);
    if (thought === null) return [span];
    if (!text.slice(span.start, span.end).includes(thought.thinking.trim())) return [];
    if (use !== 'keep') return [span];
    const { before, isInCall } = renderAround({ chat, messages, text }, span.turn, thought.prefix) ?? {};
    return before !== undefined && !isInCall && text.startsWith(before)
      ? [{ start: before.length, end: span.end }]
      : [];
  });
  if (taught.length === 0 || trained.length > 0) return trained;
  throw new AppError(
    'chat-template.thinking',
    say`The chat template of this model drops the thinking of this row.`,
    say`Leave the thinking out, or choose a model that thinks, such as ${MODELS.think[0]!}.`,
  );
}

/** What tools answered, from the end of a call to the next answer: no model says it. */
export function resultSpans({ messages, text }: RenderedConversation, spans: readonly AnswerSpan[]): Span[] {
  return spans.flatMap(({ turn, end }, i) =>
    messages[turn + 1]?.role === 'tool' ? [{ start: end, end: spans[i + 1]?.start ?? text.length }] : [],
  );
}
