/**
 * Who may ask the web host, over HTTP and WebSockets, and how a dead socket is found. The Host header tells a stranger's name for this computer
 * (DNS rebinding), Origin a stranger's page that calls the host, and a missing cookie or key anybody else.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { RPCHandler, type ServerWebSocket } from '@orpc/server/bun-ws';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ApiRouter } from '../api/api.ts';
import { Turns } from '../api/turns.ts';
import type { Log } from '../log.ts';
import { isCalledBy, ownNames } from '../own-names.ts';
import { Load, MOST_SOCKETS } from './load.ts';

/** Path and query of a request; where they make no sense, a path at which there is nothing. */
export function addressOf({ url }: IncomingMessage): URL {
  return URL.parse(url ?? '/', 'http://host') ?? new URL('/malformed', 'http://host');
}

export class Guard {
  readonly cookieName: string;
  readonly #names: ReadonlySet<string>;
  readonly #sessions: Sessions;

  /** For a host that listens at `port` of `host`; the cookie is named after the port, since ports share their cookies. */
  constructor(port: number, host: string, sessions: Sessions) {
    this.cookieName = `fettle-${port}`;
    this.#names = ownNames(host, port);
    this.#sessions = sessions;
  }

  /** Whether a request is meant for this host by one of its own names. */
  isForUs(request: IncomingMessage): boolean {
    return isCalledBy(this.#names, request);
  }

  /** Whether a page of this very host asks. */
  isFromUs(request: IncomingMessage): boolean {
    const { origin, host } = request.headers;
    return this.isForUs(request) && origin !== undefined && origin === `http://${host?.toLowerCase()}`;
  }

  /**
   * The same for a request that is no WebSocket. A page that gives no referrer may hide its origin too; then
   * the browser itself says where it is, in a header that no page can set.
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

  /** Whether whoever asks is a browser that was let in: enough only beside an address that its page alone was told. */
  hasCookie({ headers }: IncomingMessage): boolean {
    return this.cookiesIn(headers).some((cookie) => this.#sessions.hasCookie(cookie));
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
    const cookie = cookies.find((one) => this.hasCookie(one)) ?? secret();
    const key = secret();
    this.#keys.set(hash(cookie), (this.#keys.get(hash(cookie)) ?? new Set()).add(hash(key)));
    return { cookie, key };
  }

  hasCookie(cookie: string): boolean {
    return this.#keys.has(hash(cookie));
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

// made for Bun, and the one that hands failures to its caller: the one for `ws` prints them

/** Pasted text is the largest thing that comes; files have a way of their own. */
const MOST_BYTES = 32 * 2 ** 20;
/** Bytes of answers that a page has not taken. */
const MOST_UNSENT = 256 * 2 ** 20;
const BEAT_MS = 30_000;
/** Calls of a page that work at once: no honest page has more. */
const CALLS_AT_ONCE = 32;
/** What the pages speak; renderer/connection.svelte.ts asks for it by that name. */
const PROTOCOL = 'fettle';
/** The status of the WebSocket protocol for a message that is not what it should be. */
const MALFORMED = 1007;

interface SocketOptions {
  readonly router: ApiRouter;
  readonly guard: Guard;
  readonly log: Log;
  readonly beatMs?: number;
}

/** Serves the API at /api of `server`; `close` ends all connections. */
export function serveSockets(
  server: Server,
  { router, guard, log, beatMs = BEAT_MS }: SocketOptions,
): { close(): void } {
  const handler = new RPCHandler(router);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_BYTES,
    perMessageDeflate: false,
    // by default the first one that was asked for, which could be the key
    handleProtocols: () => PROTOCOL,
  });
  const answered = new WeakSet<WebSocket>();
  const load = new Load();
  sockets.on('connection', (socket: WebSocket, { socket: line }: IncomingMessage) => {
    answered.add(socket);
    const held = load.open();
    const context = { turns: new Turns(CALLS_AT_ONCE) };
    let readBefore = line.bytesRead;
    const goFor = (why: string | null) => {
      if (why === null) return;
      log.note(`a connection ended: ${why}`);
      socket.terminate();
    };
    // after the socket has had it, which takes what is whole
    line.on('data', () => goFor(held.receives(line.bytesRead - readBefore)));
    socket.on('pong', () => answered.add(socket));
    // a message that is too large or malformed ends the connection, and the page opens another one
    socket.on('error', (error) => log.note(`a connection ended: ${error.message}`));
    const peer: ServerWebSocket = {
      send(message) {
        socket.send(message);
        if (socket.bufferedAmount > MOST_UNSENT) goFor('it takes no answers');
        return 0;
      },
    };
    socket.on('message', (data: RawData, isBinary) => {
      readBefore = line.bytesRead;
      const { length } = data as Buffer;
      goFor(held.begins(length));
      handler
        .message(peer, isBinary ? (data as Buffer) : String(data), { context })
        .catch((error: unknown) => {
          log.failure('a message of a page', error);
          socket.close(MALFORMED);
        })
        .finally(() => held.ends(length));
    });
    socket.on('close', () => {
      held.close();
      handler.close(peer);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const isFull = sockets.clients.size >= MOST_SOCKETS;
    const refusal = refusalOf(request, guard) ?? (isFull ? '503 Service Unavailable' : null);
    if (refusal !== null) return reject(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  });
  const beat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (!answered.has(socket)) socket.terminate();
      answered.delete(socket);
      socket.ping();
    }
  }, beatMs).unref();
  return {
    close() {
      clearInterval(beat);
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

/** Why a request may not open a connection; null where it may. */
function refusalOf(request: IncomingMessage, guard: Guard): string | null {
  if (!guard.isForUs(request)) return '421 Misdirected Request';
  if (!guard.isFromUs(request)) return '403 Forbidden';
  if (!guard.hasSession(request)) return '401 Unauthorized';
  return addressOf(request).pathname === '/api' ? null : '404 Not Found';
}

function reject(socket: Duplex, status: string): void {
  // whoever is refused need not close the other half
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
