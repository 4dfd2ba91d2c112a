/** What the model says to a person's own prompts while it is trained: at every evaluation, and without touching the training. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DoneEvent, EngineEvent, StoppedEvent } from '../../common/protocol/protocol.ts';
import { parseRunConfig, type RunConfig } from '../../main/engine/config/config.ts';
import { train } from '../../main/engine/session/session.ts';
import { numbersOf, openWorkspace, type Workspace } from './workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

function configOf(name: string, more: object): RunConfig {
  const { model, data } = workspace;
  return parseRunConfig({
    ...{ model, data, out: workspace.at(name), maxLength: 64, tokensPerMicroBatch: 128, threads: 1 },
    ...{ maxSteps: 7, heldOut: 14, learningRate: 5e-3, evalEvery: 3, assess: false, lora: { rank: 4 } },
    ...more,
  });
}

interface Run {
  readonly resume?: boolean;
  /** Asked at each event: what the person does then. */
  act?(event: EngineEvent): 'stop' | 'finish' | undefined;
}

async function run(config: RunConfig, { resume = false, act }: Run = {}) {
  const [stop, finish] = [new AbortController(), new AbortController()];
  const events: EngineEvent[] = [];
  const emit = (event: EngineEvent) => {
    const wish = act?.(event);
    if (wish === 'stop') stop.abort();
    if (wish === 'finish') finish.abort();
    events.push(event);
  };
  const io = { emit, stop: stop.signal, finish: finish.signal, resume };
  const end: DoneEvent | StoppedEvent = await train(config, io);
  return { events, end };
}

const samplesIn = (events: readonly EngineEvent[]) =>
  events.flatMap((event) => (event.event === 'sample' ? [event] : []));

it('changes no number of full fine-tuning, which decodes with the very weights in training', async () => {
  const full = { method: 'full', learningRate: 1e-3 };
  await run(configOf('full-plain', full));
  const { events } = await run(configOf('full-asked', { ...full, samplePrompts: '2 cow 7' }));
  expect(numbersOf(workspace.at('full-asked'))).toEqual(numbersOf(workspace.at('full-plain')));
  expect(samplesIn(events).map(({ step }) => step)).toEqual([0, 3, 6, 7]);
});

it('asks also where no rows are held out, each prompt by itself', async () => {
  const prompts = ['1 dog 3', '2 cow 7', '3 owl 1'];
  const { events } = await run(configOf('no-held-out', { heldOut: 0, samplePrompts: prompts }));
  expect(samplesIn(events).map(({ step, prompt }) => `${step} ${prompt}`)).toEqual(
    [0, 3, 6, 7].flatMap((step) => prompts.map((prompt) => `${step} ${prompt}`)),
  );
  await run(configOf('no-held-out-plain', { heldOut: 0 }));
  expect(numbersOf(workspace.at('no-held-out'))).toEqual(numbersOf(workspace.at('no-held-out-plain')));
});

it('leaves out a prompt that the model cannot read, with a warning, and asks the others', async () => {
  const long = 'moo '.repeat(200);
  const { events } = await run(configOf('long', { samplePrompts: [long, '1 dog 3'] }));
  expect(events.find((event) => event.event === 'warning')).toMatchObject({ code: 'sample-skipped' });
  expect(new Set(samplesIn(events).map(({ prompt }) => prompt))).toEqual(new Set(['1 dog 3']));
});

it('asks again after a stop in the middle of it, and goes on to the same numbers', async () => {
  const prompts = { samplePrompts: ['1 dog 3', '2 cow 7'] };
  const whole = await run(configOf('asked', prompts));
  const config = configOf('asked-stopped', prompts);
  let asked = 0;
  const isAsking = (event: EngineEvent) => event.event === 'phase' && /questions/.test(event.detail ?? '');
  const part = await run(config, { act: (event) => (isAsking(event) && ++asked === 2 ? 'stop' : undefined) });
  expect(part.end).toMatchObject({ event: 'stopped', step: 3 });
  expect(samplesIn(part.events).map(({ step }) => step)).toEqual([0, 0]);
  const rest = await run(config, { resume: true });
  expect([...samplesIn(part.events), ...samplesIn(rest.events)]).toEqual(samplesIn(whole.events));
  expect(numbersOf(config.out)).toEqual(numbersOf(workspace.at('asked')));
});

it.each([1, 4])('ends at the wish of the person after step %i, measured once more', async (step) => {
  const config = configOf(`finished-${step}`, {});
  const isThere = (event: EngineEvent) => event.event === 'step' && event.step === step;
  const { events, end } = await run(config, { act: (event) => (isThere(event) ? 'finish' : undefined) });
  expect(end).toMatchObject({ event: 'done', reason: 'finished-early', steps: step });
  const evals = events.flatMap((event) => (event.event === 'eval' ? [event.step] : []));
  expect(evals.at(-1)).toBe(step);
  expect(evals[0]).toBe(0);
});

it('takes one step before it ends where it is asked for earlier', async () => {
  const { end } = await run(configOf('finished-0', {}), { act: () => 'finish' });
  expect(end).toMatchObject({ event: 'done', reason: 'finished-early', steps: 1 });
});
