/** Several categories a text, from a person's table to a sorter, sorted files and the endpoint: a yes or no for each, joined again. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndpointNews, SorterResult } from '../../common/protocol/protocol.ts';
import { prepareServed } from '../../main/app/answering.ts';
import {
  parseClassifyConfig,
  parseExportConfig,
  parseSorterConfig,
} from '../../main/engine/config/config.ts';
import { classify } from '../../main/engine/session/classify.ts';
import { openDecisions } from '../../main/engine/session/decisions.ts';
import { exportRun } from '../../main/engine/session/export.ts';
import { serve } from '../../main/engine/session/serve.ts';
import { testTextsOf, trainSorterRun } from '../../main/engine/session/sorter.ts';
import { fettle } from '../helpers/fettle.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../helpers/tiny-encoder.ts';
import { columnsTable } from '../helpers/town-columns.ts';
import { townRows } from '../helpers/town-rows.ts';

const quiet = { emit: () => {}, stop: new AbortController().signal };
const known = { ...process.env };
let folder = '';
const file = (name: string) => path.join(folder, name);

/** Every third letter is about nothing of these, others about one or two things. */
const letters = townRows().flatMap(({ message, office }, i, all) => {
  const other = all[(7 * i + 3) % all.length]!;
  const both = { message: `${message} ${other.message}`, tags: [...new Set([office!, other.office!])] };
  const none = { message: `Thank you for letter ${i}, it was a pleasure.`, tags: [] };
  return [{ message, tags: [office!] }, both, ...(i % 3 === 0 ? [none] : [])];
});
const OFFICES = [...new Set(letters.flatMap(({ tags }) => tags))];
const withRare = letters.map((row, i) => (i % 100 === 1 ? { ...row, tags: [...row.tags, 'mayor'] } : row));
const table = (rows: readonly { message: string; tags: readonly string[] }[]) =>
  columnsTable(rows.map(({ message, tags }) => ({ message, tags: tags.join('; ') })));

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-several-'));
  process.env.FETTLE_HOME = file('home');
  process.env.HF_HUB_CACHE = file('hub');
  await writeFile(file('letters.csv'), table(withRare));
  await writeFile(file('letters.jsonl'), letters.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const flags = letters.map(({ message, tags }) => ({
    message,
    ...Object.fromEntries(OFFICES.map((office) => [office, tags.includes(office) ? 1 : 0])),
  }));
  await writeFile(file('flags.csv'), columnsTable(flags));
  await writeTinyEncoder(file('encoder'), 'bert', { 'modules.json': SENTENCE_MODULES });
});
afterAll(async () => {
  process.env = known;
  await rm(folder, { recursive: true, force: true });
});

const trained = (given: Readonly<Record<string, unknown>>) =>
  trainSorterRun(parseSorterConfig({ heldOut: 0.25, threads: 1, by: 'words', ...given }), quiet);
const linesOf = async (name: string) =>
  (await readFile(file(name), 'utf8'))
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));

test('by the command line: found, trained, judged and used, in the person’s own separator', async () => {
  const asked = [
    '--data',
    file('letters.csv'),
    '--by',
    'words',
    '--held-out',
    '0.25',
    '--out',
    file('words'),
  ];
  const { code, out, err } = await fettle(['sorter', ...asked]);
  expect(code, err).toBe(0);
  expect(out).toMatch(/Several +tags: micro F1 \d\.\d\d \(0\.\d\d to \d\.\d\d\), macro F1 \d\.\d\d/);
  expect(out).toMatch(/always none: micro F1 0\.00/);
  expect(out).toMatch(
    new RegExp(`${OFFICES[0]}: precision \\d+ ?%, recall \\d+ ?%, F1 \\d\\.\\d\\d on \\d+ test rows`),
  );
  expect(out).toMatch(/Left out +too few rows: mayor \(\d rows\)/);
  expect(out).toContain('--answer tags:choice');

  await writeFile(file('new.csv'), columnsTable(letters.map(({ message }) => ({ message }))));
  const sorted = await fettle([
    'classify',
    '--run',
    file('words'),
    '--data',
    file('new.csv'),
    '--out',
    file('sorted.csv'),
  ]);
  expect(sorted.code, sorted.err).toBe(0);
  expect(sorted.out).toMatch(/Several +tags/);
  const [head, ...rows] = await linesOf('sorted.csv');
  expect(head!.slice(0, 5)).toEqual(['row', 'message', 'tags found', 'tags score', 'tags ask a person']);
  expect([...head!.slice(5)].sort()).toEqual(OFFICES.map((office) => `${office} probability`).sort());
  const found = rows.map((cells) => cells.at(-OFFICES.length - 3)!);
  const right = found.filter(
    (cell, i) => cell.split('; ').sort().join() === [...letters[i]!.tags].sort().join(),
  );
  expect(right.length / letters.length).toBeGreaterThan(0.75);
  expect(found.some((cell) => cell.includes('; '))).toBe(true);
});

describe.each([
  ['a list', 'letters.jsonl', 'tags', 'list'],
  ['yes-or-no columns', 'flags.csv', 'categories', null],
] as const)('%s', (_, data, name, separator) => {
  let result: SorterResult;
  beforeAll(async () => {
    result = await trained({ data: file(data), out: file(`of-${data}`) });
  });

  test('has a yes or no for each category, each with its limit and figures', () => {
    const { columns, sets } = result.config;
    expect(sets).toMatchObject([{ name, separator, left: [] }]);
    expect(columns!.map((column) => column.name)).toEqual(sets![0]!.categories);
    for (const column of columns!) {
      expect(column).toMatchObject({ type: 'noul', yes: 'yes', of: name });
      expect(column.from).toBeGreaterThan(0);
      expect(column.found!.f1).toBeGreaterThan(0.6);
    }
    const { scores, beside, rows } = sets![0]!;
    expect(rows).toBeGreaterThan(50);
    expect(scores.microF1.low).toBeGreaterThan(Math.max(...beside.map(({ microF1 }) => microF1.high)));
    expect(scores.exact.low).toBeGreaterThan(beside[0]!.exact.high);
  });

  test('is sorted again, with how many whole sets are right', async () => {
    const out = file(`sorted-of-${data}.csv`);
    const { scored, sets } = await classify(
      parseClassifyConfig({ run: file(`of-${data}`), data: file(data), out, threads: 1 }),
      quiet,
    );
    expect(sets).toEqual(result.config.sets);
    const filled = letters.filter(({ tags }) => tags.length > 0).length;
    expect(scored!.columns).toMatchObject([{ name, accuracy: { rows: filled } }]);
    expect(scored!.accuracy!.value).toBeGreaterThan(0.75);
  });
});

test('a person reads each cell as one category, or names yes-or-no columns', async () => {
  const one = await trained({ data: file('letters.csv'), answer: ['tags:choice'], out: file('choice') });
  expect(one.config.sets).toBeUndefined();
  expect(one.config.columns).toMatchObject([{ name: 'tags', type: 'choice' }]);
  const [a, b] = OFFICES;
  const two = await trained({ data: file('flags.csv'), answer: [`${a}+${b}:several`], out: file('two') });
  expect(two.config.sets).toMatchObject([{ name: 'categories', columns: [a, b] }]);
  await writeFile(file('rare.csv'), table(letters.map((row, i) => ({ ...row, tags: [`tag ${i % 60}`] }))));
  await expect(
    trained({ data: file('rare.csv'), answer: ['tags:several'], out: file('rare') }),
  ).rejects.toThrow('Too few rows have a category in “tags”.');
});

const exported = (given: Readonly<Record<string, unknown>>) =>
  exportRun(parseExportConfig({ threads: 1, ...given }), quiet);

/** What the app gives each of `texts`: the categories of a set, or the category of a column. */
async function decided(run: string, texts: readonly string[]) {
  const open = (await openDecisions(file(run), { encoder: file('encoder'), threads: 1 }))!;
  await open.score(texts);
  const found = texts.map((_, text) => open.answers.map((answer) => answer.decide(text)));
  await open.close();
  return found;
}

describe('saved for other programs', () => {
  test('word counts: JavaScript and Python give all test rows the sets of the app, and say how sure they are', async () => {
    const mixed = letters.map(({ message, tags }, i) => ({
      message,
      tags: tags.join('; '),
      kind: tags.length === 0 ? 'thanks' : 'letter',
      urgent: i % 4 === 0 ? '' : message.includes('lamp') ? 'yes' : 'no',
    }));
    await writeFile(file('mixed.csv'), columnsTable(mixed));
    const answer = ['kind', 'tags', 'urgent'];
    await trained({ data: file('mixed.csv'), answer, map: 'text=message', out: file('mixed') });
    const { proof, proved } = await exported({ run: file('mixed'), as: 'json', out: file('mixed-json') });
    const texts = await testTextsOf(file('mixed'), quiet.stop);
    expect(proof).toMatchObject({ by: 'sort.mjs', prompts: texts.length, equalAnswers: texts.length });
    expect(texts.length).toBeGreaterThan(50);
    expect(proved).toMatch(/test rows are sorted the same/);
    const found = await decided('mixed', texts);
    expect(new Set(found.map(([, tags]) => tags!.categories!.length)).size).toBeGreaterThan(2);
    // a run's own folder has the same programs
    for (const at of ['mixed-json', 'mixed']) {
      const run = (program: string, name: string) =>
        execFileSync(program, [file(`${at}/${name}`), ...texts], { encoding: 'utf8' })
          .trimEnd()
          .split('\n');
      for (const [row, line] of run(process.execPath, 'sort.mjs').entries()) {
        const { kind, tags, urgent } = JSON.parse(line);
        const [one, set, other] = found[row]!;
        expect([kind.category, tags.categories, urgent.category]).toEqual([
          ...[one!.category, set!.categories, other!.category],
        ]);
        expect(tags.score).toBeCloseTo(set!.score, 4);
        expect(Object.keys(tags.scores).sort()).toEqual([...OFFICES].sort());
      }
      if (!hasPython()) continue;
      for (const [row, line] of run('python3', 'sort.py').entries()) {
        const { kind, tags, urgent } = JSON.parse(line);
        const [one, set, other] = found[row]!;
        expect([kind[0], tags[0], urgent[0]]).toEqual([one!.category, set!.categories, other!.category]);
        expect(tags[1]).toBeCloseTo(set!.score, 4);
      }
    }
  });

  test.each([
    ['onnx', 'f32'],
    ['onnx', 'int8'],
    ['gguf', 'f32'],
    ['safetensors', undefined],
  ])('vectors as %s %s give all test rows their sets', async (as, type) => {
    const run = file('saved-vectors');
    const data = { data: file('letters.csv'), by: 'vectors', encoder: file('encoder'), out: run };
    if (!existsSync(run)) await trained(data);
    const out = file(`vectors-${as}-${type}${as === 'gguf' ? '.gguf' : ''}`);
    const { proof, files, notes } = await exported({ run, as, out, ...(type && { type }) });
    const { prompts, equalAnswers, maxLogProbDrift } = proof;
    expect(prompts).toBeGreaterThan(50);
    const isRounded = type === 'int8';
    if (!isRounded) expect([equalAnswers, maxLogProbDrift < 0.01]).toEqual([prompts, true]);
    const names = files.map((one) => path.relative(out, one));
    const head =
      as === 'gguf' ? path.join('..', `vectors-gguf-f32.columns`, '1', 'head.json') : 'columns/1/head.json';
    expect(names.includes(head)).toBe(as !== 'onnx');
    if (as !== 'onnx') return;
    expect(notes.join()).toMatch(
      new RegExp(`Each is given from its own score on: .*${OFFICES[0]} 0\\.\\d\\d`),
    );
    const config = JSON.parse(await readFile(path.join(out, 'config.json'), 'utf8'));
    expect(config.problem_type).toBe('multi_label_classification');
    expect(Object.keys(config.given_from)).toEqual(Object.values(config.id2label));
  });
});

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('by vectors, behind the endpoint', () => {
  const stop = new AbortController();
  let address = '';
  let ended: Promise<void>;
  beforeAll(async () => {
    const { config } = await trained({
      ...{ data: file('letters.csv'), by: 'vectors', encoder: file('encoder'), out: file('vectors') },
    });
    expect(config.sets).toHaveLength(1);
    const never = () => Promise.reject(new Error('nothing is exported'));
    const served = await prepareServed(
      { run: file('vectors'), type: 'f16', key: 'a key' },
      never as never,
      {},
    );
    const heard = Promise.withResolvers<string>();
    const emit = (news: EndpointNews) => {
      if ('listening' in news) heard.resolve(news.listening.address);
    };
    ended = serve(
      { ...served, port: 0, origins: [], threads: 1, contextSize: 256 },
      { emit, stop: stop.signal },
    );
    address = await Promise.race([heard.promise, ended.then(() => '')]);
  });
  afterAll(async () => {
    stop.abort();
    await ended;
  });
  const ask = async (route: string, body: object) => {
    const response = await fetch(`${address}/${route}`, {
      method: 'POST',
      headers: { authorization: 'Bearer a key', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'any', ...body }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  };

  test('classify and systemone give all categories above their limits, as a file has them', async () => {
    const texts = letters.slice(0, 20).map(({ message }) => message);
    const open = (await openDecisions(file('vectors'), { encoder: file('encoder'), threads: 1 }))!;
    await open.score(texts);
    const wanted = texts.map((_, text) => open.answers[0]!.decide(text));
    await open.close();
    const { body } = await ask('classify', { input: texts });
    const data = body.data! as { categories: string[]; probs: number[]; num_classes: number }[];
    expect(data.map(({ categories }) => categories)).toEqual(wanted.map(({ categories }) => categories));
    expect(data[0]!.num_classes).toBe(OFFICES.length);
    const place = data.findIndex(({ categories }) => categories.length > 0);
    const [office] = data[place]!.categories;
    const questions = { tags: { type: 'several' }, [office!]: { type: 'noul' } };
    const answered = await ask('systemone', { state: texts[place], questions });
    expect(answered.status).toBe(200);
    const { tags, [office!]: asked } = answered.body.answers! as Record<string, object>;
    expect(tags).toMatchObject({ type: 'several', categories: data[place]!.categories });
    const chances = (tags as { probabilities: Record<string, number> }).probabilities;
    expect(Object.keys(chances).sort()).toEqual([...OFFICES].sort());
    expect((asked as { noul: number }).noul).toBeCloseTo(chances[office!]!, 9);
    expect((await ask('systemone', { state: '', questions: { moods: { type: 'several' } } })).status).toBe(
      400,
    );
  });
});
