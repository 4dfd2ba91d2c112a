/**
 * Serves dist/renderer with the fake API, with the headers that the real hosts send, so that a page that breaks the content
 * policy breaks here. Run it to look at the pages: `node tests/helpers/fake-app.ts [port]`.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { fakeApi } from './fake-api.ts';

/** RENDERER names another built folder, so that a build that is under way does not get in the way. */
const RENDERER = process.env.RENDERER ?? path.resolve(import.meta.dirname, '../../dist/renderer');
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join('; ');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A server on that port of 127.0.0.1 (0: any free one); `close` ends it with its connections. */
export async function serveFake(
  port = 0,
  change?: Parameters<typeof fakeApi>[0],
): Promise<{ url: string; drop: () => void; close: () => Promise<void> }> {
  const server = createServer(
    (request, response) =>
      void answer(request.url ?? '/').then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'content-security-policy': POLICY });
        response.end(body);
      }),
  );
  const sockets = new WebSocketServer({ server, path: '/api' });
  const handler = new RPCHandler(fakeApi(change));
  sockets.on('connection', (socket) => void handler.upgrade(socket, { context: {} }));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    drop: () => dropAll(sockets),
    close: () => closed(server, sockets),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function dropAll(sockets: WebSocketServer): void {
  for (const socket of sockets.clients) socket.terminate();
}

async function closed(server: Server, sockets: WebSocketServer): Promise<void> {
  dropAll(sockets);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function answer(url: string): Promise<{ status: number; type: string; body: string | Buffer }> {
  const { pathname, searchParams } = new URL(url, 'http://x');
  const json = 'application/json';
  if (pathname === '/session') return { status: 204, type: json, body: '' };
  if (pathname === '/upload')
    return {
      status: 200,
      type: json,
      body: JSON.stringify({ path: `/uploads/${searchParams.get('name')}` }),
    };
  const file = path.join(RENDERER, pathname === '/' ? 'index.html' : path.normalize(pathname));
  try {
    return {
      status: 200,
      type: TYPES[path.extname(file)] ?? 'application/octet-stream',
      body: await readFile(file),
    };
  } catch {
    return { status: 404, type: 'text/plain', body: 'not found' };
  }
}

if (import.meta.filename === process.argv[1]) {
  const { url } = await serveFake(Number(process.argv[2] ?? 4173));
  console.log(url);
}
