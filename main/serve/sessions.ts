/**
 * Who may use the API of the web host. A link holds a token in its fragment, which browsers send to nobody; the page exchanges it
 * once for a cookie that no script can read. Both live in memory alone: after a restart a new link is needed.
 */
import { createHash, randomBytes } from 'node:crypto';

const BYTES = 32;
/** A link is opened at once or not at all. */
const TOKEN_MS = 10 * 60_000;

export class Sessions {
  readonly #now: () => number;
  /** By their hashes, so that how long a look-up takes tells nothing about a secret. */
  readonly #tokens = new Map<string, number>();
  readonly #sessions = new Set<string>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A new token: valid once, for ten minutes. */
  issue(): string {
    for (const [key, until] of this.#tokens) if (until < this.#now()) this.#tokens.delete(key);
    const token = secret();
    this.#tokens.set(hash(token), this.#now() + TOKEN_MS);
    return token;
  }

  /** A session for a token that is valid; null for any other one. */
  redeem(token: string): string | null {
    const key = hash(token);
    const until = this.#tokens.get(key);
    this.#tokens.delete(key);
    if (until === undefined || until < this.#now()) return null;
    const session = secret();
    this.#sessions.add(hash(session));
    return session;
  }

  /** Whether `session` is one that was given out. */
  knows(session: string): boolean {
    return this.#sessions.has(hash(session));
  }
}

function secret(): string {
  return randomBytes(BYTES).toString('base64url');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
