/** The calculators of the lessons: the textbook's figures, the graph's beside them, this computer's speed, and the experiment. */
import { readFileSync } from 'node:fs';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AssessResult, CatalogModel, ComputerFacts } from '../../../common/api/contract.ts';
import type { CasePrice, PriceCase } from '../../../common/protocol/protocol.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { readGrounds } from '../../../main/app/grounds.ts';
import { GOOD_SETTINGS, practiceRows } from '../../../main/app/practice.ts';
import { runCommand } from '../../../main/cli/cli.ts';
import { keepPracticeModel } from '../../../main/hub/local.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { estimate } from '../../../main/plan/estimate.ts';
import { configOf, shapeOf } from '../../../main/plan/shapes.ts';
import { fakeAssessment } from '../../helpers/fake-api/assessment.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';

const MADE_UP = madeUpPrice({ weightBytes: 100 });
const PRICE: CasePrice = {
  ...MADE_UP,
  // neither held-out rows nor samples: the weights are mapped once
  memory: { ...MADE_UP.memory, mappings: 1 },
  ...{ parameters: 4_196_608, trainableParameters: 4_196_608, rowsPerBatch: 4, rowLength: 256 },
  ...{ contextLength: 256, isHalved: true, isWhole: true },
};
const PRACTICE = { repo: 'fettle/practice-model', graph: true } as const;
const CATALOG = [
  { repo: 'fettle/practice-model', parameters: 4_196_608, localId: 'practice' },
  { repo: 'mistralai/Mistral-7B-v0.3', parameters: 7_248_023_552, localId: null },
] as CatalogModel[];

let opened: TestParts;
let router: ApiRouter;
let priced: PriceCase[] = [];
let price: CasePrice | null;
beforeEach(async () => {
  priced = [];
  price = PRICE;
  opened = await testParts({
    hub: { catalog: async () => CATALOG },
    engine: {
      async prices(cases) {
        priced.push(...cases);
        return cases.map(() => price);
      },
    },
  });
  keepPracticeModel(opened.store, resourcesFolder());
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

describe('learn.memory', () => {
  it('gives the textbook case without being told anything', async () => {
    const { textbook, graph, noGraph } = await call(router.learn.memory, {});
    expect(textbook.totalBytes).toBe(56e9);
    expect([graph, noGraph]).toEqual([null, 'not-asked']);
  });

  it('gives the same figures as the command line', async () => {
    let text = '';
    const streams = { out: { write: (part: string) => (text += part) }, err: { write: () => {} } };
    const flags = ['--parameters', '13B', '--method', 'qlora', '--batch', '2', '--length', '512', '--json'];
    expect(await runCommand(['learn', 'memory', ...flags], streams)).toBe(0);
    const { textbook } = await call(router.learn.memory, {
      ...{ parameters: 13e9, method: 'qlora', format: 'int4', batch: 2, length: 512 },
    });
    expect(JSON.parse(text)).toEqual(textbook);
  });

  it("takes a model's own size and shape", async () => {
    const { textbook } = await call(router.learn.memory, { repo: 'mistralai/Mistral-7B-v0.3' });
    expect(textbook).toMatchObject({ parameters: 7_248_023_552, shapeOf: 'Mistral 7B v0.3' });
    await expect(call(router.learn.memory, { repo: 'no/model' })).rejects.toMatchObject({ code: 'PROBLEM' });
  });

  it('says beside it what the graph takes, by the same computation as the plan', async () => {
    const { graph } = await call(router.learn.memory, { ...PRACTICE, batch: 4, length: 256 });
    expect(priced[0]).toEqual({
      model: { path: opened.store.models.find('practice')!.path },
      settings: expect.objectContaining({ method: 'full', maxLength: 256, tokensPerMicroBatch: 1024 }),
      rows: { count: 64, tokens: 256, labelled: 256 },
    });
    const { neededBytes } = estimate(PRICE, readGrounds(opened.store).of(PRICE.executor));
    expect(graph).toMatchObject({ model: 'Practice model', totalBytes: neededBytes.value, rows: 4 });
    const { weightBytes, stateBytes, workingBytes, programBytes, totalBytes } = graph!;
    expect(weightBytes + stateBytes + workingBytes + programBytes).toBeCloseTo(totalBytes, 3);
  });

  it('prices a model that is not here by its shape, and a number of weights by a known model of about that size', async () => {
    const of = async (given: object) => (await call(router.learn.memory, { graph: true, ...given })).graph;
    expect(await of({ repo: 'mistralai/Mistral-7B-v0.3' })).toMatchObject({ model: 'Mistral 7B v0.3' });
    expect(priced.at(-1)!.model).toEqual({ config: configOf(shapeOf('mistralai/Mistral-7B-v0.3')!) });
    expect(await of({})).toMatchObject({ model: 'Llama 2 7B' });
    expect(priced.at(-1)!.rows).toEqual({ count: 64, tokens: 1024, labelled: 1024 });
  });

  it('trains the same matrices in the graph', async () => {
    await call(router.learn.memory, { ...PRACTICE, method: 'lora', rank: 4, targets: 'query-value' });
    expect(priced[0]!.settings).toMatchObject({
      ...{ method: 'lora', lora: { rank: 4, targets: ['q_proj', 'v_proj'] } },
    });
  });

  it('trains the matrix of GPT-2 that has queries, keys and values in one', async () => {
    const given = { graph: true, parameters: 124e6, method: 'lora' } as const;
    await call(router.learn.memory, { ...given, targets: 'query-value' });
    await call(router.learn.memory, { ...given, targets: 'attention' });
    const targets = priced.map(({ settings }) => (settings.lora as { targets: unknown }).targets);
    expect(targets).toEqual([['c_attn'], ['c_attn', 'attn.c_proj']]);
  });

  it('rounds the weights in the graph as the question has it', async () => {
    await call(router.learn.memory, { ...PRACTICE, method: 'qlora', rank: 4, format: 'int8' });
    expect(priced[0]!.settings).toMatchObject({ method: 'qlora', bits: 8, lora: { rank: 4 } });
  });

  it('says why there is no graph', async () => {
    const why = async (given: object) => (await call(router.learn.memory, { graph: true, ...given })).noGraph;
    expect(await why({ parameters: 1e6 })).toBe('not-asked');
    expect(priced).toEqual([]);
    price = null;
    expect(await why(PRACTICE)).toBe('not-here');
  });
});

describe('learn.time', () => {
  it('gives the same figures as the command line', async () => {
    let text = '';
    const streams = { out: { write: (part: string) => (text += part) }, err: { write: () => {} } };
    const flags = [
      '--parameters',
      '3B',
      '--method',
      'lora',
      '--rows',
      '500',
      '--utilisation',
      '0.3',
      '--json',
    ];
    expect(await runCommand(['learn', 'time', ...flags], streams)).toBe(0);
    const asked = { parameters: 3e9, method: 'lora', rows: 500, utilisation: 0.3 } as const;
    expect(JSON.parse(text)).toEqual(await call(router.learn.time, asked));
  });

  it('knows this computer once its speed was measured', async () => {
    expect((await call(router.learn.time, {})).here).toBeNull();
    const facts = {
      processor: 'Two cores',
      totalMemory: 16e9,
      speed: { flops: 1e11, measured: '2026-01-01T00:00:00Z' },
    };
    opened.store.hardware.add(facts as ComputerFacts);
    opened.store.settings.set({ watts: 100, pricePerKwh: 0.5 });
    const { here, flops, ...other } = await call(router.learn.time, {
      rows: 10,
      tokensPerRow: 100,
      epochs: 1,
    });
    expect(here).toMatchObject({ memoryBytes: 16e9, fits: false });
    expect(here!.neededBytes).toBeGreaterThan(1.9 * other.neededBytes);
    const seconds = flops / 1e11;
    expect(here).toMatchObject({ processor: 'Two cores', seconds, kwh: (100 * seconds) / 3.6e6 });
    expect(here?.cost).toBeCloseTo(here!.kwh! * 0.5, 12);
  });
});

describe('the first run', () => {
  it('trains the practice model on its sample, as the demo of the command line does', async () => {
    const { runId, name } = await call(router.jobs.firstRun, undefined);
    const run = opened.store.runs.get(runId);
    expect(name).toBe('First try: sort support messages');
    expect(run).toMatchObject({ modelId: 'practice', tags: [], prompts: [expect.any(String)] });
    const { system, data, evalData } = practiceRows();
    const files = { data: [data], evalData: [evalData] };
    expect(run.config).toMatchObject({ ...GOOD_SETTINGS, ...files, system, assess: true });
  });
});

describe('the experiment on forgetting', () => {
  it('begins as ordinary runs with the tag "lesson", one thing changed in each', async () => {
    const before = await call(router.learn.lesson, undefined);
    expect(before.map(({ variant, run }) => [variant, run])).toEqual([
      ['too-hard', null],
      ['lora', null],
      ['replay', null],
      ['lower-rate', null],
      ['rows-100', null],
      ['rows-30', null],
      ['one-topic', null],
    ]);
    await call(router.learn.startLesson, { variants: ['replay', 'too-hard', 'lower-rate'] });
    expect(opened.jobs.map(({ name }) => name)).toEqual([
      'Lesson: trained too hard',
      'Lesson: with replay',
      'Lesson: a lower rate',
    ]);
    const lessons = await call(router.learn.lesson, undefined);
    expect(lessons.map(({ run }) => run?.tags ?? null)).toEqual([
      ['lesson', 'lesson too-hard'],
      null,
      ['lesson', 'lesson replay'],
      ['lesson', 'lesson lower-rate'],
      ...[null, null, null],
    ]);
    for (const { run, settings } of lessons.filter((one) => one.run !== null)) {
      const { method, learningRate, epochs, replay, keepBest } = opened.store.runs.get(run!.id).config;
      expect(settings).toEqual({ method, learningRate, epochs, replay, rows: 600, topics: 4 });
      expect(keepBest).toBe(false);
    }
  });

  it('changes one thing in each remedy, and leaves all else as the hard training has it', async () => {
    const variants = ['too-hard', 'lora', 'replay', 'lower-rate'] as const;
    await call(router.learn.startLesson, { variants: [...variants] });
    const [hard, ...remedies] = opened.jobs.map(({ runId }) => opened.store.runs.get(runId).config);
    const changes = remedies.map((config) =>
      Object.keys({ ...hard, ...config }).filter(
        (name) => name !== 'out' && JSON.stringify(config[name]) !== JSON.stringify(hard![name]),
      ),
    );
    // weight decay is that of the method
    expect(changes).toEqual([['method', 'weightDecay'], ['replay'], ['learningRate']]);
    expect(hard).toMatchObject({ assess: true, keepBest: false, maxLength: 256 });
  });

  it('changes the rows alone where it takes fewer, and sees as many in all', async () => {
    await call(router.learn.startLesson, { variants: ['lower-rate', 'rows-100', 'rows-30', 'one-topic'] });
    const [all, ...fewer] = opened.jobs.map(({ runId }) => opened.store.runs.get(runId).config);
    const changed = fewer.map((config) =>
      Object.keys(config).filter((name) => JSON.stringify(config[name]) !== JSON.stringify(all![name])),
    );
    for (const names of changed) expect(names.sort()).toEqual(['data', 'epochs', 'out']);
    const read = ({ data }: { data?: unknown }) =>
      readFileSync((data as string[])[0]!, 'utf8')
        .trimEnd()
        .split('\n');
    const desksOf = (lines: readonly string[]) =>
      new Set(lines.map((line) => /R\d\d/.exec(line.slice(line.indexOf('desk')))![0]));
    expect(fewer.map((config) => [read(config).length, desksOf(read(config)).size])).toEqual([
      [100, 4],
      [30, 4],
      [100, 1],
    ]);
    const seen = [all!, ...fewer].map((config) => read(config).length * Number(config.epochs));
    expect(seen).toEqual([3000, 3000, 3000, 3000]);
  });

  it('shows what the assessment of the newest run found', async () => {
    await call(router.learn.startLesson, { variants: ['lora'] });
    const run = opened.store.runs.get(opened.jobs[0]!.runId);
    opened.store.assessments.set(run.id, assessed(run.id));
    const [, lora] = await call(router.learn.lesson, undefined);
    expect(lora?.result).toEqual({
      ...{ quizItems: 270, quizBefore: 244 / 270, quizAfter: 28 / 270 },
      ...{ taskBefore: 16 / 112, taskAfter: 93 / 112, taskRows: 112 },
      abilities: assessed(run.id).forgetting!.abilities!.measured,
      broke: {
        question: 'Where do people wear gloves?',
        before: 'You wear gloves on your hands.',
        after: '{"desk":"R48","class":"C"}',
      },
    });
  });

  it('shows of an older run what the models wrote', async () => {
    await call(router.learn.startLesson, { variants: ['lora'] });
    const run = opened.store.runs.get(opened.jobs[0]!.runId);
    const { closed: _, ...older } = assessed(run.id);
    opened.store.assessments.set(run.id, older);
    const [, lora] = await call(router.learn.lesson, undefined);
    expect(lora?.result).toMatchObject({ taskBefore: 0, taskAfter: 0.88, taskRows: 100 });
  });

  it('needs the practice model', async () => {
    opened.store.models.remove('practice');
    await expect(call(router.learn.startLesson, { variants: ['lora'] })).rejects.toMatchObject({
      message: 'The practice model that comes with Fettle is missing.',
    });
  });
});

function assessed(id: string): AssessResult {
  const run = opened.store.runs.get(id);
  return fakeAssessment({ ...run, learned: 'yes', forgot: 'much' });
}
