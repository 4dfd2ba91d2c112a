/**
 * Stops a run at every kind of moment that its events show, without any timing: at a step, before and in an evaluation,
 * after a checkpoint. Whatever was saved must lead to the numbers of a run that nobody stopped.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoneEvent, EngineEvent, EvalEvent } from '../../common/protocol/protocol.ts';
import { parseRunConfig, type RunConfig } from '../../main/engine/config/config.ts';
import { train } from '../../main/engine/session/session.ts';
import { adapterOf, numbersOf, openWorkspace, type Workspace, writeGeneral } from './workspace.ts';

let workspace: Workspace;
let whole: { events: EngineEvent[]; numbers: unknown[]; adapter: Buffer };

function configOf(out: string, more: object = {}): RunConfig {
  const { model, data } = workspace;
  return parseRunConfig({
    ...{
      model,
      data,
      out,
      maxLength: 64,
      tokensPerMicroBatch: 128,
      threads: 1,
      assess: false,
      lora: { rank: 4, dropout: 0.1 },
    },
    ...{ maxSteps: 14, heldOut: 14, learningRate: 5e-3, evalEvery: 4, saveEverySteps: 3, keepCheckpoints: 1 },
    ...more,
  });
}

interface RunOptions {
  readonly resume?: boolean;
  /** Whether to stop at this event, which is number `index`. */
  stopAt?(event: EngineEvent, index: number): boolean;
}

/** Runs to the end, or until `stopAt` says so. */
async function run(config: RunConfig, { resume = false, stopAt }: RunOptions = {}) {
  const stop = new AbortController();
  const events: EngineEvent[] = [];
  const emit = (event: EngineEvent) => {
    if (stopAt?.(event, events.length)) stop.abort();
    events.push(event);
  };
  const end = await train(config, { emit, stop: stop.signal, resume });
  return { events, end };
}

beforeAll(async () => {
  workspace = await openWorkspace();
  writeGeneral(workspace.model);
  const out = workspace.at('whole');
  const { events, end } = await run(configOf(out));
  expect(end.event).toBe('done');
  whole = { events, numbers: numbersOf(out), adapter: adapterOf(out) };
});
afterAll(() => workspace.remove());

/** Places in the event stream, by what stands there. */
const POINTS: readonly (readonly [
  string,
  (event: EngineEvent, before: readonly EngineEvent[]) => boolean,
])[] = [
  ['as it starts', (event) => event.event === 'start'],
  ['at the first step', (event) => event.event === 'step' && event.step === 1],
  ['as the evaluation before training begins', (event) => isEvaluating(event, 0)],
  ['within the evaluation before training', (event) => isEvaluating(event, 0.1)],
  ['at a step that an evaluation follows', (event) => event.event === 'step' && event.step === 4],
  [
    'within an evaluation between steps',
    (event, before) => isEvaluating(event, 0.1) && stepsIn(before) === 8,
  ],
  ['after an evaluation between steps', (event) => event.event === 'eval' && event.step === 8],
  ['at a checkpoint', (event) => event.event === 'checkpoint' && event.step === 6],
  [
    'at a step that an evaluation and a checkpoint follow',
    (event) => event.event === 'step' && event.step === 12,
  ],
  ['at the last step', (event) => event.event === 'step' && event.step === 14],
  ['within the last evaluation', (event, before) => isEvaluating(event, 0.1) && stepsIn(before) === 14],
];

function isEvaluating(event: EngineEvent, least: number): boolean {
  return event.event === 'phase' && event.phase === 'evaluate' && (event.fraction ?? 0) >= least;
}

function stepsIn(events: readonly EngineEvent[]): number {
  return events.filter(({ event }) => event === 'step').length;
}

describe('a run that is stopped', () => {
  it.each(POINTS)('%s goes on to the same numbers', async (name, isPoint) => {
    const at = whole.events.findIndex((event, i) => isPoint(event, whole.events.slice(0, i)));
    expect(at, 'the point exists').toBeGreaterThan(0);
    const config = configOf(workspace.at(`stopped ${name}`));
    const { end } = await run(config, { stopAt: (_, i) => i === at });
    expect(end).toMatchObject({ event: 'stopped', resume: `fettle train --out "${config.out}" --resume` });
    expect((await run(config, { resume: true })).end.event).toBe('done');
    expect(numbersOf(config.out)).toEqual(whole.numbers);
    expect(adapterOf(config.out).equals(whole.adapter)).toBe(true);
  });

  it('over and over goes on to the same numbers', async () => {
    const config = configOf(workspace.at('often'));
    let parts = 0;
    for (let resume = false; ; resume = true) {
      // stops at its second event after the start, whatever that is
      let seen = Number.NEGATIVE_INFINITY;
      const stopAt = (event: EngineEvent) => {
        if (event.event === 'start') seen = 0;
        else if (event.event === 'step' || event.event === 'eval') seen++;
        return seen === 1;
      };
      const { end } = await run(config, { resume, stopAt });
      parts++;
      if (end.event === 'done') break;
      expect(parts).toBeLessThan(40);
    }
    expect(parts).toBeGreaterThan(10);
    expect(numbersOf(config.out)).toEqual(whole.numbers);
    expect(adapterOf(config.out).equals(whole.adapter)).toBe(true);
  });
});

describe('a run that stops early because the held-out loss no longer falls', () => {
  const patience = { earlyStopping: 2, evalEvery: 2, maxSteps: 40, learningRate: 0.5, saveEverySteps: 1 };

  it.each([
    ['writes its best weights, which are clearly better', patience, true],
    [
      'writes its last weights, where the best may be better by chance',
      { ...patience, learningRate: 0.3 },
      false,
    ],
  ])('ends there, %s, and does the same when it was stopped before', async (name, settings, keepsBest) => {
    const straight = configOf(workspace.at(name), settings);
    const { end } = await run(straight);
    if (end.event !== 'done') throw new Error('not done');
    expect(end.reason).toBe('early-stopping');
    expect(end.steps).toBeLessThan(40);
    const evals = numbersOf(straight.out).filter(
      (one) => (one as EngineEvent).event === 'eval',
    ) as EvalEvent[];
    const lowest = evals.reduce((a, b) => (b.loss < a.loss ? b : a));
    expect(lowest.step).toBeLessThan(end.steps);
    const kept = keepsBest ? lowest : evals.at(-1)!;
    expect([end.bestStep, end.heldOutLoss]).toEqual([kept.step, kept.loss]);

    const broken = configOf(workspace.at(`${name}, broken`), settings);
    await run(broken, { stopAt: (event) => event.event === 'step' && event.step === end.steps - 1 });
    const resumed = await run(broken, { resume: true });
    const { reason, steps, bestStep, heldOutLoss } = end;
    expect(resumed.end).toMatchObject({ reason, steps, bestStep, heldOutLoss });
    expect(adapterOf(broken.out).equals(adapterOf(straight.out))).toBe(true);
  });

  it('takes no further step when it is resumed after its end', async () => {
    const config = configOf(workspace.at('early'), patience);
    await run(config);
    const before = numbersOf(config.out);
    const adapter = adapterOf(config.out);
    const { end, events } = await run(config, { resume: true });
    expect(end).toMatchObject({ event: 'done', reason: 'early-stopping', secondsToFirstStep: null });
    expect(events.map(({ event }) => event)).not.toContain('step');
    expect(numbersOf(config.out)).toEqual(before);
    expect(adapterOf(config.out).equals(adapter)).toBe(true);
  });
});

describe('a finished run', () => {
  it('says the same when it is resumed', async () => {
    const config = configOf(workspace.at('finished'), { assess: true });
    const { end } = await run(config);
    const { end: again } = await run(config, { resume: true });
    const {
      seconds: _,
      secondsToFirstStep: __,
      peakRssBytes: ___,
      peakMemoryBytes: ____,
      stepSeconds: _____,
      energy,
      ...facts
    } = end as typeof end & { event: 'done' };
    expect(again).toMatchObject(facts);
    // with what the first part took until its last checkpoint
    expect((again as DoneEvent).energy!.wattHours).toBeGreaterThan(energy!.wattHours / 2);
  });

  it('goes on when it is given more steps', async () => {
    const config = configOf(workspace.at('longer'));
    await run(config);
    const { end, events } = await run({ ...config, maxSteps: 20 }, { resume: true });
    expect(end).toMatchObject({ event: 'done', steps: 20 });
    const steps = events.flatMap((event) => (event.event === 'step' ? [event.step] : []));
    expect(steps).toEqual([15, 16, 17, 18, 19, 20]);
  });
});
