/** What browsers save: who gets an address, for how long, and that what comes is what was exported. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportRow, RunDetails } from '../../../common/api/contract.ts';
import { apiRouter } from '../../../main/api/api.ts';
import { downloadOf } from '../../../main/app/downloads.ts';
import { serve, type WebServer } from '../../../main/serve/serve.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';
import { originOf, sessionWith } from '../../helpers/web-client.ts';

let opened: TestParts;
let server: WebServer;
let run: RunDetails;
let clock = 0;

beforeEach(async () => {
  clock = 0;
  opened = await testParts();
  run = runAt(path.join(opened.folder, 'run-1'));
  server = await serve({
    router: apiRouter(opened.parts, opened.log),
    ...{ log: opened.log, port: 0, now: () => clock, renderer: opened.folder },
    uploads: () => opened.folder,
    download: async (_, what) => downloadOf(run, what),
  });
});
afterEach(async () => {
  await server.close();
  opened.remove();
});

/** A run with a report, a GGUF file and a folder as exports. */
function runAt(folder: string): RunDetails {
  const exports = path.join(folder, 'exports');
  mkdirSync(path.join(exports, 'letters'), { recursive: true });
  writeFileSync(path.join(folder, 'report.html'), '<h1>Report</h1>');
  writeFileSync(path.join(exports, 'Brief.gguf'), 'weights');
  writeFileSync(path.join(exports, 'letters', 'config.json'), '{}');
  writeFileSync(path.join(exports, 'letters', 'größe.bin'), 'x'.repeat(200_000));
  const row = (id: string, out: string, files: string[]) =>
    ({ id, result: { out: path.join(exports, out), files } }) as unknown as ExportRow;
  return {
    folder,
    exports: [
      row('file', 'Brief.gguf', ['Brief.gguf']),
      row('folder', 'letters', ['config.json', 'größe.bin']),
      row('gone', 'nothing', ['config.json']),
    ],
  } as unknown as RunDetails;
}

async function offered(what: string, headers: Record<string, string>): Promise<Response> {
  return fetch(new URL(`download?run=run-1&what=${what}`, server.address), { method: 'POST', headers });
}

async function asPage(): Promise<Record<string, string>> {
  const { cookie, key } = await sessionWith(server);
  return { cookie, authorization: `Bearer ${key}`, origin: originOf(server) };
}

async function downloaded(what: string): Promise<Response> {
  const headers = await asPage();
  const { path: at } = (await (await offered(what, headers)).json()) as { path: string };
  return fetch(new URL(at, server.address), { headers: { cookie: headers.cookie! } });
}

describe('a download', () => {
  it('of a GGUF export is the file as it is', async () => {
    const answer = await downloaded('file');
    expect(await answer.text()).toBe('weights');
    expect(answer.headers.get('content-length')).toBe('7');
    expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''Brief.gguf");
  });

  it('of a folder is a .zip of the announced length, whose checksums are right', async () => {
    const answer = await downloaded('folder');
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(Number(answer.headers.get('content-length'))).toBe(bytes.length);
    expect(answer.headers.get('content-disposition')).toMatch(/letters\.zip$/);
    const files = unzipSync(bytes);
    expect(Object.keys(files)).toEqual(['letters/config.json', 'letters/größe.bin']);
    expect(files['letters/größe.bin']).toHaveLength(200_000);
  });

  it.skipIf(process.platform === 'win32')('of weights beyond 4 GB announces their length', async () => {
    // without content, and so without room on the disk
    const bytes = 5 * 2 ** 30;
    truncateSync(path.join(run.folder, 'exports', 'letters', 'größe.bin'), bytes);
    const headers = await asPage();
    const { path: at } = (await (await offered('folder', headers)).json()) as { path: string };
    const get = { method: 'HEAD', headers: { cookie: headers.cookie! } };
    const answer = await fetch(new URL(at, server.address), get);
    const more = Number(answer.headers.get('content-length')) - bytes;
    expect(more).toBeGreaterThan(0);
    expect(more).toBeLessThan(1000);
  });

  it('of a file that shrinks meanwhile breaks off', async () => {
    const headers = await asPage();
    const { path: at } = (await (await offered('folder', headers)).json()) as { path: string };
    truncateSync(path.join(run.folder, 'exports', 'letters', 'größe.bin'), 1000);
    const answer = fetch(new URL(at, server.address), { headers: { cookie: headers.cookie! } });
    await expect(answer.then((got) => got.arrayBuffer())).rejects.toThrow();
  });

  it('of a report is a page that can neither run nor load anything', async () => {
    const answer = await downloaded('report');
    expect(await answer.text()).toBe('<h1>Report</h1>');
    expect(answer.headers.get('content-disposition')).toMatch(/^inline/);
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'/,
    );
  });

  it('of what is gone says what to do', async () => {
    const answer = await offered('gone', await asPage());
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'export-gone', hint: 'Save the model again.' });
  });
});

describe('its address', () => {
  it('is given to a page with both secrets alone', async () => {
    const { cookie = '', authorization = '', origin = '' } = await asPage();
    expect((await offered('file', { cookie, origin })).status).toBe(401);
    expect((await offered('file', { authorization, origin })).status).toBe(401);
    expect((await offered('file', { cookie, authorization, origin: 'http://elsewhere' })).status).toBe(403);
    expect((await offered('file', { cookie, authorization, origin })).status).toBe(200);
  });

  it('is of no use without the cookie, when guessed, or after a minute', async () => {
    const headers = await asPage();
    const { path: at } = (await (await offered('file', headers)).json()) as { path: string };
    const get = (to: string, cookie: string) => fetch(new URL(to, server.address), { headers: { cookie } });
    expect((await get(at, '')).status).toBe(404);
    expect((await get('download/guess', headers.cookie!)).status).toBe(404);
    expect((await get(at, headers.cookie!)).status).toBe(200);
    clock += 61_000;
    expect((await get(at, headers.cookie!)).status).toBe(404);
  });
});
