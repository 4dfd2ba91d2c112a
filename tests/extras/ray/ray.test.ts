import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addTarget, listTargets, removeTarget, targetNamed } from '../../../main/app/targets.ts';
import { fileSecrets } from '../../../main/serve/web-host.ts';
import { openTarget } from '../../../main/targets/kinds.ts';
import type { Load } from '../../../main/targets/target.ts';
import { USUAL_TARGET } from '../../helpers/far-away.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';
import { type FakeRay, fakeRay, TOKEN } from './fake-ray.ts';

let place: ReturnType<typeof temporaryFolder>;
let ray: FakeRay;

beforeEach(() => {
  place = temporaryFolder();
});
afterEach(async () => {
  await ray?.close();
  place.remove();
});

const begin = async (options?: Parameters<typeof fakeRay>[1]) => {
  ray = await fakeRay(path.join(place.folder, 'home'), options);
  return ray.target;
};
const silent = { onBytes() {} };

function load(folder: string, files: Readonly<Record<string, number>>): Load {
  const here = path.join(place.folder, 'here', folder);
  mkdirSync(here, { recursive: true });
  const made = Object.entries(files).map(([name, bytes]) => {
    const file = path.join(here, name);
    writeFileSync(file, '');
    truncateSync(file, bytes);
    return { name, file };
  });
  return { folder, files: made };
}

describe('a Ray cluster', () => {
  it('tells what it has and what is missing, with how to get it', async () => {
    const facts = await (await begin()).test();
    expect(facts).toMatchObject({ cores: 8, python: '3.12.1', packages: { trl: null, ray: '1.0' } });
    expect(facts.cards).toEqual([{ name: 'NVIDIA H100', bytes: 81_559 * 2 ** 20 }]);
    expect(facts.missing).toEqual([
      expect.stringMatching(/lacks trl\. .*pip install trl==\d/),
      expect.stringContaining('share the folder'),
    ]);
  });

  it('says that workers are missing, for which a training would wait forever', async () => {
    await begin();
    const { missing } = await openTarget({ ...ray.spec, processes: 9 }, async () => TOKEN).test();
    expect(missing).toContainEqual(expect.stringContaining('room for 1 workers, fewer than the 9'));
  });

  it('is refused where Ray asks nobody for a token, before anything is sent', async () => {
    const target = await begin({ version: '2.51.1' });
    await expect(target.send([load('runs/a', { 'run.json': 10 })], silent)).rejects.toMatchObject({
      code: 'target-old',
    });
    expect(ray.asked).toEqual(['GET /api/version']);
  });

  it('refuses a wrong token, and says so', async () => {
    await begin();
    await expect(openTarget(ray.spec, async () => 'another').test()).rejects.toMatchObject({
      code: 'target-refused',
    });
    await expect(openTarget(ray.spec, async () => 'two\nlines').test()).rejects.toMatchObject({
      code: 'target-refused',
    });
  });

  it('is told apart from something else, and from nothing', async () => {
    await begin();
    const elsewhere = (host: string) => openTarget({ ...ray.spec, host }, async () => TOKEN).test();
    await expect(elsewhere(`${ray.spec.host}/other`)).rejects.toMatchObject({ code: 'target-failed' });
    await ray.close();
    await expect(elsewhere(ray.spec.host)).rejects.toMatchObject({ code: 'target-unreachable' });
  });

  it('gets what fits into a package, each once', async () => {
    const target = await begin();
    const loads = [
      load('models/m', { 'model.safetensors': 3 * 2 ** 20 }),
      load('runs/r', { 'run.json': 5, 'train.jsonl': 7 }),
    ];
    await target.send(loads, silent);
    const before = ray.asked.length;
    await target.send(loads.slice(0, 1), silent);
    const puts = ray.asked.slice(before).filter((one) => one.startsWith('PUT'));
    expect(puts).toEqual([]);
  });

  it('refuses what no package can hold before it sends it, and takes it once it was copied there', async () => {
    const target = await begin();
    const large = load('models/m', { 'config.json': 10, 'model.safetensors': 101 * 2 ** 20 });
    const sending = target.send([large, load('runs/r', { 'run.json': 5 })], silent);
    await expect(sending).rejects.toMatchObject({ code: 'target-too-large' });
    await expect(sending).rejects.toThrow(/too large to send/);
    expect(ray.sent().length).toBeLessThan(100_000);
    const there = path.join(ray.home, '.fettle/models/m');
    mkdirSync(there, { recursive: true });
    for (const [name, bytes] of [
      ['config.json', 10],
      ['model.safetensors', 101 * 2 ** 20],
    ] as const) {
      writeFileSync(path.join(there, name), '');
      truncateSync(path.join(there, name), bytes);
    }
    await target.send([large], silent);
  });
});

describe('an answer without an end', () => {
  it.each(['version', 'logs', 'file', 'refusal'])('of %s is ended, and leaves nothing', async (what) => {
    // what it says first is as Ray says it
    const server = http.createServer((request, response) => {
      const { url = '' } = request;
      const isAsked = what === 'file' ? url.includes('logs/file') : what !== 'logs' || url.endsWith('/logs');
      response.writeHead(isAsked && what === 'refusal' ? 500 : 200);
      if (!isAsked) {
        response.end(JSON.stringify({ status: 'RUNNING', message: null, driver_node_id: 'one' }));
        return;
      }
      const more = () => {
        while (response.write(Buffer.alloc(2 ** 20, ' ')));
      };
      response.on('drain', more);
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const target = openTarget({ ...USUAL_TARGET, kind: 'ray', name: 'far', host }, async () => TOKEN);
      const job = { id: 'one', folder: 'runs/one', model: null };
      const to = path.join(place.folder, 'result');
      const { signal } = new AbortController();
      const asked =
        what === 'logs'
          ? target.follow(job, 0, { onLog() {}, onState() {} }, signal)
          : what === 'file'
            ? target.fetch(job, 'x', to, { ...silent, bytes: 10_000 })
            : target.test();
      await expect(asked).rejects.toMatchObject({
        code: 'target-damaged',
        message: expect.stringContaining('far sends more'),
      });
      expect(readdirSync(place.folder)).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('the address and the token of a Ray cluster', () => {
  const keeping = () => {
    const kept = new Map<string, unknown>();
    const store = {
      kept: {
        get: (key: string) => kept.get(key) ?? null,
        set: (key: string, value: unknown) => kept.set(key, value),
      },
    } as unknown as Parameters<typeof addTarget>[0];
    const secrets = fileSecrets(() => place.folder);
    return { store, secrets, kept };
  };
  const spec = { name: 'r', kind: 'ray' as const };

  it.each([
    ['http://head.example.org:8265', 'target-unsafe'],
    ['http://10.0.0.7:8265', 'target-unsafe'],
    ['ftp://localhost:8265', 'bad-config'],
    ['https://me:secret@head.example.org', 'bad-config'],
    ['head.example.org:8265', 'bad-config'],
  ])('%s is refused', async (host, code) => {
    const { store, secrets } = keeping();
    await expect(addTarget(store, secrets, { ...spec, host })).rejects.toMatchObject({ code });
    expect(listTargets(store)).toEqual([]);
  });

  it.each(['https://head.example.org:8265', 'http://localhost:8265', 'http://127.0.0.1:8265'])(
    '%s is taken',
    async (host) => {
      const { store, secrets } = keeping();
      expect(await addTarget(store, secrets, { ...spec, host })).toMatchObject({ host, kind: 'ray' });
    },
  );

  it('never meet where the token was not given for', async () => {
    const { store, secrets, kept } = keeping();
    await begin();
    const { host } = ray.spec;
    await addTarget(store, secrets, { ...spec, host, python: ray.spec.python, token: `${TOKEN}\n` });
    expect(JSON.stringify([...kept])).not.toContain(TOKEN);
    expect((await targetNamed(store, secrets, 'r').test()).cores).toBe(8);
    expect(ray.sent()).not.toContain(TOKEN);
    // another address under the same name
    await addTarget(store, secrets, { ...spec, host: `${host}/` });
    await expect(targetNamed(store, secrets, 'r').test()).rejects.toMatchObject({ code: 'target-refused' });
    await addTarget(store, secrets, { ...spec, host, token: TOKEN });
    await removeTarget(store, secrets, 'r');
    expect(await secrets.get('token of r')).toBeNull();
  });
});
