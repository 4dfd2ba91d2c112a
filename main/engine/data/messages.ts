/** Checks a list of chat messages from a data file: chat templates silently render nonsense from a wrong one. */
import type { AppError } from '../../errors.ts';
import type { Message } from './tokenizer-types.ts';

/** Makes the error for what is wrong at `place` (such as `[2].role`) inside the field that holds the messages. */
export type Complaint = (place: string, expected: string, came: unknown) => AppError;

const ROLES: readonly Message['role'][] = ['system', 'user', 'assistant'];

/**
 * The messages in `value`: a system message at most once and first, then user and assistant in turn, each with text,
 * and at least one answer of the assistant.
 */
export function readMessages(value: unknown, fail: Complaint): Message[] {
  if (!Array.isArray(value) || value.length === 0) throw fail('', 'a list of messages', value);
  const messages = value.map((item, i) => readMessage(item, i, fail));
  const turns = messages[0]!.role === 'system' ? messages.slice(1) : messages;
  const first = messages.length - turns.length;
  for (const [i, { role }] of turns.entries()) {
    const expected = i % 2 === 0 ? 'user' : 'assistant';
    if (role === expected) continue;
    throw fail(
      `[${first + i}].role`,
      `"${expected}" (a system message only first, then user and assistant in turn)`,
      role,
    );
  }
  if (turns.length < 2) throw fail('', 'a conversation with an answer of the assistant', value);
  return messages;
}

function readMessage(item: unknown, index: number, fail: Complaint): Message {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw fail(`[${index}]`, 'an object with "role" and "content"', item);
  }
  const { role, content } = item as Record<string, unknown>;
  const known = ROLES.find((name) => name === role);
  if (known === undefined) throw fail(`[${index}].role`, ROLES.map((name) => `"${name}"`).join(', '), role);
  if (typeof content !== 'string' || content.trim() === '') {
    throw fail(`[${index}].content`, 'text that is not empty', content);
  }
  return { role: known, content };
}
