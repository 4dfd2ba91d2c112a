/** The API over WebSockets: who may open one, and how one that nobody is at any more is found. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ApiRouter } from '../api.ts';
import type { Log } from '../log.ts';
import { addressOf, type Guard } from './guard.ts';

/** Pasted text is the largest thing that comes; files have a way of their own. */
const MOST_BYTES = 32 * 2 ** 20;
const BEAT_MS = 30_000;

export interface SocketOptions {
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
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES, perMessageDeflate: false });
  const answered = new WeakSet<WebSocket>();
  sockets.on('connection', (socket: WebSocket) => {
    answered.add(socket);
    socket.on('pong', () => answered.add(socket));
    // a message that is too large or malformed ends the connection, and the page opens another one
    socket.on('error', (error) => log.note(`a connection ended: ${error.message}`));
    void handler.upgrade(socket, { context: {} });
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
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
