/** One case, one figure: what the plan, the lessons and `fettle learn` say of the same run is the same number to the last digit. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../main/engine/models/config-reader.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { configOf, shapeOf } from '../../../main/plan/shapes.ts';
import type { WebApp } from '../../../main/serve/start.ts';
import { writeHollowModel } from '../../bench/hollow-model.ts';
import { fettle } from '../../helpers/fettle.ts';
import { openMeasuredApp } from '../../helpers/measured-app.ts';
import type { WebClient } from '../../helpers/web-client.ts';
import { openWorkspace, type Workspace } from '../../integration/workspace.ts';

let workspace: Workspace;
let app: WebApp;
let client: WebClient;
let modelId: string;
beforeAll(async () => {
  workspace = await openWorkspace();
  ({ app, client } = await openMeasuredApp({
    ...{ processor: 'One core', flops: 2e10, threads: 1, settings: { watts: 90, pricePerKwh: 0.3 } },
  }));
  await client.api.files.open({ what: 'data', paths: [workspace.at()] });
  await client.api.models.add({ path: workspace.model });
  modelId = (await client.api.models.list()).find(({ source }) => source === 'folder')!.id;
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

const MISTRAL = 'mistralai/Mistral-7B-v0.3';
const BLOCK = ['--recompute', 'block'];

describe('the lessons', () => {
  it.each([
    [{ method: 'lora', format: 'fp32' }, ['--method', 'lora']],
    [
      { method: 'lora', format: 'fp16', recompute: 'selective' },
      ['--bits', '16', '--recompute', 'attention'],
    ],
    [
      { method: 'qlora', format: 'int8', recompute: 'full' },
      // the lesson’s 8 bits are blocks that are unpacked, whatever this processor is quick at
      ['--method', 'qlora', '--bits', '8', '--precision', 'f32', ...BLOCK],
    ],
    [{ method: 'full', format: 'fp32', recompute: 'full' }, ['--method', 'full', ...BLOCK]],
    [
      { method: 'full', format: 'bf16', optimizer: 'adamw-8bit' },
      ['--method', 'full', '--master-bits', '16', '--optimizer', 'adamw-8bit'],
    ],
  ] as const)('have the plan’s figure for %o of a model that is here', async (given, flags) => {
    const asked = { repo: 'fettle/practice-model', ...given, rank: 8, batch: 4, length: 128 } as const;
    const { graph } = await client.api.learn.memory({ ...asked, graph: true });
    const rank = given.method === 'full' ? [] : ['--rank', '8'];
    const plan = await printed(
      ...['plan', '--model', path.join(resourcesFolder(), 'practice-model')],
      ...['--data', path.join(resourcesFolder(), 'samples', 'continued-text.md'), ...flags, ...rank],
      ...['--max-length', '128', '--tokens-per-micro-batch', '512', '--train-on', 'all', '--held-out', '0'],
      ...['--gradient-accumulation', '1'],
    );
    expect(graph?.totalBytes).toBe(plan.neededBytes.value);
    expect(graph?.trainableParameters).toBe(plan.trainableParameters);
  });

  it.each([
    ['that is here', ['--model', 'fettle/practice-model'], { repo: 'fettle/practice-model' }],
    ['that is not here', ['--model', 'Qwen/Qwen3-0.6B'], { repo: 'Qwen/Qwen3-0.6B' }],
    ['of which only the size is known', ['--parameters', '7B'], { parameters: 7e9 }],
  ])('have the graph of `fettle learn memory` for a model %s', async (_, flags, given) => {
    const lesson = await client.api.learn.memory({ ...given, batch: 2, length: 256, graph: true });
    const { graph } = await printed(
      'learn',
      'memory',
      ...flags,
      '--batch',
      '2',
      '--length',
      '256',
      '--graph',
    );
    expect(graph).toEqual(lesson.graph);
    expect(graph.rows).toBe(2);
  });

  it('have the figures of `fettle learn memory`, part by part', async () => {
    const { textbook } = await client.api.learn.memory({
      ...{ repo: 'Qwen/Qwen2.5-1.5B', method: 'qlora', format: 'int4', optimizer: 'adamw-8bit' },
      ...{ batch: 2, length: 512, recompute: 'selective', rank: 8 },
    });
    const flags = ['--optimizer', 'adamw-8bit', '--batch', '2', '--length', '512', '--rank', '8'];
    const model = ['--model', 'Qwen/Qwen2.5-1.5B', '--method', 'qlora', '--recompute', 'selective'];
    expect(await printed('learn', 'memory', ...model, ...flags)).toEqual(textbook);
  });

  it('have the figures of `fettle learn time`, and the plan those of its cards', async () => {
    const asked = { parameters: 3e9, method: 'lora', rows: 500, prices: { l4: 0.65 }, watts: 70 } as const;
    const { here, ...answer } = await client.api.learn.time(asked);
    const flags = ['--parameters', '3B', '--method', 'lora', '--rows', '500'];
    const prices = ['--price', 'l4=0.65', '--watts', '70'];
    expect(await printed('learn', 'time', ...flags, ...prices)).toEqual({ ...answer, here });
    await client.api.settings.set({ cardPrices: { 'a100-80': 2.5 } });
    const kept = await client.api.learn.time({ ...asked, prices: { 'a100-80': 2.5, l4: 0.65 } });
    expect(await printed('learn', 'time', ...flags, ...prices)).toEqual(kept);
    expect(here?.seconds).toBe(answer.flops / 2e10);
    expect(here?.kwh).toBe((70 * here!.seconds) / 3.6e6);
    const { ifYouHad } = (
      await client.api.plan.figures({
        ...{ name: 'Animals', modelId, data: { paths: [workspace.data] }, prompts: [] },
        settings: { maxLength: 64, epochs: 2, assess: false, threads: 1 },
      })
    ).estimate;
    expect(ifYouHad.map(({ assumedPrice }) => assumedPrice)).toEqual([false, true]);
    for (const card of ifYouHad) {
      const lesson = answer.machines.find(({ id }) => id === card.id)!;
      // of so small a model the lesson tells the operations alone, and the plan that the card waits for them
      const byRate = (card.operations * lesson.seconds) / answer.flops;
      expect([card.waits, card.seconds.value > byRate]).toEqual([true, true]);
      expect(card.pricePerHour).toBe(kept.machines.find(({ id }) => id === card.id)!.pricePerHour);
    }
  });

  it('say of all weights of Mistral 7B that they fit a card in 16 bits, as the plan does, though not in the 32 of here', async () => {
    const config = configOf(shapeOf(MISTRAL)!) as JsonObject;
    const folder = writeHollowModel(workspace.at('mistral'), config);
    const flags = ['--method', 'full', '--max-length', '512', '--no-assess', '--held-out', '0'];
    const plan = await printed('plan', '--model', folder, '--data', workspace.data, ...flags);
    const asked = ['--model', MISTRAL, '--method', 'full', '--tokens-per-row', String(plan.rowLength)];
    const { machines, neededBytes } = await printed('learn', 'time', ...asked);
    expect(plan.neededBytes.value).toBeGreaterThan(1.9 * neededBytes);
    expect(plan.ifYouHad).toHaveLength(2);
    for (const card of plan.ifYouHad) {
      const lesson = machines.find(({ id }: { id: string }) => id === card.id);
      expect([card.fits, card.neededBytes]).toEqual([lesson.fits, neededBytes]);
      expect(card.fits).toBe(true);
    }
  });
});
