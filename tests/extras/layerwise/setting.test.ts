/** The setting of a layer-wise update: what it needs and decides, what a plan and a rescue do with it, and that earlier runs mean what they meant. */
import { describe, expect, it } from 'vitest';
import type { PlanSettings } from '../../../common/api/contract.ts';
import type { EngineEvent, RescueEvent, StartEvent } from '../../../common/protocol/protocol.ts';
import { refusedElsewhere, settingsElsewhere } from '../../../common/settings/elsewhere.ts';
import { applies } from '../../../common/settings/form.ts';
import { choiceOf } from '../../../common/settings/plan.ts';
import { withImplied } from '../../../common/settings/table.ts';
import { mayLook } from '../../../common/settings/training.ts';
import { parseRunConfig, type RunConfig } from '../../../main/engine/config/config.ts';
import { checkIdentity } from '../../../main/engine/train/cursor.ts';
import { followed, NO_COURSE, rescueAfter } from '../../../main/runs/rescue.ts';
import { START, step } from '../../unit/cli/sample-events.ts';

const FILES = { model: 'm', data: 'd.jsonl', out: 'o' };

describe('an update layer by layer', () => {
  const base = { model: 'm', data: 'd.jsonl', out: 'o', method: 'full', layerwiseUpdate: true };

  it('computes each block again, and reads itself back', () => {
    const config = parseRunConfig(base);
    expect(config).toMatchObject({ layerwiseUpdate: true, recompute: 'block' });
    expect(parseRunConfig(config)).toEqual(config);
    expect(parseRunConfig({ ...base, layerwiseUpdate: false })).not.toHaveProperty('layerwiseUpdate');
  });

  it.each([
    [{ method: 'lora' }, /"layerwiseUpdate" needs "method" full/],
    [{ executor: 'openvino' }, /"layerwiseUpdate" needs the processor and the executor ort/],
    [{ device: 'webgpu' }, /"layerwiseUpdate" needs the processor and the executor ort/],
    [{ precision: 'f16' }, /"layerwiseUpdate" doesn’t work with "precision" f16/],
    [{ recompute: 'attention' }, /"recompute" must be block or left out; got attention/],
  ])('is refused with %j', (change, message) => {
    expect(() => parseRunConfig({ ...base, ...change })).toThrow(message);
  });
});

it('means what it meant in a run of an earlier version', () => {
  const then = {
    ...{ model: 'm', data: 'd.jsonl', out: 'o', method: 'full', replay: 0, schedule: 'cosine' },
    lora: { rank: 16, dropout: 0, targets: 'all-linear', rsLora: false, dora: false, alpha: 32 },
    ...{ warmupRatio: 0.03, gradientAccumulation: 1, precision: 'auto', optimizer: 'adamw-8bit' },
    ...{ stayClose: 0, beta1: 0.9, beta2: 0.999, eps: 1e-8, maxGradNorm: 1, splitMicroBatch: 1 },
    ...{ trainOn: 'answers', packing: true, onBadRow: 'stop', evalEvery: 'auto', earlyStopping: 0 },
    ...{ keepBest: true, saveEveryMinutes: 5, keepCheckpoints: 2, assess: true, logEvery: 1, rescue: true },
    ...{ seed: 42, threads: 3, executor: 'ort', device: 'auto', masterBits: 16, layerwiseUpdate: true },
    ...{ maxLength: 1024, tokensPerMicroBatch: 1024, epochs: 3, learningRate: 0.00002, samplePrompts: [] },
    ...{ newTokens: [], sheet: 'auto', weightDecay: 0.01, recompute: 'block' },
  };
  const named = { method: 'full', masterBits: 16, layerwiseUpdate: true, optimizer: 'adamw-8bit' };
  const config = parseRunConfig({ ...FILES, threads: 3, ...named });
  expect(config).toMatchObject(then);
  expect(parseRunConfig(then)).toStrictEqual(config);
});

it('may change in a run that is resumed, though older checkpoints name it', () => {
  const settings = { 'lora.rank': 16, method: 'full', seed: 42 };
  const of = (more: object) => ({
    ...{ model: 'm', data: 'd', tokens: 't' },
    settings: JSON.stringify({ ...settings, ...more }),
  });
  expect(() => checkIdentity(of({ layerwiseUpdate: true }), of({}))).not.toThrow();
  expect(() => checkIdentity(of({ layerwiseUpdate: true }), of({ seed: 1 }))).toThrow(
    "This run can't be resumed: seed was 42 and is now 1.",
  );
});

it('is a choice of full fine-tuning on the processor alone, and rates are not tried with it', () => {
  const full = { method: 'full', device: 'cpu', executor: 'ort', layerwiseUpdate: false } as PlanSettings;
  const layers = choiceOf('layerwiseUpdate', full)!;
  expect([layers.value, layers.setting('layerwise'), layers.optionOf(true)]).toEqual([
    'whole',
    true,
    'layerwise',
  ]);
  expect(applies('layerwiseUpdate', { method: 'full' })).toBe(true);
  for (const method of ['lora', 'qlora']) expect(applies('layerwiseUpdate', { method })).toBe(false);
  expect(applies('recompute', { method: 'full', layerwiseUpdate: true })).toBe(false);
  expect(mayLook(withImplied({ method: 'full', layerwiseUpdate: true }))).toBe(false);
  const looking = { ...FILES, method: 'full', look: true };
  expect(parseRunConfig(looking)).toHaveProperty('look', true);
  expect(parseRunConfig({ ...looking, layerwiseUpdate: true })).not.toHaveProperty('look');
});

it('is refused elsewhere, and left open where a plan has chosen it', () => {
  const layered = parseRunConfig({ ...FILES, method: 'full', layerwiseUpdate: true });
  const refused = refusedElsewhere(layered);
  expect(refused).toHaveLength(1);
  expect(refused[0]).toContain('{layerwiseUpdate}');
  expect(settingsElsewhere({ layerwiseUpdate: true, 'lora.rank': 8 }, {})).toEqual({ 'lora.rank': 8 });
});

describe('a training of all weights without memory', () => {
  const SIZED: StartEvent = { ...START, tokensAtOnce: 1024, leastTokensAtOnce: 128 };
  const saved = (at: number): EngineEvent => ({ event: 'checkpoint', step: at, path: 'c', bytes: 1 });
  const rescue = (events: EngineEvent[], tries: RescueEvent[], config: RunConfig) =>
    rescueAfter({
      ...{ config, tries, course: events.reduce(followed, NO_COURSE) },
      ...{ reason: 'out-of-memory', cause: 'It was full.' },
    });
  const full = parseRunConfig({ ...FILES, method: 'full', recompute: 'block' });
  const whole = { ...SIZED, tokensAtOnce: 128, device: 'CPU, 8 threads' };

  it('updates layer by layer when all is computed again, and says what becomes of the numbers', () => {
    const { event, config } = rescue([whole, step(3), saved(2)], [], full)!;
    expect(event).toMatchObject({ changes: { layerwiseUpdate: true }, resumesFrom: 2, sameNumbers: false });
    expect(event.message).toContain(
      'It continues from step 2: with updates of one layer at a time. The numbers change: long gradients are limited',
    );
    // which is a configuration that the engine takes
    expect(parseRunConfig(config)).toEqual(config);
    expect(rescue([whole], [event], config)).toBeNull();
    const unclipped = rescue([whole], [], { ...full, maxGradNorm: 0 })!;
    expect(unclipped.event).toMatchObject({ changes: { layerwiseUpdate: true }, sameNumbers: true });
  });

  it('does so at the end of the ladder, which has a rung for each try', () => {
    const onCard = { ...full, recompute: 'none' as const, device: 'webgpu' as const };
    const tries: RescueEvent[] = [];
    let config: RunConfig = onCard;
    for (;;) {
      const device = config.device === 'cpu' ? 'CPU, 8 threads' : 'Graphics card (WebGPU)';
      const found = rescue(
        [{ ...SIZED, device, tokensAtOnce: 1024 / config.splitMicroBatch }],
        tries,
        config,
      );
      if (!found) break;
      tries.push(found.event);
      config = found.config;
    }
    expect(tries.map(({ changes }) => Object.keys(changes).join())).toEqual([
      ...Array(3).fill('splitMicroBatch'),
      ...Array(3).fill('recompute'),
      ...['device', 'layerwiseUpdate'],
    ]);
  });

  it('does not do so where the engine could not: on a card, in float16', () => {
    const onCard = { ...whole, device: 'Graphics card (WebGPU)' };
    expect(rescue([onCard], [], { ...full, device: 'webgpu' })!.event.changes).toEqual({ device: 'cpu' });
    expect(rescue([whole], [], { ...full, precision: 'f16' })).toBeNull();
    expect(rescue([whole], [], { ...full, method: 'lora' })).toBeNull();
  });
});
