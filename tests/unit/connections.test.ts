/** The list of what Fettle connects to, and what it counts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { connections, destinations, isListed, watchConnections } from '../../main/connections.ts';
import { openDispatchers } from '../../main/hub/connection.ts';

it('names hosts, and nothing that looks like them', () => {
  for (const host of [
    'huggingface.co',
    'cdn-lfs.huggingface.co',
    'cas-bridge.xethub.hf.co',
    'api.github.com',
  ])
    expect(isListed(host)).toBe(true);
  for (const host of [
    'evil.example',
    'huggingface.co.evil.example',
    'evilhuggingface.co',
    'hf.co.example',
    'github.com',
  ])
    expect(isListed(host)).toBe(false);
});

it('says of each when and why', () => {
  for (const { what, when, why } of destinations())
    expect([what, when, why].every((text) => text.length > 5)).toBe(true);
});

it('counts what is really asked, from the moment it watches', async () => {
  const server = createServer((_, response) => response.end('x'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const dispatchers = openDispatchers({ stallMs: 5000 });
  const ask = () => dispatchers.fetch(new URL(address), {}, null).then((answer) => answer.text());
  watchConnections();
  expect(connections().map(({ requests, last }) => [requests, last])).toEqual(
    connections().map(() => [0, null]),
  );
  await ask();
  await ask();
  const entered = connections().at(-1)!;
  expect(entered).toMatchObject({ requests: 2, hosts: ['127.0.0.1'] });
  expect(Date.now() - Date.parse(entered.last!)).toBeLessThan(60_000);
  await dispatchers.close();
  server.close();
});
