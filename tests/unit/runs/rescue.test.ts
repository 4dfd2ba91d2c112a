/** The ladder of the rescue, rung by rung, from the events of made-up engines. */
import { describe, expect, it } from 'vitest';
import type {
  EngineEvent,
  RescueEvent,
  RescueReason,
  StartEvent,
} from '../../../common/protocol/protocol.ts';
import { parseRunConfig, type RunConfig } from '../../../main/engine/config/config.ts';
import { followed, NO_COURSE, reasonOf, rescueAfter, triedInVain } from '../../../main/runs/rescue.ts';
import { START, step } from '../cli/sample-events.ts';

const FILES = { model: 'm', data: 'd', out: 'o' };
const CONFIG = parseRunConfig(FILES);
const SIZED: StartEvent = { ...START, tokensAtOnce: 1024, leastTokensAtOnce: 128 };
const saved = (at: number): EngineEvent => ({ event: 'checkpoint', step: at, path: 'c', bytes: 1 });
const courseOf = (...events: EngineEvent[]) => events.reduce(followed, NO_COURSE);

function rescue(
  events: EngineEvent[],
  tries: RescueEvent[] = [],
  config: RunConfig = CONFIG,
  reason: RescueReason = 'out-of-memory',
) {
  const course = courseOf(...events);
  return rescueAfter({ config, course, reason, cause: 'It was full.', tries });
}

describe('a training without memory', () => {
  it('goes on from its checkpoint with half as many tokens at once', () => {
    const found = rescue([SIZED, step(1), saved(30), step(40)])!;
    expect(found.event).toMatchObject({
      ...{ attempt: 1, reason: 'out-of-memory', failedAfter: 40, resumesFrom: 30, sameNumbers: true },
      ...{ changes: { splitMicroBatch: 2 }, cause: 'It was full.' },
    });
    expect(found.event.message).toBe(
      'The training ran out of memory after step 40. It continues from step 30: with at most 512 tokens at once instead of 1024. ' +
        'The result stays the same: each step has the same rows, only fewer at a time.',
    );
    expect(found.config).toEqual({ ...CONFIG, splitMicroBatch: 2 });
  });

  it('begins again where there is no checkpoint yet', () => {
    expect(rescue([SIZED])!.event.message).toContain('ran out of memory in its first step. It starts again');
    expect(rescue([SIZED, step(3)])!.event).toMatchObject({ failedAfter: 3, resumesFrom: 0 });
    expect(rescue([{ ...SIZED, stepsDone: 12 }])!.event).toMatchObject({ failedAfter: 12, resumesFrom: 12 });
  });

  it('climbs down the ladder: halves, then recomputes attention, then layers, and then gives up', () => {
    const tries: RescueEvent[] = [];
    let config = CONFIG;
    let tokens = 1024;
    for (;;) {
      const found = rescue([{ ...SIZED, tokensAtOnce: tokens }], tries, config);
      if (!found) break;
      tries.push(found.event);
      config = found.config;
      tokens = 1024 / config.splitMicroBatch;
    }
    expect(tries.map(({ changes }) => changes)).toEqual([
      ...[2, 4, 8].map((splitMicroBatch) => ({ splitMicroBatch })),
      ...['attention', 'half', 'block'].map((recompute) => ({ recompute })),
    ]);
    expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(triedInVain(tries)).toBe('6 retries with lighter settings failed too. ');
  });

  it('does not halve what holds one row alone, nor recompute what is recomputed', () => {
    const whole = { ...SIZED, tokensAtOnce: 128 };
    expect(rescue([whole])!.event.changes).toEqual({ recompute: 'attention' });
    expect(rescue([whole], [], { ...CONFIG, recompute: 'attention' })!.event.changes).toEqual({
      recompute: 'half',
    });
    expect(rescue([whole], [], { ...CONFIG, recompute: 'third' })!.event.changes).toEqual({
      recompute: 'half',
    });
    expect(rescue([whole], [], { ...CONFIG, recompute: 'half' })!.event.changes).toEqual({
      recompute: 'block',
    });
    expect(rescue([whole], [], { ...CONFIG, recompute: 'block' })).toBeNull();
  });

  it('is not helped by smaller steps while its model is read', () => {
    expect(rescue([{ event: 'phase', phase: 'load' }])).toBeNull();
    const first = rescue([SIZED])!;
    expect(rescue([SIZED, first.event, { event: 'phase', phase: 'load' }], [first.event])).toBeNull();
  });

  it('leaves out the comparison where that has failed, and nothing else', () => {
    const events: EngineEvent[] = [SIZED, step(300), saved(300), { event: 'phase', phase: 'assess' }];
    const found = rescue(events)!;
    expect(found.event).toMatchObject({ changes: { assess: false }, sameNumbers: true, resumesFrom: 300 });
    expect(found.event.message).toContain('after its last step. It continues: without comparing');
    expect(rescue(events, [], { ...CONFIG, assess: false })).toBeNull();
  });

  it('says where the numbers change: dropout draws anew', () => {
    const drops = { ...CONFIG, lora: { ...CONFIG.lora, dropout: 0.1 } };
    const { event } = rescue([SIZED], [], drops)!;
    expect(event.sameNumbers).toBe(false);
    expect(event.message).toContain('The numbers change: dropout drops other values');
    expect(rescue([SIZED], [], { ...drops, method: 'full' })!.event.sameNumbers).toBe(true);
  });

  it('is left alone where a person has switched the rescue off, and after eight tries', () => {
    expect(rescue([SIZED], [], { ...CONFIG, rescue: false })).toBeNull();
    const { event } = rescue([SIZED])!;
    expect(rescue([SIZED], Array(8).fill({ ...event, changes: {} }))).toBeNull();
    expect(rescue([SIZED], Array(7).fill({ ...event, changes: {} }))).not.toBeNull();
  });
});

describe('a training on a graphics card', () => {
  const ON_CARD = { ...CONFIG, device: 'webgpu' as const };
  const STARTED = { ...SIZED, tokensAtOnce: 128, device: 'Graphics card (WebGPU)' };

  it('that was lost is tried once more, and then goes on with the processor', () => {
    const events = [STARTED, step(5), saved(5)];
    const first = rescue(events, [], ON_CARD, 'device-lost')!;
    expect(first.event).toMatchObject({ changes: {}, sameNumbers: true, resumesFrom: 5 });
    expect(first.event.message).toBe(
      'The graphics card was lost after step 5. It continues from step 5: on the same device. The result stays the same: nothing was changed.',
    );
    const again: EngineEvent[] = [...events, first.event];
    for (const reason of ['device-lost', 'device-failed'] as const) {
      const second = rescue(again, [first.event], ON_CARD, reason)!;
      expect(second.event).toMatchObject({ changes: { device: 'cpu' }, sameNumbers: false, resumesFrom: 5 });
      expect(second.config.device).toBe('cpu');
    }
  });

  it('computes in float32 where it goes on without the card', () => {
    const events = [STARTED, step(5), saved(5)];
    const mixed = { ...ON_CARD, precision: 'f16' as const };
    const first = rescue(events, [], mixed, 'device-lost')!;
    expect(first.config.precision).toBe('f16');
    const second = rescue(events, [first.event], first.config, 'device-lost')!;
    expect(second.event.changes).toEqual({ device: 'cpu', precision: 'f32' });
  });

  it('that refuses its first step goes on with the processor; one that never answered is for the person', () => {
    const { event } = rescue([STARTED], [], ON_CARD, 'device-failed')!;
    expect(event.message).toContain('could not compute in its first step. It starts again: on the processor');
    expect(rescue([], [], ON_CARD, 'device-failed')).toBeNull();
    expect(rescue([], [], { ...CONFIG, device: 'auto' }, 'device-failed')!.config.device).toBe('cpu');
  });

  it('that Fettle has chosen and that never answered is left, with a reason of its own', () => {
    const chosen = { ...ON_CARD, deviceWhy: 'It is 3.0 times as fast.' };
    const found = rescue([], [], chosen, 'device-failed')!;
    expect(found.config).toMatchObject({
      device: 'cpu',
      deviceWhy: expect.stringContaining('the graphics card failed'),
    });
    expect(rescue([STARTED], [], ON_CARD, 'device-failed')!.config).not.toHaveProperty('deviceWhy');
  });

  it('that is too small for it goes on with the processor at last', () => {
    const lean = { ...ON_CARD, recompute: 'block' as const };
    expect(rescue([STARTED], [], ON_CARD)!.event.changes).toEqual({ recompute: 'attention' });
    expect(rescue([STARTED], [], lean)!.event.changes).toEqual({ device: 'cpu' });
    expect(rescue([{ event: 'phase', phase: 'load' }], [], lean)!.event.changes).toEqual({ device: 'cpu' });
    expect(rescue([{ ...STARTED, device: 'CPU, 8 threads' }], [], { ...lean, device: 'auto' })).toBeNull();
    expect(rescue([STARTED], [], { ...lean, device: 'cpu' })).toBeNull();
  });
});

it('rescues nothing but what the ladder is for', () => {
  expect(['out-of-memory', 'device-memory', 'device-lost'].map(reasonOf)).toEqual([
    ...['out-of-memory', 'out-of-memory', 'device-lost'],
  ]);
  expect(['device-missing', 'device-failed', 'device-driver-old', 'pack-damaged'].map(reasonOf)).toEqual(
    Array(4).fill('device-failed'),
  );
  expect(['engine-died', 'diverged', 'internal', 'stopped', 'toString'].map(reasonOf)).toEqual(
    Array(5).fill(null),
  );
});
