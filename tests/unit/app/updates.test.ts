/** New versions: asked only of whom allows it, never while offline, at most once a day, and silent where that fails. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareVersions, type UpdateOptions, updates } from '../../../main/app/updates.ts';
import { type Hub, openHub } from '../../../main/hub/hub.ts';
import { repositoryIn } from '../../../main/versions.ts';
import { QUICK } from '../../helpers/hub.ts';
import { type RunStore, runStore } from '../../helpers/run-store.ts';

const SOURCE = 'https://github.com/makers/fettle';
const DAY = 24 * 3600 * 1000;

let server: http.Server;
let at: RunStore;
let hub: Hub;
let asked: http.IncomingMessage[];
let answer: { status: number; body: unknown };

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: { tag_name: 'v0.3.0', html_url: `${SOURCE}/releases/tag/v0.3.0` } };
  server = http.createServer((request, response) => {
    asked.push(request);
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  at = await runStore();
  const secrets = { get: async () => 'hf_secret', set: async () => {} };
  hub = openHub({ store: at.store, engine: {} as never, host: { secrets }, tuning: QUICK });
  at.store.settings.set({ checkUpdates: true });
});

afterEach(async () => {
  await hub.close();
  at.close();
  server.close();
});

const look = (more: Partial<UpdateOptions> = {}) =>
  updates(
    { store: at.store, hub },
    {
      ...{ repository: SOURCE, version: '0.2.9', now: 10 * DAY },
      api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...more,
    },
  );

describe('a newer version', () => {
  it('is found with its page, by a request that tells nothing', async () => {
    expect(await look()).toEqual({
      ask: false,
      newer: { version: '0.3.0', page: `${SOURCE}/releases/tag/v0.3.0` },
    });
    const [{ url, headers } = {} as http.IncomingMessage] = asked;
    expect(url).toBe('/repos/makers/fettle/releases/latest');
    expect(headers.authorization).toBeUndefined();
    expect(headers['user-agent']).toBe('fettle');
    expect(headers.cookie).toBeUndefined();
  });

  it('is not one where this version is as new', async () => {
    expect((await look({ version: '0.3.0' })).newer).toBeNull();
    expect((await look({ version: '0.10.0' })).newer).toBeNull();
  });

  it('is asked for once a day', async () => {
    await look();
    await look({ now: 10 * DAY + DAY / 2 });
    expect(asked).toHaveLength(1);
    answer.body = { tag_name: 'v0.4.0', html_url: `${SOURCE}/releases/tag/v0.4.0` };
    expect((await look({ now: 11 * DAY })).newer).toMatchObject({ version: '0.4.0' });
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['a page elsewhere', { status: 200, body: { tag_name: 'v9.0.0', html_url: 'https://evil.example/x' } }],
    ['no release', { status: 404, body: {} }],
    ['something else', { status: 200, body: 'sign in to this network' }],
    ['a name that is no version', { status: 200, body: { tag_name: 'nightly', html_url: `${SOURCE}/x` } }],
  ])('is none where the answer is %s', async (_, given) => {
    answer = given;
    expect(await look()).toEqual({ ask: false, newer: null });
  });
});

describe('the network is left alone', () => {
  it.each([
    ['while offline', { offline: true }],
    ['where the person said no', { checkUpdates: false }],
    ['before the person was asked', { checkUpdates: null }],
  ])('%s', async (_, change) => {
    at.store.settings.set(change);
    expect((await look()).newer).toBeNull();
    expect(asked).toEqual([]);
  });

  it('where the source has no page yet', async () => {
    expect(await look({ repository: null })).toEqual({ ask: false, newer: null });
    expect(asked).toEqual([]);
  });
});

it('the question comes after the first run, and only where there is something to ask for', async () => {
  at.store.settings.set({ checkUpdates: null });
  expect((await look()).ask).toBe(false);
  at.run('a');
  expect((await look()).ask).toBe(true);
  expect((await look({ repository: null })).ask).toBe(false);
  at.store.settings.set({ offline: true });
  expect((await look()).ask).toBe(false);
});

it('versions are compared by their numbers', () => {
  const ordered = ['0.9.0', '0.10.0', '0.10.1', '1.0.0'];
  expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
  expect(compareVersions('0.2.0-beta.1', '0.2.0')).toBe(0);
});

it('the page of the source is that of the manifest, unless it is an example', () => {
  expect(repositoryIn('git+https://github.com/makers/fettle.git')).toBe(SOURCE);
  expect(repositoryIn(SOURCE)).toBe(SOURCE);
  for (const none of [
    undefined,
    'git+https://github.com/fettle-example/fettle.git',
    'https://fettle.example',
  ])
    expect(repositoryIn(none)).toBeNull();
});
