import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorProgress } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import type { CurveResult, DoctorReport } from '../../../common/protocol/protocol.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { channel } from '../../../main/changes.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';

const CURVE = { method: 'words', categories: 3 } as unknown as CurveResult;
const REPORT = { files: [], rows: 3 } as unknown as DoctorReport;

let opened: TestParts;
let router: ApiRouter;
let given: Record<string, unknown>[] = [];
beforeEach(async () => {
  given = [];
  opened = await testParts({
    engine: {
      async check(config, onEvent) {
        given.push({ ...config });
        onEvent({ event: 'phase', phase: 'read', fraction: 0.5, detail: 'rows.csv' });
        onEvent({ event: 'warning', code: 'x', message: 'y' });
        onEvent({ event: 'phase', phase: 'read' });
        return REPORT;
      },
      async curve(config) {
        given.push({ ...config });
        return CURVE;
      },
      async preview(config) {
        given.push({ ...config });
        return [];
      },
      async edit(asked) {
        given.push({ ...asked });
        return { path: asked.out, rows: 2, unreadable: 0 };
      },
    },
  });
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

describe('data.check', () => {
  it('streams how far it is, and then the report', async () => {
    const model = addModel(opened.store);
    const input = {
      data: { paths: ['/d.csv'], system: 'Be kind.' },
      evalPaths: ['/e.csv'],
      modelId: model.id,
    };
    const values: DoctorProgress[] = [];
    for await (const value of await call(router.data.check, input)) values.push(value);
    expect(values).toEqual([
      { kind: 'progress', detail: 'rows.csv', fraction: 0.5 },
      { kind: 'progress', detail: 'Looking at the rows', fraction: null },
      { kind: 'report', report: REPORT },
    ]);
    expect(given).toEqual([
      { data: ['/d.csv'], system: 'Be kind.', evalData: ['/e.csv'], model: model.path },
    ]);
  });
});

describe('data.more', () => {
  it('asks what more of these rows would bring', async () => {
    const data = { paths: ['/d.csv'], map: 'prompt=a,completion=b' };
    expect(await call(router.data.more, { data })).toEqual(CURVE);
    expect(given).toEqual([{ data: ['/d.csv'], map: 'prompt=a,completion=b' }]);
  });
});

describe('data.fix', () => {
  it('writes a new file in the data folder', async () => {
    await call(router.data.fix, { data: { paths: ['/d/My rows.csv'] }, fixes: ['empty'] });
    const out = String(given[0]?.out);
    expect(given).toMatchObject([{ data: ['/d/My rows.csv'], fix: ['empty'] }]);
    expect(path.relative(opened.folder, out)).toMatch(/^mended\/my-rows-[0-9a-f]{6}\.jsonl$/);
    expect(existsSync(path.dirname(out))).toBe(true);
  });
});

describe('data.edit', () => {
  it('writes a copy under the name of the file, in a folder of its own in the data folder', async () => {
    const changes = [{ row: 1, turns: null }];
    const data = { paths: ['/d/My rows.csv'], map: 'text=a' };
    const { path: out } = await call(router.data.edit, { data, changes, added: [] });
    expect(path.relative(opened.folder, out)).toMatch(/^uploads\/[0-9a-f]{6}\/My rows\.jsonl$/);
    expect(given).toEqual([{ data: { data: ['/d/My rows.csv'], map: 'text=a' }, changes, added: [], out }]);
  });
});

describe('data.preview', () => {
  it('fills in what is left out', async () => {
    const model = addModel(opened.store);
    await call(router.data.preview, { data: { paths: ['/d.csv'] }, modelId: model.id });
    expect(given).toEqual([
      {
        data: { data: ['/d.csv'] },
        model: model.path,
        maxLength: 1024,
        trainOn: 'answers',
        from: 0,
        count: 3,
      },
    ]);
  });
});

it('hands new tokens on as they were given, to what has a tokenizer', async () => {
  const rows = { data: { paths: ['/d.csv'] }, newTokens: '<a> <b>' };
  const { id: modelId } = addModel(opened.store);
  await call(router.data.preview, { ...rows, modelId });
  for await (const _ of await call(router.data.check, { ...rows, modelId }));
  await call(router.data.fix, { ...rows, modelId, newTokens: ['<a b>'], fixes: ['empty'] });
  await call(router.data.fix, { ...rows, fixes: ['empty'] });
  expect(given.map(({ newTokens }) => newTokens)).toEqual(['<a> <b>', '<a> <b>', ['<a b>'], undefined]);
});

describe('data.samples', () => {
  it('has the sets that come with Fettle, each with its card', async () => {
    const sets = await call(router.data.samples, undefined);
    expect(sets.map(({ name }) => name)).toEqual([
      ...['continued-text', 'formal-tone', 'humorous-tone', 'plain-language'],
      ...['polite-answers', 'product-descriptions', 'support-answers', 'support-messages'],
      ...['think-first', 'tool-calls'],
    ]);
    for (const set of sets) {
      expect([set.name, existsSync(set.path), existsSync(set.heldOut ?? '')]).toEqual([set.name, true, true]);
      expect(set.goal).toMatch(/^[A-Z][^\n*]{20,}[.)]$/);
      expect(set.card).toContain(`# ${set.title}`);
    }
    expect(sets.find(({ name }) => name === 'support-messages')).toMatchObject({
      title: 'Support messages',
      rows: 600,
    });
    expect(sets[0]).toMatchObject({ rows: null, path: expect.stringMatching(/continued-text\.md$/) });
  });
});

describe('settings', () => {
  it('keep a token and never give it back', async () => {
    expect(await call(router.settings.hubToken, undefined)).toEqual({ kept: false });
    expect(await call(router.settings.setHubToken, { token: ' hf_abc ' })).toEqual({ kept: true });
    expect(await opened.parts.host.secrets.get('hubToken')).toBe('hf_abc');
    expect(await call(router.settings.setHubToken, { token: '' })).toEqual({ kept: false });
  });

  it.each([
    'file:///etc/passwd',
    'ftp://mirror.example',
    'http://mirror.example',
    'http://127.0.0.1.example/',
  ])('take no mirror that others could answer for: %s', async (hubMirror) => {
    await expect(call(router.settings.set, { hubMirror })).rejects.toMatchObject({
      message: expect.stringContaining(hubMirror),
      data: { code: 'unsafe-mirror', hint: expect.stringContaining('https://') },
    });
    expect(opened.store.settings.get().hubMirror).toBeNull();
  });

  it.each(['https://mirror.example/hub', 'http://127.0.0.1:8080', 'http://localhost/', 'http://[::1]:1'])(
    'take the mirror %s',
    async (hubMirror) => {
      expect((await call(router.settings.set, { hubMirror })).hubMirror).toBe(hubMirror);
    },
  );

  it('move the data, and tell where it is from then on', async () => {
    const to = path.join(path.dirname(opened.folder), 'moved');
    const last = { fraction: 0, done: false, folder: '' };
    for await (const value of await call(router.settings.moveData, { to })) Object.assign(last, value);
    expect(last).toEqual({ fraction: 1, done: true, folder: to });
    expect(opened.store.folder).toBe(to);
    await expect(
      (async () => {
        for await (const _ of await call(router.settings.moveData, { to })) expect.fail('it cannot move');
      })(),
    ).rejects.toMatchObject({ data: { code: 'move-forbidden' } });
  });
});

describe('channel', () => {
  const read = async (stream: AsyncIterable<number>) => {
    const values: number[] = [];
    for await (const value of stream) {
      values.push(value);
      await setTimeout(1);
    }
    return values;
  };

  it('gives everything that is sent, in order, however slowly it is read', async () => {
    const stream = channel<number>(async (send) => {
      for (let i = 0; i < 50; i++) {
        send(i);
        if (i % 7 === 0) await setTimeout(2);
      }
    });
    expect(await read(stream)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('ends with the failure of its work, after what came before', async () => {
    const values: number[] = [];
    const failing = async () => {
      const stream = channel<number>(async (send) => {
        send(1);
        throw new AppError('x', 'It broke.', '');
      });
      for await (const value of stream) values.push(value);
    };
    await expect(failing()).rejects.toMatchObject({ code: 'x' });
    expect(values).toEqual([1]);
  });
});
