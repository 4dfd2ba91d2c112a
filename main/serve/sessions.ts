/**
 * Who may use the API of the web host. A link holds a token in its fragment, which browsers send to nobody; the page exchanges it
 * once for a session. Tokens and sessions live in memory alone: after a restart a new link is needed.
 */
import { createHash, randomBytes } from 'node:crypto';

const BYTES = 32;
/** A link is opened at once or not at all. */
const TOKEN_MS = 10 * 60_000;

/** The two secrets of a session. Both are needed, because browsers send a cookie to every server at the same address, whatever its port. */
export interface Session {
  /** No script can read it. */
  readonly cookie: string;
  /** The page keeps it and names it in each request; no browser sends it by itself. */
  readonly key: string;
}

export class Sessions {
  readonly #now: () => number;
  /** By their hashes, so that how long a look-up takes tells nothing about a secret. */
  readonly #tokens = new Map<string, number>();
  /** By the hash of each cookie those of its keys: a browser has one cookie, and a key for each link that was opened in it. */
  readonly #keys = new Map<string, Set<string>>();

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

  /** A session for a token that is valid, with one of `cookies` where that is known; null for any other token. */
  redeem(token: string, cookies: readonly string[]): Session | null {
    const hashed = hash(token);
    const until = this.#tokens.get(hashed);
    this.#tokens.delete(hashed);
    if (until === undefined || until < this.#now()) return null;
    const cookie = cookies.find((one) => this.#keys.has(hash(one))) ?? secret();
    const key = secret();
    this.#keys.set(hash(cookie), (this.#keys.get(hash(cookie)) ?? new Set()).add(hash(key)));
    return { cookie, key };
  }

  /** Whether both secrets were given out together. */
  knows({ cookie, key }: Session): boolean {
    return this.#keys.get(hash(cookie))?.has(hash(key)) ?? false;
  }
}

function secret(): string {
  return randomBytes(BYTES).toString('base64url');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
