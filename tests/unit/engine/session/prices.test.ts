import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PriceCase } from '../../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import { livePlanner, pricesOf } from '../../../../main/engine/session/planner/planner.ts';

import { TINY, TINY_GPT2 } from '../../../helpers/graphs.ts';
import { temporaryFolder, writeRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

const on = new AbortController().signal;
const rows = { count: 1000, tokens: 300, labelled: 100 };
const lora = { method: 'lora', lora: { rank: 4 }, epochs: 1, threads: 1 };

let folder: ReturnType<typeof temporaryFolder>;
let model: string;
beforeAll(async () => {
  folder = temporaryFolder();
  model = await writeTinyModel(path.join(folder.folder, 'model'));
});
afterAll(() => folder.remove());

describe('prices of runs without rows', () => {
  it('come in the order of the cases, for configurations and for models that are here', async () => {
    const cases: PriceCase[] = [
      { model: { config: TINY }, settings: lora, rows },
      { model: { config: TINY_GPT2 }, settings: { ...lora, method: 'full' }, rows },
      { model: { path: model }, settings: lora, rows },
    ];
    const prices = await pricesOf(cases, on);
    // 900 rows: three to a packed row of 1,024 tokens; cut at 64 tokens, sixteen at once; cut at 256, four
    expect(prices.map((price) => price?.steps)).toEqual([300, 57, 225]);
    expect(prices[0]).toMatchObject({ executor: 'ort', threads: 1 });
    expect(prices[1]!.trainableParameters).toBe(prices[1]!.parameters);
    expect(prices[2]!.trainableParameters).toBeLessThan(prices[2]!.parameters);
  });

  it('are those of a plan whose rows are as many and as long', async () => {
    // 45 tokens with marks of turns: the prompt has six characters, so that each row is another one
    const data = path.join(folder.folder, 'rows.jsonl');
    const contents = Array.from({ length: 200 }, (_, i) => ({
      messages: [
        { role: 'user', content: String(100_000 + i) },
        { role: 'assistant', content: 'meow' },
      ],
    }));
    writeRows(data, contents);
    const config = parseRunConfig({ ...lora, model, data, out: path.join(folder.folder, 'run') });
    const { lengths: _, ...plan } = await livePlanner.plan(config, { emit: () => {}, stop: on });
    const like = {
      count: 200,
      tokens: plan.tokens / plan.rows,
      labelled: plan.labelledTokens / plan.rows,
    };
    const [price] = await pricesOf([{ model: { path: model }, settings: lora, rows: like }], on);
    expect(plan).toMatchObject(price!);
  });

  it('are null for models that cannot be read', async () => {
    const cases: PriceCase[] = [
      { model: { config: { model_type: 'bert' } }, settings: lora, rows },
      { model: { path: path.join(folder.folder, 'nowhere') }, settings: lora, rows },
    ];
    expect(await pricesOf(cases, on)).toEqual([null, null]);
  });

  it('end when they are cancelled', async () => {
    await expect(
      pricesOf([{ model: { config: TINY }, settings: lora, rows }], AbortSignal.abort()),
    ).rejects.toThrow();
  });
});
