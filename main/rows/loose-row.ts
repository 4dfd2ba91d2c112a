/**
 * What a record of a data file says before anything is checked. The doctor has to count and repair faults,
 * so a fault must not stop the reading.
 */

import type { About } from './about.ts';
import { type Tool, type ToolCall, writtenCall } from './tool-calls.ts';

/** A call as it stands in the file; its arguments may be anything. */
export interface LooseCall {
  readonly name: string;
  readonly arguments: unknown;
  readonly id?: string;
}

/** One turn as it stands in the file; the role may be wrong, the content empty. */
export interface LooseTurn {
  readonly role: string;
  readonly content: string;
  /** Set where the file has nothing at all in this place, not even an empty text. */
  readonly missing?: true;
  /** What the file calls this text (a field or a column), for errors; chats have none. */
  readonly field?: string;
  /** Tools that the assistant calls. */
  readonly calls?: readonly LooseCall[];
  /** What the assistant thinks before it answers, where the file has it apart from the answer. */
  readonly thinking?: string;
  /** Of a result: the id of its call, and the name of the tool. */
  readonly callId?: string;
  readonly tool?: string;
}

export interface LooseRow {
  /** `completion`: [system,] user, assistant. `text`: one turn of the role `text`. */
  readonly kind: 'chat' | 'completion' | 'text';
  readonly turns: readonly LooseTurn[];
  /** Turns at the start that are never trained on. */
  readonly contextTurns?: number;
  /** What the file calls the list of turns of a chat, for errors; default `messages`. */
  readonly field?: string;
  /** The turns of a worse answer, instead of those after the context; for a completion instead of its answer. */
  readonly rejected?: readonly LooseTurn[];
  /** Whether the answer was found good, where it was rated. */
  readonly rated?: boolean;
  /** Tools that may be called. */
  readonly tools?: readonly Tool[];
  /** What Fettle has written beside the row. */
  readonly about?: About;
}

/** All that a turn says, its calls included, as one text. */
export function turnText({ content, calls = [], thinking }: LooseTurn): string {
  const thought = thinking === undefined ? [] : [`<think>\n${thinking}\n</think>`];
  const said = content === '' ? [] : [content];
  if (thought.length + calls.length === 0) return content;
  return [...thought, ...said, ...calls.map((call) => writtenCall(call as ToolCall))].join('\n');
}

/** Turns that both answers of a row have before them. */
export function sharedTurns({ kind, turns, contextTurns }: LooseRow): readonly LooseTurn[] {
  return turns.slice(
    0,
    kind === 'completion' ? turns.findIndex(({ role }) => role === 'assistant') : contextTurns,
  );
}

/** A row with its place: `where` is what a person finds it by (`rows.jsonl:12`, `book.xlsx, row 12`). */
export interface PlacedRow {
  readonly row: LooseRow;
  readonly where: string;
  /** Counted from 0 over all files, rows that could not be read included. */
  readonly index: number;
  /** The file it is from, its number there from 1 (rows that could not be read included), and what stands there. */
  readonly path: string;
  readonly number: number;
  readonly record: unknown;
  /** Bytes of all files up to the end of this record, for progress. */
  readonly doneBytes: number;
}

/** The object that, as a line of JSON Lines, reads back as the same row. */
export function looseToJson(row: LooseRow): unknown {
  return { ...contentJson(row), ...row.about };
}

function contentJson(row: LooseRow): object {
  const { kind, turns, contextTurns, rejected, rated } = row;
  const toMessages = (all: readonly LooseTurn[]) => all.map(messageJson);
  const tools = row.tools && { tools: row.tools };
  if (rejected || rated !== undefined) {
    const shared = sharedTurns(row);
    const [prompt, answer] = [toMessages(shared), toMessages(turns.slice(shared.length))];
    return rejected
      ? { prompt, chosen: answer, rejected: toMessages(rejected), ...tools }
      : { prompt, completion: answer, label: rated, ...tools };
  }
  const messages = toMessages(turns);
  if (kind === 'text') return { text: turns[0]?.content ?? '' };
  // no context is left where a fix has dropped all of it; a prompt without messages could not be read back
  if (kind === 'chat' && !contextTurns) return { messages, ...tools };
  if (kind === 'chat')
    return { prompt: messages.slice(0, contextTurns), completion: messages.slice(contextTurns), ...tools };
  const content = (role: string) => turns.find((turn) => turn.role === role)?.content;
  const system = content('system');
  const pair = { prompt: content('user') ?? '', completion: content('assistant') ?? '' };
  return system === undefined ? pair : { ...pair, system };
}

/** A message as OpenAI writes it. */
function messageJson({ role, content, calls, thinking, callId, tool }: LooseTurn) {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return {
    role,
    ...(thinking !== undefined && { reasoning_content: thinking }),
    content,
    ...(calls && {
      tool_calls: calls.map(({ id, name, arguments: given }) => ({
        ...(id !== undefined && { id }),
        type: 'function',
        function: { name, arguments: text(given) },
      })),
    }),
    ...(callId !== undefined && { tool_call_id: callId }),
    ...(tool !== undefined && { name: tool }),
  };
}
