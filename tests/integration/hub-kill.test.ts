/** A download whose process is killed goes on in the next one, and what was recorded is not fetched again. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { downloadsWhen, ended, openPart, tinyModel } from '../helpers/hub.ts';
import { commitOf, type HubServer, startHubServer } from '../helpers/hub-server.ts';

const CHILD = path.join(import.meta.dirname, '..', 'helpers', 'hub-child.ts');
const WEIGHTS = 'model.safetensors';
const RANGE = 32 * 1024;
const model = tinyModel();
const size = model.files[WEIGHTS]!.length;
let server: HubServer;
let folder: string;

beforeAll(async () => {
  server = await startHubServer([model]);
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-kill-'));
});

afterAll(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

it('kill -9 in the middle loses nothing that was recorded', async () => {
  let served = 0;
  server.fault = ({ host }) => (host === 'hub' || ++served <= 3 ? null : { hangAfter: 9000 });
  const child = spawn(process.execPath, [CHILD, folder, server.url, model.repo], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const recorded = await recordedWeights(child);
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await closed;

  const before = server.asked.length;
  server.fault = () => null;
  const { hub, close } = await openPart({ folder, hubUrl: server.url });
  const [offered] = await downloadsWhen(hub, (all) => all.length === 1);
  expect(offered).toMatchObject({ repo: model.repo, revision: commitOf(model), state: 'paused' });
  expect(offered!.bytes).toBeGreaterThanOrEqual(recorded);
  hub.resume(offered!.id);
  expect(await ended(hub)).toMatchObject({ state: 'done', problem: null });
  await close();
  const again = server.asked.slice(before).filter(({ host }) => host === 'cdn');
  const fetched = again.reduce((sum, { range }) => sum + range![1] - range![0] + 1, 0);
  expect(fetched).toBeLessThanOrEqual(size - recorded);
  const place = path.join(folder, 'models', 'someone--tiny', commitOf(model), WEIGHTS);
  expect(fs.readFileSync(place).equals(model.files[WEIGHTS]!)).toBe(true);
});

/** Bytes of the weights in the record on disk, once more than the three whole ranges are in it. */
async function recordedWeights(child: ChildProcess): Promise<number> {
  const record = path.join(folder, 'models', 'someone--tiny', commitOf(model), '.fettle-download.json');
  const look = () => {
    if (!fs.existsSync(record)) return 0;
    const { files } = JSON.parse(fs.readFileSync(record, 'utf8')) as Recorded;
    const weights = files.find((file) => file.path === WEIGHTS);
    return weights?.ranges.reduce((sum, { done }) => sum + done, 0) ?? 0;
  };
  for await (const line of createInterface({ input: child.stdout! })) {
    if (/failed|done/.test(line)) throw new Error(`the child is not in the middle any more: ${line}`);
    while (Number(line.split(' ')[1]) > 3 * RANGE) {
      if (look() > 3 * RANGE) return look();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error('the child has ended');
}

interface Recorded {
  readonly files: readonly { readonly path: string; readonly ranges: readonly { readonly done: number }[] }[];
}
