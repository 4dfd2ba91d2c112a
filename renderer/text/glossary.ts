/** Every technical word of the application in a sentence or two; components link to it with `<Term word="…" />`. */
export interface GlossaryEntry {
  readonly id: string;
  readonly word: string;
  /** Other spellings under which it is found. */
  readonly also?: readonly string[];
  /** One sentence, for the tooltip. */
  readonly short: string;
  /** More, for the page. */
  readonly more?: string;
}

export const glossary: readonly GlossaryEntry[] = [];

const byName = new Map(
  glossary.flatMap((entry) =>
    [entry.id, entry.word, ...(entry.also ?? [])].map((name) => [name.toLowerCase(), entry] as const),
  ),
);

/** The entry of a word in any of its spellings; null where there is none. */
export function entryOf(word: string): GlossaryEntry | null {
  return byName.get(word.toLowerCase()) ?? null;
}
