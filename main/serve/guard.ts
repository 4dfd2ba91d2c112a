/**
 * Which requests the web host answers. A name that a stranger's page has pointed at this computer (DNS rebinding) is told by the
 * Host header, a stranger's page that calls the host directly by its Origin, and anybody else by the missing cookie or key.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import os from 'node:os';
import type { Session, Sessions } from './sessions.ts';

/** Path and query of a request; where they make no sense, a path at which there is nothing. */
export function addressOf({ url }: IncomingMessage): URL {
  return URL.parse(url ?? '/', 'http://host') ?? new URL('/malformed', 'http://host');
}

/** Addresses that mean every network of the computer. */
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]', '*']);
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export class Guard {
  readonly cookieName: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #sessions: Sessions;

  /** For a host that listens at `port` of `host`; the cookie is named after the port, since ports share their cookies. */
  constructor(port: number, host: string, sessions: Sessions) {
    this.cookieName = `fettle-${port}`;
    this.#hosts = new Set(namesFor(host).map((name) => withPort(name, port)));
    this.#sessions = sessions;
  }

  /** Whether a request is meant for this host by one of its own names. */
  isForUs({ headers }: IncomingMessage): boolean {
    return headers.host !== undefined && this.#hosts.has(headers.host.toLowerCase());
  }

  /** Whether a page of this very host asks. */
  isFromUs(request: IncomingMessage): boolean {
    const { origin, host } = request.headers;
    return this.isForUs(request) && origin !== undefined && origin === `http://${host?.toLowerCase()}`;
  }

  /**
   * The same for a request that is no WebSocket. A page that gives no referrer may hide its origin too; then the browser itself says
   * where it is, in a header that no page can set.
   */
  isPostFromUs(request: IncomingMessage): boolean {
    const { origin, 'sec-fetch-site': site } = request.headers;
    const isHidden = origin === undefined || origin === 'null';
    return isHidden ? this.isForUs(request) && site === 'same-origin' : this.isFromUs(request);
  }

  /** Whether whoever asks has exchanged a token: has its cookie and its key. */
  hasSession({ headers }: IncomingMessage): boolean {
    const key = keyIn(headers);
    return (
      key !== undefined && this.cookiesIn(headers).some((cookie) => this.#sessions.knows({ cookie, key }))
    );
  }

  /** What the browser has of cookies of this host; other servers at the address can add to them. */
  cookiesIn({ cookie = '' }: IncomingHttpHeaders): string[] {
    const cookies = cookie.split(';').map((one) => one.trim().split('='));
    return cookies.flatMap(([name, value]) => (name === this.cookieName && value ? [value] : []));
  }

  /** The header that gives a browser its cookie. */
  cookieFor({ cookie }: Session): string {
    return `${this.cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

/** The key of a request. A page can set no header of a WebSocket but its protocols, so one of those carries it. */
function keyIn({
  authorization,
  'sec-websocket-protocol': protocols,
}: IncomingHttpHeaders): string | undefined {
  return (
    /^Bearer ([\w-]+)$/.exec(authorization ?? '')?.[1] ?? /(?:^|,) *key\.([\w-]+)/.exec(protocols ?? '')?.[1]
  );
}

/** The names under which a host that listens at `host` may be called. */
function namesFor(host: string): string[] {
  if (!EVERYWHERE.has(host)) return [...LOOPBACK, bracketed(host.toLowerCase())];
  const name = os.hostname().toLowerCase();
  return [...LOOPBACK, ...networkAddresses().map(bracketed), name, `${name}.local`];
}

/** Addresses of this computer in its networks, those of version 4 first. */
function networkAddresses(): string[] {
  const all = Object.values(os.networkInterfaces()).flatMap((found) => found ?? []);
  const outer = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80'));
  return outer.sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
}

/** The name that others use best for a host that listens at `host`. */
export function bestName(host: string): string {
  return EVERYWHERE.has(host) ? bracketed(networkAddresses()[0] ?? '127.0.0.1') : bracketed(host);
}

/** Whether a host at `host` can only be reached from this computer. */
export function isLocal(host: string): boolean {
  return LOOPBACK.includes(bracketed(host)) || /^127\./.test(host);
}

function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}

/** Browsers leave the usual port out. */
function withPort(name: string, port: number): string {
  return port === 80 ? name : `${name}:${port}`;
}
