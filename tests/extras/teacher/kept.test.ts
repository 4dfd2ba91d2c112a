/** The teachings of the app, called as a page calls them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AskingNews } from '../../../common/extras/teacher/calls.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { lessonOf } from '../../../main/engine/extras/teacher/lesson.ts';
import { study } from '../../../main/engine/extras/teacher/study.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';
import { openStandIn, type StandIn } from './stand-in.ts';

let opened: TestParts;
let router: ApiRouter;
let standIn: StandIn;
const never = new AbortController().signal;

const text = (i: number) => (i % 2 === 0 ? `my card number ${i} was stolen` : `please refund payment ${i}`);
const truth = (i: number) => (i % 2 === 0 ? 'lost' : 'refund');
const texts = Array.from({ length: 20 }, (_, i) => text(i));
const examples = Array.from({ length: 12 }, (_, i) => ({ text: text(100 + i), answer: truth(100 + i) }));

beforeEach(async () => {
  opened = await testParts({
    engine: {
      async rows({ data: { data } }) {
        const turns = [data].flat()[0]!.includes('raw')
          ? texts.map((content) => [{ role: 'text', content }])
          : examples.map((one) => [
              { role: 'user', content: one.text },
              { role: 'assistant', content: one.answer },
            ]);
        return {
          rows: turns.map((one, number) => ({ number, kind: 'text', isLong: false, turns: one })),
          total: turns.length,
        } as never;
      },
      teacherLesson: async (asked) => lessonOf(asked),
      teacherStudy: (asked) => study({ ...asked, encoder: null }, never),
    },
  });
  router = apiRouter(opened.parts, opened.log);
  // unsure of two texts
  standIn = await openStandIn((said, sample) => {
    const i = texts.indexOf(said);
    return (i === 4 || i === 7) && sample === 1 ? 'refund or lost' : truth(i);
  });
});
afterEach(async () => {
  await standIn.close();
  opened.remove();
});

async function create(): Promise<string> {
  await opened.parts.allowed.open('data', ['/raw.csv', '/examples.csv']);
  const asked = {
    name: 'Mails',
    raw: ['/raw.csv'],
    examples: ['/examples.csv'],
    teacher: { url: standIn.url, mayLeave: false },
  };
  return (await call(router.teacher.create, asked)).id;
}

async function ask(id: string, signal?: AbortSignal): Promise<AskingNews[]> {
  const news: AskingNews[] = [];
  for await (const one of await call(router.teacher.ask, { id }, { ...(signal && { signal }) }))
    if ('done' in one) news.push(one);
  return news;
}

describe('a teaching', () => {
  it('is asked, decided, undone and written', async () => {
    const id = await create();
    expect(await call(router.teacher.get, { id })).toMatchObject({
      answered: 0,
      texts: 20,
      next: [],
      isAway: false,
    });
    expect((await ask(id)).at(-1)).toMatchObject({ done: 20, total: 20 });
    const asked = await call(router.teacher.get, { id });
    expect(asked.counts).toEqual({ examples: 12, taken: 18, decided: 0, leftOut: 0, open: 2, unanswered: 0 });
    expect(asked.next.map(({ row }) => row).toSorted((a, b) => a - b)).toEqual([4, 7]);
    const [first, second] = asked.next;
    const then = await call(router.teacher.decide, { id, row: first!.row, answer: truth(first!.row) });
    expect(then.next.map(({ row }) => row)).toEqual([second!.row]);
    const back = await call(router.teacher.undo, { id });
    expect(back.next[0]!.row).toBe(first!.row);
    await call(router.teacher.decide, { id, row: first!.row, answer: truth(first!.row) });
    await call(router.teacher.decide, { id, row: second!.row, answer: null });
    expect((await call(router.teacher.get, { id })).counts).toMatchObject({
      decided: 1,
      leftOut: 1,
      open: 0,
    });
    const { path: file, rows, content } = await call(router.teacher.export, { id });
    expect([rows, await readFile(file, 'utf8')]).toEqual([31, content]);
  });

  it('is there again after a restart, and refuses an answer that is no category', async () => {
    const id = await create();
    await ask(id);
    await call(router.teacher.decide, { id, row: 4, answer: 'lost' });
    const again = apiRouter(opened.parts, opened.log);
    expect(await call(again.teacher.list, undefined)).toMatchObject([
      { id, name: 'Mails', texts: 20, answered: 20, decided: 1 },
    ]);
    await expect(call(again.teacher.decide, { id, row: 7, answer: 'stolen' })).rejects.toThrow(
      'no answer to this text',
    );
    await expect(call(again.teacher.decide, { id, row: 99, answer: 'lost' })).rejects.toThrow(
      'no answer to this text',
    );
  });

  it('keeps what was answered when the page is left, and continues', async () => {
    const id = await create();
    const stop = new AbortController();
    const stream = await call(router.teacher.ask, { id }, { signal: stop.signal });
    await expect(
      (async () => {
        for await (const one of stream) if ('done' in one && one.done >= 5) stop.abort();
      })(),
    ).rejects.toThrow();
    const { answered } = await call(router.teacher.get, { id });
    expect(answered).toBeGreaterThanOrEqual(5);
    expect(answered).toBeLessThan(20);
    expect((await ask(id)).at(-1)!.done).toBe(20);
  });

  it('sends nothing to another computer unless the person says so', async () => {
    await opened.parts.allowed.open('data', ['/raw.csv', '/examples.csv']);
    const asked = { name: 'Mails', raw: ['/raw.csv'], examples: ['/examples.csv'] };
    const url = 'https://api.example.com/v1';
    await expect(
      call(router.teacher.create, { ...asked, teacher: { url, mayLeave: false } }),
    ).rejects.toThrow('is not this computer');
    const { id } = await call(router.teacher.create, { ...asked, teacher: { url, mayLeave: true } });
    expect((await call(router.teacher.get, { id })).isAway).toBe(true);
    await call(router.teacher.remove, { id });
    expect(await readdir(path.join(opened.folder, 'teaching'))).toEqual([]);
    await expect(call(router.teacher.get, { id })).rejects.toThrow('not here any more');
  });

  it('reads no file that the person has not chosen', async () => {
    const asked = {
      name: 'x',
      raw: ['/etc/passwd'],
      examples: ['/etc/passwd'],
      teacher: { url: standIn.url, mayLeave: false },
    };
    await expect(call(router.teacher.create, asked)).rejects.toThrow();
    await expect(call(router.teacher.get, { id: '../../etc/passwd' })).rejects.toThrow('not here any more');
  });
});
