/** Electron's own installer fetches its program from a mirror that stands in for github.com, or through a proxy, and refuses another file. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { type FetchProgress, fetchElectron, findElectron } from '../../../main/serve/electron-program.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const MODULES = path.resolve(import.meta.dirname, '../../../node_modules');
const { version } = JSON.parse(readFileSync(path.join(MODULES, 'electron', 'package.json'), 'utf8')) as {
  version: string;
};
const ARCHIVE = `electron-v${version}-linux-x64.zip`;
const PROGRAM = 'the program'.repeat(20_000);

let home: string;
let remove: () => void;
let zip: Buffer;
let asked: string[];
const servers: Server[] = [];

/** A program of Electron's as its archives have it. */
async function archive(): Promise<Buffer> {
  const file = new ZipFile();
  file.addBuffer(Buffer.from(PROGRAM), 'electron', { mode: 0o100_755, compress: false });
  file.addBuffer(Buffer.from(version), 'version');
  file.end();
  return buffer(file.outputStream);
}

function listening(server: Server): Promise<number> {
  servers.push(server);
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}

const mirror = () =>
  listening(
    createServer(({ url = '' }, answer) => {
      asked.push(url);
      const isThere = url === `/v${version}/${ARCHIVE}`;
      answer.writeHead(isThere ? 200 : 404, isThere ? { 'content-length': zip.length } : {});
      answer.end(isThere ? zip : '');
    }),
  );

beforeEach(async () => {
  ({ folder: home, remove } = temporaryFolder());
  asked = [];
  zip = await archive();
  const modules = path.join(home, 'node_modules');
  mkdirSync(modules);
  cpSync(path.join(MODULES, 'electron'), path.join(modules, 'electron'), {
    recursive: true,
    filter: (file) => !/[\\/](dist|path\.txt)$/.test(file),
  });
  for (const scope of ['@electron', '@electron-internal'])
    symlinkSync(path.join(MODULES, scope), path.join(modules, scope), 'junction');
  writeFileSync(path.join(home, 'package.json'), '{}');
  const hash = createHash('sha256').update(zip).digest('hex');
  writeFileSync(path.join(modules, 'electron', 'checksums.json'), JSON.stringify({ [ARCHIVE]: hash }));
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  remove();
});

/** Nothing of the surroundings: neither a proxy of theirs nor a cache. */
function environment(more: Readonly<Record<string, string>>) {
  const { PATH = '', SystemRoot = '', TEMP = '' } = process.env;
  const system = { npm_config_platform: 'linux', npm_config_arch: 'x64', DISPLAY: ':0' };
  const cache = path.join(home, 'cache');
  return { PATH, SystemRoot, TEMP, HOME: home, electron_config_cache: cache, ...system, ...more };
}

async function fetchWith(env: Readonly<Record<string, string>>) {
  const progress: FetchProgress[] = [];
  const found = findElectron(home, environment(env));
  if (!('installer' in found)) return expect.fail('it is there already');
  const why = await fetchElectron(found.installer, (now) => progress.push(now), environment(env));
  return { why, progress, found: findElectron(home, environment(env)) };
}

describe('a program that is not there yet', () => {
  it('is fetched from a mirror, with progress, and found', async () => {
    const { why, progress, found } = await fetchWith({
      ELECTRON_MIRROR: `http://127.0.0.1:${await mirror()}/`,
    });
    expect(why).toBeNull();
    expect(asked).toEqual([`/v${version}/${ARCHIVE}`]);
    expect(progress.at(-1)).toEqual({ bytes: zip.length, total: zip.length });
    expect(progress.map(({ bytes }) => bytes)).toEqual(
      progress.map(({ bytes }) => bytes).toSorted((a, b) => a - b),
    );
    if (!('program' in found)) return expect.fail(JSON.stringify(found));
    expect(readFileSync(found.program, 'utf8')).toBe(PROGRAM);
  });

  it.each(['HTTP_PROXY', 'npm_config_proxy'])('is fetched through the proxy of %s', async (name) => {
    const port = await mirror();
    const through: string[] = [];
    const proxy = createServer();
    proxy.on('connect', ({ url = '' }, socket) => {
      through.push(url);
      const there = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        there.pipe(socket).pipe(there);
      });
      for (const end of [there, socket]) end.on('error', () => {});
    });
    const at = `http://127.0.0.1:${await listening(proxy)}`;
    const { why } = await fetchWith({ ELECTRON_MIRROR: 'http://mirror.invalid/', [name]: at });
    expect(why).toBeNull();
    expect(through).toEqual(['mirror.invalid:80']);
  });

  it('is refused where its hash is another one', async () => {
    zip = Buffer.concat([zip, Buffer.from('x')]);
    const { why, found } = await fetchWith({ ELECTRON_MIRROR: `http://127.0.0.1:${await mirror()}/` });
    expect(why).toMatch(/checksum/i);
    expect(found).toHaveProperty('installer');
    expect(existsSync(path.join(home, 'node_modules', 'electron', 'dist'))).toBe(false);
  });

  it('says why it cannot be fetched', async () => {
    const port = await mirror();
    const missing = await fetchWith({ ELECTRON_MIRROR: `http://127.0.0.1:${port}/elsewhere/` });
    expect(missing.why).toMatch(/^Response code 404/);
    rmSync(path.join(home, 'cache'), { recursive: true, force: true });
    const alone = await fetchWith({ ELECTRON_MIRROR: 'http://mirror.invalid/' });
    expect(alone.why).toMatch(/^getaddrinfo \w+ mirror\.invalid$/);
  });
});
