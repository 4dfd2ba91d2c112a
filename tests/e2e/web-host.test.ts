/**
 * The web host as browsers know it: what another server at the same address gets of a session, and what becomes of a page that is
 * loaded again, opened twice, or opened by a link that has expired. Real host, real browser.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { personAt } from '../helpers/person.ts';
import { startWebApp, type WebAppUnderTest } from '../helpers/web-app.ts';
import { connect, refusalOf } from '../helpers/web-client.ts';

const FIRST_PAGE = 'Welcome to Fettle';
const EXPIRED = 'This link has expired. Press Enter in the terminal for a new one.';

let browser: Browser;
let app: WebAppUnderTest;
let context: BrowserContext;
beforeAll(async () => {
  [browser, app] = await Promise.all([launchBrowser(), startWebApp()]);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
});
afterEach(() => context.close());

async function openedAt(address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

async function signedIn(): Promise<Page> {
  const page = await openedAt(await app.link());
  await personAt(page).sees(FIRST_PAGE);
  return page;
}

const keyOf = (page: Page) => page.evaluate<string | null>("sessionStorage.getItem('fettle-key')");

describe('another server at 127.0.0.1', () => {
  let stranger: Server;
  let address: string;
  let heard: IncomingHttpHeaders[];
  beforeEach(async () => {
    heard = [];
    stranger = createServer((request, response) => {
      heard.push(request.headers);
      response.setHeader('content-type', 'text/html');
      response.end('<title>Elsewhere</title>');
    }).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    address = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    stranger.closeAllConnections();
    stranger.close();
  });

  test('is sent the cookie, and can use neither calls nor uploads with it', async () => {
    await signedIn();
    await openedAt(address);
    const cookie = heard[0]?.cookie ?? '';
    expect(cookie).toMatch(/^fettle-\d+=[\w-]{43}$/);

    const origin = app.address.replace(/\/$/, '');
    expect(await refusalOf(app, { cookie, origin })).toBe(401);
    expect(await refusalOf(app, { cookie, origin, key: cookie.split('=')[1]! })).toBe(401);
    const headers = { cookie, origin };
    const upload = await fetch(`${app.address}upload?name=a.csv`, { method: 'POST', body: 'x', headers });
    expect([upload.status, await upload.json()]).toMatchObject([401, { code: 'no-session' }]);
  });

  test('has no page that gets at the key, a call or an upload', async () => {
    const page = await signedIn();
    expect(await keyOf(page)).toMatch(/^[\w-]{43}$/);
    const elsewhere = await openedAt(address);
    expect(await keyOf(elsewhere)).toBeNull();
    const answered = await elsewhere.evaluate<unknown>(`(async () => {
      const channel = new BroadcastChannel('fettle-key');
      const told = new Promise((resolve) => {
        channel.onmessage = ({ data }) => resolve(data);
        setTimeout(() => resolve('nothing'), 1000);
      });
      channel.postMessage({});
      const socket = new WebSocket('${app.address.replace('http', 'ws')}api', ['fettle']);
      const opened = new Promise((resolve) => {
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      });
      const upload = await fetch('${app.address}upload?name=a.csv', { method: 'POST', body: 'x' }).then(
        ({ status }) => status,
        () => 'refused',
      );
      return [await told, await opened, upload];
    })()`);
    expect(answered).toEqual(['nothing', 'refused', 'refused']);
  });
});

describe('a page', () => {
  test('goes on after a reload, and in a second tab', async () => {
    const page = await signedIn();
    const key = await keyOf(page);
    await page.reload();
    await personAt(page).sees(FIRST_PAGE);
    const second = await openedAt(app.address);
    await personAt(second).sees(FIRST_PAGE);
    expect([await keyOf(page), await keyOf(second)]).toEqual([key, key]);
    expect(second.url()).not.toContain('token');
    await page.close();
    await second.reload();
    await personAt(second).sees(FIRST_PAGE);
  });

  test.each([
    [
      'by a link that was used',
      async () => {
        const link = await app.link();
        const other = await browser.newContext();
        const page = await other.newPage();
        await page.goto(link);
        await personAt(page).sees(FIRST_PAGE);
        await other.close();
        return link;
      },
    ],
    ['by a wrong link', async () => `${app.address}#token=${'A'.repeat(43)}`],
    ['without a link', async () => app.address],
  ])('that is opened %s says what to do, and a new link over it works', async (_, link) => {
    const page = await openedAt(await link());
    const person = personAt(page);
    await person.sees(EXPIRED);
    expect(await page.getByRole('navigation').count()).toBe(0);
    await page.goto(await app.link());
    await person.sees(FIRST_PAGE);
    expect(await page.getByText(EXPIRED).count()).toBe(0);
  });

  test('sends files also when another tab was opened by a link of its own', async () => {
    const page = await signedIn();
    const second = await signedIn();
    for (const tab of [page, second]) {
      const key = await keyOf(tab);
      const sent = `fetch('upload?name=a.csv', { method: 'POST', body: 'x', headers: { authorization: 'Bearer ${key}' } })`;
      expect(await tab.evaluate(`${sent}.then(({ status }) => status)`)).toBe(200);
    }
  });

  test('that was opened without a link goes on as soon as another tab has one', async () => {
    const page = await openedAt(app.address);
    await personAt(page).sees(EXPIRED);
    await signedIn();
    await personAt(page).sees(FIRST_PAGE);
  });

  test('may have read what is picked in it, and nothing else', async () => {
    const [picked, other] = ['picked', 'other'].map((name) => path.join(app.home, `${name}.csv`));
    for (const file of [picked!, other!])
      writeFileSync(file, 'question,answer\nWhere is it?,On the left\nWhen?,Now\n');
    const page = await signedIn();
    const [cookie] = await context.cookies();
    const session = { cookie: `${cookie!.name}=${cookie!.value}`, key: (await keyOf(page))! };
    const { api, drop } = await connect({ address: app.address, link: () => '' }, session);
    const refused = { data: { code: 'path-not-open' } };
    for (const file of [picked!, other!])
      await expect(api.data.look({ paths: [file] })).rejects.toMatchObject(refused);

    const person = personAt(page);
    await page.goto(`${app.address}#/new/data`);
    await person.click(person.button("Browse Fettle's computer"));
    const folder = page.getByLabel('Folder', { exact: true });
    await expect.poll(() => folder.inputValue()).not.toBe('');
    await folder.fill(app.home);
    await person.click(page.getByRole('button', { name: 'Open', exact: true }));
    await person.click(page.getByRole('button', { name: 'picked.csv' }));
    await person.sees('On the left');
    expect((await api.data.look({ paths: [picked!] })).rows).toBe(2);
    await expect(api.data.look({ paths: [other!] })).rejects.toMatchObject(refused);
    await drop();
  });
});
