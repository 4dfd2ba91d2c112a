/** Rules of lists: what a search finds, which files can be picked, order and times of waiting jobs. */
import type { FolderEntry, PickKind } from '../../common/api/contract.ts';

/** How the command palette finds things: every typed word must occur, and what begins with it comes first. */
interface Findable {
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

const DATA = /\.(csv|tsv|jsonl?|ndjson|parquet|xlsx|txt|md)(\.gz)?$/i;

const FITS: Record<PickKind, (name: string) => boolean> = {
  data: (name) => DATA.test(name),
  gguf: (name) => /\.gguf$/i.test(name),
  'data-folder': () => false,
  'model-folder': () => false,
  folder: () => false,
  save: () => true,
};

/** Whether a file can be chosen. */
export function choosable(what: PickKind, entry: FolderEntry): boolean {
  return entry.kind === 'file' && FITS[what](entry.name);
}

/** The list with the item at `index` moved by `by` places; the same order where that is not possible. */
export function moved<T>(list: readonly T[], index: number, by: number): T[] {
  const next = [...list];
  const to = index + by;
  const [item] = next.splice(index, 1);
  if (item === undefined || to < 0 || to > next.length) return [...list];
  next.splice(to, 0, item);
  return next;
}

/** The next moment at which the clock shows that time (`22:05`); null for no time. */
export function nextTime(clock: string, now: Date = new Date()): Date | null {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)(?::\d\d)?$/.exec(clock.trim()) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  const at = new Date(now);
  at.setHours(Number(hours), Number(minutes), 0, 0);
  if (at.getTime() <= now.getTime()) at.setDate(at.getDate() + 1);
  return at;
}
