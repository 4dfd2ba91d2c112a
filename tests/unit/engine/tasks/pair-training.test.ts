/** Runs over pairs with the tiny model: every objective and method, going on after a stop, accumulation, and what the model said before. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoneEvent, EngineEvent } from '../../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import { train } from '../../../../main/engine/session/session.ts';
import { readMetrics } from '../../../../main/engine/train/run-folder.ts';
import { seeded } from '../../../helpers/random.ts';
import { temporaryFolder, writeRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
const homeBefore = process.env.FETTLE_HOME;
let model: string;
let pairs: string;
let rated: string;

/** A question that wants its animal's sound; the worse answer has another one's. */
function soundPairs(count: number) {
  const random = seeded(5);
  const sounds = { cat: 'meow', dog: 'woof', cow: 'moo', owl: 'hoot' };
  return Array.from({ length: count }, (_, i) => {
    const animals = Object.entries(sounds);
    const at = Math.floor(random() * animals.length);
    const [animal, chosen] = animals[at]!;
    return { prompt: `${animal} ${i}`, chosen, rejected: animals[(at + 1) % animals.length]![1] };
  });
}

beforeAll(async () => {
  process.env.FETTLE_HOME = path.join(folder, 'home');
  model = await writeTinyModel(path.join(folder, 'model'));
  const made = soundPairs(60);
  pairs = writeRows(path.join(folder, 'pairs.jsonl'), made);
  rated = writeRows(
    path.join(folder, 'rated.jsonl'),
    made.flatMap(({ prompt, chosen, rejected }) => [
      { prompt, completion: chosen, label: true },
      { prompt, completion: rejected, label: false },
    ]),
  );
});
afterAll(() => {
  if (homeBefore === undefined) delete process.env.FETTLE_HOME;
  else process.env.FETTLE_HOME = homeBefore;
  remove();
});

async function run(
  name: string,
  settings: Record<string, unknown>,
  io: { stopAt?: number; resume?: boolean } = {},
) {
  const out = path.join(folder, name);
  const config = parseRunConfig({
    ...{ model, data: settings.objective === 'kto' ? rated : pairs, out, threads: 1, assess: false },
    ...{ heldOut: 12, tokensPerMicroBatch: 256, maxLength: 64, epochs: 4, learningRate: 5e-3, evalEvery: 8 },
    ...settings,
  });
  const stop = new AbortController();
  const events: EngineEvent[] = [];
  const emit = (event: EngineEvent) => {
    events.push(event);
    if (event.event === 'step' && event.step === io.stopAt) stop.abort();
  };
  const end = await train(config, { emit, stop: stop.signal, resume: io.resume === true });
  return { end, events, out, metrics: await readMetrics(out) };
}

const evaluations = (events: readonly EngineEvent[]) =>
  events.filter((event) => event.event === 'eval').map(({ preference, loss }) => ({ ...preference!, loss }));

describe('a run over pairs', () => {
  it.each([
    ['dpo', { method: 'lora' }],
    ['dpo', { method: 'qlora' }],
    ['dpo', { method: 'lora', lora: { dora: true } }],
    ['dpo', { method: 'full', learningRate: 1e-3 }],
    ['dpo', { method: 'lora', labelSmoothing: 0.1, sftWeight: 0.5 }],
    ['ipo', { method: 'lora' }],
    ['orpo', { method: 'lora', beta: 1 }],
    ['orpo', { method: 'full', beta: 1, trainOn: 'all', learningRate: 1e-3 }],
    ['simpo', { method: 'qlora' }],
    ['kto', { method: 'lora', epochs: 6 }],
    ['kto', { method: 'full', badWeight: 0.5 }],
  ])('%s learns to prefer with %j', async (objective, settings) => {
    const name = `${objective}-${JSON.stringify(settings).replace(/\W+/g, '-')}`;
    // only the first and the last evaluation are looked at
    const { events, end } = await run(name, { objective, evalEvery: 1000, ...settings });
    const all = evaluations(events);
    const [first, last] = [all[0]!, all.at(-1)!];
    expect(end.event).toBe('done');
    expect(last.loss).toBeLessThan(first.loss);
    expect(last.margin).toBeGreaterThan(first.margin);
    expect(last.accuracy).toBeGreaterThan(0.9);
    expect(last.chosen - last.rejected).toBeGreaterThan(first.chosen - first.rejected);
    const steps = events.filter((event) => event.event === 'step');
    expect(steps.every(({ preference }) => preference !== undefined)).toBe(true);
    // it begins where the model before training is its own reference
    if (objective !== 'dpo' || 'labelSmoothing' in settings) return;
    expect(first.loss).toBeCloseTo(Math.LN2, 4);
    expect(Math.abs(first.margin)).toBeLessThan(1e-4);
  });

  it.each([
    ['dpo', {}],
    ['kto', {}],
    ['orpo', { method: 'full', learningRate: 1e-3 }],
  ])('goes on to the bit after a stop: %s', async (objective, settings) => {
    const more = { objective, ...settings, gradientAccumulation: 2, maxSteps: 8, evalEvery: 4 };
    const whole = await run(`whole-${objective}`, more);
    const name = `halved-${objective}`;
    const stopped = await run(name, more, { stopAt: 3 });
    expect(stopped.end.event).toBe('stopped');
    const resumed = await run(name, more, { resume: true });
    const numbers = ({ metrics }: typeof whole) =>
      metrics.map(({ event, step, loss, preference }) => ({ event, step, loss, preference }));
    expect(numbers(resumed)).toEqual(numbers(whole));
    const result = (end: typeof whole.end) => {
      const folderOf = (end as DoneEvent).result;
      const file = readdirSync(folderOf).find((one) => one.endsWith('.safetensors'))!;
      return readFileSync(path.join(folderOf, file));
    };
    expect(result(resumed.end).equals(result(whole.end))).toBe(true);
  });

  it('takes the same step from several micro-batches as from one', async () => {
    const once = { objective: 'orpo', maxSteps: 3, packing: false, heldOut: 0, learningRate: 1e-3 };
    const one = await run('one', { ...once, tokensPerMicroBatch: 512, sftWeight: 2 });
    const split = await run('split', { ...once, tokensPerMicroBatch: 512, splitMicroBatch: 4, sftWeight: 2 });
    const losses = ({ metrics }: typeof one) => metrics.map(({ loss }) => loss);
    expect(losses(split)).toHaveLength(3);
    losses(split).forEach((loss, i) => {
      expect(loss).toBeCloseTo(losses(one)[i]!, 4);
    });
  });

  it('asks the model before training once, and again what is damaged', async () => {
    const references = path.join(folder, 'home', 'cache', 'references');
    rmSync(references, { recursive: true, force: true });
    const asked = ({ events }: Awaited<ReturnType<typeof run>>) =>
      events.some((event) => event.event === 'phase' && event.phase === 'ask');
    const first = await run('reference-1', { objective: 'dpo', maxSteps: 2 });
    expect(asked(first)).toBe(true);
    const second = await run('reference-2', { objective: 'dpo', maxSteps: 2, lora: { rank: 2 } });
    expect(asked(second)).toBe(false);
    const [file] = readdirSync(references);
    const bytes = readFileSync(path.join(references, file!));
    bytes[3]! ^= 0x40;
    writeFileSync(path.join(references, file!), bytes);
    const third = await run('reference-3', { objective: 'dpo', maxSteps: 2 });
    expect(asked(third)).toBe(true);
    expect(third.metrics.map(({ loss }) => loss)).toEqual(first.metrics.map(({ loss }) => loss));
    expect(asked(await run('reference-4', { objective: 'simpo', maxSteps: 2 }))).toBe(false);
  });

  it('asks it only of what is measured or comes in the steps, and later of the others', async () => {
    const references = path.join(folder, 'home', 'cache', 'references');
    rmSync(references, { recursive: true, force: true });
    const few = { objective: 'dpo', packing: false, tokensPerMicroBatch: 64, heldOut: 4, lora: { rank: 4 } };
    const known = () => {
      const bytes = readFileSync(path.join(references, readdirSync(references)[0]!));
      const values = new Float32Array(new Uint8Array(bytes.subarray(0, -4)).buffer);
      return values.filter((value) => !Number.isNaN(value)).length / 2;
    };
    await run('few-1', { ...few, maxSteps: 2 });
    expect(known()).toBeGreaterThanOrEqual(6);
    expect(known()).toBeLessThan(30);
    const after = await run('few-2', { ...few, epochs: 1 });
    expect(known()).toBe(60);
    rmSync(references, { recursive: true, force: true });
    const whole = await run('few-3', { ...few, epochs: 1 });
    expect(after.metrics.map(({ loss }) => loss)).toEqual(whole.metrics.map(({ loss }) => loss));
  });

  it('refuses other rows by name', async () => {
    await expect(run('wrong', { objective: 'dpo', data: rated })).rejects.toMatchObject({
      message: expect.stringContaining('no better and worse answer'),
    });
    await expect(run('wrong', { objective: 'kto', data: pairs })).rejects.toMatchObject({
      message: expect.stringContaining('no rated answer'),
    });
  });
});
