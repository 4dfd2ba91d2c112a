/**
 * One case, one figure: what the plan step, its proposals and `fettle plan` say of the same run is the
 * same number to the last digit, and so is what the history keeps as predicted once it has been trained.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalModel, PlanFigures, RunRequest } from '../../common/api/contract.ts';
import { readGrounds } from '../../main/app/grounds.ts';
import { estimate } from '../../main/plan/estimate.ts';
import type { WebApp } from '../../main/serve/start.ts';
import { openStore } from '../../main/store/open.ts';
import { fettle } from '../helpers/fettle.ts';
import { openMeasuredApp } from '../helpers/measured-app.ts';
import type { WebClient } from '../helpers/web-client.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

let workspace: Workspace;
let app: WebApp;
let client: WebClient;
let models: readonly LocalModel[];
beforeAll(async () => {
  workspace = await openWorkspace();
  ({ app, client } = await openMeasuredApp({
    ...{ processor: 'One core', flops: 2e10, threads: 1, settings: { watts: 90, pricePerKwh: 0.3 } },
  }));
  await client.api.files.open({ what: 'data', paths: [workspace.at()] });
  await client.api.models.add({ path: workspace.model });
  models = await client.api.models.list();
});
afterAll(async () => {
  await app.close();
  workspace.remove();
});

async function printed(...args: string[]) {
  const { code, out, err } = await fettle([...args, '--json']);
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

const SETTINGS = { maxLength: 64, tokensPerMicroBatch: 128, epochs: 2, assess: false, threads: 1 };
const FLAGS = [
  ...['--max-length', '64', '--tokens-per-micro-batch', '128', '--no-assess', '--threads', '1'],
  // a page names what is chosen, and here nothing is: the command has to name what a run has then
  ...['--epochs', '2', '--gradient-accumulation', '1'],
];
const PROMPT = 'What does an otter eat?';

function requestFor(settings: RunRequest['settings']): RunRequest {
  const { id } = models.find(({ source }) => source === 'folder')!;
  return {
    ...{ name: 'Animals', modelId: id, data: { paths: [workspace.data] }, prompts: [PROMPT] },
    settings: { ...SETTINGS, ...settings },
  };
}

it('a plan asks ggml for the card that a person has chosen', async () => {
  const settings = { method: 'lora', executor: 'ggml', device: 'cpu', card: 'Vulkan7' };
  await expect(client.api.plan.figures(requestFor(settings))).rejects.toThrow(/no device Vulkan7/);
});

const WAYS = [
  ['lora', { method: 'lora', 'lora.rank': 4 }, ['--method', 'lora', '--rank', '4']],
  ['full', { method: 'full' }, ['--method', 'full']],
] as const;

describe.each(WAYS)('a run with %s', (method, settings, flags) => {
  let figures: PlanFigures;
  beforeAll(async () => {
    figures = await client.api.plan.figures(requestFor(settings));
  });

  it('has figures in every part', () => {
    const { totalSeconds, kwh, cost, ifYouHad } = figures.estimate;
    for (const figure of [totalSeconds, kwh, cost]) expect(figure?.value).toBeGreaterThan(0);
    expect(ifYouHad).toHaveLength(2);
  });

  it('has the same figures in `fettle plan`', async () => {
    const plan = await printed(
      'plan',
      '--model',
      workspace.model,
      '--data',
      workspace.data,
      ...['--sample-prompt', PROMPT],
      ...FLAGS,
      ...flags,
    );
    expect(plan).toMatchObject({ ...figures.estimate });
    for (const name of ['steps', 'rows', 'tokens', 'trainableParameters', 'workingBytes'] as const)
      expect(plan[name], name).toBe(figures[name]);
  });

  it('has the same figures where it is proposed', async () => {
    const { name: _, ...asked } = requestFor(settings);
    const { methods } = await client.api.plan.propose(asked);
    const { price, runSettings } = methods.find((each) => each.method === method)!.planned!;
    const again = await client.api.plan.figures({ ...requestFor({}), settings: runSettings });
    expect(price.peakBytes).toEqual(again.estimate.neededBytes);
    expect(price.totalSeconds).toEqual(again.estimate.totalSeconds);
  });

  it('has the same figures where the chosen method is answered before the others', async () => {
    const { name: _, ...asked } = requestFor(settings);
    const { methods } = await client.api.plan.propose(asked);
    const { whys: ___, ...beside } = methods.find((each) => each.method === method)!.planned!;
    const first = await client.api.plan.chosen({ ...asked, method });
    expect(first.planned).toMatchObject(beside);
    expect(first.figures.estimate.neededBytes).toEqual(beside.price.peakBytes);
    expect(first.figures.estimate.totalSeconds).toEqual(beside.price.totalSeconds);
  });

  it('has them in what the history keeps as predicted, once it has been trained', async () => {
    const { runId } = await client.api.jobs.train({ request: requestFor(settings) });
    for await (const { event } of await client.api.runs.events({ id: runId, after: 0 })) {
      if (event.event === 'error') throw new Error(event.message);
      if (event.event === 'done') break;
    }
    const { done } = await client.api.runs.get({ id: runId });
    const store = await openStore();
    const grounds = readGrounds(store).of('ort');
    store.close();
    const before = { ...grounds, residuals: { memory: [], step: [] } };
    expect(estimate(done!.price!, before)).toEqual(estimate(figures as never, before));
  });
});

describe('the rows of a run', () => {
  it('are split and as long in the data step as in the plan that follows', async () => {
    const { name: _, settings: __, ...asked } = requestFor({});
    const { rows } = await client.api.data.look(asked.data);
    const split = await client.api.data.split({ rows });
    const { planned, figures } = await client.api.plan.chosen({ ...asked, method: 'lora' });
    expect(split).toEqual({
      heldOut: planned.settings.heldOut,
      training: figures.rows,
      test: figures.heldOutRows,
    });
    expect(split).toMatchObject({ training: 48, test: 12 });
    expect(figures.testRowsWarning).toBe('Only 12 test rows: the verdict will be uncertain.');
    const half = await client.api.plan.figures(requestFor({ heldOut: 0.43 }));
    const again = await client.api.data.split({ rows, heldOut: 0.43 });
    expect([again.training, again.test]).toEqual([half.rows, half.heldOutRows]);
    const { lengths } = await client.api.plan.propose(asked);
    for await (const step of await client.api.data.check({ data: asked.data, modelId: asked.modelId }))
      if (step.kind === 'report') expect(step.report.lengths).toMatchObject({ most: lengths?.longest });
    expect(lengths!.longest).toBeLessThan(planned.settings.maxLength);
  });
});
