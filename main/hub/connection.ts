/**
 * Every request of this folder goes through here, where the rules are kept: none while offline, the mirror in
 * place of the Hub, the proxy, and the token for the Hub alone. Redirects are followed by hand, so that no
 * header travels to a host it is not for.
 */
import type { LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import type { Store } from '../store/store.ts';
import { type HubRequest, offline, statusError, unreachable, withRetries } from './hub-errors.ts';

const HUB_URL = 'https://huggingface.co';
const MOST_REDIRECTS = 6;
const MOST_ANSWER_BYTES = 50_000_000;

interface ConnectionOptions {
  readonly settings: Store['settings'];
  readonly secrets: Secrets;
  readonly tuning: Tuning;
  readonly hubUrl?: string;
  readonly fetch?: typeof fetch;
}

interface About {
  /** Begins an error's sentence: `Searching the Hub`. */
  readonly what: string;
  readonly repo?: string;
  readonly signal?: AbortSignal | undefined;
}

export class Connection {
  readonly hubUrl: string;
  readonly #options: ConnectionOptions;
  readonly #dispatchers: ReturnType<typeof openDispatchers>;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.hubUrl = options.hubUrl ?? HUB_URL;
    this.#dispatchers = openDispatchers(options.tuning);
  }

  get proxy(): string | null {
    return this.#options.settings.get().proxy;
  }

  /** Whether the Hub itself is asked, and no stand-in of tests. */
  get isHub(): boolean {
    return this.hubUrl === HUB_URL;
  }

  get hasMirror(): boolean {
    return Boolean(this.#options.settings.get().hubMirror);
  }

  /** Address of a file at a state of a model. */
  fileUrl(repo: string, revision: string, file: string): string {
    return `${this.hubUrl}/${repo}/resolve/${revision}/${file.split('/').map(encodeURIComponent).join('/')}`;
  }

  /** One try: the answer, which is a good one. Throws `Passing` or a TypeError for what may pass, an AppError for the rest. */
  async get(url: string, headers: Readonly<Record<string, string>>, about: About): Promise<Response> {
    const { offline: isOffline, hubMirror } = this.#options.settings.get();
    if (isOffline) throw offline();
    const token = await readToken(this.#options.secrets);
    const response = await this.#follow(this.#mirrored(url, hubMirror), headers, token, about.signal);
    if (response.ok) return response;
    await response.body?.cancel();
    const asked: HubRequest = {
      what: about.what,
      repo: about.repo ?? null,
      hasToken: token !== null,
      mirror: hubMirror && new URL(hubMirror).host,
    };
    throw statusError(response, asked);
  }

  /** All bytes of a small answer, tried again for what may pass. One of more than `most` bytes is refused. */
  async read(url: string, headers: Readonly<Record<string, string>>, about: About, most: number) {
    const attempt = async () => {
      const response = await this.get(url, headers, about);
      return { bytes: await readAtMost(response, most), headers: response.headers };
    };
    return await withRetries(attempt, {
      tuning: this.#options.tuning,
      signal: about.signal,
      giveUp: (cause) => unreachable(about.what, cause, this.proxy),
    });
  }

  /** A `fetch` for the Hub's library, which reads JSON: tries again what may pass, throws AppErrors. */
  fetchFor(about: About): typeof fetch {
    return async (input, init) => {
      const given = Object.fromEntries(new Headers(init?.headers));
      const { bytes, headers } = await this.read(String(input), given, about, MOST_ANSWER_BYTES);
      requireJson(bytes, about);
      const link = headers.get('link');
      return new Response(bytes, { headers: { 'content-type': 'application/json', ...(link && { link }) } });
    };
  }

  async close(): Promise<void> {
    await this.#dispatchers.close();
  }

  /** An address of the Hub at the mirror; the Hub's own answers name the Hub, as the address of a next page does. */
  #mirrored(url: string, mirror: string | null): URL {
    const asked = new URL(url);
    if (!mirror || asked.origin !== new URL(this.hubUrl).origin) return asked;
    return new URL(mirror.replace(/\/+$/, '') + asked.pathname + asked.search);
  }

  async #follow(
    first: URL,
    given: Readonly<Record<string, string>>,
    token: string | null,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    let url = first;
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const response = await this.#request(url, this.#headersFor(url, given, token), signal);
      const target = response.headers.get('location');
      if (response.status < 301 || response.status > 308 || !target) return response;
      await response.body?.cancel();
      url = next(url, target);
    }
    throw new AppError(
      'hub-answer',
      say`${first.host} redirects without end.`,
      say`Check the mirror and the proxy in Settings.`,
    );
  }

  #headersFor(url: URL, given: Readonly<Record<string, string>>, token: string | null): Headers {
    const headers = new Headers(given);
    headers.set('user-agent', 'fettle');
    headers.delete('authorization');
    if (token && url.origin === new URL(this.hubUrl).origin) headers.set('authorization', `Bearer ${token}`);
    return headers;
  }

  async #request(url: URL, headers: Headers, signal: AbortSignal | undefined): Promise<Response> {
    const init = { headers, redirect: 'manual' as const, ...(signal && { signal }) };
    if (this.#options.fetch) return await this.#options.fetch(url.href, init);
    const plain = { ...init, headers: Object.fromEntries(headers) };
    return await this.#dispatchers.fetch(url, plain, this.proxy);
  }
}

/** Where a redirect leads; never from an encrypted address to one that is not. */
export function next(from: URL, target: string): URL {
  const url = URL.canParse(target, from.href) ? new URL(target, from) : null;
  const isAsSafe =
    url && (url.protocol === 'https:' || (url.protocol === 'http:' && from.protocol === 'http:'));
  if (isAsSafe) return url;
  throw new AppError(
    'hub-answer',
    say`${from.host} redirects to an unsafe address.`,
    say`Check the mirror and the proxy in Settings.`,
  );
}

export async function readAtMost(response: Response, most: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > most)
      throw new AppError('hub-answer', say`The answer has more than ${most} bytes.`, say`Try again later.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The sign-in page of a hotel's network is an answer too. */
function requireJson(bytes: Buffer, { what }: About): void {
  try {
    JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new AppError(
      'hub-answer',
      say`${what} failed: the answer is not one of the Hub.`,
      say`Check that this network needs no sign-in, and the mirror and the proxy in Settings.`,
      { cause },
    );
  }
}

type Undici = typeof import('undici');

const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether nobody on the way can change what comes from there: it is encrypted, or comes from this computer. */
export function isSafeAddress({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOCAL.test(hostname));
}

/**
 * Connections of requests, kept open between them. `lookup`: how names become addresses where no proxy does that. The library is loaded
 * with the first request, because most processes make none.
 */
export function openDispatchers({ stallMs }: Pick<Tuning, 'stallMs'>, lookup?: LookupFunction) {
  const times = {
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    connectTimeout: stallMs,
    ...(lookup && { connect: { lookup } }),
  };
  const open = new Map<string, Dispatcher>();
  const get = (key: string, make: () => Dispatcher) => {
    const found = open.get(key) ?? make();
    open.set(key, found);
    return found;
  };
  const dispatcherFor = ({ hostname }: URL, proxy: string | null, undici: Undici) => {
    if (LOCAL.test(hostname)) return get('local', () => new undici.Agent(times));
    // proxies take plain requests as such, and tunnel only encrypted ones
    if (proxy) return get(proxy, () => new undici.ProxyAgent({ uri: proxy, proxyTunnel: false, ...times }));
    return get('environment', () => new undici.EnvHttpProxyAgent(times));
  };
  return {
    async fetch(url: URL, init: RequestInit, proxy: string | null): Promise<Response> {
      const undici = await import('undici');
      const dispatcher = dispatcherFor(url, proxy, undici);
      // the same classes as Node's own, from another copy of the library
      return (await undici.fetch(url.href, { ...(init as object), dispatcher })) as unknown as Response;
    },
    async close() {
      await Promise.all([...open.values()].map((dispatcher) => dispatcher.destroy()));
      open.clear();
    },
  };
}

/** What a host keeps encrypted by the system where it can; else in a file that only the person can read. */
export interface Secrets {
  get(name: string): Promise<string | null>;
  set(name: string, value: string | null): Promise<void>;
}

/** Its name among the host's secrets. */
export const HUB_TOKEN = 'hubToken';

/** The token as it goes into a header; null where none is kept. The error for an impossible one does not quote it. */
async function readToken(secrets: Secrets): Promise<string | null> {
  const token = (await secrets.get(HUB_TOKEN))?.trim();
  if (!token) return null;
  if (/^[\x21-\x7e]{1,400}$/.test(token)) return token;
  throw new AppError(
    'hub-token-unreadable',
    say`The Hub token saved here has characters that no token has.`,
    say`Copy the token again from huggingface.co/settings/tokens and paste it into Settings.`,
  );
}

export interface Tuning {
  readonly filesAtOnce: number;
  /** Of one file. */
  readonly rangesAtOnce: number;
  readonly rangeBytes: number;
  /** Failures in a row, without a byte between, after which a request is given up. */
  readonly tries: number;
  /** First wait; each further one is twice as long, at most a minute. */
  readonly backOffMs: number;
  /** Without a byte for so long, a connection counts as cut. */
  readonly stallMs: number;
  /** Between two records of what has arrived. */
  readonly recordMs: number;
  /** Between two reports to whoever watches. */
  readonly reportMs: number;
  /** Room that stays free on the disk. */
  readonly spareBytes: number;
}

export const TUNING: Tuning = {
  filesAtOnce: 3,
  rangesAtOnce: 4,
  rangeBytes: 64 * 2 ** 20,
  tries: 7,
  backOffMs: 1000,
  stallMs: 30_000,
  recordMs: 3000,
  reportMs: 250,
  spareBytes: 256 * 2 ** 20,
};
