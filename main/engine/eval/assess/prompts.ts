/** The prompts of an assessment: plain, and with instructions or examples as someone would write them. */

import { AppError } from '../../../../common/errors.ts';
import { countWords } from '../../../../common/words/unspaced.ts';
import type { Message } from '../../../rows/messages.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import { answeredOf, type TrainingRow } from '../../../rows/schema.ts';
import { type Tool, writtenCall } from '../../../rows/tool-calls.ts';
import { type ThinkingUse, thoughtIn, unthinking } from '../../data/tokens/conversation.ts';
import { encodePrompt } from '../../data/tokens/encode.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { AnsweredText } from '../rivals/answer-parts.ts';
import { labelOf } from './scores.ts';
import { SHORT_WORDS, type Task } from './task.ts';

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

/**
 * The question with `instructions` as system message, after the row's own. Without a template for it they
 * begin the first question.
 */
export function instructedPrompt(
  tokenizer: Tokenizer,
  { turns, tools }: AskedRow,
  instructions: string,
): number[] {
  const own = turns[0]?.role === 'system' ? `${turns[0].content}\n\n` : '';
  const rest = own === '' ? turns : turns.slice(1);
  const system: Message = { role: 'system', content: own + instructions };
  if (tokenizer.chat !== null) {
    try {
      return encodePrompt(tokenizer, [system, ...rest], tools);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
  const [first, ...others] = rest;
  const opening: Message = { role: 'user', content: `${system.content}\n\n${first?.content ?? ''}` };
  return encodePrompt(tokenizer, [opening, ...others], tools);
}

/** The question after `examples` as earlier turns; without a template as texts with empty lines between. */
export function shownByExamples(
  tokenizer: Tokenizer,
  row: AskedRow,
  examples: readonly AskedRow[],
): number[] {
  const isSystem = (turn: Message | undefined) => turn?.role === 'system';
  const own = isSystem(row.turns[0]) ? [row.turns[0]!] : [];
  const turns = examples.flatMap((example): Message[] => [
    ...(isSystem(example.turns[0]) ? example.turns.slice(1) : example.turns),
    { role: 'assistant', content: example.answer },
  ]);
  const question = row.turns.slice(own.length);
  if (tokenizer.chat !== null) return encodePrompt(tokenizer, [...own, ...turns, ...question]);
  const texts = examples.map((example) => plainText(example.turns) + example.answer);
  return encodePrompt(tokenizer, [{ role: 'user', content: [...texts, plainText(row.turns)].join('\n\n') }]);
}

function plainText(turns: readonly Message[]): string {
  return turns.map((turn) => turn.content).join('\n\n');
}

/** What a person would write into the system prompt, from the kind of task and the training answers alone. */
export function instructionsFor(task: Task, answers: readonly string[]): string {
  return INSTRUCTIONS[task.kind](task, answers);
}

const INSTRUCTIONS: Readonly<Record<Task['kind'], (task: Task, answers: readonly string[]) => string>> = {
  label: ({ labels }) =>
    `Answer with exactly one of these labels and with nothing else: ${labels.join(', ')}.`,
  json: (task) =>
    `Answer with one JSON object on one line and with nothing else. Its keys: ${task.fields.map(fieldWords).join('; ')}.`,
  calls: () =>
    'Call the tool that fits, with the arguments that the user gives. Where none fits, answer yourself.',
  short: (_task, answers) =>
    `Answer in at most ${Math.max(...answers.map(countWords).filter((n) => n <= SHORT_WORDS), 1)} words, without any explanation.`,
  free: (_task, answers) => {
    const lengths = answers.map(countWords).sort((a, b) => a - b);
    const at = (share: number) => lengths[Math.floor(share * (lengths.length - 1))] ?? 0;
    const lined = answers.filter((answer) => answer.includes('\n')).length > answers.length / 2;
    return `Give the answer itself, without introduction or comment, in ${at(0.1)} to ${at(0.9)} words${lined ? ', on several lines' : ', as one paragraph'}.`;
  },
  text: () => '',
};

function fieldWords({ name, choice, values, type }: Task['fields'][number]): string {
  const key = JSON.stringify(name);
  if (type === 'yes or no') return `${key} (true or false)`;
  if (choice)
    return `${key} (one of ${values.map((value) => (type === 'text' ? JSON.stringify(value) : value)).join(', ')})`;
  return type === 'mixed' ? key : `${key} (a ${type})`;
}

const MOST_EXAMPLES = 8;

export interface Candidate {
  readonly row: AskedRow;
  /** Tokens of its question and answer. */
  readonly tokens: number;
}

/**
 * Up to eight examples of at most `room` tokens in all, in random order by `seed`, without the longest
 * quarter; labels take turns.
 */
export function chooseExamples(
  task: Task,
  candidates: readonly Candidate[],
  room: number,
  seed: number,
): AskedRow[] {
  const lengths = candidates.map(({ tokens }) => tokens).sort((a, b) => a - b);
  const longest = lengths[Math.ceil(0.75 * (lengths.length - 1))] ?? 0;
  const fitting = shuffled(
    candidates.filter(({ tokens }) => tokens <= longest),
    seed,
  );
  const chosen: Candidate[] = [];
  let left = room;
  for (const candidate of inTurns(task, fitting)) {
    if (chosen.length === MOST_EXAMPLES) break;
    if (candidate.tokens > left) continue;
    chosen.push(candidate);
    left -= candidate.tokens;
  }
  return shuffled(chosen, seed + 1).map(({ row }) => row);
}

/** The candidates so that every label comes once before any comes twice. */
function inTurns(task: Task, candidates: readonly Candidate[]): Candidate[] {
  const byLabel = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const label = task.labels.length > 0 ? (labelOf(task, candidate.row.answer) ?? '') : '';
    byLabel.set(label, [...(byLabel.get(label) ?? []), candidate]);
  }
  const rounds = Math.max(0, ...[...byLabel.values()].map((group) => group.length));
  return Array.from({ length: rounds }, (_, round) =>
    [...byLabel.values()].flatMap((group) => group[round] ?? []),
  ).flat();
}

export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = Uint32Array.from({ length: items.length }, (_, i) => i);
  Rng.fromSeed(streamSeed(seed, 'assess')).shuffle(order);
  return Array.from(order, (i) => items[i]!);
}
