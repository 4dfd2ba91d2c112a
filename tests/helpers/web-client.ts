/** A browser as far as the web host can tell: exchanges a link for a session, and calls the API over a WebSocket. */
import { once } from 'node:events';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import WebSocket from 'ws';
import type { Contract } from '../../common/api/contract.ts';
import type { Session } from '../../main/serve/guard.ts';
import type { WebServer } from '../../main/serve/serve.ts';

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
export function postToken(
  server: Pick<WebServer, 'address'>,
  token: string,
  origin = originOf(server),
): Promise<Response> {
  return fetch(new URL('session', server.address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token }),
  });
}

/** A session with `server`, by a new link; `cookie` with its name. */
export async function sessionWith(server: Pick<WebServer, 'address' | 'link'>): Promise<Session> {
  const answer = await postToken(server, new URL(server.link()).hash.replace('#token=', ''));
  const cookie = answer.headers.get('set-cookie');
  if (!answer.ok || !cookie) throw new Error(`no session: ${answer.status} ${await answer.text()}`);
  return { cookie: cookie.split(';')[0]!, ...((await answer.json()) as { key: string }) };
}

/** Opens the API, by a new link where no session is given. */
export async function connect(
  server: Pick<WebServer, 'address' | 'link'>,
  session?: Session,
): Promise<WebClient> {
  const { cookie, key } = session ?? (await sessionWith(server));
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}api`, protocolsFor(key), {
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

/** What a page names as the protocols of its WebSocket. */
export const protocolsFor = (key: string) => ['fettle', `key.${key}`];

/** The status with which the server refuses a WebSocket; null where it takes it. `key`: of the session, where the page has one. */
export function refusalOf(
  server: Pick<WebServer, 'address'>,
  { key, ...headers }: Readonly<Record<string, string>>,
  path = 'api',
): Promise<number | null> {
  const protocols = key === undefined ? [] : protocolsFor(key);
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}${path}`, protocols, { headers });
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
