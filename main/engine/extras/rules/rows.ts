/** The questions that a model practises on, from rows with answers or without. */
import { AppError } from '../../../../common/errors.ts';
import { plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { type LooseRow, turnText } from '../../../rows/loose-row.ts';
import { readingOf, readLooseRows } from '../../../rows/read-rows.ts';
import type { Tool } from '../../../rows/tool-calls.ts';
import type { DataConfig } from '../../config/config.ts';

export interface DrillRowsAsked {
  readonly data: DataConfig;
  readonly most: number;
}

type Role = 'system' | 'user' | 'assistant';

export interface DrillRow {
  readonly turns: readonly { readonly role: Role; readonly content: string }[];
  readonly tools?: readonly Tool[];
  /** The row's own. */
  readonly answer?: string;
}

const MOST_CHARS = 20_000;
const ROLES: Readonly<Record<string, Role>> = {
  system: 'system',
  user: 'user',
  prompt: 'user',
  text: 'user',
  assistant: 'assistant',
};

/** Each question once, in the order of the files. Throws an AppError where there are too many. */
export async function drillRows({ data, most }: DrillRowsAsked, signal: AbortSignal): Promise<DrillRow[]> {
  const found = new Map<string, DrillRow>();
  const reading = { ...readingOf(data), signal, onBadRow: () => {} };
  for await (const { row } of readLooseRows([data.data].flat(), reading)) {
    const one = drillRow(row);
    if (!one) continue;
    const key = JSON.stringify(one.turns);
    if (!found.has(key)) found.set(key, one);
    if (found.size > most)
      throw new AppError(
        'bad-data-rows',
        say`Only ${plural(most, 'row')} can be practised on at once.`,
        say`Choose a file with fewer rows.`,
      );
  }
  return [...found.values()];
}

/** What is said before the last answer; null where nothing is asked. */
function drillRow({ turns, tools }: LooseRow): DrillRow | null {
  const last = turns.findLastIndex(({ role }) => role === 'assistant' || role === 'completion');
  const before = last < 0 ? turns : turns.slice(0, last);
  const asked = before.map(({ role, content }) => ({ role: ROLES[role], content: content.trim() }));
  const isUsable = asked.every(({ role, content }) => role !== undefined && content.length <= MOST_CHARS);
  const question = asked.at(-1);
  if (!isUsable || question?.role !== 'user' || question.content === '') return null;
  const answer = last < 0 ? '' : turnText(turns[last]!).trim();
  return {
    turns: asked as DrillRow['turns'],
    ...(tools && tools.length > 0 && { tools }),
    ...(answer !== '' && { answer }),
  };
}
