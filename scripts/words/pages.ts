/** The texts of the pages in any language, outside a page: all that are shown, those of extras too. */
import { globSync } from 'node:fs';
import path from 'node:path';
import '../../renderer/text/text.ts';
import type { Language } from '../../common/words/language.ts';
import { Composed, type Source, textSources, textsIn } from '../../renderer/text/texts.ts';

const root = path.resolve(import.meta.dirname, '../..');
for (const file of globSync('renderer/extras/*/text.ts', { cwd: root })) await import(path.join(root, file));

/** Every text by its name. */
export function pageTexts(language: Language): Promise<Readonly<Record<string, unknown>>> {
  return textsIn(language);
}

/** A message of a page, and the names of the values that the page gives; null where it gives none. */
export interface PageMessage {
  readonly at: string;
  readonly text: string;
  readonly values: readonly string[] | null;
}

/** The English messages of a topic. */
export function pageMessages({ topic, english, given }: Source): PageMessage[] {
  return messagesIn(english, given, topic, null);
}

export const topics: readonly Source[] = textSources;

/** Has every property, and reads as a value or as no number. */
const anything: unknown = new Proxy(() => anything, {
  get: (_, key) => {
    if (key === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? Number.NaN : '');
    return key === Symbol.iterator ? [][Symbol.iterator] : anything;
  },
});
const TRIED = [anything, 0, '', null];

function messagesIn(
  english: unknown,
  given: unknown,
  at: string,
  values: readonly string[] | null,
): PageMessage[] {
  const inner = given instanceof Composed ? given.given : given;
  if (typeof inner === 'function')
    return messagesIn(english, undefined, at, namesFrom(inner as (...values: unknown[]) => unknown, at));
  if (typeof english === 'string') return [{ at, text: english, values }];
  return Object.entries(Object(english)).flatMap(([name, child]) =>
    messagesIn(child, Object(inner)[name], `${at}.${name}`, values),
  );
}

/** The names of what a function gives, whatever it is called with. */
function namesFrom(given: (...values: unknown[]) => unknown, at: string): string[] {
  for (const value of TRIED) {
    try {
      const found: unknown = given(...Array<unknown>(given.length).fill(value));
      return typeof found === 'string' ? [] : Object.keys(found as object);
    } catch {
      // it wants another kind of value
    }
  }
  throw new Error(`${at} can't be called`);
}
