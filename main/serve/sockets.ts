/** The API over WebSockets: who may open one, and how one that nobody is at any more is found. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
// made for Bun, and the one that hands failures to its caller: the one for `ws` prints them
import { RPCHandler, type ServerWebSocket } from '@orpc/server/bun-ws';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ApiRouter } from '../api/api.ts';
import type { Log } from '../log.ts';
import { addressOf, type Guard } from './guard.ts';

/** Pasted text is the largest thing that comes; files have a way of their own. */
const MOST_BYTES = 32 * 2 ** 20;
const BEAT_MS = 30_000;
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
  sockets.on('connection', (socket: WebSocket) => {
    answered.add(socket);
    socket.on('pong', () => answered.add(socket));
    // a message that is too large or malformed ends the connection, and the page opens another one
    socket.on('error', (error) => log.note(`a connection ended: ${error.message}`));
    const peer: ServerWebSocket = {
      send(message) {
        socket.send(message);
        return 0;
      },
    };
    socket.on('message', (data: RawData, isBinary) => {
      handler.message(peer, isBinary ? (data as Buffer) : String(data)).catch((error: unknown) => {
        log.failure('a message of a page', error);
        socket.close(MALFORMED);
      });
    });
    socket.on('close', () => handler.close(peer));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(request, guard);
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
