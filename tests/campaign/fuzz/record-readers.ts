/** Readers of what Fettle itself has written, here or on another computer: checkpoints, folders of runs, the store, a job's log. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { EngineReply } from '../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import { findSource } from '../../../main/engine/export/source.ts';
import { readAdapter } from '../../../main/engine/io/peft.ts';
import { Graph } from '../../../main/engine/ir/graph.ts';
import { TrainState } from '../../../main/engine/step/state.ts';
import { resumeFrom, writeCheckpoint } from '../../../main/engine/train/checkpoint.ts';
import type { Cursor } from '../../../main/engine/train/cursor.ts';
import { estimate } from '../../../main/plan/estimate.ts';
import { catalogModel, exampleCase } from '../../../main/plan/situation-for.ts';
import { KeptPrices } from '../../../main/runs/kept-prices.ts';
import { Recorder } from '../../../main/runs/recorder.ts';
import { openStore, STORE_FILE } from '../../../main/store/open.ts';
import type { Store } from '../../../main/store/store.ts';
import { factsOf, missingPython } from '../../../main/targets/facts.ts';
import { newPlace, type Place } from '../../../main/targets/place.ts';
import type { Target } from '../../../main/targets/target.ts';
import { forkElsewhere } from '../../../main/targets/target-job.ts';
import { examplePrices, groundsWith } from '../../helpers/example-prices.ts';
import { USUAL_TARGET } from '../../helpers/far-away.ts';
import { noise } from '../../helpers/graphs.ts';
import { refused } from '../../helpers/test-parts.ts';
import { everyEnd, inFile, type Reader, seedAt, seedOf, TESTS } from './reader.ts';

const IDENTITY = { model: 'm', data: 'd', tokens: 't', settings: '{"seed":1}' };
const CURSOR: Cursor = {
  ...{ step: 4, epoch: 1, epochStep: 1, trainedTokens: 99, trainSeconds: 1.5, lastLoss: 0.3 },
  ...{ evaluatedStep: 4, heldOutLoss: 0.3, heldOutLossBefore: 2, bestLoss: 0.3, bestStep: 4 },
  ...{ evaluationsSinceBest: 0, identity: IDENTITY },
};

const checkpoint: Reader = {
  name: 'checkpoint',
  async open(folder) {
    const executor = await openExecutor('reference', { threads: 1 });
    const graph = new Graph();
    const trainables = [[3, 4], [5]].map((shape, i) => {
      const kind = shape.length === 1 ? ('norm' as const) : ('matrix' as const);
      return { name: `w${i}`, shape, kind, value: graph.input(`w${i}`, 'f32', shape) };
    });
    const state = () => TrainState.create(executor, trainables, { optimizer: 'adamw' });
    const sound = state();
    const held = (of: TrainState) =>
      trainables.map(({ name }) => [
        [...of.keptValues(name)],
        ...of.moments(name).map(({ data }) => [...data]),
      ]);
    for (const [i, { name }] of trainables.entries())
      for (const data of [sound.keptValues(name), ...sound.moments(name).map((moment) => moment.data)])
        data.set(noise(data.length, i + 1) as never);
    sound.updates = CURSOR.step;
    const { path: file } = await writeCheckpoint(folder, sound, CURSOR, 2);
    const expected = JSON.stringify([CURSOR, held(sound)]);
    const name = path.basename(file);
    return {
      seeds: [seedAt(file, 'safetensors')],
      async read(bytes) {
        for (const old of readdirSync(path.dirname(file))) rmSync(path.join(path.dirname(file), old));
        writeFileSync(path.join(path.dirname(file), name), bytes);
        const found = state();
        const resumed = await resumeFrom(folder, found, { identity: IDENTITY, stepsInEpoch: () => 3 });
        const hasSums = Buffer.from(bytes).includes('fettle.crc32');
        if (resumed && hasSums && JSON.stringify([resumed.cursor, held(found)]) !== expected)
          throw new Error('goes on with other values than were saved');
      },
    };
  },
};

/** The folder of a run as the store takes it in again, and as an export reads it. */
const run: Reader = {
  name: 'run.json',
  async open(folder) {
    const at = (...names: string[]) => path.join(folder, 'data', ...names);
    const inRun = (name: string) => at('runs', 'one', name);
    const config = parseRunConfig({
      model: '/models/Tiny',
      data: '/data/rows.jsonl',
      out: at('runs', 'one'),
      threads: 1,
      learningRate: 1e-3,
    });
    const step = (i: number) => ({
      ...{
        event: 'step',
        step: i,
        steps: 9,
        epoch: i / 3,
        loss: 2 - i / 10,
        gradNorm: 1,
        learningRate: 1e-3,
        tokens: 99,
      },
      ...{ tokensPerSecond: 1e3, stepMs: 80, rssBytes: 1e9, secondsLeft: 3 },
    });
    const metrics = [
      step(1),
      step(2),
      { event: 'eval', step: 2, loss: 1, perplexity: 2.7, labelledTokens: 9, best: true },
    ];
    const done = {
      event: 'done',
      steps: 9,
      reason: 'finished',
      seconds: 12,
      out: at('runs', 'one'),
      result: inRun('adapter'),
    };
    const verdict = {
      learned: 'yes',
      forgot: 'little',
      memorised: null,
      promptingIsEnough: false,
      sentence: 'It learned.',
      remarks: [],
    };
    const assessment = {
      ...{
        version: 1,
        run: at('runs', 'one'),
        model: '/models/Tiny',
        method: 'lora',
        created: '2026-01-02T03:04:05.000Z',
        seconds: 3,
      },
      ...{
        trainingSeconds: 9,
        versions: {},
        dataHash: 'd',
        modelKey: 'm',
        settings: {},
        verdict,
        loss: null,
        answers: null,
      },
      ...{
        task: { kind: 'label', reason: 'few answers', labelField: null },
        memorisation: null,
        forgetting: null,
        remedies: [],
        notes: [],
      },
      report: inRun('report.html'),
    };
    const files: Readonly<Record<string, string>> = {
      'run.json': JSON.stringify(config),
      'result.json': JSON.stringify(done),
      'assessment.json': JSON.stringify(assessment),
      'metrics.jsonl': metrics.map((one) => JSON.stringify(one)).join('\n'),
    };
    const kind = (name: string) => (name.endsWith('l') ? 'jsonl' : 'json');
    const seeds = Object.entries(files).map(([name, text]) => seedOf(name, kind(name), Buffer.from(text)));
    return {
      seeds,
      async read(bytes, broken) {
        rmSync(at(), { recursive: true, force: true });
        await mkdir(at('runs', 'one', 'adapter'), { recursive: true });
        writeFileSync(inRun(path.join('adapter', 'adapter_config.json')), '{}');
        for (const [name, text] of Object.entries(files))
          writeFileSync(inRun(name), name === broken ? bytes : text);
        await everyEnd([
          () => readStore(at()),
          () => findSource({ run: at('runs', 'one'), as: 'peft', adapterOnly: false, model: undefined }),
        ]);
      },
    };
  },
};

/** Opens the store in `folder` and reads all that the pages show of its runs. */
async function readStore(folder: string): Promise<void> {
  const store = await openStore(folder);
  try {
    const { rows } = store.runs.list({ sort: 'created', descending: true, offset: 0, limit: 50 });
    store.runs.list({ search: 'tiny', sort: 'name', descending: false, offset: 0, limit: 50 });
    for (const { id } of rows) {
      store.runs.get(id);
      store.events.curves(id, 100);
      store.events.samples(id);
      store.assessments.get(id);
    }
    for (const { id } of store.conversations.list()) store.conversations.find(id);
    store.drafts.list();
    store.settings.get();
    store.models.list();
  } finally {
    store.close();
  }
}

const sqlite: Reader = {
  name: 'sqlite',
  async open(folder) {
    const sound = path.join(folder, 'sound');
    const store = await openStore(sound);
    for (const name of ['one', 'two', 'three']) {
      const out = path.join(sound, 'runs', name);
      const made = store.runs.create({
        ...{
          name,
          state: 'done',
          folder: out,
          modelId: null,
          model: 'Tiny',
          data: 'rows.jsonl',
          prompts: [],
          machine: {},
          versions: {},
          from: null,
        },
        config: parseRunConfig({ model: '/models/Tiny', data: '/data/rows.jsonl', out, threads: 1 }),
      });
      const step = {
        event: 'step',
        step: 1,
        steps: 9,
        epoch: 1,
        loss: 2,
        gradNorm: 1,
        learningRate: 1e-3,
        tokens: 9,
        tokensPerSecond: 1,
        stepMs: 1,
        rssBytes: 1,
        secondsLeft: 1,
      } as const;
      store.events.add(
        made.id,
        [1, 2, 3].map((number) => ({ number, at: number, event: { ...step, step: number } })),
      );
    }
    const turn = { user: 'Hi', by: 'Tiny', before: null, after: null };
    store.conversations.save(undefined, {
      ...{ name: 'Hi', of: { modelId: 'm' }, system: '', who: 'before', temperature: 0, maxNewTokens: 9 },
      turns: [turn, turn],
    });
    store.drafts.save(undefined, { name: 'Rooms', step: 'data', settings: { learningRate: 1e-3 } });
    store.settings.set({ theme: 'dark' });
    store.close();
    const data = path.join(folder, 'data');
    return {
      seeds: [seedAt(path.join(sound, STORE_FILE), 'bytes')],
      async read(bytes) {
        rmSync(data, { recursive: true, force: true });
        await mkdir(data);
        writeFileSync(path.join(data, STORE_FILE), bytes);
        // what is repaired the first time is whole the second time
        await readStore(data);
        await readStore(data);
      },
    };
  },
};

const ADAPTER = path.join(TESTS, 'golden/data/families/gpt2/adapter');
const RESULT = ['adapter_config.json', 'adapter_model.safetensors'];
const MARK = '@fettle ';

/** What another computer sends: the log of its job, the facts of its test, its result; and the file that says what was read of it. */
const elsewhere: Reader = {
  name: 'another computer',
  async open(folder) {
    const store = await openStore(path.join(folder, 'data'));
    const out = path.join(folder, 'run');
    const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    const files = Object.fromEntries(
      RESULT.map((name) => [name, { sha256: hashOf(path.join(ADAPTER, name)), bytes: 9 }]),
    );
    const figures = { tokensPerSecond: 1e3, stepMs: 80, rssBytes: 1e9, secondsLeft: 3 };
    const step = (number: number) => ({
      ...{ event: 'step', step: number, steps: 9, epoch: 1, loss: 2, gradNorm: 1, learningRate: 1e-3 },
      ...{ tokens: 99, ...figures },
    });
    const lines = [
      { event: 'begin', stepsDone: 0, device: 'A100', processes: 1, torch: '2.9' },
      { event: 'phase', phase: 'load' },
      step(1),
      step(2),
      { event: 'eval', step: 2, loss: 1, perplexity: 2.7, labelledTokens: 9, best: true },
      { event: 'sample', step: 2, prompt: 'Hi', text: 'Hello' },
      { event: 'checkpoint', step: 2, path: 'out/step-2', bytes: 9 },
      {
        ...{ event: 'done', steps: 9, reason: 'finished', trainedTokens: 99, finalLoss: 1, heldOutLoss: 1 },
        ...{ heldOutLossBefore: 2, bestStep: 2, seconds: 9, peakRssBytes: 1e9, files },
      },
    ].map((one) => JSON.stringify(one));
    const log = Buffer.from(
      lines
        .map((line) => MARK + line)
        .join('\n')
        .concat('\n'),
    );
    const place: Place = { ...newPlace('far', null), folder: 'runs/one', job: 'one', isStarted: true };
    const facts = [
      ...['card\tA100, 81920', 'cores\t64', 'memory\t131072', 'disk\t900000', 'python\t3.12.1'],
      ...['uv\tyes', 'venv\t3.12', 'slurm\tslurm 23', 'package\ttorch\t2.9.0'],
    ];
    const config = parseRunConfig({
      model: '/models/m',
      data: '/data/rows.jsonl',
      out,
      threads: 1,
      assess: false,
    });
    const target = (bytes: Buffer): Target => ({
      ...({ spec: USUAL_TARGET } as Target),
      start: async () => {},
      async follow(_, offset, on) {
        on.onState({ kind: 'running' });
        on.onLog(bytes.subarray(offset));
        on.onState({ kind: 'ended' });
      },
      async fetch(_, name, to) {
        if (!RESULT.includes(path.basename(name))) throw refused();
        writeFileSync(to, readFileSync(path.join(ADAPTER, path.basename(name))));
      },
    });
    return {
      seeds: [
        seedOf('lines.jsonl', 'jsonl', Buffer.from(lines.join('\n'))),
        seedOf('log.txt', 'text', log),
        seedOf('elsewhere.json', 'json', Buffer.from(JSON.stringify(place))),
        seedOf('facts.txt', 'text', Buffer.from(facts.join('\n'))),
      ],
      async read(bytes, seed) {
        const text = Buffer.from(bytes).toString('utf8');
        if (seed === 'facts.txt') return requireFigures(factsOf(text, [missingPython(USUAL_TARGET)]));
        rmSync(out, { recursive: true, force: true });
        await mkdir(out);
        writeFileSync(
          path.join(out, 'elsewhere.json'),
          seed === 'elsewhere.json' ? bytes : JSON.stringify(place),
        );
        const sent = seed === 'lines.jsonl' ? text.split('\n').map((line) => `${MARK}${line}\n`) : [];
        const said =
          sent.length > 0 ? Buffer.from(sent.join('')) : seed === 'log.txt' ? Buffer.from(bytes) : log;
        await train(store, target(said), config);
        await readAdapter(path.join(out, 'adapter'));
      },
      async close() {
        store.close();
      },
    };
  },
};

const noEngine = (): never => {
  throw refused();
};

/** Follows the job on `target` to its end, and records what it says in a run of its own. */
async function train(store: Store, target: Target, config: ReturnType<typeof parseRunConfig>): Promise<void> {
  const { id } = store.runs.create({
    ...{ name: 'far', state: 'running', folder: config.out, modelId: null, model: 'm', data: 'rows.jsonl' },
    ...{ prompts: [], machine: {}, versions: {}, from: null, config },
  });
  const failed: unknown[] = [];
  const recorder = new Recorder(store, {
    ...{ runId: id, folder: config.out, now: Date.now, seconds: () => 1 },
    onFailure: (error) => failed.push(error),
  });
  const link = forkElsewhere(config.out, { targetOf: () => target, fork: noEngine })();
  await new Promise<void>((resolve) => {
    link.onMessage((message) => {
      const reply = message as EngineReply;
      if ('event' in reply && !('id' in reply)) recorder.add(reply.event);
      if ('failed' in reply) failed.push(errorOf(reply.failed));
    });
    link.onExit(() => resolve());
    link.send({ command: 'train', config, resume: false, startedAt: 0, language: 'en' });
  });
  recorder.flush();
  store.events.curves(id, 100);
  store.events.samples(id);
  store.runs.get(id);
  if (failed.length > 0) throw failed[0];
}

function errorOf({ code, message, hint, stack }: Extract<EngineReply, { failed: unknown }>['failed']): Error {
  return code === null ? Object.assign(new Error(message), { stack }) : new AppError(code, message, hint);
}

/** No figure in `value` is anything but a number. */
function requireFigures(value: unknown): void {
  JSON.stringify(value, (key, inner) => {
    if (typeof inner === 'number' && !Number.isFinite(inner)) throw new Error(`${key} is ${inner}`);
    return inner;
  });
}

/** Prices that an earlier start has kept: what is damaged is recomputed, what is sound makes figures. */
const prices: Reader = {
  name: 'prices',
  async open(folder) {
    const model = catalogModel('HuggingFaceTB/SmolLM2-135M')!;
    const cases = (['lora', 'full'] as const).map((method) => exampleCase(model, { method }));
    const kept = () => new KeptPrices({ folder, code: 'one' });
    const first = kept();
    await first.of(cases, examplePrices);
    await first.written();
    const file = path.join(folder, readdirSync(folder)[0]!);
    return {
      seeds: [seedAt(file, 'jsonl', 'prices.jsonl')],
      read: inFile(folder, path.basename(file), async () => {
        for (const price of await kept().of(cases, examplePrices)) estimate(price!, groundsWith(null));
      }),
    };
  },
};

export const RECORD_READERS: readonly Reader[] = [checkpoint, run, sqlite, elsewhere, prices];
