/** What a hostile teacher sends costs its text at most, and what a killed process left is continued. */
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AskingNews } from '../../../common/extras/teacher/calls.ts';
import type { Lesson } from '../../../common/extras/teacher/kinds.ts';
import { askAll } from '../../../main/extras/teacher/asking.ts';
import { Journal } from '../../../main/extras/teacher/journal.ts';
import { askTeacher, teacherModel, teacherUrl } from '../../../main/extras/teacher/teacher.ts';
import { withTornLine } from '../../campaign/disk.ts';
import { openStandIn, type Say, type StandIn } from './stand-in.ts';

let folder: string;
let standIn: StandIn | null = null;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'fettle-teacher-'));
});
afterEach(async () => {
  await standIn?.close();
  standIn = null;
  await rm(folder, { recursive: true });
});

const TEXTS = Array.from({ length: 12 }, (_, i) => `text ${i}`);
const LESSON: Lesson = {
  ...{ kind: 'categories', answers: ['a', 'b'], id: 'l1' },
  messages: [{ role: 'system', content: 'Sort.' }],
};
const options = { atOnce: 1, patienceMs: 400, maxTokens: 16 };
const file = () => path.join(folder, 'rows.csv.teaching');

function begin(texts = TEXTS): Promise<Journal> {
  return Journal.create(file(), {
    ...{ name: 'rows', kind: 'categories', answers: ['a', 'b'], samples: 3, temperature: 0.7 },
    ...{ examples: [{ text: 'x', answer: 'a' }], texts },
  });
}

async function ask(journal: Journal, say: Say, knowsN = true): Promise<AskingNews[]> {
  standIn ??= await openStandIn(say, { knowsN });
  const news: AskingNews[] = [];
  const teacher = { url: `${standIn.url}/v1`, model: 'large' };
  await askAll(journal, teacher, LESSON, options, { tell: (one) => news.push(one) });
  return news;
}

const send = (use: (response: ServerResponse) => void) => use;
const HOSTILE: Readonly<
  Record<string, { readonly say: (response: ServerResponse) => void; readonly why: RegExp }>
> = {
  rubbish: { say: send((r) => r.end('<html>hello')), why: /something other than JSON/ },
  'no answer': { say: send((r) => r.end('{"choices":[]}')), why: /sent no answer/ },
  'answers that are no list': { say: send((r) => r.end('{"choices":{"length":3}}')), why: /sent no answer/ },
  'half an answer': {
    say: send((r) => {
      r.writeHead(200, { 'content-length': 4000 }).write('{"choices":[{"mess');
      setTimeout(() => r.destroy(), 20);
    }),
    why: /broke off/,
  },
  'nothing, ever': { say: send(() => {}), why: /did not answer within 0 seconds/ },
  'an endless answer': {
    say: send((r) => {
      const piece = 'x'.repeat(100_000);
      const more = () => {
        while (!r.destroyed && r.write(piece));
      };
      r.on('drain', more);
      more();
    }),
    why: /sent more than 2 MB/,
  },
};

describe('a teacher', () => {
  it.each(Object.entries(HOSTILE))('that sends %s costs that text alone', async (_, { say, why }) => {
    const journal = await begin();
    const news = await ask(journal, (text) => (text === 'text 3' ? say : 'a'));
    expect(journal.said.size).toBe(11);
    expect(news.at(-1)).toMatchObject({ done: 11, failed: 1, problem: expect.stringMatching(why) });
  });

  it('that fails on one text after the other is not asked on', async () => {
    const journal = await begin();
    const say: Say = (text) => (Number(text.slice(5)) >= 4 ? HOSTILE.rubbish!.say : 'a');
    await expect(ask(journal, say)).rejects.toThrow(/failed on 5 texts in a row.*other than JSON/);
    expect((await Journal.open(file())).said.size).toBe(4);
  });

  it.each([
    [401, 'Check the key'],
    [404, 'name of the model'],
  ])('that answers with error %s is told with what to do', async (status, hint) => {
    const say: Say = () => (r) => r.writeHead(status).end('{"error":{"message":"No such\\nthing"}}');
    const error = await ask(await begin(), say).catch((one: unknown) => one);
    expect(error).toMatchObject({ message: expect.stringContaining(`error ${status}: No such thing`) });
    expect((error as { hint: string }).hint).toContain(hint);
  });

  it('that is busy is asked again', async () => {
    let busy = 2;
    const say: Say = () => (busy-- > 0 ? (r) => r.writeHead(429, { 'retry-after': '0.01' }).end() : 'a');
    const journal = await begin(['one']);
    await ask(journal, say);
    expect(journal.said.get(0)!.said).toEqual(['a', 'a', 'a']);
  });

  it('that gives one answer at a time is asked for each', async () => {
    const journal = await begin(['one']);
    await ask(journal, (_, sample) => `answer ${sample}`, false);
    expect(journal.said.get(0)!.said).toEqual(['answer 0', 'answer 1', 'answer 2']);
    expect(journal.said.get(0)!.tokens).toBe(300);
  });

  it('that was cut off said nothing', async () => {
    const cut = { finish_reason: 'length', message: { content: 'a and' } };
    const say: Say = () => (r) =>
      r.end(JSON.stringify({ choices: [cut, { message: { content: 7 } }, { message: null }] }));
    const journal = await begin(['one']);
    await ask(journal, say);
    expect(journal.said.get(0)!.said).toEqual(['', '', '']);
  });

  it('that sends rows on to another address is refused', async () => {
    const say: Say = () => (r) =>
      r.writeHead(307, { location: 'http://127.0.0.1:9/v1/chat/completions' }).end();
    const news = await ask(await begin(['one']), say);
    expect(news.at(-1)).toMatchObject({ failed: 1, problem: expect.stringContaining('broke off') });
  });

  it('that is not there is told at once', async () => {
    standIn = await openStandIn(() => 'a');
    await standIn.close();
    const teacher = { url: `${standIn.url}/v1`, model: 'm' };
    const asked = { samples: 1, temperature: 0, maxTokens: 1, patienceMs: 500 };
    await expect(askTeacher(teacher, [], asked)).rejects.toThrow(
      `No model answers at ${teacher.url} (ECONNREFUSED).`,
    );
  });
});

describe('the address', () => {
  it.each([
    ['http://127.0.0.1:11434', 'http://127.0.0.1:11434/v1', true],
    ['http://localhost:1234/v1/', 'http://localhost:1234/v1', true],
    ['http://[::1]:8080', 'http://[::1]:8080/v1', true],
    ['https://api.example.com/openai/v1', 'https://api.example.com/openai/v1', false],
    ['http://127.0.0.1.example.com', 'http://127.0.0.1.example.com/v1', false],
    ['http://192.168.1.5:8000', 'http://192.168.1.5:8000/v1', false],
  ])('%s is known to be here or not', (given, url, isHere) => {
    expect(teacherUrl(given)).toEqual({ url, isHere });
  });

  it.each(['ftp://a/b', 'http://user:key@host/v1', 'http://host/v1?key=1', 'nonsense'])(
    '%s is refused',
    (given) => {
      expect(() => teacherUrl(given)).toThrow('is not the address of a model');
    },
  );

  it('has one model, or one is named', async () => {
    standIn = await openStandIn(() => 'a');
    const url = `${standIn.url}/v1`;
    expect(await teacherModel({ url }, undefined)).toBe('large');
    expect(await teacherModel({ url }, 'other')).toBe('other');
  });
});

describe('what was said', () => {
  it('is there after a kill in the middle of a line, and asking continues behind it', async () => {
    const stop = new AbortController();
    standIn = await openStandIn((text) => {
      if (text === 'text 5') stop.abort();
      return 'a';
    });
    const teacher = { url: `${standIn.url}/v1`, model: 'large' };
    const io = { signal: stop.signal, tell: () => {} };
    await expect(askAll(await begin(), teacher, LESSON, options, io)).rejects.toThrow();
    await appendFile(file(), '{"row":5,"said":["a","a"');
    const again = await Journal.open(file());
    expect([...again.said.keys()]).toEqual([0, 1, 2, 3, 4]);
    await ask(again, () => 'b');
    expect((await Journal.open(file())).said.size).toBe(12);
    expect(standIn.texts.slice(6)).toEqual(TEXTS.slice(5));
    expect(await readFile(file(), 'utf8')).toContain('"lesson":"l1","messages"');
  });

  it('survives a disk that is full in the middle of a line; the same asking continues', async () => {
    const journal = await begin();
    await withTornLine(
      file(),
      async () => {
        await expect(ask(journal, () => 'a')).rejects.toMatchObject({ code: 'ENOSPC' });
      },
      5,
    );
    // the lesson and three answers were written before
    expect(journal.said.size).toBe(3);
    await ask(journal, () => 'a');
    expect(journal.said.size).toBe(TEXTS.length);
    expect((await Journal.open(file())).said).toEqual(journal.said);
  });

  it('keeps decisions in order, the last of a row, and takes them back', async () => {
    const journal = await begin();
    for (const [row, decided] of [
      [1, 'a'],
      [2, null],
      [1, 'b'],
    ] as const)
      await journal.add({ row, decided });
    const again = await Journal.open(file());
    expect(again.decided).toEqual([
      { row: 2, decided: null },
      { row: 1, decided: 'b' },
    ]);
    expect([await again.undo(), await again.undo(), await again.undo()]).toEqual([1, 2, null]);
    expect((await Journal.open(file())).decided).toEqual([]);
  });

  it('is refused where it is no such file', async () => {
    const other = path.join(folder, 'other');
    await appendFile(other, 'a,b\n1,2\n');
    await expect(Journal.open(other)).rejects.toThrow("can't be read");
  });

  it('says what it takes once five texts are measured', async () => {
    const news = await ask(await begin(), () => 'a');
    const told = news.findIndex(({ tokensLeft }) => tokensLeft !== null);
    expect(news[told]).toMatchObject({ done: 5, tokensLeft: 7 * 300 });
    expect(news[told]!.secondsLeft).toBeGreaterThan(0);
  });
});
