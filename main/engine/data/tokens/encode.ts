/** Turns training rows into ids and labels. The whole text is tokenised at once; labels are chosen token by token afterwards. */

import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Message } from '../../../rows/messages.ts';
import type { AnsweredRow, ChatRow, CompletionRow, TrainingRow } from '../../../rows/schema.ts';
import { findAnswerSpans, type Span } from './answer-spans.ts';
import { type AskedPrompt, asPrompt, promptEnd, tokenBounds } from './border.ts';
import {
  type Conversation,
  renderConversation,
  resultSpans,
  type ThinkingUse,
  thoughtIn,
  trainedSpans,
  unthinking,
  unthought,
} from './conversation.ts';
import { type EncodedRow, NOT_TRAINED, type Tokenizer } from './tokenizer-types.ts';

/** Which rows an objective wants: a better answer beside a worse one, or answers that are rated. */
export type PairRows = 'better' | 'rated';

/**
 * The `encodeRow` for `buildTokenStore`. With `answers` only what the assistant says is trained on (a completion, the
 * assistant's turns that are not context), with `all` the whole row; plain text is always trained on entirely. Of a better and a
 * worse answer both are encoded where `pairs` asks for them, else the better one. `thinking` says what becomes of that in an answer.
 */
export function rowEncoder(
  tokenizer: Tokenizer,
  trainOn: TrainOn,
  pairs?: PairRows,
  thinking: ThinkingUse = 'train',
): (row: TrainingRow) => EncodedRow {
  const single = (row: AnsweredRow, what: TrainOn) =>
    row.kind === 'chat'
      ? encodeChatRow(tokenizer, row, what, thinking)
      : encodeCompletionRow(tokenizer, row, what, thinking);
  const answered = (row: AnsweredRow): EncodedRow => {
    const encoded = single(row, 'answers');
    if (trainOn === 'answers') return encoded;
    // the prompt's labels count for the better answer's own loss, and for no comparison
    const promptEnd = encoded.labels.findIndex((label) => label >= 0);
    return { ids: encoded.ids, labels: [...encoded.ids], promptEnd };
  };
  return (row) => {
    const wanted = row.kind === 'preference' ? 'better' : row.kind === 'rated' ? 'rated' : undefined;
    if (pairs !== undefined && pairs !== wanted) throw otherRow(pairs);
    switch (row.kind) {
      case 'chat':
      case 'completion':
        return single(row, trainOn);
      case 'text':
        return encodeText(tokenizer, row.text);
      case 'preference': {
        if (!pairs) return single(row.chosen, trainOn);
        const first = answered(row.chosen);
        const second = single(row.rejected, 'answers');
        const ids = [...first.ids, ...second.ids];
        return { ...first, ids, labels: [...first.labels, ...second.labels], second: first.ids.length };
      }
      case 'rated':
        if (!pairs && !row.good) throw otherRow();
        return { ...single(row.answered, 'answers'), ...(!row.good && { bad: true as const }) };
    }
  };
}

/** What is wrong with a row of another kind than the objective learns from. */
function otherRow(wanted?: PairRows): AppError {
  const [message, hint] = {
    better: [
      say`The row has no better and worse answer.`,
      say`Choose rows with “chosen” and “rejected”, or another objective.`,
    ],
    rated: [
      say`The row has no rated answer.`,
      say`Choose rows with “prompt”, “completion” and “label”, or another objective.`,
    ],
    none: [
      say`The answer was rated as bad, and would be learned.`,
      say`Choose the objective kto, or leave such rows out.`,
    ],
  }[wanted ?? 'none'] as [string, string];
  return new AppError('bad-row', message, hint);
}

/**
 * `row` with a second sequence: its prompt with the answer of `other`, which says how far any answer became likelier. Labels of an
 * answer are one run to its end.
 */
export function withOtherAnswer(row: EncodedRow, other: EncodedRow): EncodedRow {
  const start = ({ labels }: EncodedRow) => labels.findIndex((label) => label >= 0);
  const [own, from] = [start(row), start(other)];
  if (own < 0 || from < 0) return row;
  const tail = { ids: other.ids.slice(from), labels: other.labels.slice(from) };
  return {
    ...row,
    ids: [...row.ids, ...row.ids.slice(0, own), ...tail.ids],
    labels: [...row.labels, ...new Array<number>(own).fill(NOT_TRAINED), ...tail.labels],
    second: row.ids.length,
  };
}

/**
 * `row` with the prompt of its two sequences kept once, so that a model computes it once. Each keeps the last token before its labels:
 * what predicts the first of them is its own.
 */
export function withSharedPrompt(row: EncodedRow): EncodedRow {
  const { ids, labels, second } = row;
  if (second === undefined) return row;
  let same = 0;
  const isSame = (t: number) =>
    t < second && ids[t] === ids[second + t] && labels[t]! < 0 && labels[second + t]! < 0;
  while (isSame(same)) same++;
  const shared = same - 1;
  if (shared < 1) return row;
  const once = <T>(all: readonly T[]) => [...all.slice(0, second), ...all.slice(second + shared)];
  return { ...row, ids: once(ids), labels: once(labels), shared };
}

function encodeCompletionRow(
  tokenizer: Tokenizer,
  { prompt, completion, system, unfinished }: CompletionRow,
  trainOn: TrainOn,
  thinking: ThinkingUse,
): EncodedRow {
  const answer = thinking === 'leave-out' ? unthought(completion) : completion;
  const whole = encodePromptCompletion(tokenizer, prompt, answer, {
    ...(system !== undefined && { system }),
    thinking,
  });
  const encoded = unfinished ? withoutEnd(tokenizer, whole) : whole;
  return trainOn === 'all' ? { ids: encoded.ids, labels: [...encoded.ids] } : encoded;
}

/** A row up to the last token that its answer says itself. */
function withoutEnd(tokenizer: Tokenizer, { ids, labels }: EncodedRow): EncodedRow {
  const ends = new Set([...tokenizer.stopIds, tokenizer.special.eos]);
  const length = labels.findLastIndex((label) => label >= 0 && !ends.has(label)) + 1;
  return { ids: ids.slice(0, length), labels: labels.slice(0, length) };
}

function encodeChatRow(
  tokenizer: Tokenizer,
  row: ChatRow,
  trainOn: TrainOn,
  thinking: ThinkingUse,
): EncodedRow {
  const { messages, ...more } = thinking === 'leave-out' ? unthinking(row) : row;
  return encodeChat(tokenizer, messages, { ...more, trainOn, thinking });
}

/** Which part of a conversation is trained on. */
export type TrainOn = 'answers' | 'all';

/**
 * A conversation as a row. With `answers` every assistant turn is trained on that is not context, its end-of-turn token included, and a
 * token that reaches from the prompt into the answer counts as the answer's; what tools answer is never trained on. Throws AppError without
 * a template, where it refuses or loses something, or without an answer.
 */
export function encodeChat(
  tokenizer: Tokenizer,
  messages: readonly Message[],
  options: Omit<Conversation, 'messages'> & { readonly trainOn: TrainOn; readonly thinking?: ThinkingUse },
): EncodedRow {
  const { trainOn, thinking = 'train' } = options;
  const template = requireChat(tokenizer);
  if (trainOn === 'answers' && !messages.some((message) => message.role === 'assistant')) throw noAnswer();
  const conversation = renderConversation(template, { ...options, messages });
  const { chat, text } = conversation;
  const ids = tokenizer.encode(text);
  const isWhole = trainOn === 'all' && !messages.some(({ role }) => role === 'tool');
  if (isWhole) return { ids, labels: [...ids] };
  const spans = findAnswerSpans(chat, conversation.messages, text, stopTokens(tokenizer));
  if (trainOn === 'answers')
    return labelled(tokenizer, text, ids, trainedSpans(conversation, spans, thinking));
  return labelled(tokenizer, text, ids, saidBetween(text, resultSpans(conversation, spans)));
}

/** All of `text` but `results`. */
function saidBetween(text: string, results: readonly Span[]): Span[] {
  const starts = [0, ...results.map(({ end }) => end)];
  const ends = [...results.map(({ start }) => start), text.length];
  return starts.map((start, i) => ({ start, end: ends[i]! }));
}

/** The ids of a conversation that the model is to continue: chat template with generation prompt, or plain text. */
export function encodePrompt(
  tokenizer: Tokenizer,
  messages: readonly Message[],
  tools?: Conversation['tools'],
): number[] {
  return askedPrompt(tokenizer, messages, tools).ids;
}

/** As `encodePrompt`, with the white space at the prompt's end that the answer begins with. */
export function askedPrompt(
  tokenizer: Tokenizer,
  messages: readonly Message[],
  tools?: Conversation['tools'],
): AskedPrompt {
  if (tokenizer.chat !== null)
    return asPrompt(
      tokenizer,
      renderConversation(tokenizer.chat, { messages, ...(tools && { tools }) }, true).text,
    );
  const text = messages.map((message) => message.content).join('\n\n');
  const end = promptEnd(tokenizer, text);
  return { ids: withSpecial(tokenizer, text.slice(0, end)).ids, space: text.slice(end) };
}

/**
 * A prompt and its completion as a row trained on the completion: through the chat template where the model has one,
 * else `prompt + completion` and EOS, with BOS where the tokenizer adds one.
 */
export function encodePromptCompletion(
  tokenizer: Tokenizer,
  prompt: string,
  completion: string,
  options: { readonly system?: string; readonly thinking?: ThinkingUse } = {},
): EncodedRow {
  const { thinking = 'train' } = options;
  const turns: Message[] = options.system === undefined ? [] : [{ role: 'system', content: options.system }];
  turns.push({ role: 'user', content: prompt });
  if (tokenizer.chat !== null) {
    return encodeChat(tokenizer, [...turns, { role: 'assistant', content: completion }], {
      trainOn: 'answers',
      thinking,
    });
  }
  const opening = turns.map((turn) => turn.content).join('\n\n');
  const text = opening + completion;
  const { ids, before } = withSpecial(tokenizer, text);
  const thought = thinking === 'keep' ? (thoughtIn({ content: completion })?.prefix.length ?? 0) : 0;
  const span = { start: opening.length + thought, end: text.length };
  const row = labelled(tokenizer, text, ids.slice(before), [span]);
  const labels = [...new Array<number>(before).fill(NOT_TRAINED), ...row.labels];
  return closeRow(tokenizer, { ...row, ids, labels });
}

/** A plain text as a row: BOS where the tokenizer adds one, the text, EOS; every token is trained on. */
export function encodeText(tokenizer: Tokenizer, text: string): EncodedRow {
  const { ids } = withSpecial(tokenizer, text);
  return closeRow(tokenizer, { ids, labels: [...ids] });
}

/** Ids with the tokenizer's own BOS but no EOS, and the number of ids before the text. BOS is never doubled. */
function withSpecial(tokenizer: Tokenizer, text: string): { ids: number[]; before: number } {
  const plain = tokenizer.encode(text);
  const { bos } = tokenizer.special;
  const adds = bos !== null && tokenizer.encode('a', { addSpecial: true })[0] === bos;
  return adds && plain[0] !== bos ? { ids: [bos, ...plain], before: 1 } : { ids: plain, before: 0 };
}

function closeRow(tokenizer: Tokenizer, row: EncodedRow): EncodedRow {
  const { eos } = tokenizer.special;
  if (eos === null || row.ids.at(-1) === eos) return row;
  return { ...row, ids: [...row.ids, eos], labels: [...row.labels, eos] };
}

/** `ids`, the tokens of `text`, with labels: the id inside a span, which an answer is, -100 outside. */
function labelled(tokenizer: Tokenizer, text: string, ids: number[], spans: readonly Span[]): EncodedRow {
  const starts = spans.map(({ start }, i) =>
    Math.max(promptEnd(tokenizer, text.slice(0, start)), spans[i - 1]?.end ?? 0),
  );
  const cuts = spans.flatMap(({ end }, i) => [
    { at: starts[i]!, begins: true },
    { at: end, begins: false },
  ]);
  const { tokens, joins } = tokenBounds(tokenizer, text, ids, cuts);
  const labels = new Array<number>(ids.length).fill(NOT_TRAINED);
  spans.forEach((_, i) => {
    const [from, to] = [tokens[2 * i] ?? 0, tokens[2 * i + 1] ?? 0];
    for (let t = from; t < to; t++) labels[t] = ids[t] ?? NOT_TRAINED;
  });
  const joinsBorder = joins || starts.some((start, i) => start < spans[i]!.start);
  return { ids, labels, ...(joinsBorder && { joinsBorder: true as const }) };
}

function requireChat(tokenizer: Tokenizer) {
  if (tokenizer.chat !== null) return tokenizer.chat;
  throw new AppError(
    'chat-template.missing',
    say`Your rows are conversations, but this model has no chat template.`,
    say`Choose an instruction-tuned model, or rows with a question and an answer.`,
  );
}

function noAnswer(): AppError {
  return new AppError(
    'data.no-answer',
    say`The conversation has no answer of the assistant.`,
    say`Add an answer, or train on the whole text.`,
  );
}

function stopTokens(tokenizer: Tokenizer): string[] {
  return tokenizer.stopIds.map((id) => tokenizer.decode([id])).filter((token) => token !== '');
}
