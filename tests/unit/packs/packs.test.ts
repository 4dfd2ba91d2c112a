/** The app's side of the pack: what a page sees while it comes, is stopped, fails, and goes. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PackNow } from '../../../common/api/contract.ts';
import { DEFAULT_SETTINGS } from '../../../common/settings/app.ts';
import { PACKS, packBytes } from '../../../main/packs/pack.ts';
import { openPacks, type Packs } from '../../../main/packs/packs.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { type PackServer, packsHere, QUICK_PACK, startPackServer } from '../../helpers/pack.ts';

let server: PackServer;
let folder: string;
let packs: Packs;
let changes = 0;

beforeEach(async () => {
  server = await startPackServer();
  folder = packsHere();
  changes = 0;
  for (const { file } of Object.values(PACKS))
    fs.copyFileSync(path.join(resourcesFolder(), file), path.join(folder, file));
  const { release, archives } = server.manifest;
  const platforms = { [`${process.platform}-${process.arch}`]: { archives } };
  fs.writeFileSync(path.join(folder, PACKS.ggml.file), JSON.stringify({ version: 1, release, platforms }));
  packs = openPacks({
    store: { folder, settings: { get: () => DEFAULT_SETTINGS, set: () => DEFAULT_SETTINGS } },
    host: { secrets: { get: async () => null, set: async () => {} } },
    resources: folder,
    tuning: QUICK_PACK,
    freeBytes: async () => 1e9,
    onChange: () => {
      changes += 1;
    },
  });
});

afterEach(async () => {
  await packs.close();
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

/** What a page saw until `isEnd`. */
async function seenUntil(isEnd: (pack: PackNow) => boolean): Promise<PackNow[]> {
  const seen: PackNow[] = [];
  for await (const pack of packs.watch('ggml')) {
    seen.push(pack);
    if (isEnd(pack)) return seen;
  }
  throw new Error('the stream ended');
}

describe('a pack of the app', () => {
  it('comes, with how far it is, and goes', async () => {
    const [first] = await seenUntil(() => true);
    const { download, disk } = packBytes(server.manifest);
    expect(first).toMatchObject({
      state: 'absent',
      bytes: 0,
      downloadBytes: download,
      diskBytes: disk,
      problem: null,
    });
    expect(first!.licences).toEqual([{ name: 'MIT', url: 'https://example.org/mit' }]);
    packs.get('ggml');
    packs.get('ggml');
    const seen = await seenUntil(({ state }) => state === 'ready');
    expect(seen[0]?.state).toBe('downloading');
    expect(seen.at(-1)).toMatchObject({ bytes: download, problem: null });
    expect(changes).toBe(1);
    expect(await packs.remove('ggml')).toBeGreaterThan(0);
    expect((await seenUntil(() => true))[0]?.state).toBe('absent');
    expect(changes).toBe(2);
  });

  it('is stopped, keeps what has arrived, and goes on', async () => {
    server.fault = (_, count) => (count > 4 ? 'hang' : null);
    packs.get('ggml');
    await seenUntil(({ bytes }) => bytes > 40_000);
    await packs.stop('ggml');
    const [stopped] = await seenUntil(() => true);
    expect(stopped).toMatchObject({ state: 'absent', problem: null });
    expect(stopped!.bytes).toBeGreaterThan(40_000);
    server.fault = () => null;
    packs.get('ggml');
    await seenUntil(({ state }) => state === 'ready');
  });

  it('says why it failed, until it is asked for again', async () => {
    server.fault = () => 'missing';
    packs.get('ggml');
    const failed = (await seenUntil(({ problem }) => problem !== null)).at(-1);
    expect(failed).toMatchObject({ state: 'absent', problem: { code: 'pack-unreachable' } });
    server.fault = () => null;
    packs.get('ggml');
    expect((await seenUntil(({ state }) => state === 'ready')).at(-1)?.problem).toBeNull();
  });
});
