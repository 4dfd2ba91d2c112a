/** Columns that Fettle writes beside a row: where its answer is from, and who confirmed it. They are never a question or an answer. */
import { ABOUT_PREFIX, CONFIRMED, ORIGIN, PERSON, TEACHER, VARIES } from '../../common/settings/rows.ts';
import { isRecord } from '../../common/values.ts';

/** What stands in those columns, by their whole names. */
export type About = Readonly<Record<string, string>>;

/** No value is longer. */
const MOST_CHARS = 500;
const MOST_COLUMNS = 20;

export const isAboutColumn = (name: string): boolean => name.startsWith(ABOUT_PREFIX);

export function aboutOf(record: unknown): About | undefined {
  if (!isRecord(record)) return undefined;
  const own = Object.entries(record).filter(
    ([name, value]) => isAboutColumn(name) && typeof value === 'string' && value !== '',
  );
  if (own.length === 0) return undefined;
  return Object.fromEntries(
    own.slice(0, MOST_COLUMNS).map(([name, value]) => [name, (value as string).slice(0, MOST_CHARS)]),
  );
}

/** Whether nobody but a model says that the answer is right, or a model wrote the text: learned from, and never measured with. */
export function isUnconfirmed({ about }: { readonly about?: About }): boolean {
  return about?.[ORIGIN] === TEACHER && (about[CONFIRMED] !== PERSON || about[VARIES] !== undefined);
}
