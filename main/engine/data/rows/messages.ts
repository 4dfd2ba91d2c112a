/**
 * Lists of chat messages in a data file. Reading takes what is there, in the spellings of several tools; the check
 * comes after it and is strict, because chat templates silently render nonsense from a wrong conversation.
 */
import type { AppError } from '../../../../common/errors.ts';
import type { LooseTurn } from './loose-row.ts';

/** One turn of a conversation. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Makes the error for what is wrong at `place` (such as `[2].role`) inside the field that holds the messages. */
export type Complaint = (place: string, expected: string, came: unknown, hint?: string) => AppError;

const ROLES: readonly Message['role'][] = ['system', 'user', 'assistant'];
const ROLE_NAMES = ROLES.map((name) => `"${name}"`).join(', ');

/** What other tools call the three roles; any other name stays as it is and is refused later. */
const ROLE_SYNONYMS = byWord<Message['role']>({
  system: 'system developer',
  user: 'user human prompter customer',
  assistant: 'assistant gpt chatgpt bot model ai bing bard agent',
});

const TOOL_ROLES = new Set(['tool', 'function', 'observation', 'function_call', 'tool_call', 'ipython']);
const TOOL_HINT =
  'Fettle does not train on tool calls: leave such conversations out (--on-bad-row skip), or write calls and results as texts of the assistant and the user.';

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
  if (!Array.isArray(value) || value.length === 0) throw fail('', 'a list of messages', value);
  return value.map((item, i) => looseTurn(item, i, fail));
}

function looseTurn(item: unknown, index: number, fail: Complaint): LooseTurn {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw fail(`[${index}]`, 'an object with "role" and "content"', item);
  }
  const fields = item as Record<string, unknown>;
  const [roleField, contentField] = messageFields(item) ?? MESSAGE_FIELDS[0]!;
  const role = fields[roleField];
  if (typeof role !== 'string') throw fail(`[${index}].${roleField}`, ROLE_NAMES, role);
  const content = contentText(fields[contentField]);
  if (content === undefined) {
    throw fail(`[${index}].${contentField}`, 'text that is not empty', fields[contentField]);
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
  if (turns.length === 0) throw fail('', 'a list of messages', []);
  const tool = turns.findIndex(({ role }) => TOOL_ROLES.has(role));
  if (tool >= 0) throw fail(`[${tool}].role`, ROLE_NAMES, turns[tool]!.role, TOOL_HINT);
  const messages = turns.map((turn, i) => strictMessage(turn, i, fail));
  const spoken = messages[0]!.role === 'system' ? messages.slice(1) : messages;
  const first = messages.length - spoken.length;
  for (const [i, { role }] of spoken.entries()) {
    const expected = i % 2 === 0 ? 'user' : 'assistant';
    if (role === expected) continue;
    throw fail(
      `[${first + i}].role`,
      `"${expected}" (a system message only first, then user and assistant in turn)`,
      role,
    );
  }
  if (spoken.length < 2) throw fail('', 'a conversation with an answer of the assistant', turns);
  return messages;
}

function strictMessage({ role, content, missing }: LooseTurn, index: number, fail: Complaint): Message {
  const known = ROLES.find((name) => name === role);
  if (known === undefined) throw fail(`[${index}].role`, ROLE_NAMES, role);
  if (content.trim() === '') {
    throw fail(`[${index}].content`, 'text that is not empty', missing ? undefined : content);
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
