/** Data sets of the Hub against a Hub on this computer: found, looked at, downloaded, cut off and gone on with. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partsOf } from '../../../main/hub/datasets.ts';
import { type HubPart, openPart } from '../../helpers/hub.ts';
import { type HubServer, type ServedModel, startHubServer } from '../../helpers/hub-server.ts';

const TOKEN = 'hf_secret0123456789';
const rows = (count: number) =>
  Buffer.from(
    Array.from({ length: count }, (_, i) => JSON.stringify({ prompt: `q${i}`, completion: 'a' })).join('\n'),
  );
const messages: ServedModel = {
  repo: 'datasets/helpdesk/messages',
  licence: 'cc-by-4.0',
  files: {
    'README.md': Buffer.from('# Messages'),
    'dataset_infos.json': Buffer.from('{}'),
    'data/train-00000-of-00002.jsonl': rows(4000),
    'data/train-00001-of-00002.jsonl': rows(3000),
    'en/test.csv': Buffer.from('question,answer\nOne?,1\n'),
  },
  large: ['data/train-00000-of-00002.jsonl'],
  viewed: [
    { prompt: 'q0', completion: 'a' },
    { prompt: 'x'.repeat(500), completion: { deep: true } },
  ],
};
const gated: ServedModel = { ...messages, repo: 'datasets/makers/gated', gatedBy: TOKEN };
const TRAIN = 'train (jsonl)';

let server: HubServer;
let part: HubPart | null = null;
beforeEach(async () => {
  server = await startHubServer([messages, gated]);
});
afterEach(async () => {
  if (part) {
    await part.close();
    fs.rmSync(part.folder, { recursive: true });
  }
  part = null;
  await server.close();
});

async function open(token?: string): Promise<HubPart> {
  part = await openPart({ hubUrl: server.url, ...(token && { token }) });
  return part;
}

/** Downloads the part for training; `onProgress` may stop it. */
function get(
  { hub, folder }: HubPart,
  repo: string,
  stop = new AbortController(),
  after = Number.POSITIVE_INFINITY,
) {
  const onProgress = (bytes: number) => bytes > after && stop.abort();
  const how = { folder: path.join(folder, 'uploads'), onProgress, signal: stop.signal };
  return hub.downloadDataset(repo, TRAIN, how);
}

describe('a search', () => {
  it('finds data sets with their licence, also by the address of a page', async () => {
    const { hub } = await open();
    const found = { repo: 'helpdesk/messages', downloads: 7, gated: false, licence: 'cc-by-4.0' };
    expect(await hub.searchDatasets('messages', 5)).toEqual([found]);
    const address = 'https://huggingface.co/datasets/helpdesk/messages/tree/main';
    expect(await hub.searchDatasets(address, 5)).toEqual([found]);
  });

  it('asks nobody while offline', async () => {
    const { hub, store } = await open();
    store.settings.set({ offline: true });
    await expect(hub.searchDatasets('messages', 5)).rejects.toMatchObject({ code: 'offline' });
    expect(server.asked).toEqual([]);
  });
});

describe('a data set', () => {
  it('has its files in parts, those for training first, without what describes it', async () => {
    const { hub } = await open();
    const { parts, licence, repo } = await hub.dataset('helpdesk/messages');
    expect([repo, licence]).toEqual(['helpdesk/messages', 'cc-by-4.0']);
    const bytes = rows(4000).length + rows(3000).length;
    expect(parts).toEqual([
      { id: TRAIN, label: TRAIN, files: 2, bytes },
      { id: 'en / test (csv)', label: 'en / test (csv)', files: 1, bytes: 23 },
    ]);
  });

  it('shows its first rows, cut to what fits a cell', async () => {
    const { hub } = await open();
    const table = await hub.datasetRows('helpdesk/messages', TRAIN);
    expect(table?.columns).toEqual(['prompt', 'completion']);
    expect(table?.rows[0]).toEqual(['q0', 'a']);
    expect([table?.rows[1]?.[0]?.length, table?.rows[1]?.[1]]).toEqual([300, '{"deep":true}']);
    expect(await hub.datasetRows('no/such', TRAIN)).toBeNull();
  });

  it('that is not there is called a data set', async () => {
    const { hub } = await open();
    await expect(hub.dataset('no/such')).rejects.toMatchObject({
      code: 'hub-data-not-found',
      message: 'There is no data set no/such, or it is private.',
    });
    await expect(hub.dataset('../etc')).rejects.toMatchObject({ code: 'hub-data-not-found' });
  });
});

describe('a download', () => {
  it('brings the files of a part, whole and checked', async () => {
    const paths = await get(await open(), 'helpdesk/messages');
    expect(paths.map((file) => path.basename(file))).toEqual([
      'data--train-00000-of-00002.jsonl',
      'data--train-00001-of-00002.jsonl',
    ]);
    expect(paths.map((file) => fs.readFileSync(file).length)).toEqual([rows(4000).length, rows(3000).length]);
  });

  it('that is stopped goes on with what has arrived', async () => {
    const opened = await open();
    const stop = new AbortController();
    await expect(get(opened, 'helpdesk/messages', stop, 40_000)).rejects.toThrow();
    const before = server.asked.length;
    await get(opened, 'helpdesk/messages');
    const again = server.asked.slice(before).filter(({ file }) => file !== null);
    const all = Math.ceil(rows(4000).length / 32_768) + Math.ceil(rows(3000).length / 32_768);
    expect(again.length).toBeGreaterThan(0);
    expect(again.length).toBeLessThan(2 * all);
    expect(again.some(({ range }) => (range?.[0] ?? 0) > 0)).toBe(true);
  });

  it('whose content is another one is refused', async () => {
    const opened = await open();
    server.fault = ({ file }) => (file ? { change: (bytes) => Buffer.from(bytes).fill(32, 0, 9) } : null);
    await expect(get(opened, 'helpdesk/messages')).rejects.toMatchObject({ code: 'download-damaged' });
  });

  it('of a gated one needs the token, and says where to accept the conditions', async () => {
    await expect(get(await open(), 'makers/gated')).rejects.toMatchObject({
      code: 'data-gated',
      hint: expect.stringContaining('huggingface.co/datasets/makers/gated'),
    });
    await part?.close();
    part = null;
    expect(await get(await open(TOKEN), 'makers/gated')).toHaveLength(2);
  });
});

it('parts are named by folder, split and format', () => {
  const labels = (...paths: string[]) => {
    const hash = { kind: 'git-sha1' as const, value: '0'.repeat(40) };
    return partsOf(paths.map((file) => ({ path: file, bytes: 1, hash }))).map(({ label }) => label);
  };
  expect(labels('a.csv', 'a.json')).toEqual(['a (csv)', 'a (json)']);
  expect(labels('de/train/0000.parquet', 'de/train/0001.parquet')).toEqual(['de / train (parquet)']);
  expect(labels('test-1.jsonl.gz', 'train.jsonl.gz')).toEqual(['train (jsonl)', 'test-1 (jsonl)']);
  expect(labels('0000.parquet')).toEqual(['data (parquet)']);
});
