import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { call } from '@orpc/server';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatPiece, NumberedEvent, RunDetails } from '../../../common/api/contract.ts';
import type { AssessResult, DoneEvent, EngineEvent } from '../../../common/protocol/protocol.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';
import { START } from '../cli/sample-events.ts';

type Asked = { model: string; adapter?: string; messages?: readonly unknown[] };

let opened: TestParts;
let router: ApiRouter;
let asked: Asked[] = [];
beforeEach(async () => {
  asked = [];
  opened = await testParts({
    engine: {
      async generate(config, onText) {
        asked.push(config as Asked);
        for (const text of ['Hello', ' there']) onText(text);
        const figures = { text: 'Hello there', ids: [1], promptTokens: 3, newTokens: 2, tokensPerSecond: 9 };
        return { ...figures, stopReason: 'end' };
      },
    },
  });
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

const STEP = { epoch: 0.1, gradNorm: 1.25, learningRate: 2e-4, tokens: 10, tokensPerSecond: 99.6, stepMs: 5 };

function eventsOf(folder: string): EngineEvent[] {
  return [
    { event: 'phase', phase: 'read', detail: 'rows.csv' },
    { event: 'step', step: 1, steps: 2, loss: 2.34567, ...STEP, rssBytes: 1e8, secondsLeft: 1 },
    { event: 'eval', step: 1, loss: 1.5, perplexity: 4.48, labelledTokens: 9, best: true },
    { event: 'sample', step: 1, prompt: 'Hi', text: 'one\ntwo' },
    { event: 'step', step: 2, steps: 2, loss: 2, ...STEP, rssBytes: 1e8, secondsLeft: 0 },
    { event: 'sample', step: 2, prompt: 'Hi', text: 'three' },
    doneIn(folder),
  ];
}

const doneIn = (folder: string): DoneEvent => ({
  ...{ event: 'done', steps: 2, reason: 'finished', trainedTokens: 20, trainedTokensPerSecond: 99 },
  ...{ secondsToFirstStep: 1, peakRssBytes: 1e8, finalLoss: 2, heldOutLoss: 1.5, heldOutLossBefore: 3 },
  ...{ bestStep: 1, seconds: 12.4, out: folder, result: path.join(folder, 'adapter') },
});

/** A run that has ended, with its folder. */
function makeRun(
  name: string,
  more: Record<string, unknown> = {},
  modelId: string | null = null,
): RunDetails {
  const folder = path.join(opened.folder, 'runs', name);
  mkdirSync(path.join(folder, 'adapter'), { recursive: true });
  writeFileSync(path.join(folder, 'adapter', 'adapter.safetensors'), Buffer.alloc(200_000, 7));
  const config = parseRunConfig({
    model: '/models/a',
    data: '/data/rows.csv',
    out: folder,
    threads: 3,
    ...more,
  });
  const run = opened.store.runs.create({
    ...{ name, state: 'done', folder, modelId, model: 'Tiny', data: 'rows.csv', config, prompts: ['Hi'] },
    ...{ machine: {}, versions: { fettle: '1.2.3' }, from: null },
  });
  const events = eventsOf(folder).map((event, i): NumberedEvent => ({ number: i + 1, at: 1000 * i, event }));
  opened.store.events.add(run.id, events);
  return opened.store.runs.update(run.id, { done: doneIn(folder) });
}

describe('runs.log', () => {
  it('tells each event in a line, in parts', async () => {
    const { id } = makeRun('one');
    const { total, lines } = await call(router.runs.log, { id });
    expect([total, lines.length]).toEqual([7, 7]);
    expect(lines[1]).toMatch(
      /^[\d-]{10} [\d:]{8} {2}step 1 of 2: loss 2\.346, gradient 1\.25, learning rate 0\.0002, 100 tokens\/s$/,
    );
    expect(lines[3]).toContain('answer after step 1 to "Hi": "one\\ntwo"');
    expect(lines[6]).toContain('done (finished): 2 steps in 12 s, held-out loss 1.5');
    expect((await call(router.runs.log, { id, offset: 2, limit: 2 })).lines).toEqual(lines.slice(2, 4));
    expect((await call(router.runs.log, { id, offset: 7 })).lines).toEqual([]);
    await expect(call(router.runs.log, { id: 'nobody' })).rejects.toMatchObject({ data: { code: 'no-run' } });
  });
});

describe('runs.compare', () => {
  it('shows what differs, in words, and what each said in the end', async () => {
    const one = makeRun('one', { lora: { rank: 4 }, packing: false });
    const two = makeRun('two', { data: ['/data/rows.csv', '/data/more.csv'], maxSteps: 9 });
    const { differences, samples, runs, curves } = await call(router.runs.compare, { ids: [two.id, one.id] });
    expect(Object.fromEntries(differences.map(({ name, values }) => [name, values]))).toEqual({
      data: ['rows.csv, more.csv', 'rows.csv'],
      'lora.rank': ['16', '4'],
      'lora.alpha': ['32', '8'],
      packing: ['on', 'off'],
      epochs: ['not set', '3'],
      maxSteps: ['9', 'not set'],
    });
    expect(runs.map(({ name }) => name)).toEqual(['two', 'one']);
    expect(curves.map(({ loss }) => loss)).toEqual([
      [2.34567, 2],
      [2.34567, 2],
    ]);
    expect(samples).toEqual([{ prompt: 'Hi', answers: ['three', 'three'] }]);
  });

  it('says where the rows that they were measured on differ', async () => {
    const [one, two, three] = ['one', 'two', 'three'].map((name) => makeRun(name));
    const differ = async (...ids: string[]) => (await call(router.runs.compare, { ids })).testRowsDiffer;
    const measuredOn = (id: string, testRows?: string) =>
      opened.parts.store.runs.update(id, {
        start: { ...START, ...(testRows !== undefined && { testRows }) },
      });
    expect(await differ(one!.id, two!.id)).toBe(false);
    measuredOn(one!.id, 'a');
    measuredOn(two!.id, 'b');
    measuredOn(three!.id, 'a');
    expect([await differ(one!.id, two!.id), await differ(one!.id, three!.id)]).toEqual([true, false]);
    measuredOn(two!.id);
    expect(await differ(one!.id, two!.id)).toBe(false);
  });

  it('shows whole paths where names alone are the same', async () => {
    const [one, two] = [makeRun('one'), makeRun('two', { model: '/elsewhere/a' })];
    const { differences } = await call(router.runs.compare, { ids: [one.id, two.id] });
    expect(differences).toEqual([{ name: 'model', values: ['/models/a', '/elsewhere/a'] }]);
  });
});

describe('runs.duplicate', () => {
  it('makes a draft, with a remedy’s settings where one is named', async () => {
    const run = makeRun('one', { epochs: 1 });
    const plain = await call(router.runs.duplicate, { id: run.id });
    expect(plain.content).toMatchObject({ name: 'one, again', from: run.id, prompts: ['Hi'] });
    expect(plain.content.settings).toEqual({ epochs: 1, threads: 3 });
    const file = path.join(run.folder, 'remedies', 'replay.json');
    mkdirSync(path.dirname(file));
    writeFileSync(file, JSON.stringify({ ...run.config, replay: 0.1, out: `${run.folder}-replay` }));
    // a folder that was moved since: the file is looked for where the run is now
    const remedies = [{ name: 'replay', why: '', file: '/old/place/remedies/replay.json' }];
    opened.store.assessments.set(run.id, {
      remedies,
      verdict: { learned: 'yes', forgot: 'little' },
    } as never);
    const better = await call(router.runs.duplicate, { id: run.id, remedy: 'replay' });
    expect(better.content.settings).toEqual({ epochs: 1, threads: 3, replay: 0.1 });
    expect(
      opened.store.drafts
        .list()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([plain.id, better.id].sort());
    await expect(call(router.runs.duplicate, { id: run.id, remedy: 'prayer' })).rejects.toMatchObject({
      data: { code: 'no-remedy' },
    });
  });
});

describe('runs.report', () => {
  it('is the file in the run’s folder, or words that say why there is none', async () => {
    const { id, folder } = makeRun('one');
    await expect(call(router.runs.report, { id })).rejects.toMatchObject({ data: { code: 'no-report' } });
    writeFileSync(path.join(folder, 'report.html'), '<h1>Report</h1>');
    expect(await call(router.runs.report, { id })).toEqual({
      path: path.join(folder, 'report.html'),
      html: '<h1>Report</h1>',
    });
  });
});

describe('runs.bundle', () => {
  it('holds everything of a run in one zip', async () => {
    const { id, folder } = makeRun('one');
    writeFileSync(path.join(folder, 'assessment.json'), JSON.stringify({} as AssessResult));
    const out = path.join(opened.folder, 'out', 'one');
    const made = await call(router.runs.bundle, { id, out });
    expect(made.path).toBe(`${out}.zip`);
    const bytes = readFileSync(made.path);
    expect(bytes.length).toBe(made.bytes);
    const files = unzipSync(bytes);
    const text = (name: string) => Buffer.from(files[name] ?? []).toString('utf8');
    expect(Object.keys(files).sort()).toEqual([
      ...['README.txt', 'adapter/adapter.safetensors', 'assessment.json', 'curves.csv', 'details.json'],
      ...['held-out.csv', 'log.txt', 'run.json'],
    ]);
    expect(text('README.txt')).toContain('made with Fettle 1.2.3');
    expect(parseRunConfig(JSON.parse(text('run.json')))).toMatchObject({ model: '/models/a' });
    expect(text('curves.csv').split('\n')).toEqual([
      'step,steps,epoch,loss,gradNorm,learningRate,tokens,tokensPerSecond,stepMs,rssBytes,memoryBytes,secondsLeft',
      '1,2,0.1,2.34567,1.25,0.0002,10,99.6,5,100000000,100000000,1',
      '2,2,0.1,2,1.25,0.0002,10,99.6,5,100000000,100000000,0',
      '',
    ]);
    expect(text('held-out.csv')).toBe('step,loss,perplexity,labelledTokens\n1,1.5,4.48,9\n');
    expect(text('log.txt').split('\n').length).toBe(8);
    expect(Buffer.from(files['adapter/adapter.safetensors'] ?? [])).toEqual(Buffer.alloc(200_000, 7));
  });

  it('replaces nothing', async () => {
    const { id } = makeRun('one');
    const out = path.join(opened.folder, 'mine.zip');
    writeFileSync(out, 'mine');
    await expect(call(router.runs.bundle, { id, out })).rejects.toMatchObject({
      data: { code: 'file-exists' },
    });
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });
});

describe('chat.ask', () => {
  const turns = (content: string) => [{ role: 'user' as const, content }];
  const messages = { before: turns('to the old one'), after: turns('to the new one') };

  async function ask(runId: string, which: ('before' | 'after')[]): Promise<ChatPiece[]> {
    const pieces: ChatPiece[] = [];
    for await (const piece of await call(router.chat.ask, { of: { runId }, which, messages }))
      pieces.push(piece);
    return pieces;
  }

  it('streams both answers, each of its own conversation and model', async () => {
    const model = addModel(opened.store);
    const run = makeRun('one', {}, model.id);
    const pieces = await ask(run.id, ['before', 'after']);
    expect(pieces.map(({ from, text }) => [from, text])).toEqual(
      ['before', 'after'].flatMap((from) => ['Hello', ' there', ''].map((text) => [from, text])),
    );
    expect(pieces[2]?.done).toEqual({ newTokens: 2, tokensPerSecond: 9, stopReason: 'end' });
    expect(asked).toMatchObject([
      { model: model.path, messages: messages.before, maxNewTokens: 256, temperature: 0 },
      { model: model.path, adapter: path.join(run.folder, 'adapter'), messages: messages.after },
    ]);
    expect(asked[0]).not.toHaveProperty('adapter');
  });

  it('asks any model that is here, and only as it is', async () => {
    const model = addModel(opened.store);
    const of = { modelId: model.id };
    for await (const piece of await call(router.chat.ask, { of, which: ['before'], messages }))
      expect(piece.from).toBe('before');
    expect(asked).toMatchObject([{ model: model.path, messages: messages.before }]);
    for (const wrong of [
      { of, which: ['after'] as const },
      { of: { modelId: 'gone' }, which: ['before'] as const },
    ])
      await expect(
        call(router.chat.ask, { ...wrong, which: [...wrong.which], messages }),
      ).rejects.toMatchObject({
        data: { code: 'no-model' },
      });
  });

  it('takes the whole folder of a fully trained model, and the path of a run of the command line', async () => {
    const run = makeRun('one', { method: 'full' });
    await ask(run.id, ['after', 'before']);
    expect(asked.map(({ model, adapter }) => [model, adapter])).toEqual([
      [path.join(run.folder, 'adapter'), undefined],
      ['/models/a', undefined],
    ]);
  });

  it('says that there is no result yet, but answers as the untouched model', async () => {
    const folder = path.join(opened.folder, 'runs', 'new');
    const config = parseRunConfig({ model: '/models/a', data: '/d.csv', out: folder });
    const run = opened.store.runs.create({
      ...{ name: 'new', state: 'paused', folder, modelId: null, model: 'a', data: 'd', config, prompts: [] },
      ...{ machine: {}, versions: {}, from: null },
    });
    await expect(ask(run.id, ['after'])).rejects.toMatchObject({ data: { code: 'no-result' } });
    expect((await ask(run.id, ['before'])).length).toBe(3);
  });
});
