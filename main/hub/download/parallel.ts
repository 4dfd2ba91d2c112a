/** Several pieces of work at once, a few at a time; the first failure stops the others and is what comes out. */

/** Runs the work that `make` gives on every item, at most `most` at once. Resolves when nothing runs any more. */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  signal: AbortSignal,
  make: (signal: AbortSignal) => (item: T) => Promise<void>,
): Promise<void> {
  const own = new AbortController();
  const work = make(AbortSignal.any([signal, own.signal]));
  const waiting = items.values();
  let failure: { readonly error: unknown } | null = null;
  const worker = async () => {
    for (const item of waiting) {
      if (failure || signal.aborted) return;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
        own.abort();
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  signal.throwIfAborted();
  if (failure) throw (failure as { readonly error: unknown }).error;
}
