/** How the command palette finds things: every typed word must occur, and what begins with it comes first. */
export interface Findable {
  readonly label: string;
  readonly words?: string | undefined;
}

/** How well an item fits: 0 not at all, higher is better; an empty query fits everything alike. */
export function scoreOf(query: string, item: Findable): number {
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean);
  const label = item.label.toLowerCase();
  const all = `${label} ${item.words?.toLowerCase() ?? ''}`;
  if (!asked.every((word) => all.includes(word))) return 0;
  return asked.reduce(
    (sum, word) => sum + (label.startsWith(word) ? 3 : label.includes(` ${word}`) ? 2 : 1),
    1,
  );
}

/** The items that fit, best first, in their own order where they fit alike. */
export function matching<T extends Findable>(query: string, items: readonly T[], most = 8): T[] {
  return items
    .map((item, index) => ({ item, index, score: scoreOf(query, item) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, most)
    .map(({ item }) => item);
}
