/** A head that sorts, with the tiny model: every method, going on after a stop, long texts, and what becomes of a run afterwards. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoneEvent, EngineEvent, EvalEvent } from '../../../../common/protocol/protocol.ts';
import {
  parseAssessConfig,
  parseClassifyConfig,
  parseEvalConfig,
  parseExportConfig,
  parseGenerateConfig,
  parseRunConfig,
} from '../../../../main/engine/config/config.ts';
import { readAdapter } from '../../../../main/engine/io/peft.ts';
import { openModel } from '../../../../main/engine/load/open-model.ts';
import { classify } from '../../../../main/engine/session/classify.ts';
import { generate } from '../../../../main/engine/session/open-models.ts';
import { Planner } from '../../../../main/engine/session/planner/planner.ts';
import { assess, evaluate, exportRun, train } from '../../../../main/engine/session/session.ts';
import { readMetrics } from '../../../../main/engine/train/run-folder.ts';
import { seeded } from '../../../helpers/random.ts';
import { temporaryFolder, writeRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
const homeBefore = process.env.FETTLE_HOME;
const quiet = { emit: () => {}, stop: new AbortController().signal };
const SOUNDS = { cat: 'meow', dog: 'woof', cow: 'moo', owl: 'hoot' };
const CATEGORIES = ['hoot', 'meow', 'moo', 'woof'];
let model: string;
let rows: string;

/** A text that names an animal, under the category of its sound. */
function sounds(count: number, seed = 5) {
  const random = seeded(seed);
  const animals = Object.entries(SOUNDS);
  return Array.from({ length: count }, (_, i) => {
    const [animal, sound] = animals[Math.floor(random() * animals.length)]!;
    return { prompt: `${i} ${animal}`, completion: sound };
  });
}

beforeAll(async () => {
  process.env.FETTLE_HOME = path.join(folder, 'home');
  model = await writeTinyModel(path.join(folder, 'model'));
  rows = writeRows(path.join(folder, 'rows.jsonl'), sounds(80));
});
afterAll(() => {
  if (homeBefore === undefined) delete process.env.FETTLE_HOME;
  else process.env.FETTLE_HOME = homeBefore;
  remove();
});

const settingsOf = (name: string, settings: Record<string, unknown>) =>
  parseRunConfig({
    ...{ model, data: rows, out: path.join(folder, name), objective: 'sort', threads: 1, assess: false },
    ...{
      heldOut: 16,
      tokensPerMicroBatch: 256,
      maxLength: 64,
      epochs: 6,
      learningRate: 5e-3,
      evalEvery: 1000,
    },
    ...settings,
  });

async function run(
  name: string,
  settings: Record<string, unknown>,
  io: { stopAt?: number; resume?: boolean } = {},
) {
  const config = settingsOf(name, settings);
  const stop = new AbortController();
  const events: EngineEvent[] = [];
  const emit = (event: EngineEvent) => {
    events.push(event);
    if (event.event === 'step' && event.step === io.stopAt) stop.abort();
  };
  const end = await train(config, { emit, stop: stop.signal, resume: io.resume === true });
  return { end, events, out: config.out, metrics: await readMetrics(config.out) };
}

const evaluations = (events: readonly EngineEvent[]): readonly EvalEvent[] =>
  events.filter((event) => event.event === 'eval');

describe('a run that sorts', () => {
  it.each([
    ['lora', {}],
    ['lora', { lora: { dora: true, dropout: 0.05 } }],
    ['qlora', {}],
    ['full', { learningRate: 2e-3 }],
    ['lora', { packing: false, splitMicroBatch: 2, gradientAccumulation: 2, epochs: 10 }],
  ])('%s learns with %j', async (method, settings) => {
    const { events, end, out } = await run(`${method}-${JSON.stringify(settings).replace(/\W+/g, '-')}`, {
      method,
      ...settings,
    });
    const [first, last] = [evaluations(events)[0]!, evaluations(events).at(-1)!];
    expect(end.event).toBe('done');
    // a new head knows nothing of four categories
    expect(first.loss).toBeGreaterThan(1);
    expect(last.accuracy).toBeGreaterThan(0.9);
    expect(last.labelledTokens).toBe(16);
    const result = (end as DoneEvent).result;
    if (method === 'full') {
      const opened = await openModel(result);
      await opened.store.close();
      expect(opened.model.categories).toEqual(CATEGORIES);
    } else expect((await readAdapter(result)).head?.categories).toEqual(CATEGORIES);
    const measured = await evaluate(
      parseEvalConfig({
        ...(method === 'full' ? { model: result } : { model, adapter: out }),
        ...{ data: rows, split: 'held-out', heldOut: 16, maxLength: 64, threads: 1 },
      }),
      quiet,
    );
    expect(measured.loss).toBeCloseTo(last.loss, 4);
    expect(measured.accuracy).toBe(last.accuracy);
  });

  it.each([
    ['lora', {}],
    ['full', { learningRate: 1e-3 }],
  ])('goes on to the bit after a stop: %s', async (method, settings) => {
    const more = { method, ...settings, gradientAccumulation: 2, maxSteps: 8, evalEvery: 4 };
    const whole = await run(`whole-${method}`, more);
    const stopped = await run(`halved-${method}`, more, { stopAt: 3 });
    expect(stopped.end.event).toBe('stopped');
    const resumed = await run(`halved-${method}`, more, { resume: true });
    const numbers = ({ metrics }: typeof whole) =>
      metrics.map(({ event, step, loss }) => ({ event, step, loss }));
    expect(numbers(resumed)).toEqual(numbers(whole));
    const result = (end: typeof whole.end) => {
      const folderOf = (end as DoneEvent).result;
      const file = readdirSync(folderOf).find((one) => one.endsWith('.safetensors'))!;
      return readFileSync(path.join(folderOf, file));
    };
    expect(result(resumed.end).equals(result(whole.end))).toBe(true);
  });

  it('keeps the category of a text that is too long', async () => {
    const long = sounds(40).map(({ prompt, completion }) => ({
      prompt: `${prompt} ${'and so on '.repeat(20)}`,
      completion,
    }));
    const data = writeRows(path.join(folder, 'long.jsonl'), long);
    const { events, out } = await run('long', { method: 'lora', data, heldOut: 8, epochs: 8 });
    expect(events.some((event) => event.event === 'warning' && event.code === 'rows-truncated')).toBe(true);
    expect(evaluations(events).at(-1)!.accuracy).toBeGreaterThan(0.8);
    const { closed } = await assess(parseAssessConfig({ run: out, threads: 1 }), quiet);
    expect(closed!.known.after.rows).toBe(8);
  });

  it('goes on from a model that sorts already, with its head', async () => {
    const before = await run('taught', { method: 'full', learningRate: 2e-3 });
    const taught = (before.end as DoneEvent).result;
    const { events } = await run('again', { method: 'lora', model: taught, maxSteps: 2 });
    expect(evaluations(events)[0]!.accuracy).toBe(evaluations(before.events).at(-1)!.accuracy);
  });

  it.each([
    [{ replay: 0.1 }, 'replay'],
    [{ samplePrompts: ['cat'] }, 'samplePrompts'],
  ])('refuses %j', (settings, name) => {
    expect(() => settingsOf('refused', settings)).toThrow(name === 'replay' ? 'replay' : 'sample');
  });

  it('refuses rows that are no categories', async () => {
    const data = writeRows(path.join(folder, 'one.jsonl'), [
      { prompt: 'a', completion: 'same' },
      { prompt: 'b', completion: 'same' },
    ]);
    await expect(run('one', { data })).rejects.toMatchObject({ code: 'no-categories' });
    const texts = writeRows(path.join(folder, 'texts.jsonl'), [{ text: 'running text' }, { text: 'more' }]);
    await expect(run('texts', { data: texts })).rejects.toMatchObject({ code: 'no-categories' });
  });

  it('is planned with its head', async () => {
    const planner = new Planner();
    try {
      const plan = await planner.plan(settingsOf('planned', { method: 'lora', lora: { rank: 2 } }), quiet);
      const answers = settingsOf('planned', { method: 'lora', lora: { rank: 2 }, objective: 'answers' });
      const other = await planner.plan(answers, quiet);
      expect(plan.trainableParameters - other.trainableParameters).toBe(4 * 64);
    } finally {
      await planner.close();
    }
  });
});

describe.each(['lora', 'full'] as const)('what became of a run: %s', (method) => {
  let out: string;
  let accuracy: number;
  beforeAll(async () => {
    const settings = { method, learningRate: method === 'full' ? 2e-3 : 5e-3 };
    const done = await run(`ready-${method}`, settings);
    out = done.out;
    accuracy = evaluations(done.events).at(-1)!.accuracy!;
  });

  it('sorts other texts', async () => {
    const data = writeRows(path.join(folder, `more-${method}.jsonl`), sounds(20, 6));
    const sorted = path.join(folder, `sorted-${method}.csv`);
    const result = await classify(parseClassifyConfig({ run: out, data, out: sorted, threads: 1 }), quiet);
    expect(result.labels).toEqual(CATEGORIES);
    expect(result.calibration.accuracy.rows).toBe(16);
    expect(result.scored!.rows).toBe(20);
    expect(result.scored!.accuracy!.value).toBeGreaterThan(0.9);
    expect(readFileSync(sorted, 'utf8')).toMatch(/(meow|woof|moo|hoot),[01]\.\d{4},(yes|no)/);
  });

  it('is assessed beside the base model and simpler ways', async () => {
    const { closed, rivals, answers, verdict } = await assess(
      parseAssessConfig({ run: out, threads: 1 }),
      quiet,
    );
    expect(closed!.known.after.value).toBe(accuracy);
    expect(closed!.known.after.rows).toBe(16);
    expect(closed!.known.before.value).toBeLessThan(closed!.known.after.value);
    expect(rivals!.map(({ name }) => name)).toContain('counter');
    const { labels, counts } = answers!.confusion!.after;
    expect(labels).toEqual(CATEGORIES);
    const hits = counts.reduce((sum, row, i) => sum + row[i]!, 0);
    expect(hits / 16).toBe(accuracy);
    expect(verdict.learned).toBe('yes');
  });

  it.each(method === 'lora' ? ['peft', 'safetensors'] : ['safetensors'])('is exported as %s', async (as) => {
    const target = path.join(folder, `export-${method}-${as}`);
    const done = await exportRun(
      parseExportConfig({ run: out, out: target, as, type: 'f32', threads: 1 }),
      quiet,
    );
    expect(done.proof).toMatchObject({ sorts: true, prompts: 5, equalAnswers: 5 });
    expect(done.proof.maxLogProbDrift).toBeLessThan(1e-3);
    const card = readFileSync(path.join(target, 'README.md'), 'utf8');
    expect(card).toContain('pipeline_tag: text-classification');
    if (as === 'peft') {
      const config = JSON.parse(readFileSync(path.join(target, 'adapter_config.json'), 'utf8'));
      expect(config).toMatchObject({ task_type: 'SEQ_CLS', modules_to_save: ['score'] });
      return;
    }
    const config = JSON.parse(readFileSync(path.join(target, 'config.json'), 'utf8'));
    expect(config).toMatchObject({
      architectures: ['LlamaForSequenceClassification'],
      id2label: { 0: 'hoot', 1: 'meow', 2: 'moo', 3: 'woof' },
      label2id: { hoot: 0, meow: 1, moo: 2, woof: 3 },
    });
    expect(config.pad_token_id).toEqual(expect.any(Number));
  });

  it('refuses to answer, and to be a GGUF file', async () => {
    const asked = { prompt: 'cat', threads: 1 };
    const source = method === 'full' ? { model: path.join(out, 'model') } : { model, adapter: out };
    await expect(generate(parseGenerateConfig({ ...source, ...asked }), quiet)).rejects.toMatchObject({
      code: 'bad-usage',
    });
    const gguf = { run: out, out: path.join(folder, `${method}.gguf`), as: 'gguf', threads: 1 };
    await expect(exportRun(parseExportConfig(gguf), quiet)).rejects.toMatchObject({ code: 'bad-usage' });
  });
});
