/** `npm run bench:tasks`: its rows, how it judges, what it measures of a command, and its tables and pictures. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { flagsIn } from '../bench/contenders.ts';
import { metered } from '../bench/meter.ts';
import { fieldsOf, type Row, TASKS, tasksIn, writeRows } from '../bench/task-data.ts';
import { joined, labelColumns, scoresOf, slotsOfRows } from '../bench/task-judge.ts';
import {
  aimTable,
  KEPT_FILE,
  keptIn,
  type Line,
  leadOf,
  pathOfPlot,
  plotsOf,
  runTable,
  scoreOf,
  scoreTable,
} from '../bench/task-table.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-tasks-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const REAL = path.join(import.meta.dirname, '../../../shared/data');

/** Files like those of Banking77 and E2E, with as many categories and enough rows. */
function madeUp(): string {
  const made = path.join(folder, 'data');
  fs.mkdirSync(made);
  const write = (name: string, head: string, rows: readonly string[]) =>
    fs.writeFileSync(path.join(made, `${name}.csv`), [head, ...rows].join('\n'));
  for (const [part, each] of [
    ['train', 31],
    ['test', 16],
  ] as const) {
    const of77 = Array.from({ length: 77 }, (_, i) => `topic_${i}`);
    const bank = of77.flatMap((topic) =>
      Array.from({ length: each }, (_, i) => `${part} ${topic} ${i},${topic}`),
    );
    write(`banking77_${part}`, 'text,category', bank);
    const restaurants = Array.from(
      { length: 210 },
      (_, i) => `"name[${part} ${i}], near[B]",${part} place ${i}`,
    );
    write(`e2e_${part}`, 'attributes,description', restaurants);
  }
  return made;
}

describe('the rows', () => {
  const tasks = tasksIn(madeUp());
  const task = (name: string) => tasks.find((one) => one.name === name)!;
  const topics = (name: string) => new Set((task(name).train as Row[]).map(({ answer }) => answer));

  it('are as many as a task says, of its categories', () => {
    const sizes = tasks.map(({ name, train, test }) => [name, train.length, test.length]);
    expect(sizes).toEqual([
      ['bank-a', 360, 180],
      ['bank-b', 360, 180],
      ['bank-few', 48, 180],
      ['bank-77', 770, 231],
      ['fields-50', 50, 80],
      ['fields-200', 200, 80],
      ['text-50', 50, 80],
      ['text-200', 200, 80],
      ['german-few', 30, 60],
      ['german', 120, 60],
      ['tools', 160, 50],
      ['pairs', 200, 40],
    ]);
    expect([...topics('bank-a')].filter((topic) => topics('bank-b').has(topic))).toEqual([]);
    expect(topics('bank-few')).toEqual(topics('bank-a'));
    expect([topics('bank-a').size, topics('bank-77').size, topics('german').size]).toEqual([12, 77, 6]);
    expect(new Set(tasksIn(path.join(folder, 'data')).map((one) => JSON.stringify(one)))).toEqual(
      new Set(tasks.map((one) => JSON.stringify(one))),
    );
  });

  const without = (rows: readonly object[], others: readonly object[]) => {
    const known = new Set(others.map((one) => JSON.stringify(one)));
    return rows.filter((one) => known.has(JSON.stringify(one)));
  };

  it.each(tasks)('of $name to judge on are not among those to train on', ({ train, test }) => {
    expect(without(test, train)).toEqual([]);
  });

  it.skipIf(!fs.existsSync(REAL))('of the real files neither, where these are', () => {
    const mixed = tasksIn(REAL).flatMap(({ name, train, test }) => without(test, train).map(() => name));
    expect(mixed).toEqual([]);
  });

  it('of restaurants are JSON of their attributes', () => {
    expect(fieldsOf('name[The Wrestlers], near[The Sorrento]')).toEqual({
      name: 'The Wrestlers',
      near: 'The Sorrento',
    });
  });
});

describe('the judge', () => {
  const asked = (...answers: string[]) => answers.map((answer) => ({ prompt: '', answer }));

  it('counts categories and calls as right or wrong, fields in part, and texts by how alike they are', () => {
    expect(scoresOf('category', ['a', 'b'], asked('a', 'a')).scores).toEqual([1, 0]);
    const fields = scoresOf('fields', ['{"a":"1","b":"2"}', 'none'], asked('{"a":"1","b":"3"}', '{"a":"1"}'));
    expect(fields).toEqual({ scores: [0.5, 0], also: { 'all fields': [0, 0] } });
    const place = 'a good place';
    const [same, close, other] = scoresOf(
      'text',
      [place, 'a good spot', 'xyz'],
      asked(place, place, place),
    ).scores;
    expect(same).toBe(1);
    expect(close).toBeGreaterThan(other!);
    const call = (value: number) => `<tool_call>\n{"name":"f","arguments":{"x":${value}}}\n</tool_call>`;
    expect(scoresOf('tools', [call(1), call(2)], asked(call(1), call(1)))).toEqual({
      scores: [1, 0],
      also: { 'right tool': [1, 1] },
    });
  });

  it('counts the attributes that a text names', () => {
    const row = (name: string, food: string) => ({
      prompt: `name[${name}], food[${food}]`,
      answer: `${name} serves ${food} food.`,
    });
    const taught = [
      row('Blue Spice', 'Thai'),
      row('The Mill', 'French'),
      row('Zizzi', 'Greek'),
      row('Alba', 'Thai'),
    ];
    const slots = slotsOfRows('text', taught);
    const { also } = scoresOf(
      'text',
      ['Rosa serves pizza.', 'Rosa: Thai'],
      [row('Rosa', 'Thai'), row('Rosa', 'Thai')],
      slots,
    );
    expect(also).toEqual({ slots: [0.5, 1] });
  });

  it('takes JSON apart into labels, and puts it together again without those that a row lacks', () => {
    const answers = ['{"a":"1"}', '{"a":"2","b":"3"}'];
    const rows = answers.map((answer) => ({ prompt: '', answer }));
    expect(labelColumns('fields', rows)).toEqual([
      { name: 'a', labels: ['1', '2'] },
      { name: 'b', labels: ['', '3'] },
    ]);
    expect(joined('fields', labelColumns('fields', rows))).toEqual(answers);
    expect(joined('category', labelColumns('category', rows))).toEqual(answers);
  });

  it('learns word counts by itself, without a model', async () => {
    const prompts = ['red apple', 'red cherry', 'blue sea', 'blue sky'];
    const rows = prompts.map((prompt) => ({ prompt, answer: prompt.split(' ')[0]! }));
    const asked = {
      ...{ kind: 'category', rival: 'counter', model: '', seed: 1, threads: 1 },
      train: writeRows(path.join(folder, 'train.jsonl'), rows),
      test: writeRows(path.join(folder, 'test.jsonl'), [
        { prompt: 'red pear', answer: 'red' },
        { prompt: 'a blue bird', answer: 'blue' },
      ]),
    };
    const file = path.join(import.meta.dirname, '../bench/task-judge.ts');
    const { said } = await metered(process.execPath, [file, JSON.stringify(asked)]);
    expect(JSON.parse(said)).toEqual({ scores: [1, 1], also: {}, forgot: null });
  });
});

it("keeps the flags of a plan's command, but for those that every run has", () => {
  const command =
    'npx fettle train --model a.gguf --data b.csv --out runs/first --rank 8 --rs-lora --objective dpo';
  expect(flagsIn(command)).toEqual(['--rank', '8', '--rs-lora']);
});

describe('the meter', () => {
  const busy = 'const end = Date.now() + 400; while (Date.now() < end);';

  it.skipIf(process.platform !== 'linux')('counts the processes that a command starts', async () => {
    const inner = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(busy)}]); ${busy}`;
    const { said, cost } = await metered(process.execPath, ['-e', `${inner} console.log('done')`]);
    expect(said).toBe('done\n');
    expect(cost.seconds).toBeGreaterThan(0.8);
    expect(cost.processorSeconds).toBeGreaterThan(0.05);
    expect(cost.peakBytes).toBeGreaterThan(20e6);
  });

  it('throws what a command complained about', async () => {
    await expect(
      metered(process.execPath, ['-e', 'console.error("no rows"); process.exit(3)']),
    ).rejects.toThrow('no rows');
  });
});

const MODEL = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const line = (over: Partial<Line>): Line => ({
  ...{ task: 'bank-a', contender: 'plan', seed: 42, model: MODEL, at: '2026-01-01', commit: 'abc' },
  ...{
    machine: { processor: 'P', threads: 2, totalMemory: 8e9, system: 'S' },
    threads: 1,
    rows: 3,
    tests: 't',
  },
  ...{ scores: [1, 1, 0, 1], also: {}, forgot: null, judgeSeconds: 1 },
  cost: { seconds: 10, load: [0, 0] },
  ...over,
});

describe('the tables', () => {
  it('give a score over seeds, with an interval', () => {
    expect(scoreOf([line({})])).toMatchObject({ value: 0.75 });
    expect(scoreOf([line({})]).low).toBeCloseTo(0.301, 3);
    expect(scoreOf([line({}), line({ scores: [1, 1, 1, 1] })]).value).toBe(0.875);
  });

  it('compare contenders on the same rows', () => {
    const scores = (right: number) => Array.from({ length: 40 }, (_, i) => Number(i < right));
    const clear = leadOf([line({ scores: scores(40) })], [line({ scores: scores(20) })]);
    expect(clear.value).toBe(0.5);
    expect(clear.low).toBeGreaterThan(0.2);
    const even = leadOf([line({ scores: scores(20) })], [line({ scores: scores(20) })]);
    expect(even.value).toBe(0);
    expect([even.low < 0, even.high > 0]).toEqual([true, true]);
  });

  it('say what was not run yet, and leave out runs on other test rows', () => {
    const older = line({ tests: 'old', scores: [0, 0], at: '2025-01-01' });
    const rows = scoreTable([older, line({})]).split('\n');
    expect(rows).toHaveLength(2 + TASKS.length);
    expect(rows[2]).toContain('| `bank-a` | rows right | not run yet | 75 (30 to 95) | not run yet |');
  });

  it('say where the plan is worse than a simpler way', () => {
    const scores = Array.from({ length: 40 }, (_, i) => i % 2);
    const all = scores.map(() => 1);
    const lines = [line({ scores }), line({ contender: 'counter', model: null, scores: all })];
    expect(aimTable(lines)).toContain('**worse**: -50');
    expect(aimTable(lines)).toContain('than word counts');
  });

  it('tell what a run cost, and of which machine and commit', () => {
    const flags = '--epochs 5 --held-out 0.1 --rank 8';
    const cost = { seconds: 61.4, processorSeconds: 100, peakBytes: 2e9, load: [1, 2] } as const;
    const forgot = { items: 60, before: 0.4, after: 0.1 };
    expect(runTable([line({ cost, forgot, settings: { flags, steps: 7 } })])).toContain(
      '| `bank-a` | by plan | 42 | 75 (30 to 95) |  | 61 | 100 | 2 | 2.0 |  | 40 to 10 | epochs 5 rank 8; 7 steps | abc | 1 |',
    );
  });
});

describe('the pictures', () => {
  it('show each contender with its interval and its name', () => {
    const other = line({ contender: 'counter', model: null, cost: { seconds: 1, load: [0, 0] } });
    const [[task, svg] = ['', '']] = plotsOf([line({}), other]);
    expect(task).toBe('bank-a');
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).toContain('>by plan</text>');
    expect(svg).toContain('>word counts</text>');
    expect(plotsOf([line({})])).toEqual([]);
  });

  it('in docs are those of the kept lines', () => {
    for (const [task, svg] of plotsOf(keptIn(KEPT_FILE)))
      expect(fs.readFileSync(pathOfPlot(task), 'utf8')).toBe(svg);
  });
});
