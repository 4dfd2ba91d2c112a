/** The kinds of training row that the engine knows, and the check that makes one of a row in a file: what passes can be trained on. */
import { UNFINISHED } from '../../common/settings/rows.ts';
import { say } from '../../common/words/language.ts';
import { badRow, noText } from './bad-row.ts';
import { type LooseRow, type LooseTurn, sharedTurns } from './loose-row.ts';
import { type Message, strictMessages } from './messages.ts';
import { complaint, looseRow, shapesHint } from './shapes.ts';
import type { Tool } from './tool-calls.ts';

/** A conversation; the first `contextMessages` (default 0) of its turns are never trained on. */
export interface ChatRow {
  readonly kind: 'chat';
  readonly messages: readonly Message[];
  readonly contextMessages?: number;
  /** Tools that may be called. */
  readonly tools?: readonly Tool[];
}

/** A question and its answer, as plain texts. */
export interface CompletionRow {
  readonly kind: 'completion';
  readonly prompt: string;
  readonly completion: string;
  readonly system?: string;
  /** The answer goes on where the row stops: its end is not learned. */
  readonly unfinished?: true;
}

/** Running text, all of which is trained on. */
export interface TextRow {
  readonly kind: 'text';
  readonly text: string;
}

/** A row with a question and an answer to it. */
export type AnsweredRow = ChatRow | CompletionRow;

/** A better and a worse answer to the same question. */
export interface PreferenceRow {
  readonly kind: 'preference';
  readonly chosen: AnsweredRow;
  readonly rejected: AnsweredRow;
}

/** An answer that somebody found good or bad. */
interface RatedRow {
  readonly kind: 'rated';
  readonly answered: AnsweredRow;
  readonly good: boolean;
}

export type TrainingRow = AnsweredRow | TextRow | PreferenceRow | RatedRow;

/** The row itself, or what is to be said in it: of two answers the better one. */
export function answeredOf(row: TrainingRow): AnsweredRow | TextRow {
  if (row.kind === 'preference') return row.chosen;
  return row.kind === 'rated' ? row.answered : row;
}

/** Whether a row has instructions (a system message) beside its question. */
export function hasInstructions(row: TrainingRow): boolean {
  if (row.kind === 'chat') return row.messages[0]?.role === 'system';
  return row.kind === 'completion' && row.system !== undefined;
}

/** Whether a row has tools that may be called. */
export function hasTools(row: TrainingRow): boolean {
  const answered = answeredOf(row);
  return answered.kind === 'chat' && answered.tools !== undefined;
}

/** The content of a row in one spelling, whatever its spacing, order of fields and extra fields in the file. */
export function canonicalText(row: TrainingRow): string {
  switch (row.kind) {
    case 'chat': {
      const turns = row.messages.flatMap(({ role, content, ...more }) =>
        Object.keys(more).length === 0 ? [role, content] : [role, content, more],
      );
      return JSON.stringify(['chat', row.contextMessages ?? 0, ...turns, ...(row.tools ? [row.tools] : [])]);
    }
    case 'completion':
      return JSON.stringify([
        ...['completion', row.prompt, row.completion, row.system ?? null],
        ...(row.unfinished ? ['unfinished'] : []),
      ]);
    case 'text':
      return JSON.stringify(['text', row.text]);
    case 'preference':
      return JSON.stringify(['preference', canonicalText(row.chosen), canonicalText(row.rejected)]);
    case 'rated':
      return JSON.stringify(['rated', row.good, canonicalText(row.answered)]);
  }
}

/** The training row in the parsed JSON `value`; `where` (file:line) begins the message of the `bad-row` error. */
export function parseRow(value: unknown, where: string): TrainingRow {
  return strictRow(looseRow(value, where), where);
}

/**
 * `loose` as a row to train on. Throws `AppError('bad-row')` where a text is empty, a role is unknown, turns do not alternate, or there is
 * no answer; `where` begins its message.
 */
export function strictRow(loose: LooseRow, where: string): TrainingRow {
  const { rejected, rated, ...row } = loose;
  if (rejected) {
    const other = { ...row, turns: [...sharedTurns(row), ...rejected] };
    return { kind: 'preference', chosen: strictAnswered(row, where), rejected: strictAnswered(other, where) };
  }
  return rated === undefined
    ? strictSingle(row, where)
    : { kind: 'rated', answered: strictAnswered(row, where), good: rated };
}

function strictAnswered(loose: LooseRow, where: string): AnsweredRow {
  return loose.kind === 'chat' ? strictChat(loose, where) : strictCompletion(loose, where);
}

function strictSingle(loose: LooseRow, where: string): TrainingRow {
  switch (loose.kind) {
    case 'chat':
      return strictChat(loose, where);
    case 'completion':
      return strictCompletion(loose, where);
    case 'text':
      return { kind: 'text', text: requireText(loose.turns[0], 'text', where) };
  }
}

function strictChat(row: LooseRow, where: string): ChatRow {
  const { turns, contextTurns, field = 'messages', tools } = row;
  const messages = strictMessages(turns, complaint(where, field));
  const chat = { kind: 'chat' as const, messages, ...(tools && { tools }) };
  if (contextTurns === undefined) return chat;
  if (!messages.slice(contextTurns).some((message) => message.role === 'assistant')) {
    throw badRow(where, say`“completion” has no message of the assistant.`, shapesHint());
  }
  return { ...chat, contextMessages: contextTurns };
}

function strictCompletion({ turns, about }: LooseRow, where: string): CompletionRow {
  const of = (role: string) => turns.find((turn) => turn.role === role);
  const system = of('system')?.content ?? '';
  return {
    kind: 'completion',
    prompt: requireText(of('user'), 'prompt', where),
    completion: requireText(of('assistant'), 'completion', where),
    ...(system.trim() === '' ? {} : { system }),
    ...(about?.[UNFINISHED] === 'yes' && { unfinished: true }),
  };
}

function requireText(turn: LooseTurn | undefined, name: string, where: string): string {
  if (turn !== undefined && turn.content.trim() !== '') return turn.content;
  const came = turn === undefined || turn.missing ? undefined : turn.content;
  const field = turn?.field ?? name;
  throw badRow(where, noText(field, came), shapesHint());
}
