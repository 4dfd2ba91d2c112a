/** Readers of what Fettle itself has written: checkpoints, folders of runs, the store. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import { findSource } from '../../../main/engine/export/source.ts';
import { Graph } from '../../../main/engine/ir/graph.ts';
import { TrainState } from '../../../main/engine/step/state.ts';
import { resumeFrom, writeCheckpoint } from '../../../main/engine/train/checkpoint.ts';
import type { Cursor } from '../../../main/engine/train/cursor.ts';
import { openStore, STORE_FILE } from '../../../main/store/open.ts';
import { noise } from '../../helpers/graphs.ts';
import { everyEnd, type Reader, seedAt, seedOf } from './reader.ts';

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

export const RECORD_READERS: readonly Reader[] = [checkpoint, run, sqlite];
