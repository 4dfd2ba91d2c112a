/** The teachings of the app, called as a page calls them: raw texts, and variations of the examples. */
import { readdir, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AskingNews, Teaching } from '../../../common/extras/teacher/calls.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { lessonOf } from '../../../main/engine/extras/teacher/lesson.ts';
import { study } from '../../../main/engine/extras/teacher/study.ts';
import { isUnconfirmed } from '../../../main/rows/about.ts';
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

async function ask(id: string, signal?: AbortSignal, isTrial = false): Promise<AskingNews[]> {
  const news: AskingNews[] = [];
  for await (const one of await call(router.teacher.ask, { id, isTrial }, { ...(signal && { signal }) }))
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

/** What a teacher writes of an example, and answers; a request of several samples asks for several. */
type Writes = (example: string, sample: number) => string | ((response: ServerResponse) => void);

describe('variations of the examples', () => {
  const EACH = 2;
  let writer: StandIn;
  afterEach(() => writer.close());

  async function begin(writes: Writes): Promise<string> {
    const own = new Map(examples.map((one) => [one.text, one.answer]));
    writer = await openStandIn((said, sample) => {
      if (own.has(said)) return writes(said, sample);
      if (said.includes('gone') && sample === 1) return 'lost or refund';
      return said.includes('refund') ? 'refund' : 'lost';
    });
    await opened.parts.allowed.open('data', ['/examples.csv']);
    const about = { name: 'sorted', examples: ['/examples.csv'], vary: EACH, price: 10 };
    return (await call(router.teacher.create, { ...about, teacher: { url: writer.url, mayLeave: false } }))
      .id;
  }
  const get = (id: string): Promise<Teaching> => call(router.teacher.get, { id });
  const another: Writes = (example, sample) => `${example}, for the ${sample + 1}. time`;

  it('are counted before, tried with one example, written, answered and kept with where they are from', async () => {
    const id = await begin(another);
    const texts = EACH * examples.length;
    expect(await get(id)).toMatchObject({
      ...{ texts, answered: 0, vary: EACH, price: 10 },
      forecast: { write: texts, answer: texts, seconds: null, tokens: null },
    });
    expect(writer.asked).toBe(0);
    const tried = await ask(id, undefined, true);
    expect(tried.find(({ written }) => written)?.written).toEqual({
      like: examples[0]!.text,
      texts: [another(examples[0]!.text, 0), another(examples[0]!.text, 1)],
    });
    const { answered, forecast } = await get(id);
    // 100 tokens a sample: two of each example that is left, three of each text
    expect([answered, forecast.write, forecast.tokens]).toEqual([EACH, texts - EACH, 11 * 200 + 22 * 300]);
    const news = await ask(id);
    expect(news.findLast(({ step }) => step === 'vary')).toMatchObject({
      done: examples.length,
      total: examples.length,
    });
    expect(news.at(-1)).toMatchObject({ step: 'answer', done: texts, total: texts });
    const { content } = await call(router.teacher.export, { id });
    const rows = content
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(rows).toHaveLength(examples.length + texts);
    for (const row of rows.slice(examples.length)) {
      expect(row).toMatchObject({
        fettle_origin: 'teacher',
        fettle_model: 'large',
        fettle_varies_model: 'large',
      });
      expect(row.prompt!.startsWith(row.fettle_varies!)).toBe(true);
      expect(row.fettle_varies_lesson).toMatch(/^[0-9a-f]{12}$/);
      expect(isUnconfirmed({ about: row })).toBe(true);
    }
  });

  it('are shown with their example where they are doubtful', async () => {
    const id = await begin((example, sample) => `${example.replace('stolen', 'gone')} ${sample}`);
    await ask(id);
    const { next } = await get(id);
    expect(next.length).toBeGreaterThan(0);
    for (const { text, like } of next)
      expect(text.startsWith(like!.text.replace('stolen', 'gone'))).toBe(true);
  });

  it('of a teacher that repeats the example word for word are refused', async () => {
    const id = await begin((example, sample) => (sample === 0 ? example : ` ${example.toUpperCase()}!\n`));
    await expect(ask(id)).rejects.toThrow(
      'failed on 5 texts in a row. The last time: It only repeated a text that is there.',
    );
    expect((await get(id)).answered).toBe(0);
  });

  it('of a teacher that says the same of each example are refused, but for the first', async () => {
    const id = await begin(() => 'I am sorry, I cannot help with that.');
    await expect(ask(id)).rejects.toThrow('It only repeated a text that is there.');
    expect((await get(id)).texts).toBe(1 + EACH * (examples.length - 1));
  });

  it.each([
    ['marks alone', '?!\ufffd'],
    ['nothing', ''],
    ['what it was told', 'The right answer:\nlost'],
    ['without end', 'Once upon a time. '.repeat(100)],
  ])('of a teacher that writes rubbish are refused: %s', async (_, rubbish) => {
    const id = await begin(() => rubbish);
    await expect(ask(id)).rejects.toThrow('It wrote nothing like the example.');
    await expect(call(router.teacher.export, { id })).resolves.toMatchObject({ rows: examples.length });
  });

  it('of a teacher that never answers end when the person stops, and continue', async () => {
    let isSilent = true;
    const id = await begin((example, sample) =>
      isSilent && sample === 0 ? () => {} : another(example, sample),
    );
    const stop = new AbortController();
    const asked = ask(id, stop.signal);
    await expect.poll(() => writer.asked).toBe(1);
    stop.abort();
    await expect(asked).rejects.toThrow();
    isSilent = false;
    expect((await ask(id)).at(-1)).toMatchObject({ step: 'answer', done: EACH * examples.length });
  });
});
