import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { apiRouter } from '../../../main/api/api.ts';
import { downloadOf } from '../../../main/app/downloads.ts';
import { type ServeOptions, serve, type WebServer } from '../../../main/serve/serve.ts';
import { refused, type TestParts, testParts } from '../../helpers/test-parts.ts';
import {
  connect,
  originOf,
  postToken,
  protocolsFor,
  refusalOf,
  sessionWith,
} from '../../helpers/web-client.ts';

let opened: TestParts;
let server: WebServer;
let clock = 0;
beforeEach(async () => {
  clock = 0;
  opened = await testParts({ hub: { catalog: () => Promise.reject(refused()) } });
  mkdirSync(path.join(opened.folder, 'pages', 'assets'), { recursive: true });
  writeFileSync(path.join(opened.folder, 'pages', 'index.html'), '<h1>Fettle</h1>');
  writeFileSync(path.join(opened.folder, 'pages', 'assets', 'app-a1b2.js'), 'run()');
  writeFileSync(path.join(opened.folder, 'secret.txt'), 'secret');
  server = await served();
});
afterEach(async () => {
  await server.close();
  opened.remove();
});

function served(more: Partial<ServeOptions> = {}): Promise<WebServer> {
  return serve({
    router: apiRouter(opened.parts, opened.log),
    log: opened.log,
    port: 0,
    now: () => clock,
    renderer: path.join(opened.folder, 'pages'),
    uploads: () => path.join(opened.folder, 'uploads'),
    download: async (run, what) => downloadOf(opened.parts.store.runs.get(run), what),
    ...more,
  });
}

const tokenOf = (link: string) => new URL(link).hash.replace('#token=', '');

/** A request as no browser would send it: the path as it is, any headers. */
async function raw(options: {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  const { body, ...rest } = options;
  const asked = request({ host: '127.0.0.1', port: server.port, path: '/', ...rest });
  asked.end(body);
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

describe('pages', () => {
  it('come with headers that let them do only what they need', async () => {
    const { status, headers, text } = await raw({});
    expect([status, text]).toEqual([200, '<h1>Fettle</h1>']);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
        "font-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'",
    );
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('with a hash in their name are kept for ever by browsers', async () => {
    const { headers, text } = await raw({ path: '/assets/app-a1b2.js?x=1' });
    expect(text).toBe('run()');
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await raw({ path: '/assets/app-a1b2.js', method: 'HEAD' })).text).toBe('');
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%5csecret.txt',
    '/assets%00/app-a1b2.js',
    '//etc/passwd',
    '//',
    'http://[',
    '/%',
    '/assets',
    '/missing.js',
  ])('outside of their folder are not found: %s', async (wanted) => {
    const { status, text, headers } = await raw({ path: wanted });
    expect([status, /secret|root:/.test(text)]).toEqual([404, false]);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('have no icon to complain about beside a page that names none', async () => {
    expect(await raw({ path: '/favicon.ico' })).toMatchObject({ status: 204, text: '' });
  });

  it('do not follow links out of their folder', async () => {
    symlinkSync(path.join(opened.folder, 'secret.txt'), path.join(opened.folder, 'pages', 'link.txt'));
    expect((await raw({ path: '/link.txt' })).status).toBe(404);
  });

  it('are not given to a name that a stranger has pointed here', async () => {
    const { status, text } = await raw({ headers: { host: `evil.example:${server.port}` } });
    expect([status, text.includes('<h1>Fettle')]).toEqual([421, false]);
    expect((await raw({ headers: { host: '127.0.0.1:1' } })).status).toBe(421);
    expect((await raw({ headers: { host: `localhost:${server.port}` } })).status).toBe(200);
    expect((await raw({ headers: { host: `[::1]:${server.port}` } })).status).toBe(200);
  });

  it('can only be read', async () => {
    const answer = await raw({ method: 'PUT', path: '/index.html', body: 'x' });
    expect([answer.status, (await raw({})).text]).toEqual([405, '<h1>Fettle</h1>']);
  });
});

describe('tokens', () => {
  it('let one browser in, once', async () => {
    const token = tokenOf(server.link());
    const first = await postToken(server, token);
    expect(first.status).toBe(200);
    expect(await first.json()).toEqual({ key: expect.stringMatching(/^[\w-]{43}$/) });
    const cookie = first.headers.get('set-cookie');
    expect(cookie).toMatch(
      new RegExp(`^fettle-${server.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
    );
    const second = await postToken(server, token);
    expect([second.status, second.headers.get('set-cookie')]).toEqual([401, null]);
    expect(await second.json()).toMatchObject({
      code: 'token-invalid',
      hint: expect.stringContaining('Enter'),
    });
  });

  it('are 32 random bytes and new in each link', () => {
    const [a, b] = [tokenOf(server.link()), tokenOf(server.link())];
    expect(Buffer.from(a, 'base64url').length).toBe(32);
    expect(a).not.toBe(b);
  });

  it('end after ten minutes', async () => {
    const token = tokenOf(server.link());
    clock += 10 * 60_000 + 1;
    expect((await postToken(server, token)).status).toBe(401);
  });

  it.each([
    ['a wrong one', 'A'.repeat(43)],
    ['none', ''],
    ['a very long one', 'x'.repeat(5000)],
  ])('of others do not: %s', async (_, token) => {
    expect((await postToken(server, token)).status).toBe(401);
  });

  it('in a browser that has a session leave its cookie, and its other tabs their keys', async () => {
    const first = await sessionWith(server);
    const body = JSON.stringify({ token: tokenOf(server.link()) });
    const { cookie, origin } = { ...first, origin: originOf(server) };
    const again = await raw({ method: 'POST', path: '/session', headers: { cookie, origin }, body });
    expect(String(again.headers['set-cookie'])).toContain(`${cookie};`);
    const { key } = JSON.parse(again.text);
    expect(key).not.toBe(first.key);
    for (const session of [first, { cookie, key }])
      expect(await refusalOf(server, { ...session, origin })).toBeNull();
  });

  it('are not taken from pages of another origin', async () => {
    const token = tokenOf(server.link());
    expect((await postToken(server, token, 'https://evil.example')).status).toBe(403);
    expect((await raw({ method: 'POST', path: '/session', body: JSON.stringify({ token }) })).status).toBe(
      403,
    );
    expect((await postToken(server, token)).status).toBe(200);
  });
});

describe('a page that hides its origin', () => {
  const post = async (headers: Record<string, string>) => {
    const body = JSON.stringify({ token: tokenOf(server.link()) });
    return (await raw({ method: 'POST', path: '/session', headers, body })).status;
  };

  it('is taken by the browser’s word for where it is', async () => {
    expect(await post({ 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await post({ origin: 'null', 'sec-fetch-site': 'same-origin' })).toBe(200);
    for (const site of ['same-site', 'cross-site', 'none']) {
      expect(await post({ 'sec-fetch-site': site })).toBe(403);
      expect(await post({ origin: 'null', 'sec-fetch-site': site })).toBe(403);
    }
    expect(await post({ origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' })).toBe(403);
  });

  it('opens no socket', async () => {
    const headers = { ...(await sessionWith(server)), 'sec-fetch-site': 'same-origin' };
    expect(await refusalOf(server, headers)).toBe(403);
  });
});

describe('the socket', () => {
  it('opens for a session and the origin of this host alone', async () => {
    const session = await sessionWith(server);
    const origin = originOf(server);
    const { cookie } = session;
    expect(await refusalOf(server, { ...session, origin })).toBeNull();
    expect(await refusalOf(server, { origin })).toBe(401);
    expect(await refusalOf(server, { ...session, cookie: `${cookie}x`, origin })).toBe(401);
    expect(await refusalOf(server, { ...session, cookie: cookie.replace(/=.*/, '='), origin })).toBe(401);
    expect(await refusalOf(server, { ...session })).toBe(403);
    expect(await refusalOf(server, { ...session, origin: 'https://evil.example' })).toBe(403);
    expect(await refusalOf(server, { ...session, origin: `${origin}.evil.example` })).toBe(403);
    expect(await refusalOf(server, { ...session, origin: `http://localhost:${server.port}` })).toBe(403);
    expect(await refusalOf(server, { ...session, origin: 'null' })).toBe(403);
    const host = `evil.example:${server.port}`;
    expect(await refusalOf(server, { ...session, origin: `http://${host}`, host })).toBe(421);
    expect(await refusalOf(server, { ...session, origin }, 'elsewhere')).toBe(404);
    expect(await refusalOf(server, { ...session, origin }, '/')).toBe(404);
  });

  it('does not open for the cookie alone, which browsers send to other servers at this address too', async () => {
    const [session, other] = [await sessionWith(server), await sessionWith(server)];
    const origin = originOf(server);
    expect(await refusalOf(server, { cookie: session.cookie, origin })).toBe(401);
    expect(await refusalOf(server, { ...session, key: other.key, origin })).toBe(401);
    expect(await refusalOf(server, { ...session, key: '', origin })).toBe(401);
  });

  it('carries calls, and failures with code and hint', async () => {
    const { api, drop } = await connect(server);
    expect((await api.settings.set({ theme: 'dark' })).theme).toBe('dark');
    expect(opened.store.settings.get().theme).toBe('dark');
    await expect(api.models.catalog()).rejects.toMatchObject({
      code: 'PROBLEM',
      message: 'It is not there.',
      data: { code: 'no-such-thing', hint: 'Look elsewhere.' },
    });
    const bug = await api.models.search({ query: 'x' }).catch((error: unknown) => error);
    expect(bug).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', data: { code: 'internal' } });
    expect(JSON.stringify(bug)).not.toMatch(/part of this test|\.ts:\d/);
    expect(opened.logged.join()).toContain('hub.search is not part of this test');
    await drop();
  });

  it('ends for a message that is too large, and for somebody who is silent', async () => {
    const { api } = await connect(server);
    const tooLarge = 'x'.repeat(33 * 2 ** 20);
    void api.files.keep({ name: 'a.txt', content: tooLarge }).catch(() => {});
    await expect.poll(() => opened.logged.join()).toContain('a connection ended');
    await server.close();
    server = await served({ beatMs: 50 });
    const silent = createConnection(server.port, '127.0.0.1');
    const { host } = new URL(server.address);
    const { cookie, key } = await sessionWith(server);
    silent.write(
      `GET /api HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Protocol: fettle, key.${key}\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    silent.resume();
    await once(silent, 'close');
  });

  it('ends for a message that is none, which goes to the log and not to the terminal', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const message of ['no JSON', 'null', '{}', '{"i":1,"p":{"u":"://["}}', Buffer.of(0, 1, 2)]) {
      const { cookie, key } = await sessionWith(server);
      const headers = { cookie, origin: originOf(server) };
      const socket = new WebSocket(`${server.address.replace('http', 'ws')}api`, protocolsFor(key), {
        headers,
      });
      await once(socket, 'open');
      socket.send(message);
      const [code] = await once(socket, 'close');
      expect([code, opened.logged.length]).toEqual([1007, 1]);
      expect(opened.logged.splice(0).join()).toContain('a message of a page');
    }
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
    await expect((await connect(server)).api.settings.get()).resolves.toMatchObject({ theme: 'system' });
  });

  it('ends for a page with too many calls, while another one is answered', async () => {
    const [greedy, other] = [await connect(server), await connect(server)];
    const asked = Array.from({ length: 3000 }, () => greedy.api.files.browse({ path: opened.folder }));
    const failed = Promise.any(
      asked.map((call) =>
        call.then(
          () => Promise.reject(),
          () => true,
        ),
      ),
    );
    await expect(other.api.files.browse({ path: opened.folder })).resolves.toMatchObject({ file: null });
    expect(await failed).toBe(true);
    expect(opened.logged.join()).toContain('too many calls at once');
    await expect(other.api.settings.get()).resolves.toMatchObject({ theme: 'system' });
    await other.drop();
  });

  it('lets so many calls work at once, and drops those that wait when the page leaves', async () => {
    const gate = Promise.withResolvers<never>();
    let begun = 0;
    const look = () => {
      begun++;
      return gate.promise;
    };
    const parts = { ...opened.parts, engine: { ...opened.parts.engine, look } };
    await server.close();
    server = await served({ router: apiRouter(parts, opened.log) });
    const rows = path.join(opened.folder, 'rows.csv');
    writeFileSync(rows, 'a,b\n1,2\n');
    const [page, other] = [await connect(server), await connect(server)];
    await page.api.files.open({ what: 'data', paths: [rows] });
    const calls = Array.from({ length: 50 }, () => page.api.data.look({ paths: [rows] }).catch(() => null));
    await expect.poll(() => begun).toBe(32);
    // another page has turns of its own
    const beside = other.api.data.look({ paths: [rows] }).catch(() => null);
    await expect.poll(() => begun).toBe(33);
    await page.drop();
    gate.resolve({} as never);
    await Promise.all([...calls, beside]);
    await expect(other.api.settings.get()).resolves.toMatchObject({ theme: 'system' });
    expect(begun).toBe(33);
    await other.drop();
  });

  it('holds messages that don’t end only up to a limit of all pages together', async () => {
    const { cookie, key } = await sessionWith(server);
    const headers = { cookie, origin: originOf(server) };
    const open = async () => {
      const socket = new WebSocket(`${server.address.replace('http', 'ws')}api`, protocolsFor(key), {
        headers,
      });
      socket.on('error', () => {});
      await once(socket, 'open');
      return socket;
    };
    const sockets = await Promise.all(Array.from({ length: 12 }, open));
    const part = Buffer.alloc(16 * 2 ** 20, 0x20);
    for (const socket of sockets) socket.send(part, { fin: false });
    // eight of them fit
    await expect
      .poll(() => sockets.filter(({ readyState }) => readyState === WebSocket.CLOSED).length)
      .toBeGreaterThanOrEqual(4);
    expect(opened.logged.join()).toContain('too many bytes at once');
    const { api } = await connect(server);
    await expect(api.settings.get()).resolves.toMatchObject({ theme: 'system' });
    for (const socket of sockets) socket.terminate();
  });

  it('opens for so many pages and no more', async () => {
    const { cookie, key } = await sessionWith(server);
    const headers = { cookie, origin: originOf(server) };
    const address = `${server.address.replace('http', 'ws')}api`;
    const sockets = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = new WebSocket(address, protocolsFor(key), { headers });
        await once(socket, 'open');
        return socket;
      }),
    );
    expect(await refusalOf(server, { ...headers, key })).toBe(503);
    sockets[0]!.terminate();
    await expect.poll(() => refusalOf(server, { ...headers, key })).toBeNull();
    for (const socket of sockets) socket.terminate();
  });

  it('is gone when the server is closed', async () => {
    const { api } = await connect(server);
    await server.close();
    await expect(api.settings.get()).rejects.toThrow();
    await expect(fetch(server.address)).rejects.toThrow();
  });
});

describe('uploads', () => {
  const headersOf = async () => {
    const { cookie, key } = await sessionWith(server);
    return { cookie, authorization: `Bearer ${key}`, origin: originOf(server) };
  };
  const post = (name: string, body: string, headers: Record<string, string>) =>
    raw({ method: 'POST', path: `/upload?name=${encodeURIComponent(name)}`, headers, body });
  const uploads = () => path.join(opened.folder, 'uploads');
  const leftovers = () =>
    existsSync(uploads()) ? readdirSync(uploads(), { recursive: true }).map(String) : [];

  it('are kept under their name', async () => {
    const headers = await headersOf();
    const { status, text } = await post('my rows.csv', 'a,b\n', headers);
    expect(status).toBe(200);
    const { path: kept } = JSON.parse(text) as { path: string };
    expect(readFileSync(kept, 'utf8')).toBe('a,b\n');
    expect([path.basename(kept), path.dirname(path.dirname(kept))]).toEqual(['my rows.csv', uploads()]);
    const evil = await post('../../../evil.sh', 'x', headers);
    expect(path.relative(uploads(), JSON.parse(evil.text).path)).toMatch(/^[0-9a-f]{6}\/evil\.sh$/);
  });

  it('need the cookie, the key, the origin and a name', async () => {
    const { cookie, authorization, origin } = await headersOf();
    const session = { cookie, authorization };
    expect((await post('a.csv', 'x', { authorization, origin })).status).toBe(401);
    expect((await post('a.csv', 'x', { cookie, origin })).status).toBe(401);
    expect((await post('a.csv', 'x', { cookie, authorization: 'Bearer x', origin })).status).toBe(401);
    expect((await post('a.csv', 'x', session)).status).toBe(403);
    expect((await post('a.csv', 'x', { ...session, origin: 'https://evil.example' })).status).toBe(403);
    expect((await post('', 'x', { ...session, origin })).status).toBe(400);
    expect(leftovers()).toEqual([]);
  });

  it('leave a gigabyte free on the disk, whether they say how long they are or not', async () => {
    await server.close();
    server = await served({ freeBytes: async () => 1e9 + 10 });
    const headers = await headersOf();
    const chunked = { ...headers, 'transfer-encoding': 'chunked' };
    expect((await post('a.csv', '0123456789', headers)).status).toBe(200);
    const kept = leftovers().length;
    const refusals = [
      await post('b.csv', '0123456789a', headers),
      await post('c.csv', '0123456789a', chunked),
    ];
    for (const { status, text } of refusals) {
      expect(status).toBe(413);
      expect(JSON.parse(text)).toMatchObject({ code: 'disk-full', hint: expect.stringContaining('Free') });
    }
    expect(leftovers().length).toBe(kept);
  });

  it('that break off leave nothing behind', async () => {
    const headers = { ...(await headersOf()), 'content-length': '100' };
    const asked = request({
      host: '127.0.0.1',
      port: server.port,
      method: 'POST',
      path: '/upload?name=a.csv',
      headers,
    });
    asked.on('error', () => {});
    asked.write('half');
    await expect.poll(() => leftovers().filter((name) => name.endsWith('.part')).length).toBe(1);
    asked.destroy();
    await expect.poll(leftovers).toEqual([]);
    expect(opened.logged).toEqual([]);
  });
});

describe('connections that keep the host waiting', () => {
  const session = (more: string) =>
    `POST /session HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nOrigin: ${originOf(server)}\r\n${more}\r\n\r\n`;
  const upgrade = () =>
    `GET /api HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nOrigin: ${originOf(server)}\r\nConnection: Upgrade\r\n` +
    'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

  it.each([
    ['silent', () => ''],
    ['in the middle of a head', () => 'GET / HT'],
    ['in the middle of a body', () => `${session('Content-Length: 100')}{"tok`],
    [
      'in the middle of a body that names no length',
      () => `${session('Transfer-Encoding: chunked')}5\r\n{"tok\r\n`,
    ],
    ['a WebSocket that was refused and stays open', upgrade],
  ])('are closed: %s', async (_, text) => {
    await server.close();
    server = await served({ patienceMs: 400 });
    const waiting = createConnection({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    waiting.on('error', () => {});
    waiting.write(text());
    waiting.resume();
    // an end that was only half closed goes on to take bytes
    waiting.once('end', () => setInterval(() => waiting.write('x'), 20).unref());
    await new Promise((closed) => waiting.once('close', closed));
  });

  it('are closed in the middle of an upload, unless bytes go on to come', async () => {
    await server.close();
    server = await served({ patienceMs: 400 });
    const { cookie, key } = await sessionWith(server);
    const headers = {
      cookie,
      authorization: `Bearer ${key}`,
      origin: originOf(server),
      'content-length': '10',
    };
    const asked = request({
      host: '127.0.0.1',
      port: server.port,
      method: 'POST',
      path: '/upload?name=a.csv',
      headers,
    });
    const failed = new Promise((resolve) => asked.once('error', resolve));
    const started = performance.now();
    for (let i = 0; i < 8; i++) {
      asked.write('x');
      await setTimeout(150);
    }
    expect(performance.now() - started).toBeGreaterThan(1000);
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
    expect(opened.logged).toEqual([]);
  });
});

describe('the address', () => {
  it('is of this computer alone unless it is told otherwise', async () => {
    expect(server).toMatchObject({ address: `http://127.0.0.1:${server.port}/`, isOpenToOthers: false });
    const open = await served({ host: '0.0.0.0' });
    expect(open.isOpenToOthers).toBe(true);
    expect(new URL(open.link()).port).toBe(String(open.port));
    await open.close();
  });

  it('that is taken is said, and another port is used where none was asked for', async () => {
    const taken = served({ port: server.port });
    await expect(taken).rejects.toMatchObject({
      code: 'cannot-listen',
      hint: expect.stringContaining('--port'),
    });
    await expect(served({ host: '203.0.113.7' })).rejects.toMatchObject({ code: 'cannot-listen' });
    const [one, two] = [await served({ port: undefined }), await served({ port: undefined })];
    expect(one.port).not.toBe(two.port);
    await Promise.all([one.close(), two.close()]);
  });

  it('can be a name that --host gives', async () => {
    const named = await served({ host: 'localhost' });
    const session = await sessionWith(named);
    expect([named.isOpenToOthers, named.address]).toEqual([false, `http://localhost:${named.port}/`]);
    expect(await refusalOf(named, { ...session, origin: originOf(named) })).toBeNull();
    await named.close();
  });
});
