import type { Score, SorterSet } from '../protocol/protocol.ts';

/** Runs that sort without a language model, by their method: their file, and short programs that use it without Fettle. */
export const SORTERS = {
  words: { file: 'counter.json', programs: ['sort.mjs', 'sort.py'] },
  vectors: { file: 'head.json', programs: ['sort.py'] },
} as const;

export type SorterMethod = keyof typeof SORTERS;

export function isSorter({ method }: { readonly method: unknown }): boolean {
  return sorterOf(method) !== null;
}

/** The sorter of a run's method; null for the run of a language model. */
export function sorterOf(method: unknown): (typeof SORTERS)[SorterMethod] | null {
  return typeof method === 'string' && Object.hasOwn(SORTERS, method)
    ? SORTERS[method as SorterMethod]
    : null;
}

type SetScore = Pick<SorterSet, 'rows'> & { readonly scores: Pick<SorterSet['scores'], 'exact'> };

/** The one score of a sorter; of several categories a text counts where all are right. */
export function sorterScore(accuracy: Omit<Score, 'name'>, sets: readonly SetScore[] | undefined): Score {
  const [set] = sets ?? [];
  const { rows, value, low, high } = set ? { rows: set.rows, ...set.scores.exact } : accuracy;
  return { name: set ? 'sets' : 'known', rows, value, low, high };
}

/** All that is needed to use it elsewhere; of vectors, beside the encoder. */
export function sorterFiles(method: unknown): readonly string[] {
  const sorter = sorterOf(method);
  return sorter === null ? [] : [sorter.file, ...sorter.programs];
}

/** Simpler ways of a comparison that are kept as sorters, and the remedy that keeps them. */
export const KEPT_RIVALS = {
  counter: { by: 'words', remedy: 'use-counter' },
  vectors: { by: 'vectors', remedy: 'use-vectors' },
} as const satisfies Readonly<Record<string, { readonly by: SorterMethod; readonly remedy: string }>>;

/** How a simpler way is kept; null for one that can't be. */
export function keptRival(name: string | undefined): (typeof KEPT_RIVALS)[keyof typeof KEPT_RIVALS] | null {
  return name !== undefined && Object.hasOwn(KEPT_RIVALS, name)
    ? KEPT_RIVALS[name as keyof typeof KEPT_RIVALS]
    : null;
}

/** Below a sorter of several columns: a folder for each further one. */
export const COLUMNS_FOLDER = 'columns';

/** Beside a sorter of several columns: where each lies, and from when on one of several categories is given; for the programs. */
export const COLUMNS_FILE = 'columns.json';

/** The folder of a sorter's encoder, where it was trained with it. */
export const OWN_ENCODER = 'encoder';
