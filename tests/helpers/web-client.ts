/** A browser as far as the web host can tell: exchanges a link for a cookie, and calls the API over a WebSocket. */
import { once } from 'node:events';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import WebSocket from 'ws';
import type { WebServer } from '../../main/serve.ts';
import type { Contract } from '../../preload/contract.ts';

export type Api = ContractRouterClient<Contract>;

export interface WebClient {
  readonly api: Api;
  /** Ends the connection as a lost network does. */
  drop(): Promise<void>;
}

/** The origin of a server's own pages. */
export function originOf({ address }: Pick<WebServer, 'address'>): string {
  return address.replace(/\/$/, '');
}

/** Posts a token; gives the answer. */
export function postToken(server: WebServer, token: string, origin = originOf(server)): Promise<Response> {
  return fetch(new URL('session', server.address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token }),
  });
}

/** A cookie for `server`, by a new link. */
export async function cookieOf(server: WebServer): Promise<string> {
  const answer = await postToken(server, new URL(server.link()).hash.replace('#token=', ''));
  const cookie = answer.headers.get('set-cookie');
  if (!answer.ok || !cookie) throw new Error(`no session: ${answer.status} ${await answer.text()}`);
  return cookie.split(';')[0]!;
}

/** Opens the API with `cookie`. */
export async function connect(server: WebServer, cookie: string): Promise<WebClient> {
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}api`, {
    headers: { cookie, origin: originOf(server) },
  });
  await once(socket, 'open');
  const api: Api = createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }));
  return {
    api,
    async drop() {
      socket.terminate();
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
    },
  };
}

/** The status with which the server refuses a WebSocket; null where it takes it. */
export function refusalOf(
  server: WebServer,
  headers: Readonly<Record<string, string>>,
  path = 'api',
): Promise<number | null> {
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}${path}`, { headers });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      socket.terminate();
      resolve(null);
    });
    socket.on('unexpected-response', (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
}
