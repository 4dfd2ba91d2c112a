/** Rows from elsewhere: where they go, and who may name an address of a private network. */
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, describe, expect, it } from 'vitest';
import type { FetchProgress } from '../../../common/api/contract.ts';
import { apiRouter } from '../../../main/api/api.ts';
import type { Hub } from '../../../main/hub/hub.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts | null = null;
afterEach(() => opened?.remove());

async function news(stream: Promise<AsyncIterable<FetchProgress>>): Promise<FetchProgress[]> {
  const all: FetchProgress[] = [];
  for await (const one of await stream) all.push(one);
  return all;
}

async function fetched(kind: 'web' | 'electron') {
  const asked: { address: string; mayBePrivate: boolean }[] = [];
  const fetchFile: Hub['fetchFile'] = async (address, { mayBePrivate, place, onProgress }) => {
    asked.push({ address, mayBePrivate });
    onProgress(5, 10);
    return place('My rows.csv');
  };
  opened = await testParts({ hub: { fetchFile }, host: { kind } });
  const router = apiRouter(opened.parts, opened.log);
  const said = await news(call(router.sources.address, { address: 'example.org/rows.csv' }));
  return { asked, said, folder: opened.folder };
}

describe('sources.address', () => {
  it('tells how far it is, and puts the file into a folder of its own in the data folder', async () => {
    const { said, folder } = await fetched('web');
    expect(said[0]).toEqual({ kind: 'progress', bytes: 5, totalBytes: 10 });
    const done = said[1];
    const [file = ''] = done?.kind === 'done' ? done.paths : [];
    expect(path.relative(folder, file)).toMatch(/^uploads\/[0-9a-f]{6}\/My rows\.csv$/);
  });

  it('lets a window name private addresses, and the web host none', async () => {
    expect((await fetched('web')).asked).toEqual([{ address: 'example.org/rows.csv', mayBePrivate: false }]);
    opened?.remove();
    expect((await fetched('electron')).asked).toMatchObject([{ mayBePrivate: true }]);
  });
});

it('sources.get brings a part into the folder of uploads, and tells its paths', async () => {
  const asked: unknown[] = [];
  opened = await testParts({
    hub: {
      async downloadDataset(repo, part, { folder, onProgress }) {
        asked.push([repo, part, path.basename(folder)]);
        onProgress(1, 2);
        return [path.join(folder, 'train.jsonl')];
      },
    },
  });
  const router = apiRouter(opened.parts, opened.log);
  const said = await news(call(router.sources.get, { repo: 'mo/rows', part: 'train (jsonl)' }));
  expect(asked).toEqual([['mo/rows', 'train (jsonl)', 'hub']]);
  expect(said).toEqual([
    { kind: 'progress', bytes: 1, totalBytes: 2 },
    { kind: 'done', paths: [path.join(opened.folder, 'uploads', 'hub', 'train.jsonl')] },
  ]);
});
