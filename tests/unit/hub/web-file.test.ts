/** A file at a web address: what is meant, what is refused, and that no page reaches a private network through the web host. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchWebFile, isPublic, meantAddress, type WebFileOptions } from '../../../main/hub/web-file.ts';

const CSV = 'question,answer\nOne?,1\n';
let folder: string;
let server: http.Server;
let base: string;
let asked: string[] = [];
beforeEach(async () => {
  asked = [];
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-web-'));
  server = http.createServer((request, response) => {
    asked.push(request.url ?? '');
    const reply = REPLIES[request.url ?? ''] ?? [404, {}, ''];
    response.writeHead(reply[0], reply[1]).end(reply[2]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  fs.rmSync(folder, { recursive: true });
});

const CSV_TYPE = { 'content-type': 'text/csv; charset=utf-8' };
const REPLIES: Readonly<Record<string, [number, Record<string, string>, string]>> = {
  '/rows.csv': [200, { 'content-type': 'application/octet-stream' }, CSV],
  '/export?id=3': [200, CSV_TYPE, CSV],
  '/named': [200, { ...CSV_TYPE, 'content-disposition': 'attachment; filename="My rows.csv"' }, CSV],
  '/up': [200, { ...CSV_TYPE, 'content-disposition': 'attachment; filename="../../evil.csv"' }, CSV],
  '/moved': [302, { location: '/rows.csv' }, ''],
  '/round': [302, { location: '/round' }, ''],
  '/page': [200, { 'content-type': 'text/html' }, '<p>Sign in</p>'],
  '/odd': [200, { 'content-type': 'application/octet-stream' }, 'x'],
  '/closed': [403, {}, ''],
};

function get(address: string, more: Partial<WebFileOptions> = {}): Promise<string> {
  let files = 0;
  return fetchWebFile(address, {
    ...{ offline: false, proxy: null, mayBePrivate: true, signal: new AbortController().signal },
    onProgress: () => {},
    place: async (name) => {
      const at = path.join(folder, String(files++));
      fs.mkdirSync(at);
      return path.join(at, path.basename(name));
    },
    ...more,
  });
}

describe('a file at an address', () => {
  it.each([
    ['/rows.csv', 'rows.csv'],
    ['/export?id=3', 'export.csv'],
    ['/named', 'My rows.csv'],
    ['/up', 'evil.csv'],
    ['/moved', 'rows.csv'],
  ])('%s becomes %s', async (at, name) => {
    const told: (number | null)[][] = [];
    const file = await get(base + at, { onProgress: (...news) => told.push(news) });
    expect([path.basename(file), fs.readFileSync(file, 'utf8')]).toEqual([name, CSV]);
    expect(told.at(-1)?.[0]).toBe(CSV.length);
  });

  it.each([
    ['/missing.csv', 'address-not-found'],
    ['/closed', 'address-closed'],
    ['/page', 'address-is-page'],
    ['/odd', 'address-kind'],
    ['/round', 'bad-address'],
  ])('%s is refused as %s, and leaves nothing', async (at, code) => {
    await expect(get(base + at)).rejects.toMatchObject({ code });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('that is too large is refused, before it comes and on the way', async () => {
    await expect(get(`${base}/rows.csv`, { mostBytes: 10 })).rejects.toMatchObject({
      code: 'address-too-large',
    });
    const endless = async () => new Response(CSV, { headers: CSV_TYPE });
    const way = get('https://example.org/rows.csv', { mostBytes: 10, fetch: endless, mayBePrivate: true });
    await expect(way).rejects.toMatchObject({ code: 'address-too-large' });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('is not asked for while offline', async () => {
    await expect(get(`${base}/rows.csv`, { offline: true })).rejects.toMatchObject({ code: 'offline' });
    expect(asked).toEqual([]);
  });
});

describe('the web host', () => {
  const FAR = { address: '93.184.215.14', family: 4 };
  const names: Readonly<Record<string, { address: string; family: number }[]>> = {
    'files.example.org': [FAR],
    'inside.example.org': [{ address: '10.0.0.7', family: 4 }],
    'both.example.org': [FAR, { address: '::1', family: 6 }],
  };
  const lookup = async (name: string) => names[name] ?? [];
  const remote = (address: string, fetch?: typeof globalThis.fetch) =>
    get(address, { mayBePrivate: false, lookup, ...(fetch && { fetch }) });

  it.each([
    ['https://127.0.0.1/rows.csv'],
    ['https://127.1/rows.csv'],
    ['https://2130706433/rows.csv'],
    ['https://169.254.169.254/latest/meta-data.json'],
    ['https://inside.example.org/rows.csv'],
    ['https://both.example.org/rows.csv'],
  ])('does not ask %s', async (address) => {
    let isAsked = false;
    const fetch = async () => {
      isAsked = true;
      return new Response(CSV, { headers: CSV_TYPE });
    };
    await expect(remote(address, fetch)).rejects.toMatchObject({ code: 'address-not-public' });
    expect(isAsked).toBe(false);
  });

  it('does not follow to a private address', async () => {
    const seen: string[] = [];
    const fetch = async (url: unknown) => {
      seen.push(String(url));
      return new Response(null, { status: 302, headers: { location: 'https://inside.example.org/a.csv' } });
    };
    await expect(
      remote('https://files.example.org/rows.csv', fetch as typeof globalThis.fetch),
    ).rejects.toMatchObject({ code: 'address-not-public' });
    expect(seen).toEqual(['https://files.example.org/rows.csv']);
  });

  it('does not connect where a name means something else by then', async () => {
    let times = 0;
    const turning = async () => [times++ === 0 ? FAR : { address: '127.0.0.1', family: 4 }];
    const { port } = server.address() as AddressInfo;
    const getting = get(`https://files.example.org:${port}/rows.csv`, {
      mayBePrivate: false,
      lookup: turning,
    });
    await expect(getting).rejects.toMatchObject({ code: 'hub-unreachable' });
    expect([times, asked]).toEqual([2, []]);
  });

  it('asks encrypted addresses alone', () => {
    expect(() => meantAddress('http://files.example.org/a.csv', false)).toThrow(/not encrypted/);
    expect(() => meantAddress('http://localhost/a.csv', false)).toThrow();
    expect(() => meantAddress('file:///etc/passwd', true)).toThrow(/no web address/);
    expect(() => meantAddress('https://me:secret@files.example.org/a.csv', false)).toThrow(/password/);
  });
});

it('tells public addresses from those that are not', () => {
  const open = ['93.184.215.14', '8.8.8.8', '2606:4700::1111'];
  const shut = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
  ];
  const shut6 = [
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
  ];
  const carried = ['2002:a00:1::', '2001:db8::1', 'no address'];
  expect(open.filter(isPublic)).toEqual(open);
  expect([...shut, ...shut6, ...carried].filter(isPublic)).toEqual([]);
});

it('takes the page of a shared file for the file', () => {
  const meant = (given: string) => meantAddress(given, false).href;
  expect(meant('docs.google.com/spreadsheets/d/1aB-c/edit#gid=42')).toBe(
    'https://docs.google.com/spreadsheets/d/1aB-c/export?format=csv&gid=42',
  );
  expect(meant('https://docs.google.com/spreadsheets/d/1aB-c/edit?usp=sharing')).toBe(
    'https://docs.google.com/spreadsheets/d/1aB-c/export?format=csv',
  );
  expect(meant('https://github.com/mo/data/blob/main/a/rows.csv')).toBe(
    'https://raw.githubusercontent.com/mo/data/main/a/rows.csv',
  );
  expect(meant('https://huggingface.co/datasets/mo/data/blob/main/rows.csv')).toBe(
    'https://huggingface.co/datasets/mo/data/resolve/main/rows.csv',
  );
});
