import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import type { JudgedAnswer } from '../../../common/extras/rules/drill.ts';
import type { Rule } from '../../../common/extras/rules/rules.ts';
import { JournalFolder } from '../../../main/app/journal-folder.ts';
import { drillRows } from '../../../main/engine/extras/rules/rows.ts';
import type { InputOf } from '../../../main/engine/session/call-table.ts';
import { promptsOf } from '../../../main/engine/session/data.ts';
import { nextStep, pairRows, rightRows, stateOf } from '../../../main/extras/rules/drill.ts';
import { type DrillIo, driveDrill, openDrill } from '../../../main/extras/rules/driving.ts';
import { Journal } from '../../../main/extras/rules/journal.ts';
import { ruleOf } from '../../../main/extras/rules/rule-flag.ts';
import { refusalOf, watched, withTornLine } from '../../campaign/disk.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'fettle-drill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => path.join(folder, `drill-${files++}.jsonl`);

const ROWS = 24;
const rows = Array.from({ length: ROWS }, (_, i) => ({ question: `Question ${i}?`, answer: String(i) }));
const data = path.join(folder, 'rows.csv');
writeFileSync(data, `question,answer\n${rows.map((row) => `${row.question},${row.answer}`).join('\n')}\n`);

/** A model whose share of right answers is given for each round's run; `asked` has what it was asked. */
function model(shares: Readonly<Record<string, number>>) {
  const asked: { run: string; rows: number[]; temperature: number }[] = [];
  const engine = {
    drillRows: (given: InputOf<'drillRows'>) => drillRows(given, new AbortController().signal),
    prompts: (given: InputOf<'prompts'>) => promptsOf(given, { stop: new AbortController().signal }),
    aside: async (
      _: string,
      input: InputOf<'drillAnswers'>,
      io: { onEvent(event: unknown): void; signal?: AbortSignal },
    ) => {
      const run = input.adapter ?? 'base';
      asked.push({ run, rows: input.asked.map(({ row }) => row), temperature: input.temperature });
      for (const { row, samples } of input.asked)
        for (const sample of samples) {
          if (io.signal?.aborted) throw io.signal.reason;
          const passes = (row * 7 + sample * 5) % 10 < shares[run]! * 10;
          const text = passes ? `right ${row}` : `wrong ${row}`;
          const judged: JudgedAnswer = {
            row,
            sample,
            text,
            passes,
            score: Number(passes),
            reason: passes ? '' : 'no.',
          };
          io.onEvent({ judged });
        }
      return { tokens: 0, seconds: 0 };
    },
  };
  return { engine: engine as never as Parameters<typeof driveDrill>[1], asked };
}

const wish = (more: object = {}) => ({
  ...{ name: 'drill', rules: [{ kind: 'equals' }] as Rule[], samples: 4, temperature: 0.8, maxNewTokens: 8 },
  ...{ rounds: 3, pairs: true, seed: 1, data: { data } as never, ...more },
});

const io = (more: Partial<DrillIo> = {}): DrillIo => ({
  stop: undefined,
  filesOf: (run) =>
    ({ model: 'm', executor: 'ort', threads: 1, ...(run !== null && { adapter: run }) }) as never,
  train: async ({ round }) => `run-${round}`,
  ...{ begins() {}, answered() {}, emit() {} },
  ...more,
});

describe('a drill', () => {
  test('tests on a file of its own questions, and never practises on them', async () => {
    const evalData = path.join(folder, 'kept.csv');
    writeFileSync(evalData, 'question,answer\nQuestion 3?,3\nAnother?,0\n');
    const journal = await openDrill(newFile(), wish({ evalData }), model({}).engine);
    const { rows: all, test: kept } = journal.head;
    const asked = (row: number) => all[row]!.turns.at(-1)!.content;
    expect(kept.map(asked)).toEqual(['Question 3?', 'Another?']);
    expect(all.map((_, row) => asked(row)).filter((text) => text === 'Question 3?')).toHaveLength(1);
    expect(all).toHaveLength(ROWS + 1);
  });

  test('goes on while the score on test questions rises, then learns pairs, and names the best', async () => {
    const { engine, asked } = model({ base: 0.3, 'run-1': 0.6, 'run-2': 0.6, 'run-3': 0.9 });
    const journal = await openDrill(newFile(), wish(), engine);
    const kinds: string[] = [];
    const trained: number[] = [];
    const train: DrillIo['train'] = async ({ kind, round, rows: learned }) => {
      kinds.push(kind);
      trained.push(learned.length);
      return `run-${round}`;
    };
    const state = await driveDrill(journal, engine, io({ train }));
    // the second round was no better, so the third learns pairs
    expect(kinds).toEqual(['answers', 'answers', 'pairs']);
    expect(state).toMatchObject({ isDone: true, best: 3 });
    expect(state.rounds.map(({ test: one }) => one?.of)).toEqual([10, 10, 10]);
    expect(trained.every((count) => count > 0)).toBe(true);
    // test questions are answered greedily, and never practised on
    const tests = new Set(journal.head.test);
    for (const one of asked)
      expect(one.rows.every((row) => tests.has(row) === (one.temperature === 0))).toBe(true);
    // the best model practises
    expect(asked.filter(({ temperature }) => temperature > 0).map(({ run }) => run)).toEqual([
      'base',
      'run-1',
    ]);
    expect(nextStep(journal)).toMatchObject({ do: 'end' });
  });

  test('ends where all test questions pass', async () => {
    const { engine } = model({ base: 0.3, 'run-1': 1 });
    const journal = await openDrill(newFile(), wish(), engine);
    expect(await driveDrill(journal, engine, io())).toMatchObject({
      isDone: true,
      best: 1,
      rounds: [{ number: 1 }],
    });
  });

  test.each<[what: string, shares: Record<string, number>, more: object, said: RegExp]>([
    ['nearly all passed before', { base: 0.95, 'run-1': 0.8 }, {}, /passes 10 of 10 test questions/],
    [
      'too little passed in practice',
      { base: 0.1, 'run-1': 0.1 },
      {},
      /^Only \d of 56 answers passed .* \(\d\d of \d\d\): no\. Show the wanted form/,
    ],
    [
      'what passed taught nothing',
      { base: 0.5, 'run-1': 0.5 },
      {},
      /^It learned 14 right answers, and .* \(\d\d of \d\d\): no\. Give more/,
    ],
  ])('says why no round was better: %s', async (_, shares, more, said) => {
    const { engine } = model(shares);
    const journal = await openDrill(newFile(), wish({ pairs: false, ...more }), engine);
    const state = await driveDrill(journal, engine, io());
    expect(state).toMatchObject({ isDone: true, best: 0 });
    expect(state.advice).toMatch(said);
  });

  test('gives no advice where a round was better', async () => {
    const { engine } = model({ base: 0.3, 'run-1': 1 });
    const journal = await openDrill(newFile(), wish(), engine);
    expect(await driveDrill(journal, engine, io())).toMatchObject({ best: 1, advice: null });
  });

  test('says that nothing passes, and why, and keeps what was asked', async () => {
    const { engine } = model({ base: 0 });
    const file = newFile();
    const journal = await openDrill(file, wish(), engine);
    await expect(driveDrill(journal, engine, io())).rejects.toMatchObject({
      code: 'no-rows-pass',
      hint: expect.stringMatching(/^Why answers failed most often \(56 of 56\): no\. Show/),
    });
    expect(readFileSync(file, 'utf8').trim().split('\n').length).toBe(1 + 10 + 14 * 4);
  });

  test('continues where it was stopped, after half a line too, and asks nothing twice', async () => {
    const { engine } = model({ base: 0.3, 'run-1': 1 });
    const file = newFile();
    const stop = new AbortController();
    let count = 0;
    const first = await openDrill(file, wish(), engine);
    const answered = () => void (++count === 20 && stop.abort());
    const half = await driveDrill(first, engine, io({ stop: stop.signal, answered }));
    expect(half.isDone).toBe(false);
    appendFileSync(file, '{"round":1,"row":');
    const { engine: again, asked } = model({ base: 0.3, 'run-1': 1 });
    const journal = await openDrill(file, wish(), again);
    const state = await driveDrill(journal, again, io());
    expect(state).toMatchObject({ isDone: true, best: 1 });
    expect(asked.filter(({ run }) => run === 'base').every(({ temperature }) => temperature > 0)).toBe(true);
    const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
    const keys = lines.map((line) => JSON.parse(line)).filter((line) => 'sample' in line);
    expect(new Set(keys.map(({ round, row, sample }) => `${round} ${row} ${sample}`)).size).toBe(keys.length);
  });

  test('a disk that is full in the middle of a round ends it at once, and the same process continues', async () => {
    const { engine } = model({ base: 0.3, 'run-1': 1 });
    const file = newFile();
    const journal = await openDrill(file, wish(), engine);
    let answered = 0;
    const counting = io({ answered: () => void answered++ });
    // an engine that takes its time, as every one does
    const slow = {
      ...engine,
      aside: async (call: never, input: InputOf<'drillAnswers'>, given: { onEvent(event: never): void }) => {
        for (const one of input.asked)
          for (const sample of one.samples) {
            await new Promise((resolve) => setTimeout(resolve, 10));
            const asked = [{ ...one, samples: [sample] }];
            await engine.aside(call, { ...input, asked } as never, given as never);
          }
      },
    } as never as typeof engine;
    await withTornLine(
      file,
      async () => {
        const failed = driveDrill(journal, slow, counting);
        await expect(failed).rejects.toMatchObject({ code: 'ENOSPC' });
      },
      15,
    );
    // ten tests and four answers are kept; the other 52 of the round are not computed for nothing
    expect(answered).toBeLessThan(30);
    const state = await driveDrill(journal, slow, counting);
    expect(state).toMatchObject({ isDone: true, best: 1 });
    const again = await openDrill(file, wish(), engine);
    expect(stateOf(again)).toEqual(state);
  });

  test('a round that was trained and could not be written down is tried again, and no other', async () => {
    const { engine } = model({ base: 0.3, 'run-1': 1 });
    const file = newFile();
    const journal = await openDrill(file, wish(), engine);
    const trained: number[] = [];
    const train: DrillIo['train'] = async ({ round }) => {
      trained.push(round);
      return `run-${round}`;
    };
    const lines = 10 + 14 * 4;
    await withTornLine(
      file,
      async () => {
        await expect(driveDrill(journal, engine, io({ train }))).rejects.toMatchObject({ code: 'ENOSPC' });
      },
      lines + 1,
    );
    expect(stateOf(journal).rounds).toMatchObject([{ number: 1, run: null }]);
    expect(await driveDrill(journal, engine, io({ train }))).toMatchObject({ isDone: true, best: 1 });
    expect(trained).toEqual([1, 1]);
  });

  test('a file that the disk does not give back is said to be unreadable, not gone', async () => {
    const { engine } = model({ base: 0.3 });
    const kept = new JournalFolder(
      path.join(folder, 'kept'),
      (of: string) => Journal.open(of),
      () => new AppError('no-drill', 'gone', 'Start a new one.'),
    );
    const { id, file } = await kept.newFile();
    await openDrill(file, wish(), engine);
    const before = (act: string, of: string) => {
      if (act === 'open' && of === file) throw refusalOf('EIO', 'open', of);
    };
    await watched({ before }, async () => {
      await expect(kept.get(id)).rejects.toMatchObject({ code: 'bad-data-drill' });
    });
    expect((await kept.get(id)).head.name).toBe('drill');
    await expect(kept.get('abc')).rejects.toMatchObject({ code: 'no-drill' });
  });

  test('a training that is stopped is trained by the next try', async () => {
    const { engine } = model({ base: 0.3, 'run-1': 1 });
    const journal = await openDrill(newFile(), wish(), engine);
    const stopped = await driveDrill(journal, engine, io({ train: async () => null }));
    expect(stopped).toMatchObject({ isDone: false, rounds: [{ number: 1, run: null }] });
    expect(await driveDrill(journal, engine, io())).toMatchObject({ isDone: true, best: 1 });
  });

  test('is refused with other rows or rules, too few rows, and a damaged file', async () => {
    const { engine } = model({ base: 0.3 });
    const file = newFile();
    await openDrill(file, wish(), engine);
    const other = wish({ rules: [{ kind: 'json' }] });
    await expect(openDrill(file, other, engine)).rejects.toMatchObject({ code: 'path-exists-drill' });
    writeFileSync(file, 'rubbish\n');
    await expect(openDrill(file, wish(), engine)).rejects.toMatchObject({ code: 'bad-data-drill' });
    const few = path.join(folder, 'few.csv');
    writeFileSync(few, 'question\nOne?\nTwo?\n');
    await expect(openDrill(newFile(), wish({ data: { data: few } }), engine)).rejects.toMatchObject({
      code: 'bad-data-rows',
    });
  });

  test('needs answers for a rule that compares with them', async () => {
    const { engine } = model({ base: 0.3 });
    const plain = path.join(folder, 'plain.csv');
    writeFileSync(plain, `question\n${rows.map(({ question }) => question).join('\n')}\n`);
    const asked = wish({ data: { data: plain } });
    await expect(openDrill(newFile(), asked, engine)).rejects.toMatchObject({ code: 'bad-rule' });
    const journal = await openDrill(newFile(), { ...asked, rules: [{ kind: 'json' }] }, engine);
    expect(journal.head.rows.length).toBe(ROWS);
  });
});

describe('what is learned', () => {
  const said = (row: number, ...texts: string[]): JudgedAnswer[] =>
    texts.map((text, sample) => {
      const passes = text.startsWith('ok');
      return { row, sample, text, passes, score: text.startsWith('near') ? 0.5 : Number(passes), reason: '' };
    });
  const journal = (answers: Readonly<Record<number, JudgedAnswer[]>>) =>
    ({
      head: {
        rules: [{ kind: 'json' }],
        rows: [0, 1, 2].map((row) => ({ turns: [{ role: 'user', content: `Q${row}` }] })),
        test: [2],
      },
      answers: (round: number, row: number) => (round === 1 ? (answers[row] ?? []) : []),
      trained: [],
    }) as never as Journal;
  const given = journal({
    0: said(0, 'ok long answer', 'ok short', 'ok short', 'far', 'near', 'ok a'),
    1: said(1, 'far', 'far'),
    2: said(2, 'ok', 'far'),
  });

  test('the right answer given most often, else the shortest, with where it is from', () => {
    expect(rightRows(given)).toEqual([
      {
        messages: [
          { role: 'user', content: 'Q0' },
          { role: 'assistant', content: 'ok short' },
        ],
        ...{ fettle_origin: 'rule', fettle_rule: 'json', fettle_round: '1', fettle_passed: '4/6' },
      },
    ]);
    const tied = journal({ 0: said(0, 'ok longer', 'ok a') });
    expect(rightRows(tied)).toMatchObject([{ messages: [{}, { content: 'ok a' }] }]);
  });

  test('pairs of the same row alone, the nearest wrong answer first', () => {
    expect(pairRows(given)).toMatchObject([
      { chosen: [{ content: 'ok short' }], rejected: [{ content: 'near' }] },
      { chosen: [{ content: 'ok short' }], rejected: [{ content: 'far' }] },
    ]);
  });

  test('the state has shares and mean scores', () => {
    const [round] = stateOf(given).rounds;
    expect(round!.practised).toMatchObject({ passed: 4, of: 8 });
    expect(round!.practised.score).toBeCloseTo(4.5 / 8);
  });
});

test('rules as they are typed', () => {
  expect(ruleOf('words=5..20')).toEqual({ kind: 'words', least: 5, most: 20 });
  expect(ruleOf('characters=..280')).toEqual({ kind: 'characters', most: 280 });
  expect(ruleOf('number=3')).toEqual({ kind: 'number', least: 3, most: 3 });
  expect(ruleOf('number')).toEqual({ kind: 'number' });
  expect(ruleOf('matches=^a=b$')).toEqual({ kind: 'matches', pattern: '^a=b$' });
  for (const wrong of ['rhymes', 'words=a..b', 'language=german', 'contains', 'script=/no/such/file.js'])
    expect(() => ruleOf(wrong)).toThrow();
});
