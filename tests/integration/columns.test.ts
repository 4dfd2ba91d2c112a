/** A sorter of several columns: one pass of the encoder, a head for each, each with its own scores; in files and behind the endpoint. */
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndpointNews, RungNews, SorterColumn, SorterResult } from '../../common/protocol/protocol.ts';
import { prepareServed } from '../../main/app/answering.ts';
import {
  parseClassifyConfig,
  parseExportConfig,
  parseSorterConfig,
} from '../../main/engine/config/config.ts';
import { readHead } from '../../main/engine/eval/rivals/head-file.ts';
import { openTextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { openForeign } from '../../main/engine/exec/registry.ts';
import { classify } from '../../main/engine/session/classify.ts';
import { openDecisions } from '../../main/engine/session/decisions.ts';
import { exportRun } from '../../main/engine/session/export.ts';
import { serve } from '../../main/engine/session/serve.ts';
import { trainSorterRun } from '../../main/engine/session/sorter.ts';
import { Rng } from '../../main/rows/rng.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../helpers/tiny-encoder.ts';
import { columnsTable, townColumns } from '../helpers/town-columns.ts';

const quiet = { emit: () => {}, stop: new AbortController().signal };
const known = { ...process.env };
let folder = '';
const file = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-columns-'));
  process.env.FETTLE_HOME = file('home');
  process.env.HF_HUB_CACHE = file('hub');
  await writeFile(file('letters.csv'), columnsTable(townColumns()));
  await writeTinyEncoder(file('encoder'), 'bert', { 'modules.json': SENTENCE_MODULES });
});
afterAll(async () => {
  process.env = known;
  await rm(folder, { recursive: true, force: true });
});

const ANSWER = ['office', 'urgent', 'grade'];
const trained = (given: Readonly<Record<string, unknown>>) =>
  trainSorterRun(
    parseSorterConfig({ data: file('letters.csv'), heldOut: 0.25, threads: 1, answer: ANSWER, ...given }),
    quiet,
  );
const saved = async (name: string) => JSON.parse(await readFile(file(`${name}/run.json`), 'utf8'));

describe.each(['words', 'vectors'] as const)('several columns by %s', (by) => {
  let result: SorterResult;
  beforeAll(async () => {
    result = await trained({ by, out: file(by), ...(by === 'vectors' && { encoder: file('encoder') }) });
  });

  test('each is kept with its type and how well it is filled', async () => {
    const { columns, map, answer } = await saved(by);
    expect(result.config.columns).toEqual(columns);
    expect([map, answer]).toEqual(['text=message', ANSWER]);
    expect(columns).toMatchObject([
      { name: 'office', type: 'choice', folder: '' },
      { name: 'urgent', type: 'noul', yes: 'yes', folder: 'columns/1' },
      { name: 'grade', type: 'score', levels: ['1', '2', '3', '4'], folder: 'columns/2' },
    ]);
    const rights: number[] = columns.map((one: SorterColumn) => one.accuracy.value);
    // the tiny encoder has weights of chance
    const least = by === 'words' ? [0.7, 0.95, 0.95] : [];
    for (const [i, value] of least.entries()) expect(rights[i], ANSWER[i]!).toBeGreaterThan(value);
    expect(result.calibration.accuracy.value).toBe(rights[0]);
  });

  test('a file is sorted with what each column got, and how often that is what stands there', async () => {
    const out = file(`${by}.csv`);
    const { scored } = await classify(
      parseClassifyConfig({ run: file(by), data: file('letters.csv'), out, threads: 1 }),
      quiet,
    );
    const [head = '', first = ''] = (await readFile(out, 'utf8')).split('\r\n');
    expect(head).toBe(
      'row,message,office,urgent,grade,office found,office score,office ask a person,urgent found,urgent probability,' +
        'urgent ask a person,grade found,grade expected,grade score,grade ask a person',
    );
    expect(first.split(',').at(-4)).toMatch(/^[1-4]$/);
    expect(Number(first.split(',').at(-3))).toBeGreaterThanOrEqual(1);
    expect(scored!.columns!.map(({ name, accuracy }) => [name, accuracy!.rows])).toEqual(
      ANSWER.map((name) => [name, townColumns().length]),
    );
    expect(scored!.first[0]!.others!.map(({ column }) => column)).toEqual(['urgent', 'grade']);
  });

  test('takes the room of all its columns, and keeps them where it is kept once more', async () => {
    const size = async (name: string) => (await stat(file(name))).size;
    const one = { words: 'counter.json', vectors: 'head.json' }[by];
    const heads = await Promise.all(['', 'columns/1/', 'columns/2/'].map((at) => size(`${by}/${at}${one}`)));
    expect(result.bytes).toBeGreaterThan(heads.reduce((sum, bytes) => sum + bytes, 0));
    const again = await trainSorterRun(parseSorterConfig({ run: file(by), out: file(`${by}-again`) }), quiet);
    expect(again.config.columns).toEqual(result.config.columns);
    expect(again.bytes).toBe(result.bytes);
    const open = await openDecisions(file(`${by}-again`), { encoder: file('encoder'), threads: 1 });
    expect(open).not.toBeNull();
    await open!.close();
  });

  test('each column is a sorter of its own, too, and says the same', async () => {
    const texts = townColumns().map(({ message }) => message);
    const open = (await openDecisions(file(by), { encoder: file('encoder'), threads: 1 }))!;
    await open.score(texts);
    const given = texts.map((_, text) => open.decide(1, text).category);
    await open.close();
    await writeFile(file('new.csv'), columnsTable(texts.map((message) => ({ message }))));
    const out = file(`${by}-urgent.csv`);
    const run = path.join(file(by), 'columns', '1');
    await classify(parseClassifyConfig({ run, data: file('new.csv'), out, threads: 1 }), quiet);
    const lines = (await readFile(out, 'utf8')).trimEnd().split('\r\n').slice(1);
    expect(lines.map((line) => line.split(',').at(-3))).toEqual(given);
  });
});

test('one ONNX file answers all columns, as Fettle does, with programs beside it', async () => {
  const out = file('columns-onnx');
  const asked = { run: file('vectors'), as: 'onnx', type: 'f32', out, threads: 1 };
  const { proof, next } = await exportRun(parseExportConfig(asked), quiet);
  expect(proof).toMatchObject({ by: 'onnxruntime', equalAnswers: proof.prompts, sorts: true });
  expect(proof.maxLogProbDrift).toBeLessThan(1e-4);
  expect(next.map(({ command }) => command)).toEqual([
    expect.stringContaining('sort.mjs'),
    expect.stringContaining('sort.py'),
  ]);
  expect(await readdir(out)).toEqual(expect.arrayContaining(['sort.mjs', 'sort.py']));
  const { columns } = JSON.parse(await readFile(path.join(out, 'outputs.json'), 'utf8'));
  expect(columns.map(({ name, output }: Record<string, string>) => [name, output])).toEqual([
    ['office', 'probabilities'],
    ['urgent', 'probabilities_1'],
    ['grade', 'probabilities_2'],
  ]);
  const texts = townColumns().map(({ message }) => message);
  const open = (await openDecisions(file('vectors'), { encoder: file('encoder'), threads: 1 }))!;
  const vectors = await openTextVectors(file('encoder'), 1);
  const session = await openForeign(path.join(out, 'onnx/model.onnx'), 1);
  await open.score(texts);
  const outputs = await session.run(texts.map((text) => vectors.idsOf(text)));
  for (const [i, { output, categories }] of columns.entries()) {
    expect(categories).toEqual(open.columns[i]!.labels);
    const known = texts.flatMap((_, text) => [...open.chancesOf(i, text)]);
    expect(Math.max(...known.map((chance, j) => Math.abs(chance - outputs[output]![j]!)))).toBeLessThan(1e-5);
  }
  await Promise.all([open.close(), vectors.close(), session.close()]);
});

describe('several columns with one encoder that was trained for all of them', () => {
  const WORDS = 'red green blue town river stone bread house water night money light tree fish'.split(' ');
  /** The first word says one column, the last one the other, where that has an answer; too many words for the tiny encoder as it is. */
  const rng = Rng.fromSeed(1);
  const rows = Array.from({ length: 700 }, (_, i) => {
    const [first, middle, last] = [rng.below(14), rng.below(14), rng.below(14)] as const;
    return {
      message: [first, middle, last].map((word) => WORDS[word]).join(' '),
      side: ((first * 5) % 14) % 2 === 0 ? 'even' : 'odd',
      third: i % 4 === 0 ? '' : ['first', 'second', 'third'][((last * 5) % 14) % 3]!,
    };
  });
  const answered = rows.filter(({ third }) => third !== '');
  const rungs: RungNews['rung'][] = [];
  let result: SorterResult;
  beforeAll(async () => {
    await writeFile(file('words.csv'), columnsTable(rows));
    const emit = (event: object) => void ('rung' in event && rungs.push((event as RungNews).rung));
    const asked = {
      ...{ data: file('words.csv'), answer: ['side', 'third'], by: 'trained', encoder: file('encoder') },
      ...{ heldOut: 0.25, threads: 1, out: file('joint') },
    };
    result = await trainSorterRun(parseSorterConfig(asked), { ...quiet, emit });
  });

  test('gets more cells right than the encoder as it is, each asked once by what has not seen its text', () => {
    expect(rungs.map(({ trained: depth = null }) => depth)).toEqual([null, 'upper', 'all']);
    const [frozen, ...trainedRungs] = rungs;
    for (const { accuracy } of rungs) expect(accuracy.rows).toBe(frozen!.accuracy.rows);
    // both columns, without missing answers
    expect(frozen!.accuracy.rows).toBeGreaterThan(0.7 * (rows.length + answered.length));
    expect(frozen!.accuracy.rows).toBeLessThan(0.8 * (rows.length + answered.length));
    const best = trainedRungs.toSorted((a, b) => b.accuracy.value - a.accuracy.value)[0]!;
    expect(best.gain!.low).toBeGreaterThan(0);
    expect(result.config).toMatchObject({ model: 'encoder-trained', encoder: file('joint/encoder') });
  });

  test('keeps one encoder for both, with which each says what it was measured by', async () => {
    const files = (await readdir(file('joint'), { recursive: true })).filter((name) =>
      /safetensors$/.test(name),
    );
    expect(files).toEqual(['encoder/model.safetensors']);
    const [side, third] = await Promise.all(['', 'columns/1'].map((at) => readHead(file(`joint/${at}`))));
    expect(third!.encoder).toEqual(side!.encoder);
    await cp(file('joint'), file('joint-moved'), { recursive: true });
    await rm(file('joint'), { recursive: true });
    const encoder = file('joint-moved/encoder');
    const open = (await openDecisions(file('joint-moved'), { encoder, threads: 1 }))!;
    const texts = rows.map(({ message }) => message);
    await open.score(texts);
    const given = texts.map((_, text) => [0, 1].map((column) => open.decide(column, text).category));
    await open.close();
    const right = rows.filter(({ side }, i) => given[i]![0] === side).length;
    const thirds = rows.filter(({ third }, i) => given[i]![1] === third).length;
    expect((right + thirds) / (rows.length + answered.length)).toBeGreaterThan(rungs[0]!.accuracy.value);
    expect(result.config.columns!.every(({ accuracy }) => accuracy.rows > 100)).toBe(true);
    const out = file('joint-third.csv');
    const run = file('joint-moved/columns/1');
    await classify(parseClassifyConfig({ run, data: file('words.csv'), out, threads: 1 }), quiet);
    const lines = (await readFile(out, 'utf8')).trimEnd().split('\r\n').slice(1);
    expect(lines.map((line) => line.split(',').at(-3))).toEqual(given.map(([, other]) => other));
  });

  test('a column is kept once more, and exported, with the encoder of all', async () => {
    const run = file('joint-moved/columns/1');
    const { config } = await trainSorterRun(parseSorterConfig({ run, out: file('third') }), quiet);
    expect(config).toMatchObject({ model: 'encoder-trained', encoder: file('third/encoder') });
    const { proof } = await exportRun(
      parseExportConfig({ run, as: 'onnx', type: 'f32', out: file('third-onnx'), threads: 1 }),
      quiet,
    );
    expect(proof).toMatchObject({ by: 'onnxruntime', promptSource: 'held-out rows', sorts: true });
    expect(proof.equalAnswers).toBe(proof.prompts);
  });
});

test('an order in words, and what a person says of a column', async () => {
  const levels = ['low', 'middle', 'high', 'top'];
  const rows = townColumns().map(({ message, grade, urgent }) => ({
    message,
    mood: levels[Number(grade) - 1],
    late: urgent === 'yes' ? '1' : '0',
  }));
  await writeFile(file('moods.csv'), columnsTable(rows));
  const asked = { data: file('moods.csv'), by: 'words' };
  const { config } = await trained({
    ...asked,
    answer: ['mood:low<middle<high<top', 'late'],
    out: file('moods'),
  });
  expect(config.columns).toMatchObject([
    { type: 'score', levels },
    { type: 'noul', yes: '1' },
  ]);
  const fails = (answer: string[], text: string | RegExp) =>
    expect(trained({ ...asked, answer, out: file(`no-${answer}`) })).rejects.toThrow(text);
  await fails(['mood:score', 'late'], 'are words, which have no order');
  await fails(['mood:low<middle<high', 'late'], 'Some rows have “top”');
  await fails(['mood:noul', 'late'], 'holds more than yes and no');
  await fails(['mood:grade'], 'is no type of a column');
  await fails(['mood', 'mood'], 'is named twice');
  await fails(['colour'], 'has no column “colour”');
  await fails(['late', 'message'], 'The column “message” holds no categories');
});

test('a text that several people have filled differently gets what share of them said', async () => {
  const rows = townColumns().filter(({ grade }) => grade === '1' || grade === '4');
  const voted = rows.flatMap((row, i) =>
    // three of four say yes to the third letters, one of four to the thanks
    [0, 1, 2, 3].map((voter) => ({
      message: row.message,
      office: row.office,
      urgent: (row.grade === '4') === (voter !== i % 4) ? 'yes' : 'no',
    })),
  );
  await writeFile(file('votes.csv'), columnsTable(voted));
  const { taughtRows } = await trained({
    ...{ data: file('votes.csv'), by: 'words', answer: ['urgent', 'office'], out: file('votes') },
  });
  // the four of a text are on one side
  expect(taughtRows! % 4).toBe(0);
  const open = (await openDecisions(file('votes'), { encoder: '', threads: 1 }))!;
  await open.score(rows.map(({ message }) => message));
  const mean = (grade: string) => {
    const found = rows.flatMap((row, i) => (row.grade === grade ? [open.decide(0, i).yes!] : []));
    return found.reduce((sum, one) => sum + one, 0) / found.length;
  };
  expect(mean('4')).toBeCloseTo(0.75, 1);
  expect(mean('1')).toBeCloseTo(0.25, 1);
});

describe('behind the endpoint', () => {
  const stop = new AbortController();
  let address = '';
  let ended: Promise<void>;
  beforeAll(async () => {
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
    const options = { ...served, port: 0, origins: [], threads: 1, contextSize: 256 };
    ended = serve(options, { emit, stop: stop.signal });
    address = await Promise.race([heard.promise, ended.then(() => '')]);
  });
  afterAll(async () => {
    stop.abort();
    await ended;
  });
  const ask = async (questions: object, state: unknown = townColumns()[0]!.message) => {
    const response = await fetch(`${address}/systemone`, {
      method: 'POST',
      headers: { authorization: 'Bearer a key', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'any', state, questions }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };
  interface Answered {
    readonly answers: Record<string, Record<string, never>>;
    readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
  }

  test('one request asks all questions, and gets what a file gets', async () => {
    const { status, body } = await ask({
      office: { type: 'choice', instructions: 'Which office?' },
      urgent: { type: 'noul' },
      grade: { type: 'score', criteria: ['calm', 'polite', 'cross', 'very cross'] },
    });
    expect(status).toBe(200);
    const { answers, usage } = body as Answered;
    const open = (await openDecisions(file('vectors'), { encoder: file('encoder'), threads: 1 }))!;
    await open.score([townColumns()[0]!.message]);
    const [office, urgent, grade] = [0, 1, 2].map((column) => open.decide(column, 0));
    await open.close();
    expect(answers.office).toMatchObject({ type: 'choice', choice: office!.category });
    const shares = Object.values(answers.office!.probabilities!) as number[];
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    const n = shares.length;
    expect(answers.office!.confidence).toBeCloseTo((n * Math.max(...shares) - 1) / (n - 1), 9);
    expect(answers.urgent).toEqual({ type: 'noul', noul: expect.closeTo(urgent!.yes!, 5) });
    // levels count from 0; the file has the person's own numbers
    expect(answers.grade).toMatchObject({
      ...{ type: 'score', score: expect.closeTo(grade!.expected! - 1, 5) },
      legend: { 0: 'calm', 3: 'very cross' },
    });
    expect(usage).toMatchObject({ input_tokens: expect.any(Number), output_tokens: 0 });
  });

  test('a choice among some of the options is a choice among those', async () => {
    const criteria = { waste: 'bins', passports: null };
    const { body } = await ask({ office: { type: 'choice', criteria } });
    expect(Object.keys((body as Answered).answers.office!.probabilities!)).toEqual(['waste', 'passports']);
  });

  test('what it was not trained for is refused by name', async () => {
    const refusals = [
      [
        { colour: { type: 'choice' } },
        'questions.colour: This model was not trained for it. It answers office (choice), urgent (noul), grade (score).',
      ],
      [{ urgent: { type: 'choice' } }, 'questions.urgent: It was trained as noul, not as choice.'],
      [
        { office: { type: 'choice', criteria: { moon: null } } },
        /^questions\.office: This model was not trained for the option "moon"/,
      ],
      [
        { grade: { type: 'score', criteria: ['low', 'high'] } },
        'questions.grade: This model was trained for 4 levels: 1, 2, 3, 4.',
      ],
      [{}, /Ask 1 to 64 questions/],
      [{ office: { type: 'box' } }, /questions/],
    ] as const;
    for (const [questions, message] of refusals) {
      const { status, body } = await ask(questions);
      const { error } = body as { error: { message: string } };
      expect(status, error.message).toBe(400);
      if (typeof message === 'string') expect(error.message).toBe(message);
      else expect(error.message).toMatch(message);
    }
  });

  test("OpenAI's client asks the same questions, and gets the same answers", async () => {
    const client = new OpenAI({ baseURL: address, apiKey: 'a key', maxRetries: 0 });
    const input = townColumns()[0]!.message;
    const { body } = await ask(
      { office: { type: 'choice' }, urgent: { type: 'noul' }, grade: { type: 'score' } },
      input,
    );
    const { answers: own } = body as Answered;
    const offices = Object.keys(own.office!.probabilities!);
    const levels = ['calm', 'polite', 'cross', 'very cross'].map((label) => ({ label }));
    const { answers, usage } = await client.decisions.create({
      model: 'any',
      input: [{ role: 'user', content: [{ type: 'input_text', text: input }] }],
      questions: [
        { type: 'predicate', name: 'urgent', instructions: 'Is it urgent?' },
        { type: 'choice', name: 'office', instructions: '', choices: offices.map((value) => ({ value })) },
        { type: 'score', name: 'grade', instructions: 'How cross?', levels },
      ],
    });
    expect(answers).toEqual([
      { name: 'urgent', type: 'predicate', probability: own.urgent!.noul },
      {
        ...{ name: 'office', type: 'choice', choice: own.office!.choice, confidence: own.office!.confidence },
        probabilities: Object.entries(own.office!.probabilities!).map(([value, probability]) => ({
          value,
          probability,
        })),
      },
      {
        ...{ name: 'grade', type: 'score', score: own.grade!.score, confidence: own.grade!.confidence },
        probabilities: Object.values(own.grade!.probabilities!).map((probability, value) => ({
          ...{ value, label: levels[value]!.label, probability },
        })),
      },
    ]);
    expect(usage.total_tokens).toBeGreaterThan(0);
    const wrong = [
      [
        { type: 'predicate', name: 'colour', instructions: '' },
        /questions.colour: This model was not trained/,
      ],
      [{ type: 'predicate', instructions: '' }, /Name the question/],
      [
        { type: 'choice', name: 'office', instructions: '', choices: [{ value: true }, { value: 'true' }] },
        /the same/,
      ],
    ] as const;
    for (const [question, message] of wrong)
      await expect(
        client.decisions.create({ model: 'any', input, questions: [question as never] }),
        String(message),
      ).rejects.toThrow(message);
    const image = [{ type: 'input_image', image_url: 'data:image/png;base64,' }];
    const asked = client.decisions.create({
      ...{ model: 'any', input: [{ role: 'user', content: image as never }] },
      questions: [{ type: 'predicate', name: 'urgent', instructions: '' }],
    });
    await expect(asked).rejects.toThrow(/input/);
  });
});
