/**
 * A chat template as fixed texts around each turn. Most templates are that regular, whatever their Jinja looks like: what
 * stands around marked contents is read off, and the result is held against the template on further conversations. It is
 * needed where templates are written in another language, as Ollama's are.
 */

import type { Message } from '../data/rows/messages.ts';
import type { ChatTemplate } from '../data/tokens/tokenizer-types.ts';

/** What a conversation is made of. Texts may be empty. */
export interface Turns {
  /** At the very start, where no system message is given. */
  readonly opening: string;
  readonly beforeSystem: string;
  readonly afterSystem: string;
  readonly beforeUser: string;
  /** After a user's turn, the opening of the answer included. */
  readonly afterUser: string;
  readonly beforeAnswer: string;
  readonly afterAnswer: string;
  /** The system message stands inside the first user's turn, which then has no `beforeUser` of its own (Llama 2). */
  readonly systemInside: boolean;
  /** Whether the template places a system message in longer conversations, too, as these texts do. */
  readonly systemHolds: boolean;
}

const [S, U, A, V] = ['SystemMarkerText', 'UserMarkerText', 'AnswerMarkerText', 'SecondMarkerText'] as const;
const say = (role: Message['role'], content: string): Message => ({ role, content });

/** The turns of `chat`, or null where its template is less regular. `bos` is stripped where the runtime writes it. */
export function turnsOf(chat: ChatTemplate, bos: string): Turns | null {
  const render = (messages: readonly Message[]): string | null => {
    try {
      const text = chat.render(messages, { addGenerationPrompt: true });
      return bos !== '' && text.startsWith(bos) ? text.slice(bos.length) : text;
    } catch {
      return null;
    }
  };
  const turns = readOff(render);
  if (!turns) return null;
  const agrees = (messages: readonly Message[]) => render(messages) === renderTurns(turns, messages);
  const plain = [
    say('user', 'Tell me.'),
    say('assistant', 'No.'),
    say('user', 'Why?'),
    say('assistant', 'So.'),
  ];
  if (!agrees(plain.slice(0, 1)) || !agrees([...plain, say('user', 'Ah.')])) return null;
  const system = say('system', 'Be brief.');
  if (render([system, plain[0]!]) === null) return turns;
  if (!agrees([system, plain[0]!])) return null;
  return { ...turns, systemHolds: agrees([system, ...plain.slice(0, 3)]) };
}

/** What the texts make of `messages`, with the opening of an answer at the end. */
export function renderTurns(turns: Turns, messages: readonly Message[]): string {
  const hasSystem = messages[0]?.role === 'system';
  const parts = messages.map(({ role, content }, i) => {
    if (role === 'system') return turns.beforeSystem + content + turns.afterSystem;
    if (role === 'assistant') return turns.beforeAnswer + content + turns.afterAnswer;
    const inside = turns.systemInside && hasSystem && i === 1;
    return (inside ? '' : turns.beforeUser) + content + turns.afterUser;
  });
  return (hasSystem ? '' : turns.opening) + parts.join('');
}

function readOff(render: (messages: readonly Message[]) => string | null): Turns | null {
  const long = around(render([say('user', U), say('assistant', A), say('user', V)]), [U, A, V]);
  if (!long) return null;
  const [start, toAnswer, toUser, afterUser] = long as [string, string, string, string];
  if (!toAnswer.startsWith(afterUser)) return null;
  const beforeUser = commonEnd(start, toUser);
  const rest = {
    opening: start.slice(0, start.length - beforeUser.length),
    beforeUser,
    afterUser,
    beforeAnswer: toAnswer.slice(afterUser.length),
    afterAnswer: toUser.slice(0, toUser.length - beforeUser.length),
  };
  const guided = around(render([say('system', S), say('user', U)]), [S, U]);
  if (!guided) return { ...rest, beforeSystem: '', afterSystem: '', systemInside: false, systemHolds: true };
  const [beforeSystem, between] = guided as [string, string, string];
  const systemInside = !between.endsWith(beforeUser);
  const afterSystem = systemInside ? between : between.slice(0, between.length - beforeUser.length);
  return { ...rest, beforeSystem, afterSystem, systemInside, systemHolds: true };
}

/** The texts before, between and after the markers; null where one of them is missing or out of order. */
function around(text: string | null, markers: readonly string[]): string[] | null {
  const found: string[] = [];
  let from = 0;
  for (const marker of markers) {
    const at = text?.indexOf(marker, from) ?? -1;
    if (at < 0) return null;
    found.push(text!.slice(from, at));
    from = at + marker.length;
  }
  return [...found, text!.slice(from)];
}

function commonEnd(a: string, b: string): string {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a.at(-1 - length) === b.at(-1 - length)) length++;
  return a.slice(a.length - length);
}
