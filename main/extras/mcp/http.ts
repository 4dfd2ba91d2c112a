/** The protocol over HTTP, for assistants' programs that connect instead of starting `fettle mcp`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server';
import { openKeyedServer } from '../../keyed-server.ts';
import { Refusal } from '../../requests.ts';

/** Of one request, in ms and in bytes. */
const PATIENCE = 30_000;
const MOST_BYTES = 512 * 1024;

const ROUTE = '/mcp';

/** Clients of the protocol take 401 for an invitation to sign in by OAuth, which there is none of; 403 they show with its words. */
const SAID_AS: Readonly<Record<number, number>> = { 401: 403 };

interface Http {
  readonly port: number;
  readonly key: string;
  onerror(error: Error): void;
}

export async function openMcpHttp(
  serverFor: () => Promise<McpServer>,
  { port, key, onerror }: Http,
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const handler = createMcpHandler(serverFor, { onerror, maxRequestBodySize: MOST_BYTES });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (new URL(request.url ?? '/', 'http://fettle').pathname !== ROUTE)
      throw new Refusal(404, 'not_found', `Assistants are answered at ${ROUTE}.`);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await send(await handler.fetch(asRequest(request, gone.signal)), response);
  };
  const refuse = (response: ServerResponse, error: unknown) => {
    const isOwn = error instanceof Refusal;
    if (!isOwn) onerror(error as Error);
    const message = isOwn ? error.message : 'Something in Fettle went wrong.';
    const status = isOwn ? error.status : 500;
    response.writeHead(SAID_AS[status] ?? status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_000, message } }));
  };
  const server = await openKeyedServer({ port, key, patience: PATIENCE, answer, refuse });
  return {
    address: `${server.address}${ROUTE}`,
    async close() {
      await handler.close();
      server.close();
    },
  };
}

/** A request of Node's as the web's. */
function asRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const method = request.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(request.url ?? '/', `http://${request.headers.host}`), {
    method,
    headers,
    signal,
    ...(hasBody && { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' }),
  } as RequestInit);
}

async function send(given: Response, response: ServerResponse): Promise<void> {
  response.writeHead(given.status, Object.fromEntries(given.headers));
  if (given.body === null) response.end();
  else await pipeline(Readable.fromWeb(given.body as never), response);
}
