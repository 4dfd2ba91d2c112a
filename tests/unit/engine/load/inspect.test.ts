/** What `fettle inspect --rounding` tells is how far the weights of a run really are from the model's. */
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { roundingLines } from '../../../../main/cli/inspect.ts';
import { inspectModel } from '../../../../main/engine/load/inspect.ts';
import { openModel } from '../../../../main/engine/load/open-model.ts';
import { quantiseRows } from '../../../../main/engine/load/quantise-rows.ts';
import { prepareWeights } from '../../../../main/engine/load/weights.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../../../helpers/tiny-encoder.ts';
import { temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';
import { unpacked } from '../../../helpers/unpacked.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const EIGHT = { type: 'int8', block: 32, isDouble: true } as const;

it('tells the relative error of each matrix, and nothing unless it is asked', async () => {
  const where = await writeTinyModel(path.join(folder, 'model'));
  expect((await inspectModel(where)).rounding).toBeUndefined();
  const rounding = (await inspectModel(where, true)).rounding!;
  const opened = await openModel(where);
  const weights = await prepareWeights(opened, path.join(folder, 'cache'));
  const name = [...opened.outline.linears.keys()]
    .map((module) => `${module}.weight`)
    .find((one) => rounding.some((row) => row.name === one))!;
  const exact = await weights.read(name);
  await opened.store.close();
  const { columns, format } = { columns: opened.outline.parameters.get(name)!.shape[1]!, format: EIGHT };
  const found = unpacked(quantiseRows(exact, columns, format), columns, format);
  let [error, all] = [0, 0];
  exact.forEach((value, i) => {
    error += (value - found[i]!) ** 2;
    all += value ** 2;
  });
  const row = rounding.find((one) => one.name === name)!;
  expect(row.weights).toBe(exact.length);
  expect(row.bits8).toBeCloseTo(Math.sqrt(error / all), 6);
  expect(row.bits4!).toBeGreaterThan(10 * row.bits8);
  expect(row.bits4!).toBeLessThan(0.12);
  expect(row.nf4!).toBeGreaterThan(row.bits4!);
  expect(row.nf4!).toBeLessThan(0.12);
});

it('is shown layer by layer, with the matrix that moves most', () => {
  const one = (name: string, bits8: number, bits4: number | null, nf4 = bits4) => ({
    ...{ name, weights: 100, bits8, bits4, nf4 },
  });
  const lines = roundingLines([
    one('model.embed_tokens.weight', 0.004, null),
    one('model.layers.0.self_attn.q_proj.weight', 0.003, 0.06, 0.07),
    one('model.layers.0.mlp.up_proj.weight', 0.004, 0.08, 0.09),
    one('model.layers.1.mlp.up_proj.weight', 0, 0),
  ]);
  expect(lines[1]).toMatch(/^model\.embed_tokens +0\.40% *$/);
  expect(lines[2]).toMatch(/^model\.layers\.0 +0\.35% +7\.07% +8\.06% +mlp\.up_proj 8\.00%$/);
  expect(lines[3]).toMatch(/^model\.layers\.1 +0 +0 +0/);
});

it('tells of an encoder how it makes a vector of a text', async () => {
  const where = await writeTinyEncoder(path.join(folder, 'encoder'), 'xlm_roberta', {
    'modules.json': SENTENCE_MODULES,
    '1_Pooling/config.json': { pooling_mode_cls_token: true },
    'sentence_bert_config.json': { max_seq_length: 100 },
  });
  const { reads, family, config, tokenizer, template } = await inspectModel(where);
  expect({ reads, family, template }).toEqual({ reads: true, family: 'xlm-roberta', template: null });
  expect(config).toMatchObject({ layers: 2, pooling: 'cls', 'vectors of length one': true });
  expect([config['longest text (tokens)'], config['put before a text']]).toEqual([100, null]);
  expect(tokenizer!.vocabSize).toBeGreaterThan(1000);
});
