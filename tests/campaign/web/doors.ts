/** The ways into the web host, as a page of its own would take them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebServer } from '../../../main/serve/serve.ts';
import type { TestParts } from '../../helpers/test-parts.ts';
import { request } from './raw.ts';

export const PATIENCE_MS = 500;
export const SECRET = 'the secret of this test';
export const SHOWN = new RegExp(`${SECRET}|root:x:`);
export interface Target {
  readonly opened: TestParts;
  readonly server: WebServer;
  readonly port: number;
  /** Headers of a page that is let in. */
  readonly page: {
    readonly host: string;
    readonly origin: string;
    readonly cookie: string;
    readonly key: string;
  };
}
type Headers = readonly (readonly [string, string])[];

export const headersOf = ({ page }: Target, more: Readonly<Record<string, string | null>> = {}): Headers => {
  const all = {
    Host: page.host,
    Origin: page.origin,
    Cookie: page.cookie,
    Authorization: `Bearer ${page.key}`,
    ...more,
  };
  return Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
};

const WEBSOCKET = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** The ways in: each a request that would be served with the right headers. */
export const DOORS: Readonly<
  Record<string, (target: Target, more: Readonly<Record<string, string | null>>) => string>
> = {
  'a page': (target, more) => request('GET', '/', headersOf(target, more)),
  'a token': (target, more) =>
    request('POST', '/session', headersOf(target, more), JSON.stringify({ token: tokenOf(target.server) })),
  'an upload': (target, more) => request('POST', '/upload?name=a.csv', headersOf(target, more), 'a,b\n'),
  'the socket': (target, more) =>
    request(
      'GET',
      '/api',
      headersOf(target, {
        ...WEBSOCKET,
        'Sec-WebSocket-Protocol': `fettle, key.${target.page.key}`,
        ...more,
      }),
    ),
};

export const tokenOf = (server: WebServer) => new URL(server.link()).hash.replace('#token=', '');

export async function until(isSo: () => boolean, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(10)) if (isSo()) return true;
  return isSo();
}
