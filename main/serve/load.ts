/** What pages may have a web host hold at once: calls under way, and messages whose end has not come. */

/** Of one page; the pages themselves have a few dozen, most of which wait for news. */
const MOST_CALLS = 500;
/** Bytes of messages of all pages: pasted text of 32 MB is the largest that an honest one sends. */
const MOST_BYTES = 128 * 2 ** 20;
export const MOST_SOCKETS = 100;

interface Held {
  calls: number;
  /** Of messages with calls under way. */
  bytes: number;
  /** Of the message that has not ended. */
  unfinished: number;
}

export class Load {
  readonly #pages = new Set<Held>();

  /** Counts what a page has; each call says why the page must go, or null. */
  open() {
    const held: Held = { calls: 0, bytes: 0, unfinished: 0 };
    this.#pages.add(held);
    const refusal = () => {
      if (held.calls > MOST_CALLS) return 'too many calls at once';
      let [all, most] = [0, 0];
      for (const { bytes, unfinished } of this.#pages) {
        all += bytes + unfinished;
        most = Math.max(most, bytes + unfinished);
      }
      // the one that holds the most goes, not the one that comes last
      const isMost = held.bytes + held.unfinished === most;
      return all > MOST_BYTES && isMost ? 'too many bytes at once' : null;
    };
    return {
      receives(bytes: number): string | null {
        held.unfinished = bytes;
        return refusal();
      },
      begins(bytes: number): string | null {
        held.calls++;
        held.bytes += bytes;
        held.unfinished = 0;
        return refusal();
      },
      ends(bytes: number): void {
        held.calls--;
        held.bytes -= bytes;
      },
      close: () => void this.#pages.delete(held),
    };
  }
}
