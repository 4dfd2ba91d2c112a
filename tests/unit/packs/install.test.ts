/** A pack from its manifest to a folder: whole or not there, resumed, refused where something is wrong. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PackProgress } from '../../../main/packs/install.ts';
import {
  type Pack,
  packBytes,
  packFolder,
  packState,
  partFolder,
  removePack,
} from '../../../main/packs/pack.ts';
import { installServed, type PackServer, packsHere, startPackServer } from '../../helpers/pack.ts';

let server: PackServer;
let packs: string;

beforeEach(async () => {
  server = await startPackServer();
  packs = packsHere();
});

afterEach(async () => {
  await server.close();
  fs.rmSync(packs, { recursive: true });
});

const bytesAsked = () => server.asked.reduce((sum, { from, to }) => sum + to - from + 1, 0);
/** The manifest with another hash for the member, or the whole archive. */
function wrong(manifest: Pack, what: 'archive' | 'member'): Pack {
  const copy = structuredClone(manifest);
  const archive = copy.archives[1]!;
  (what === 'archive' ? archive : archive.members[0]!).sha256 = 'a'.repeat(64);
  return copy;
}

describe('a pack', () => {
  it('is got whole: the wanted files with their contents, and nothing else', async () => {
    const seen: PackProgress[] = [];
    const folder = await installServed(server.manifest, packs, { onProgress: (now) => seen.push(now) });
    const members = server.manifest.archives.flatMap(({ members: all }) => all);
    expect(fs.readdirSync(folder).sort()).toEqual([...members.map(({ file }) => file), 'pack.json'].sort());
    for (const { file, bytes } of members) expect(fs.statSync(path.join(folder, file)).size).toBe(bytes);
    expect(fs.readFileSync(path.join(folder, 'runtime.LICENSE'), 'utf8')).toBe('MIT\n');
    const { download, disk } = packBytes(server.manifest);
    expect(await packState(packs, server.manifest)).toEqual({ kind: 'ready', folder, bytes: disk });
    expect(fs.existsSync(partFolder(packs, 'ggml'))).toBe(false);
    expect(seen.at(-1)).toEqual({ doing: 'unpacking', bytes: download, totalBytes: download });
    expect(bytesAsked()).toBe(download);
  });

  it('that is there is not got again', async () => {
    await installServed(server.manifest, packs);
    const before = server.asked.length;
    expect(await installServed(server.manifest, packs)).toBe(packFolder(packs, 'ggml'));
    expect(server.asked).toHaveLength(before);
  });

  it('goes on where it was stopped', async () => {
    const stop = new AbortController();
    const onProgress = ({ bytes }: PackProgress) => bytes > 40_000 && stop.abort();
    await expect(
      installServed(server.manifest, packs, { signal: stop.signal, onProgress }),
    ).rejects.toThrow();
    const state = await packState(packs, server.manifest);
    const here = state.kind === 'absent' ? state.partBytes : 0;
    expect(here).toBeGreaterThan(40_000);
    const before = bytesAsked();
    await installServed(server.manifest, packs);
    expect(bytesAsked() - before).toBe(packBytes(server.manifest).download - here);
    expect((await packState(packs, server.manifest)).kind).toBe('ready');
  });

  it('that was stopped while it was unpacked is downloaded no second time', async () => {
    const stop = new AbortController();
    const onProgress = ({ doing }: PackProgress) => doing === 'unpacking' && stop.abort();
    await expect(
      installServed(server.manifest, packs, { signal: stop.signal, onProgress }),
    ).rejects.toThrow();
    expect((await packState(packs, server.manifest)).kind).toBe('absent');
    const before = server.asked.length;
    await installServed(server.manifest, packs);
    expect(server.asked).toHaveLength(before);
  });

  it('needs room for archives and libraries before it begins', async () => {
    const { download, disk } = packBytes(server.manifest);
    const freeBytes = async () => download + disk - 1;
    await expect(installServed(server.manifest, packs, { freeBytes })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('The pack needs'),
    });
    expect(server.asked).toHaveLength(0);
    expect(fs.existsSync(partFolder(packs, 'ggml'))).toBe(false);
  });

  it('of another onnxruntime is replaced, and kept until the new one is whole', async () => {
    await installServed({ ...server.manifest, release: '1.29.0' }, packs);
    expect(await packState(packs, server.manifest)).toEqual({ kind: 'outdated', release: '1.29.0' });
    await installServed(server.manifest, packs);
    expect((await packState(packs, server.manifest)).kind).toBe('ready');
    expect(fs.readdirSync(packs)).toEqual(['ggml']);
  });

  it('with a file that is gone or cut is damaged, and got anew', async () => {
    const folder = await installServed(server.manifest, packs);
    fs.truncateSync(path.join(folder, 'libbig.so'), 10);
    expect(await packState(packs, server.manifest)).toEqual({
      kind: 'damaged',
      file: path.join(folder, 'libbig.so'),
    });
    await installServed(server.manifest, packs);
    expect((await packState(packs, server.manifest)).kind).toBe('ready');
  });

  it('is removed with all that belongs to it', async () => {
    expect(await removePack(packs, 'ggml')).toBe(0);
    await installServed(server.manifest, packs);
    expect(await removePack(packs, 'ggml')).toBeGreaterThan(packBytes(server.manifest).disk * 0.9);
    expect(fs.readdirSync(packs)).toEqual([]);
    expect(await packState(packs, server.manifest)).toEqual({ kind: 'absent', partBytes: 0 });
  });
});

describe('what goes wrong', () => {
  it('an archive with other content is refused and not kept', async () => {
    server.fault = (file) => (file.startsWith('blas') ? 'change' : null);
    await expect(installServed(server.manifest, packs)).rejects.toMatchObject({
      code: 'download-damaged',
      message: expect.stringContaining('of the Vulkan pack differs from what its publisher says'),
    });
    expect((await packState(packs, server.manifest)).kind).toBe('absent');
    server.fault = () => null;
    await installServed(server.manifest, packs);
  });

  it('a library with other content is refused', async () => {
    const manifest = wrong(server.manifest, 'member');
    await expect(installServed(manifest, packs)).rejects.toMatchObject({
      code: 'pack-damaged',
      message: expect.stringContaining('libblas.so.13'),
    });
    expect((await packState(packs, manifest)).kind).toBe('absent');
  });

  it('a manifest whose hash no download has ends in a sentence', async () => {
    await expect(installServed(wrong(server.manifest, 'archive'), packs)).rejects.toMatchObject({
      code: 'download-damaged',
    });
  });

  it('an index that does not have the files is said as such', async () => {
    server.fault = () => 'missing';
    await expect(installServed(server.manifest, packs)).rejects.toMatchObject({
      code: 'pack-unreachable',
      hint: expect.stringContaining(new URL(server.manifest.archives[0]!.url).host),
    });
  });

  it('another process that gets it is named', async () => {
    fs.mkdirSync(partFolder(packs, 'ggml'));
    fs.writeFileSync(path.join(partFolder(packs, 'ggml'), 'process'), `${process.ppid}\n`);
    await expect(installServed(server.manifest, packs)).rejects.toMatchObject({
      code: 'pack-busy',
      message: expect.stringContaining(String(process.ppid)),
    });
  });

  it('a process that has died does not hold it', async () => {
    fs.mkdirSync(partFolder(packs, 'ggml'));
    fs.writeFileSync(path.join(partFolder(packs, 'ggml'), 'process'), '999999999\n');
    await installServed(server.manifest, packs);
  });
});
