/** What `fettle inspect --rounding` tells is how far the weights of a run really are from the model's. */
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { roundingLines } from '../../../../main/cli/rounding-lines.ts';
import { inspectModel } from '../../../../main/engine/load/inspect.ts';
import { openModel } from '../../../../main/engine/load/open-model.ts';
import { roundBlocks } from '../../../../main/engine/load/round-blocks.ts';
import { prepareWeights } from '../../../../main/engine/load/weights.ts';
import { temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

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
  const { codes, scales } = roundBlocks(exact, 8);
  let [error, all] = [0, 0];
  exact.forEach((value, i) => {
    error += (value - codes[i]! * scales[Math.floor(i / 32)]!) ** 2;
    all += value ** 2;
  });
  const row = rounding.find((one) => one.name === name)!;
  expect(row.weights).toBe(exact.length);
  expect(row.bits8).toBeCloseTo(Math.sqrt(error / all), 6);
  expect(row.bits4!).toBeGreaterThan(10 * row.bits8);
  expect(row.bits4!).toBeLessThan(0.12);
});

it('is shown layer by layer, with the matrix that moves most', () => {
  const one = (name: string, bits8: number, bits4: number | null) => ({ name, weights: 100, bits8, bits4 });
  const lines = roundingLines([
    one('model.embed_tokens.weight', 0.004, null),
    one('model.layers.0.self_attn.q_proj.weight', 0.003, 0.06),
    one('model.layers.0.mlp.up_proj.weight', 0.004, 0.08),
    one('model.layers.1.mlp.up_proj.weight', 0, 0),
  ]);
  expect(lines[1]).toMatch(/^model\.embed_tokens +0\.40 % *$/);
  expect(lines[2]).toMatch(/^model\.layers\.0 +0\.35 % +7\.07 % +mlp\.up_proj 8\.00 %$/);
  expect(lines[3]).toMatch(/^model\.layers\.1 +0 +0/);
});
