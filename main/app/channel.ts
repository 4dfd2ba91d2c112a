/** Work that reports by calling a function, as a stream that can be read in its own time. */

/** Starts `work` and gives what it sends, in order, until it has ended; throws what it throws. */
export async function* channel<T>(work: (send: (value: T) => void) => Promise<unknown>): AsyncGenerator<T> {
  const waiting: T[] = [];
  let ring = () => {};
  let end: { readonly error: unknown } | 'done' | null = null;
  const wake = () => ring();
  const send = (value: T) => {
    waiting.push(value);
    wake();
  };
  work(send).then(
    () => {
      end = 'done';
      wake();
    },
    (error: unknown) => {
      end = { error };
      wake();
    },
  );
  while (true) {
    while (waiting.length > 0) yield waiting.shift()!;
    const ended = end as { readonly error: unknown } | 'done' | null;
    if (ended === 'done') return;
    if (ended !== null) throw ended.error;
    await new Promise<void>((resolve) => {
      ring = resolve;
    });
  }
}
