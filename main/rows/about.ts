/** Columns that Fettle writes beside a row: where its answer is from, and who confirmed it. They are never a question or an answer. */
import { isRecord } from '../../common/values.ts';

const PREFIX = 'fettle_';

/** What stands in those columns, by their whole names. */
export type About = Readonly<Record<string, string>>;

/** Where an answer is from: the person's own row, or a model that answered in the person's place. */
export const ORIGIN = `${PREFIX}origin`;
/** Who looked at the answer of a model and confirmed or changed it. */
export const CONFIRMED = `${PREFIX}confirmed`;
export const TEACHER = 'teacher';
export const PERSON = 'person';

/** No value is longer. */
const MOST_CHARS = 500;
const MOST_COLUMNS = 20;

export const isAboutColumn = (name: string): boolean => name.startsWith(PREFIX);

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

/** Whether nobody but a model says that the answer is right: such a row is learned from, and never measured with. */
export function isUnconfirmed({ about }: { readonly about?: About }): boolean {
  return about?.[ORIGIN] === TEACHER && about[CONFIRMED] !== PERSON;
}
