/** Prompts for a model to answer, from files of them or from rows: what stands there before the answer. */
import type { ChatTurn } from '../../../common/protocol/protocol.ts';
import { badRow } from '../data/rows/bad-row.ts';
import { nameFit } from '../data/rows/columns.ts';
import { looseTurns, type Message } from '../data/rows/messages.ts';
import { firstRecords } from '../data/rows/read-rows.ts';
import { isFields } from '../data/rows/shapes.ts';
import type { JobIo } from '../load/ready-model.ts';

/** A longer one leaves no room for an answer. */
const MOST_CHARS = 20_000;
const LISTS = ['messages', 'conversations', 'prompt', 'chosen'] as const;
/** Fields that hold no prompt when they are texts. */
const SAID: ReadonlySet<string> = new Set(['messages', 'conversations', 'chosen', 'rejected']);
const ROLES: readonly string[] = ['system', 'user', 'assistant'] satisfies readonly Message['role'][];

interface Asked {
  readonly paths: readonly string[];
  readonly most: number;
}

/** Each prompt once, in the order of the files; what holds none is left out. */
export async function promptsOf(
  { paths, most }: Asked,
  { stop }: Pick<JobIo, 'stop'>,
): Promise<ChatTurn[][]> {
  const found = new Map<string, ChatTurn[]>();
  for (const path of paths) {
    const { records } = await firstRecords([path], most, { signal: stop });
    for (const prompt of records.flatMap(promptsIn)) {
      const isUsable =
        prompt.at(-1)?.role === 'user' && prompt.every(({ content }) => content.length <= MOST_CHARS);
      if (isUsable) found.set(JSON.stringify(prompt), prompt);
    }
  }
  return [...found.values()].slice(0, most);
}

function promptsIn(record: unknown): ChatTurn[][] {
  if (typeof record === 'string') return asked(record);
  if (!isFields(record)) return [];
  const list = LISTS.find((name) => Array.isArray(record[name]));
  if (list !== undefined) return conversation(record[list]);
  const texts = Object.entries(record).filter(
    (field): field is [string, string] => typeof field[1] === 'string' && !SAID.has(field[0]),
  );
  const [question] = texts.toSorted(([a], [b]) => questionFit(b) - questionFit(a));
  if (question === undefined || (texts.length > 1 && questionFit(question[0]) === 0)) return [];
  const [name, text] = question;
  if (name === 'text') return text.split('\n').flatMap(asked);
  const { input } = record;
  const isAlpaca = name === 'instruction' && typeof input === 'string' && input.trim() !== '';
  return asked(isAlpaca ? `${text}\n\n${input}` : text);
}

/** How much a field's name sounds like a question, or else like any text. */
function questionFit(name: string): number {
  return nameFit(name, 'question') || nameFit(name, 'text') / 2;
}

function asked(text: string): ChatTurn[][] {
  return text.trim() === '' ? [] : [[{ role: 'user', content: text.trim() }]];
}

/** A conversation without its last answer. */
function conversation(value: unknown): ChatTurn[][] {
  let turns: ReturnType<typeof looseTurns>;
  try {
    turns = looseTurns(value, () => badRow('', '', ''));
  } catch {
    return [];
  }
  const last = turns.findLastIndex(({ role }) => role === 'user');
  if (last < 0 || turns.some(({ role }) => !ROLES.includes(role))) return [];
  return [turns.slice(0, last + 1).map(({ role, content }) => ({ role: role as ChatTurn['role'], content }))];
}
