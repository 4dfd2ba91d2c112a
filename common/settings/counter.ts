/** A run that is a word counter, which has no language model: what the history calls it, and its files. */
export const WORD_COUNTS = 'words';

export function isCounter({ method }: { readonly method: unknown }): boolean {
  return method === WORD_COUNTS;
}

export const COUNTER_FILE = 'counter.json';
/** The two short programs that use it without Fettle. */
export const COUNTER_PROGRAMS = ['sort.mjs', 'sort.py'] as const;
/** All that is needed to use it anywhere. */
export const COUNTER_FILES: readonly string[] = [COUNTER_FILE, ...COUNTER_PROGRAMS];
