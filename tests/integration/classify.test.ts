/** Sorting with scores: the practice model, trained for a moment, and the same scores found the long way. */
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClassifyNews } from '../../common/api/contract.ts';
import type { AssessResult, ClassifyResult, EngineEvent } from '../../common/protocol/protocol.ts';
import { csvCell } from '../../common/values.ts';
import { downloadOf } from '../../main/app/downloads.ts';
import { classified } from '../../main/app/runs.ts';
import { keepSorter } from '../../main/app/sorters.ts';
import { parseAssessConfig, parseClassifyConfig, parseRunConfig } from '../../main/engine/config/config.ts';
import { encodePrompt } from '../../main/engine/data/tokens/encode.ts';
import { decoderOf } from '../../main/engine/eval/cached-decoder.ts';
import { Classifier } from '../../main/engine/eval/classify/classifier.ts';
import { Generator } from '../../main/engine/eval/generator.ts';
import { withModel } from '../../main/engine/load/ready-model.ts';
import { assess } from '../../main/engine/session/assess.ts';
import { classify } from '../../main/engine/session/classify.ts';
import { train } from '../../main/engine/session/session.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { openEngineCalls } from '../../main/runs/engine-calls.ts';
import { openStore } from '../../main/store/open.ts';
import { engineHere } from '../helpers/engine-here.ts';
import { writeGeneral } from './workspace.ts';

const PRACTICE = path.join(resourcesFolder(), 'practice-model');
const SAMPLE = path.join(resourcesFolder(), 'samples', 'support-messages.jsonl');
const io = { emit: () => {}, stop: new AbortController().signal };

let folder = '';
let run = '';
let first: ClassifyResult;
/** A comparison on ten test rows. */
let few: AssessResult;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-classify-test-'));
  run = path.join(folder, 'run');
  const data = path.join(folder, 'rows.jsonl');
  await writeFile(data, (await readFile(SAMPLE, 'utf8')).split('\n').slice(0, 150).join('\n'));
  // questions of its own, so that a comparison asks three of them
  const model = path.join(folder, 'model');
  await cp(PRACTICE, model, { recursive: true });
  writeGeneral(model);
  const config = { model, data, out: run, method: 'lora', epochs: 2, assess: false, threads: 1 };
  await train(parseRunConfig({ ...config, learningRate: 2e-3, system: 'Sort the messages.' }), {
    ...io,
    resume: false,
    startedAt: Date.now(),
  });
  first = await classify(parseClassifyConfig({ run, threads: 1 }), io);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the scores are those of the whole answers, token by token', async () => {
  const labels = ['blue', 'red wine', 'red', 'blue sky'];
  await withModel({ model: PRACTICE, executor: 'ort', threads: 1 }, io.emit, async (ready) => {
    const options = decoderOf(ready);
    const classifier = new Classifier(options, ready.tokenizer, labels);
    const generator = new Generator(options);
    const texts = [
      'What colour is the sky?',
      'A much longer question, which has more tokens than a block has places for: what do people drink when they sit together in the evening, and which colour has it, if it is not white?',
    ];
    const prompts = texts.map((content) => classifier.promptOf([{ role: 'user', content }])!);
    const scores = await classifier.score(prompts);
    const chat = ready.tokenizer.chat!;
    for (const [i, content] of texts.entries()) {
      const prompt = encodePrompt(ready.tokenizer, [{ role: 'user', content }]);
      expect(prompts[i]).toEqual({ ids: prompt, space: '' });
      const start = chat.render([{ role: 'user', content }], { addGenerationPrompt: true }).length;
      const answers = labels.map((label) =>
        ready.tokenizer.encode(
          chat
            .render([
              { role: 'user', content },
              { role: 'assistant', content: label },
            ])
            .slice(start),
        ),
      );
      const whole: number[] = [];
      for (const ids of answers) {
        generator.reset();
        let logits = await generator.advance(prompt);
        let sum = 0;
        for (const id of ids.slice(0, ids.indexOf(ready.tokenizer.stopIds[0]!) + 1)) {
          const total = logits.reduce((all, logit) => all + Math.exp(logit - logits[id]!), 0);
          sum -= Math.log(total);
          logits = await generator.advance([id]);
        }
        whole.push(sum);
      }
      const all = Math.log(whole.reduce((sum, one) => sum + Math.exp(one), 0));
      for (const [label, sum] of whole.entries()) expect(scores[i]![label]).toBeCloseTo(sum - all, 3);
    }
    await Promise.all([classifier.release(), generator.release()]);
  });
});

test('its categories are the answers of its rows, measured on its test rows', () => {
  const { labels, calibration, scored } = first;
  expect(labels).toHaveLength(8);
  expect(scored).toBeNull();
  expect(calibration.accuracy).toMatchObject({ key: null, rows: 15 });
  expect(calibration.counts.flat().reduce((a, b) => a + b, 0)).toBe(15);
  expect(calibration.temperature).toBeGreaterThan(0);
});

test('the verdict has the same figure on the same rows, whichever is made first', async () => {
  const judged = await assess(parseAssessConfig({ run, threads: 1 }), io);
  const { key: _, ...accuracy } = first.calibration.accuracy;
  expect(judged.verdict.score).toEqual({ name: 'known', ...accuracy });
  expect(judged.closed!.known.after).toEqual(first.calibration.accuracy);
  expect(judged.closed!.answers).toBe(8);
  const again = await classify(parseClassifyConfig({ run, threads: 1 }), io);
  expect(again.calibration).toEqual(first.calibration);
  few = await assess(parseAssessConfig({ run, rows: 10, threads: 1 }), io);
  expect(few.verdict.score!.rows).toBe(10);
  const then = await classify(parseClassifyConfig({ run, threads: 1 }), io);
  expect({ name: 'known', ...then.calibration.accuracy }).toMatchObject(few.verdict.score!);
  await rm(path.join(run, 'categories.json'));
  first = await classify(parseClassifyConfig({ run, threads: 1 }), io);
});

test('rows are sorted into a new file, with what was measured before', async () => {
  const data = path.join(folder, 'new.csv');
  const out = path.join(folder, 'sorted.csv');
  const long = 'very '.repeat(600);
  await writeFile(data, `message\nWhere is my parcel?\n"=1+1, and ""broken"""\n${long}\n`);
  const measured = await stat(path.join(run, 'categories.json'));
  const { scored, calibration } = await classify(
    parseClassifyConfig({ run, data, out, askBelow: 0.5, threads: 1 }),
    io,
  );
  expect(calibration).toEqual(first.calibration);
  expect((await stat(path.join(run, 'categories.json'))).mtimeMs).toBe(measured.mtimeMs);
  expect(scored).toMatchObject({ rows: 2, tooLong: 1, unreadable: 0, threshold: 0.5, accuracy: null });
  const [head, parcel, formula, end] = (await readFile(out, 'utf8')).split('\r\n');
  expect(head).toBe('row,message,category,score,ask a person');
  expect(parcel).toMatch(/^1,Where is my parcel\?,/);
  expect(formula!.startsWith(`2,"'=1+1, and ""broken""",`)).toBe(true);
  expect(end).toBe('');
  await expect(classify(parseClassifyConfig({ run, data, out, threads: 1 }), io)).rejects.toThrow(
    /is there already/,
  );
});

test('the table keeps the columns of the person’s file, by their numbers, without a path', async () => {
  const data = path.join(folder, 'columns.tsv');
  const out = path.join(folder, 'columns-sorted.csv');
  await writeFile(
    data,
    'score\turgent\tmessage\tnote\n-3,5\tyes\tWhere is my parcel?\t=1+1\n\t\t\t\n+49 30\tno\tbroken\tcell\nq\tno\tMy lamp is broken.\t\n',
  );
  const config = { run, data, out, map: 'prompt=message,answer=score', askBelow: 1, threads: 1 };
  const { scored } = await classify(parseClassifyConfig(config), io);
  const text = await readFile(out, 'utf8');
  expect(text).not.toContain(folder);
  const [head, ...lines] = text.trimEnd().split('\r\n');
  expect(head).toBe('row,score,urgent,message,note,category,score_2,ask a person');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^1,"-3,5",yes,Where is my parcel\?,'=1\+1,.+,0\.\d{4},yes$/);
  expect(lines[1]).toMatch(/^2,'\+49 30,no,broken,cell,/);
  expect(lines[2]).toMatch(/^3,q,no,My lamp is broken\.,,/);
  expect(scored!.first).toHaveLength(3);
  const { score, category, ...first } = scored!.first[0]!;
  expect(first).toEqual({ row: 1, text: 'Where is my parcel?', asks: true });
  expect(lines[0]).toContain(`,${csvCell(category)},${score.toFixed(4)},yes`);
});

test('several files are told apart by name, and rows that are no table have their text', async () => {
  const [one, two] = [path.join(folder, 'one.jsonl'), path.join(folder, 'two.jsonl')];
  const sorted = async (name: string) => {
    const out = path.join(folder, name);
    const { scored } = await classify(parseClassifyConfig({ run, data: [one, two], out, threads: 1 }), io);
    return { lines: (await readFile(out, 'utf8')).trimEnd().split('\r\n'), first: scored!.first };
  };
  await writeFile(one, '{"text":"Where is it?","id":7}\n{"text":"Pay","late":true}\n');
  await writeFile(two, 'not json\n{"id":null,"text":"Broken"}\n');
  const plain = await sorted('plain.csv');
  expect(plain.lines[0]).toBe('row,file,text,id,late,category,score,ask a person');
  expect(plain.lines[1]).toMatch(/^1,one\.jsonl,Where is it\?,7,,/);
  expect(plain.lines[2]).toMatch(/^2,one\.jsonl,Pay,,true,/);
  expect(plain.lines[3]).toMatch(/^2,two\.jsonl,Broken,,,/);
  expect(plain.first.map(({ row, file }) => [row, file])).toEqual([
    [1, 'one.jsonl'],
    [2, 'one.jsonl'],
    [2, 'two.jsonl'],
  ]);
  const nested = {
    messages: [
      { role: 'user', content: 'Where?' },
      { role: 'assistant', content: 'delivery' },
    ],
  };
  await writeFile(two, `${JSON.stringify(nested)}\n`);
  const { lines } = await sorted('nested.csv');
  expect(lines[0]).toBe('row,file,text,category,score,ask a person');
  expect(lines[3]).toMatch(/^1,two\.jsonl,Where\?,/);
});

test('rows that name their category tell how many are right', async () => {
  const out = path.join(folder, 'known.csv');
  const config = parseClassifyConfig({ run, data: path.join(folder, 'rows.jsonl'), out, threads: 1 });
  const { scored } = await classify(config, io);
  expect(scored!.rows).toBe(150);
  expect(scored!.accuracy!.rows).toBe(150);
  expect(scored!.accuracy!.value).toBeGreaterThan(0.1);
});

test('what is sorted before a stop is kept', async () => {
  const out = path.join(folder, 'part.csv');
  const config = parseClassifyConfig({ run, data: path.join(folder, 'rows.jsonl'), out, threads: 1 });
  const stop = new AbortController();
  const emit = (event: EngineEvent) =>
    event.event === 'phase' && event.phase === 'read' && setTimeout(() => stop.abort());
  const { scored } = await classify(config, { emit, stop: stop.signal }, true);
  expect(scored!.stopped).toBe(true);
  expect(scored!.rows).toBeGreaterThan(0);
  expect(scored!.rows).toBeLessThan(150);
  expect((await readFile(out, 'utf8')).trimEnd().split('\r\n')).toHaveLength(scored!.rows + 1);
  const whole = { ...config, out: path.join(folder, 'whole.csv') };
  await expect(classify(whole, { emit, stop: stop.signal })).rejects.toBe(stop.signal.reason);
  await expect(stat(whole.out)).rejects.toThrow('ENOENT');
});

test('what has no categories is said', async () => {
  expect(() => parseClassifyConfig({ run, data: SAMPLE })).toThrow(/go together/);
  await expect(classify(parseClassifyConfig({ run: folder, threads: 1 }), io)).rejects.toThrow(
    /not the folder of a run/,
  );
});

test('a page gets how far it is, then the result, with the table in the folder of the run', async () => {
  const store = await openStore(path.join(folder, 'data'));
  const engine = openEngineCalls(engineHere);
  try {
    const at = await readFile(path.join(run, 'run.json'), 'utf8');
    const kept = store.runs.create({
      ...{ name: 'Sorter', state: 'done', folder: run, modelId: null, model: 'practice', data: 'rows' },
      ...{ config: parseRunConfig(JSON.parse(at)), prompts: [], machine: {}, versions: {}, from: null },
    });
    const rows = path.join(folder, 'page.csv');
    await writeFile(rows, 'text\nWhere is my parcel?\n=1+1 is broken\n');
    const read: string[] = [];
    const allowed = {
      open: async () => {},
      write: async () => {},
      read: async (paths: readonly string[]) => void read.push(...paths),
    };
    const news: ClassifyNews[] = [];
    for await (const one of classified(
      { store, engine, allowed },
      { runId: kept.id, paths: [rows], askBelow: 0.5 },
    ))
      news.push(one);
    expect(read).toEqual([rows]);
    expect(news.filter(({ kind }) => kind === 'progress').length).toBeGreaterThan(0);
    const last = news.at(-1);
    if (last?.kind !== 'result') throw new Error('no result');
    const { result } = last;
    expect(result.calibration).toEqual(first.calibration);
    expect(result.scored).toMatchObject({ rows: 2, threshold: 0.5 });
    const { name, content } = await downloadOf(kept, path.basename(result.out!));
    expect(name).toMatch(/^page-sorted-[0-9a-f]{6}\.csv$/);
    let table = '';
    for await (const part of content()) table += Buffer.from(part).toString();
    expect(table.split('\r\n')[0]).toBe('row,text,category,score,ask a person');
    expect(table).toContain("'=1+1 is broken");
    await expect(downloadOf(kept, '../run.json')).rejects.toMatchObject({ code: 'export-gone' });
    await expect(downloadOf(kept, '../../page.csv')).rejects.toMatchObject({ code: 'export-gone' });
  } finally {
    engine.close();
    store.close();
  }
});

test('a place that can’t be written is an error like others', async () => {
  const data = path.join(folder, 'rows.jsonl');
  const out = path.join(data, 'sorted.csv');
  await expect(classify(parseClassifyConfig({ run, data, out, threads: 1 }), io)).rejects.toMatchObject({
    code: 'path-unusable',
  });
});

test('the word counter that the verdict has measured is kept as a run of its own', async () => {
  const store = await openStore(path.join(folder, 'counter-data'));
  const engine = openEngineCalls(engineHere);
  try {
    const saved = parseRunConfig(JSON.parse(await readFile(path.join(run, 'run.json'), 'utf8')));
    const counter = few.rivals!.find(({ name }) => name === 'counter')!;
    const made = store.runs.create({
      ...{
        name: 'Support',
        state: 'done',
        folder: run,
        modelId: null,
        model: 'practice',
        data: 'rows.jsonl',
      },
      ...{ config: saved, prompts: [], machine: {}, versions: {}, from: null },
    });
    store.assessments.set(made.id, few);
    const parts = { store, engine } as never;
    const { runId } = await keepSorter(parts, store.runs.get(made.id), 'words');
    const kept = store.runs.get(runId);
    expect(kept).toMatchObject({ method: 'words', from: made.id, data: 'rows.jsonl', state: 'done' });
    expect(kept.score).toEqual(counter.score);
    expect(await keepSorter(parts, store.runs.get(made.id), 'words')).toEqual({ runId });
    const sorted = await classify(parseClassifyConfig({ run: kept.folder }), io);
    expect(sorted.labels).toEqual(first.labels);
    const { name: _, ...figure } = counter.score;
    expect(sorted.calibration.accuracy).toEqual({ key: null, ...figure });
    await expect(assess(parseAssessConfig({ run: kept.folder }), io)).rejects.toMatchObject({
      code: 'no-model',
    });
    const uncompared = store.runs.create({
      ...{ name: 'New', state: 'done', folder, modelId: null, model: 'practice', data: 'rows.jsonl' },
      ...{ config: saved, prompts: [], machine: {}, versions: {}, from: null },
    });
    await expect(keepSorter(parts, uncompared, 'words')).rejects.toMatchObject({ code: 'run-not-assessed' });
    // as from a bundle, which has the best way alone
    const bundled = { ...kept, config: { ...kept.config, rungs: [{ folder: 'rungs/0' }] } };
    await expect(keepSorter(parts, bundled, 'words', 0)).rejects.toMatchObject({ code: 'no-run' });
  } finally {
    engine.close();
    store.close();
  }
});
