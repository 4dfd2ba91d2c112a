/**
 * Files from anywhere are read by libraries, which may never end or take all memory. So reading is announced to the parent, which ends this
 * process where it takes too much for the file's size.
 */
import type { Parsing } from '../common/protocol/protocol.ts';

let tell: (parsing: Parsing) => Promise<void> = () => Promise.resolve();
let lastId = 0;

/** Says where reading is announced. */
export function announceParsing(to: typeof tell): void {
  tell = to;
}

/** Gives what `work` gives, which reads a file of `bytes`. */
export async function watched<T>(file: string, bytes: number, work: () => Promise<T>): Promise<T> {
  const watch = openWatch(file, bytes);
  try {
    return await watch.during(work);
  } finally {
    watch.end();
  }
}

/** The same for what comes piece by piece: only the time that the pieces take counts. */
export async function* watchedPieces<T>(
  file: string,
  bytes: number,
  pieces: AsyncGenerator<T>,
): AsyncGenerator<T> {
  const watch = openWatch(file, bytes);
  try {
    for (;;) {
      const next = await watch.during(() => pieces.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    watch.end();
    await pieces.return(undefined);
  }
}

function openWatch(file: string, bytes: number) {
  const id = ++lastId;
  return {
    async during<T>(work: () => Promise<T>): Promise<T> {
      // awaited, because a library that never ends would keep the news from leaving
      await tell({ id, state: 'on', file, bytes, rssBytes: process.memoryUsage.rss() });
      try {
        return await work();
      } finally {
        void tell({ id, state: 'off' });
      }
    },
    end: () => void tell({ id, state: 'over' }),
  };
}
