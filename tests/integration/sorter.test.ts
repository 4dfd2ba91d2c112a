/** A sorter by sentence vectors from a person's table to sorted rows, and the ladder that chooses it. */
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunDetails } from '../../common/api/contract.ts';
import type { RungNews, SorterResult } from '../../common/protocol/protocol.ts';
import { endWords } from '../../common/words/sorters.ts';
import { downloadOf } from '../../main/app/downloads.ts';
import { ownSorterFiles } from '../../main/app/sorters.ts';
import { parseClassifyConfig, parseSorterConfig } from '../../main/engine/config/config.ts';
import { headAnswerScores } from '../../main/engine/eval/rivals/answer-head.ts';
import { readHead } from '../../main/engine/eval/rivals/head-file.ts';
import { climb, tryVectors } from '../../main/engine/eval/rivals/ladder.ts';
import { tryDepth } from '../../main/engine/eval/rivals/training-rungs.ts';
import { vectorRival } from '../../main/engine/eval/rivals/vector-rival.ts';
import { gainOfTraining, likelyGain, worthSeconds } from '../../main/engine/eval/rivals/worth.ts';
import { openTextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { encoderIn, encodersHere, type FoundEncoder } from '../../main/engine/load/find-encoders.ts';
import { classify } from '../../main/engine/session/classify.ts';
import { trainSorterRun } from '../../main/engine/session/sorter.ts';
import { readRows } from '../../main/engine/session/sorter-rows.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../helpers/tiny-encoder.ts';
import { townRows, townTable } from '../helpers/town-rows.ts';

const quiet = { emit: () => {}, stop: new AbortController().signal };
let folder = '';
const file = (name: string) => path.join(folder, name);
const known = { ...process.env };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-sorter-test-'));
  process.env.FETTLE_HOME = file('home');
  process.env.HF_HUB_CACHE = file('hub');
  delete process.env.FETTLE_MODELS;
  await writeFile(file('letters.csv'), townTable());
  // every fifth letter went to another office: words alone can't be right in all
  const rows = townRows();
  const mixed = rows.map((row, i) => ({
    ...row,
    office: rows[i % 5 === 0 ? (i + 37) % rows.length : i]!.office,
  }));
  await writeFile(file('mixed.csv'), townTable(mixed));
  await writeTinyEncoder(file('encoder'), 'bert', { 'modules.json': SENTENCE_MODULES });
});
afterAll(async () => {
  process.env = known;
  await rm(folder, { recursive: true, force: true });
});

const config = (given: Readonly<Record<string, unknown>>) =>
  parseSorterConfig({ data: file('letters.csv'), heldOut: 0.25, threads: 1, ...given });

async function trained(given: Readonly<Record<string, unknown>>, io = quiet) {
  const news: RungNews[] = [];
  const emit = (event: object) => void ('rung' in event && news.push(event as RungNews));
  const result = await trainSorterRun(config(given), { ...io, emit });
  return { news, result };
}

test('test rows of a long file are drawn, whatever their order', async () => {
  const lines = ['a', 'b', 'c'].flatMap((office) =>
    Array.from({ length: 1000 }, (_, i) => `letter ${i} to ${office},${office}`),
  );
  await writeFile(file('asked.csv'), ['text,office', ...lines].join('\n'));
  const given = config({ data: file('asked.csv'), evalData: file('asked.csv'), out: file('none') });
  const { asked } = await readRows(given, quiet);
  expect(new Set(asked.map(({ text }) => text)).size).toBe(2000);
  for (const office of ['a', 'b', 'c'])
    expect(asked.filter(({ answer }) => answer === office).length).toBeGreaterThan(600);
});

describe('a sorter by sentence vectors', () => {
  let result: SorterResult;
  beforeAll(async () => {
    ({ result } = await trained({ by: 'vectors', encoder: file('encoder'), out: file('head') }));
  });

  test('says what it gets right, by which encoder, and how large it is', () => {
    expect(result.config).toMatchObject({ method: 'vectors', model: 'encoder', encoder: file('encoder') });
    expect(result.calibration.accuracy.rows).toBe(40);
    expect(result.bytes).toBeGreaterThan(1000);
    expect(result.config.rungs).toMatchObject([{ method: 'vectors', encoder: 'encoder', gain: null }]);
  });

  test('names its encoder by content, and gives the same from its file as when it was measured', async () => {
    const { head, encoder } = await readHead(file('head'));
    expect(encoder.files.map(({ name }) => name)).toEqual([
      'config.json',
      'tokenizer.json',
      'modules.json',
      'model.safetensors',
    ]);
    const texts = townRows().map(({ message }) => message);
    const vectors = await openTextVectors(file('encoder'), 1);
    const scores = headAnswerScores(head, await vectors.of(texts));
    await vectors.close();
    await writeFile(file('again.csv'), townTable());
    const out = file('again-sorted.csv');
    await classify(
      parseClassifyConfig({ run: file('head'), data: file('again.csv'), out, threads: 1 }),
      quiet,
    );
    const lines = (await readFile(out, 'utf8')).trimEnd().split('\r\n').slice(1);
    const best = scores.map((one) => head.answers[one.indexOf(Math.max(...one))]!);
    for (const [i, line] of lines.entries()) expect(line).toContain(`,${best[i]},`);
  });

  test('says on request which words decided: without them the category is less likely', async () => {
    await writeFile(file('new.csv'), townTable([{ number: '1', message: 'Who fixes the pothole?' }]));
    const asked = { run: file('head'), data: file('new.csv'), threads: 1 };
    const sorted = async (words: boolean) => {
      const out = file(`new-${words}.csv`);
      return (await classify(parseClassifyConfig({ ...asked, words, out }), quiet)).scored!.first[0]!;
    };
    expect(await sorted(false)).not.toHaveProperty('words');
    const { words } = await sorted(true);
    expect(words!.length).toBeGreaterThan(0);
    for (const word of words!) expect('Who fixes the pothole?').toContain(word);
  });

  test('finds its encoder where it lies now, and says that it is gone or was changed', async () => {
    const asked = () => ({
      ...{ run: file('head'), data: file('new.csv'), threads: 1 },
      out: file(`moved-${Math.random()}.csv`),
    });
    const home = path.join(file('home'), 'data', 'models', 'town--letters');
    await mkdir(path.dirname(home), { recursive: true });
    await rename(file('encoder'), home);
    expect((await classify(parseClassifyConfig(asked()), quiet)).scored!.rows).toBe(1);
    await cp(home, file('encoder'), { recursive: true });
    await rm(home, { recursive: true });
    await appendFile(file('encoder/tokenizer.json'), ' ');
    await expect(classify(parseClassifyConfig(asked()), quiet)).rejects.toMatchObject({ code: 'no-encoder' });
    await writeTinyEncoder(file('encoder'), 'bert', { 'modules.json': SENTENCE_MODULES });
    expect((await classify(parseClassifyConfig(asked()), quiet)).scored!.rows).toBe(1);
  });
});

describe('a sorter with an encoder that was trained for it', () => {
  let result: SorterResult;
  let news: RungNews[];
  const doing: string[] = [];
  beforeAll(async () => {
    const emit = (event: object) => {
      if ('rung' in event) news.push(event as RungNews);
      else if ('detail' in event && 'fraction' in event) doing.push(`${event.detail} ${event.fraction}`);
    };
    news = [];
    const asked = config({ by: 'trained', encoder: file('encoder'), out: file('own') });
    result = await trainSorterRun(asked, { ...quiet, emit });
  });

  test('tells of the encoder as it is, its upper layers and all layers, on the same rows', () => {
    const rungs = news.map(({ rung }) => rung);
    expect(rungs.map(({ trained = null }) => trained)).toEqual([null, 'upper', 'all']);
    expect(new Set(rungs.map(({ accuracy }) => accuracy.rows)).size).toBe(1);
    expect(news[1]!.isBest).toBe(true);
    expect(rungs[1]!.gain!.value).toBeCloseTo(rungs[1]!.accuracy.value - rungs[0]!.accuracy.value, 12);
    expect(result.config.end).toEqual({ reason: 'all-tried' });
    expect(doing.some((line) => /^Training encoder 0\.\d+$/.test(line))).toBe(true);
  });

  test('has the encoder in its own folder, larger than its head, and other than the one it began with', async () => {
    expect(result.config).toMatchObject({ model: 'encoder-trained', encoder: file('own/encoder') });
    const { encoder, calibration } = await readHead(file('own'));
    expect(calibration.accuracy.rows).toBe(40);
    const weights = encoder.files.find(({ name }) => name === 'model.safetensors')!;
    expect(result.bytes).toBeGreaterThan(weights.bytes);
    const [own, first] = await Promise.all(
      ['own/encoder', 'encoder'].map((name) => readFile(file(`${name}/model.safetensors`))),
    );
    expect(own!.equals(first!)).toBe(false);
    expect(await readFile(file('own/encoder/tokenizer.json'))).toEqual(
      await readFile(file('encoder/tokenizer.json')),
    );
  });

  test('kept once more has its encoder with it, and not the one it began with', async () => {
    const again = await trainSorterRun(
      parseSorterConfig({ run: file('own'), out: file('own-again') }),
      quiet,
    );
    expect(again.config).toMatchObject({ model: 'encoder-trained', encoder: file('own-again/encoder') });
    expect(await ownSorterFiles(file('own-again'))).toEqual(await ownSorterFiles(file('own')));
    expect(again.bytes).toBe(result.bytes);
  });

  test('takes its encoder along where it is saved', async () => {
    expect((await ownSorterFiles(file('own'))).toSorted()).toEqual([
      'encoder/config.json',
      'encoder/model.safetensors',
      'encoder/modules.json',
      'encoder/tokenizer.json',
      'encoder/tokenizer_config.json',
    ]);
    expect(await ownSorterFiles(file('head'))).toEqual([]);
    const run = { method: 'vectors', folder: file('own'), name: 'letters', exports: [] };
    const saved = await downloadOf(run as unknown as RunDetails, 'sorter');
    let zip = '';
    for await (const piece of saved.content()) zip += Buffer.from(piece).toString('latin1');
    expect(zip.length).toBe(saved.bytes);
    for (const name of ['own/head.json', 'own/encoder/model.safetensors']) expect(zip).toContain(name);
  });

  test('sorts the test rows as it was measured, wherever its folder lies, and not with another encoder', async () => {
    await cp(file('own'), file('elsewhere'), { recursive: true });
    await rm(file('own'), { recursive: true });
    const out = file('own-sorted.csv');
    const asked = { run: file('elsewhere'), data: file('letters.csv'), threads: 1 };
    await classify(parseClassifyConfig({ ...asked, out }), quiet);
    const { head } = await readHead(file('elsewhere'));
    const vectors = await openTextVectors(file('elsewhere/encoder'), 1);
    const scores = headAnswerScores(head, await vectors.of(townRows().map(({ message }) => message)));
    await vectors.close();
    const lines = (await readFile(out, 'utf8')).trimEnd().split('\r\n').slice(1);
    for (const [i, one] of scores.entries())
      expect(lines[i]).toContain(`,${head.answers[one.indexOf(Math.max(...one))]},`);
    await cp(file('encoder/model.safetensors'), file('elsewhere/encoder/model.safetensors'));
    const again = parseClassifyConfig({ ...asked, out: file('again-own.csv') });
    await expect(classify(again, quiet)).rejects.toMatchObject({ code: 'no-encoder' });
  });
});

describe('training an encoder', () => {
  const ladderRows = () => {
    const all = townRows().map(({ message, office }) => ({ text: message, answer: office }));
    const answers = [...new Set(all.map(({ answer }) => answer))].sort();
    return { answers, taught: all, asked: all.slice(0, 10), seed: 0, learnsAsked: false };
  };
  const io = { threads: 1, stop: new AbortController().signal, phase: () => {}, skipped: () => {} };

  test('is worth little with few rows a category, and what was published with many', () => {
    expect(gainOfTraining(0.9, 30)).toBe(0);
    expect(gainOfTraining(0.9, 4)).toBe(0);
    expect(gainOfTraining(0.9, 130)).toBeCloseTo(0.04, 12);
    expect(gainOfTraining(0.9, 1000)).toBeCloseTo(0.04, 12);
    expect(gainOfTraining(0.9, 60)).toBeGreaterThan(0.01);
  });

  test('is tried by itself with enough rows, all layers alone, and else said to bring too little', async () => {
    const rows = ladderRows();
    const encoders = [(await encoderIn(file('encoder')))!];
    const ways = { words: false, encoders, training: 'worth' } as const;
    const climbed = (of: typeof rows) => climb(of, ways, { ...io, rung: () => {} });
    const few = await climbed({ ...rows, taught: rows.taught.slice(0, 100) });
    expect(few.rungs.length).toBe(1);
    expect(few.end).toMatchObject({ reason: 'good-enough', trains: true, gain: 0 });
    expect(endWords(few.end)).toMatch(/^Good enough: training encoder /);
    const enough = await climbed({ ...rows, taught: [...rows.taught, ...rows.taught] });
    expect(enough.rungs.map(({ trained }) => trained)).toEqual([undefined, 'all']);
    expect(enough.end).toEqual({ reason: 'all-tried' });
  });

  test('that would take too long ends after a few steps, with the seconds that it would take', async () => {
    const encoder = (await encoderIn(file('encoder')))!;
    const base = await tryVectors(ladderRows(), encoder, null, Number.POSITIVE_INFINITY, io);
    if (typeof base === 'number') throw new Error('reading took too long');
    const steps: number[] = [];
    const seconds = await tryDepth(ladderRows(), { ...base, read: base.read! }, 'all', base, 0, {
      ...io,
      phase: (_, fraction = 0) => void steps.push(fraction),
    });
    await base.close();
    expect(seconds).toBeGreaterThan(0);
    expect(steps.at(-1)).toBeLessThan(0.2);
  });
});

describe('the ladder', () => {
  test('counts words first, compares on the same rows, and keeps what gets more right', async () => {
    const data = file('mixed.csv');
    const { news, result } = await trained({ data, encoder: file('encoder'), out: file('best') });
    expect(news.map(({ rung }) => rung.method)).toEqual(['words', 'vectors']);
    const [words, vectors] = news.map(({ rung }) => rung);
    expect(words!.accuracy.rows).toBe(vectors!.accuracy.rows);
    expect(vectors!.gain!.value).toBeCloseTo(vectors!.accuracy.value - words!.accuracy.value, 12);
    const best = vectors!.gain!.value > 0 ? 'vectors' : 'words';
    expect(result.config.method).toBe(best);
    expect(news.map(({ isBest }) => isBest)).toEqual([true, best === 'vectors']);
    expect(result.config.end).toEqual({ reason: 'all-tried' });
  });

  test('keeps every way that was tried: each sorts by its own folder, and becomes a run by itself', async () => {
    const kept = JSON.parse(await readFile(file('best/run.json'), 'utf8'));
    const folders = kept.rungs.map(({ folder }: { folder?: string }) => folder);
    const best = kept.method === 'words' ? 0 : 1;
    expect(folders[best]).toBeUndefined();
    expect(folders[1 - best]).toBe(`rungs/${2 - best}`);
    const other = file(`best/${folders[1 - best]}`);
    const data = file('letters.csv');
    const out = file('by-rung.csv');
    const { scored } = await classify(parseClassifyConfig({ run: other, data, out, threads: 1 }), quiet);
    expect(scored!.rows).toBe(townRows().length);
    const alone = await trainSorterRun(parseSorterConfig({ run: other, out: file('rung-alone') }), quiet);
    expect(alone.config).toMatchObject({ method: kept.rungs[1 - best].method, data: file('mixed.csv') });
    expect(alone.calibration.accuracy.rows).toBe(40);
  });

  test('leaves out an encoder that can’t be read, and says so', async () => {
    await cp(file('encoder'), file('cut'), { recursive: true });
    await writeFile(file('cut/model.safetensors'), 'no weights');
    const warnings: string[] = [];
    const emit = (event: object) => void ('message' in event && warnings.push(String(event.message)));
    const asked = config({ data: file('mixed.csv'), encoder: file('cut'), out: file('without') });
    const { config: saved } = await trainSorterRun(asked, { ...quiet, emit });
    expect(saved).toMatchObject({ method: 'words', end: { reason: 'all-tried' } });
    expect(warnings).toEqual([expect.stringMatching(/^cut was left out\. /)]);
  });

  test('keeps the best so far when it is stopped, and nothing before the first', async () => {
    const stop = new AbortController();
    const emit = (event: object) => void ('rung' in event && stop.abort(new Error('stopped')));
    const asked = config({ data: file('mixed.csv'), encoder: file('encoder'), out: file('stopped') });
    const { config: saved } = await trainSorterRun(asked, { emit, stop: stop.signal });
    expect(saved).toMatchObject({ method: 'words', end: { reason: 'stopped' } });
    const early = AbortSignal.abort(new Error('before'));
    const none = config({ encoder: file('encoder'), out: file('none') });
    await expect(trainSorterRun(none, { emit: () => {}, stop: early })).rejects.toThrow();
  });

  test('keeps a trained encoder when it is stopped while more layers are trained', async () => {
    const stop = new AbortController();
    const rungs: unknown[] = [];
    const emit = (event: object) => {
      if ('rung' in event) rungs.push(event.rung);
      // the first news of all layers
      if (rungs.length === 2 && 'fraction' in event && event.fraction === 0) stop.abort(new Error('stopped'));
    };
    const asked = config({ by: 'trained', encoder: file('encoder'), out: file('stopped-training') });
    const { config: saved } = await trainSorterRun(asked, { emit, stop: stop.signal });
    expect(rungs).toMatchObject([{ method: 'vectors' }, { trained: 'upper' }]);
    expect(saved).toMatchObject({ model: 'encoder-trained', end: { reason: 'stopped' } });
  });

  test('ends where no encoder lies here, and says what one would bring', async () => {
    expect(await encodersHere()).toEqual([]);
    const { result } = await trained({ out: file('alone') });
    const { end, rungs } = result.config;
    expect(end!.reason).toBe('no-encoder');
    expect(end!.gain).toBeCloseTo(likelyGain(rungs![0]!.accuracy.value, true), 12);
    await expect(trained({ by: 'vectors', out: file('vectors') })).rejects.toMatchObject({
      code: 'no-encoder',
    });
    await expect(trained({ encoder: folder, out: file('wrong') })).rejects.toThrow(/is not an encoder/);
  });

  test('tries nothing that would likely bring less than half a row of 100', async () => {
    const rows = townRows().map(({ office, ...row }) => ({ ...row, message: `${office} ${office}`, office }));
    await writeFile(file('plain.csv'), townTable(rows));
    const { news, result } = await trained({
      data: file('plain.csv'),
      encoder: file('encoder'),
      out: file('plain'),
    });
    expect(news.map(({ rung }) => rung.accuracy.value)).toEqual([1]);
    expect(result.config.end).toMatchObject({ reason: 'good-enough', encoder: 'encoder', gain: 0 });
    expect(endWords(result.config.end!)).toMatch(/^Good enough: encoder would likely/);
  });

  test('waits a minute for a row more of 100, and half a minute in any case', () => {
    expect(worthSeconds(likelyGain(0.9, true))).toBeCloseTo(240);
    expect(worthSeconds(likelyGain(0.99, true))).toBe(30);
    expect(likelyGain(0.9, false)).toBeLessThan(likelyGain(0.9, true));
  });
});

describe('beside a trained model', () => {
  const rows = townRows().map(({ message, office }) => ({ text: message, answer: office }));
  const answers = [...new Set(rows.map(({ answer }) => answer))];
  const [taught, asked] = [rows.slice(0, 120), rows.slice(120)];
  const ask = async (encoders: () => Promise<readonly FoundEncoder[]>) =>
    await vectorRival({ threads: 1, stop: quiet.stop, encoders })(
      answers,
      taught,
      asked,
      asked.map(() => true),
    );

  test('an encoder here is a simpler way, which can be kept', async () => {
    const found = (await encoderIn(file('encoder')))!;
    const { rival, measured } = (await ask(async () => [found]))!;
    expect(rival).toMatchObject({ name: 'vectors', score: { name: 'known', rows: 40 } });
    expect(rival.lead.value).toBeCloseTo(1 - rival.score.value, 12);
    expect(measured.rows).toHaveLength(40);
  });

  test('none, or one that can’t be read, is no rival', async () => {
    expect(await ask(async () => [])).toBeNull();
    await cp(file('encoder'), file('broken'), { recursive: true });
    await writeFile(file('broken/model.safetensors'), 'no weights');
    const broken = { name: 'broken', path: file('broken'), bytes: 10 };
    expect(await ask(async () => [broken])).toBeNull();
  });
});
