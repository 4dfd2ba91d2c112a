/**
 * Lists of chat messages in a data file. Reading takes what is there, in the spellings of several tools; the check
 * comes after it and is strict, because chat templates silently render nonsense from a wrong conversation.
 */

import type { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { LooseTurn } from './loose-row.ts';

/** One turn of a conversation. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Makes the error for what is wrong at `place` (such as `[2].role`) inside the field that holds the messages; `wanted` null: text. */
export type Complaint = (place: string, wanted: string | null, came: unknown, hint?: string) => AppError;

const ROLES: readonly Message['role'][] = ['system', 'user', 'assistant'];
const roleNames = () => say`one of ${ROLES.join(', ')}`;

/** What other tools call the three roles; any other name stays as it is and is refused later. */
const ROLE_SYNONYMS = byWord<Message['role']>({
  system: 'system developer',
  user: 'user human prompter customer',
  assistant: 'assistant gpt chatgpt bot model ai bing bard agent',
});

const TOOL_ROLES = new Set(['tool', 'function', 'observation', 'function_call', 'tool_call', 'ipython']);
const toolHint = () =>
  say`Leave out conversations with tool calls, or write calls and results as normal messages.`;

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
  const role = fields[roleField];
  if (typeof role !== 'string') throw fail(`[${index}].${roleField}`, roleNames(), role);
  const content = contentText(fields[contentField]);
  if (content === undefined) {
    throw fail(`[${index}].${contentField}`, null, fields[contentField]);
  }
  const turn = { role: ROLE_SYNONYMS.get(role.trim().toLowerCase()) ?? role, content };
  return fields[contentField] == null ? { ...turn, missing: true } : turn;
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

/**
 * `turns` as messages: a system message at most once and first, then user and assistant in turn, each with text, and
 * at least one answer of the assistant.
 */
export function strictMessages(turns: readonly LooseTurn[], fail: Complaint): Message[] {
  if (turns.length === 0) throw fail('', say`a list of messages`, []);
  const tool = turns.findIndex(({ role }) => TOOL_ROLES.has(role));
  if (tool >= 0) throw fail(`[${tool}].role`, roleNames(), turns[tool]!.role, toolHint());
  const messages = turns.map((turn, i) => strictMessage(turn, i, fail));
  const spoken = messages[0]!.role === 'system' ? messages.slice(1) : messages;
  const first = messages.length - spoken.length;
  for (const [i, { role }] of spoken.entries()) {
    const expected = i % 2 === 0 ? 'user' : 'assistant';
    if (role === expected) continue;
    const hint = say`A system message may come first, then user and assistant take turns.`;
    throw fail(`[${first + i}].role`, expected, role, hint);
  }
  if (spoken.length < 2) throw fail('', say`a conversation with an answer`, turns);
  return messages;
}

function strictMessage({ role, content, missing }: LooseTurn, index: number, fail: Complaint): Message {
  const known = ROLES.find((name) => name === role);
  if (known === undefined) throw fail(`[${index}].role`, roleNames(), role);
  if (content.trim() === '') {
    throw fail(`[${index}].content`, null, missing ? undefined : content);
  }
  return { role: known, content };
}

/** What each of the words stands for that `table` lists under a meaning. */
export function byWord<Meaning extends string>(
  table: Readonly<Record<Meaning, string>>,
): ReadonlyMap<string, Meaning> {
  const entries = Object.entries<string>(table) as [Meaning, string][];
  return new Map(entries.flatMap(([meaning, words]) => words.split(' ').map((word) => [word, meaning])));
}
