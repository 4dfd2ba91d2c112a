/**
 * Lists of chat messages in a data file. Reading takes what is there, in the spellings of several tools; the check
 * comes after it and is strict, because chat templates silently render nonsense from a wrong conversation.
 */

import type { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import type { LooseCall, LooseTurn } from './loose-row.ts';
import type { MessageCall } from './tool-calls.ts';
import { CALL_ROLES, callId, callsOf, RESULT_ROLES, resultText, writtenCalls } from './tools.ts';

/** One turn of a conversation, with the names that chat templates know. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /** What the assistant thinks before it answers. */
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly MessageCall[];
  /** Of a result: the id of its call, and the name of the tool. */
  readonly tool_call_id?: string;
  readonly name?: string;
}

/** Makes the error for what is wrong at `place` (such as `[2].role`) inside the field that holds the messages; `wanted` null: text. */
export type Complaint = (place: string, wanted: string | null, came: unknown, hint?: string) => AppError;

const ROLES: readonly Message['role'][] = ['system', 'user', 'assistant', 'tool'];
const roleNames = () => say`one of ${ROLES.join(marks().comma)}`;

/** What other tools call the roles; any other name stays as it is and is refused later. */
const ROLE_SYNONYMS = byWord<Message['role']>({
  system: 'system developer',
  user: 'user human prompter customer',
  assistant: ['assistant gpt chatgpt bot model ai bing bard agent', ...CALL_ROLES].join(' '),
  tool: [...RESULT_ROLES].join(' '),
});

/** Fields that hold what the assistant thinks. */
const THINKING_FIELDS = ['reasoning_content', 'reasoning', 'thinking'];

/** Fields of a message, by convention: OpenAI, ShareGPT, and spellings of those. */
const MESSAGE_FIELDS: readonly (readonly [role: string, content: string])[] = [
  ['role', 'content'],
  ['from', 'value'],
  ['role', 'value'],
  ['from', 'content'],
  ['role', 'text'],
  ['speaker', 'text'],
];

/** The fields that hold role and text in `item`, or undefined where it is no message. */
export function messageFields(item: unknown): readonly [role: string, content: string] | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  return MESSAGE_FIELDS.find(([role, content]) => Object.hasOwn(item, role) && Object.hasOwn(item, content));
}

/** The turns in `value`, a list of messages whose roles and texts may be wrong, but are texts. */
export function looseTurns(value: unknown, fail: Complaint): LooseTurn[] {
  if (!Array.isArray(value) || value.length === 0) throw fail('', say`a list of messages`, value);
  return value.map((item, i) => looseTurn(item, i, fail));
}

function looseTurn(item: unknown, index: number, fail: Complaint): LooseTurn {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw fail(`[${index}]`, say`an object with role and content`, item);
  }
  const fields = item as Record<string, unknown>;
  const [roleField, contentField] = messageFields(item) ?? MESSAGE_FIELDS[0]!;
  const named = fields[roleField];
  if (typeof named !== 'string') throw fail(`[${index}].${roleField}`, roleNames(), named);
  const name = named.trim().toLowerCase();
  const role = ROLE_SYNONYMS.get(name) ?? named;
  const value = fields[contentField];
  const content = contentText(value) ?? (role === 'tool' ? resultText(value) : undefined);
  if (content === undefined) throw fail(`[${index}].${contentField}`, null, value);
  if (CALL_ROLES.has(name)) return { role, content: '', calls: writtenCalls(content) };
  const thinking = THINKING_FIELDS.map((field) => fields[field]).find(isText);
  const calls = callsOf(fields);
  const [of, tool] = [fields.tool_call_id, fields.name];
  return {
    role,
    content,
    ...(role === 'assistant' && calls && { calls }),
    ...(role === 'assistant' && thinking !== undefined && { thinking }),
    ...(role === 'tool' && isText(of) && { callId: of }),
    ...(role === 'tool' && isText(tool) && { tool }),
    ...(value == null && { missing: true }),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** The text of a message: itself, or its parts of the type `text`; undefined for what holds anything else. */
function contentText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (!Array.isArray(value)) return undefined;
  const parts = value.map((part: unknown) => {
    const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown };
    return type === 'text' && typeof text === 'string' ? text : undefined;
  });
  return parts.includes(undefined) ? undefined : parts.join('');
}

/** Who may speak after `before`: user and assistant take turns, and a call is followed by its results. */
export function nextRole(before: Pick<LooseTurn, 'role' | 'calls'> | undefined): readonly string[] {
  if (before?.role === 'user') return ['assistant'];
  if (before?.role === 'tool') return ['assistant', 'tool'];
  return before?.calls ? ['tool'] : ['user'];
}

/**
 * `turns` as messages: a system message at most once and first, then user and assistant in turn, each with text, results after the
 * calls of tools, and at least one answer of the assistant.
 */
export function strictMessages(turns: readonly LooseTurn[], fail: Complaint): Message[] {
  if (turns.length === 0) throw fail('', say`a list of messages`, []);
  const messages = turns.map((turn, i) => strictMessage(turn, i, fail));
  const first = messages[0]!.role === 'system' ? 1 : 0;
  for (let i = first; i < turns.length; i++) {
    const { role } = turns[i]!;
    const expected = nextRole(i === first ? undefined : turns[i - 1]);
    if (expected.includes(role)) continue;
    const hint =
      expected.includes('tool') || role === 'tool'
        ? say`Calls of tools are followed by their results, then the assistant goes on.`
        : say`A system message may come first, then user and assistant take turns.`;
    throw fail(`[${i}].role`, expected[0]!, role, hint);
  }
  if (messages.length - first < 2) throw fail('', say`a conversation with an answer`, turns);
  return withCallIds(messages, turns);
}

function strictMessage(turn: LooseTurn, index: number, fail: Complaint): Message {
  const { role, content, missing, calls, thinking, tool } = turn;
  const known = ROLES.find((name) => name === role);
  if (known === undefined) throw fail(`[${index}].role`, roleNames(), role);
  if (content.trim() === '' && !calls && role !== 'tool') {
    throw fail(`[${index}].content`, null, missing ? undefined : content);
  }
  return {
    role: known,
    content,
    ...(thinking !== undefined && { reasoning_content: thinking }),
    ...(calls && {
      tool_calls: calls.map((call, i) => strictCall(call, `[${index}].tool_calls[${i}]`, fail)),
    }),
    ...(tool !== undefined && { name: tool }),
  };
}

function strictCall({ name, arguments: given }: LooseCall, place: string, fail: Complaint): MessageCall {
  if (name === '') throw fail(`${place}.name`, null, typeof given === 'string' ? given : undefined);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw fail(`${place}.arguments`, say`a JSON object`, given);
  return { type: 'function', id: '', function: { name, arguments: given as Record<string, unknown> } };
}

/** Gives each call an id and each result that of its call, in their order where the file names none. */
function withCallIds(messages: readonly Message[], turns: readonly LooseTurn[]): Message[] {
  let number = 0;
  let open: { readonly given: string | undefined; readonly id: string; readonly name: string }[] = [];
  return messages.map((message, i) => {
    const { tool_calls: calls } = message;
    if (calls) {
      open = calls.map((call, j) => {
        const given = turns[i]!.calls![j]!.id;
        return { given, id: callId(given, number++), name: call.function.name };
      });
      return { ...message, tool_calls: calls.map((call, j) => ({ ...call, id: open[j]!.id })) };
    }
    if (message.role !== 'tool') return message;
    const { callId: of } = turns[i]!;
    const call = (of !== undefined && open.find(({ given }) => given === of)) || open[0];
    if (!call) return message;
    open = open.length > 1 ? open.filter((one) => one !== call) : open;
    return { ...message, tool_call_id: call.id, name: message.name ?? call.name };
  });
}

/** What each of the words stands for that `table` lists under a meaning. */
export function byWord<Meaning extends string>(
  table: Readonly<Record<Meaning, string>>,
): ReadonlyMap<string, Meaning> {
  const entries = Object.entries<string>(table) as [Meaning, string][];
  return new Map(entries.flatMap(([meaning, words]) => words.split(' ').map((word) => [word, meaning])));
}
