/** What is counted around the price of a step: micro-batches of a step, evaluations, what is written, and programs that map the weights. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Work } from '../../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import {
  type AbilityBlock,
  abilityItems,
  fewerBlocks,
} from '../../../../main/engine/eval/assess/abilities.ts';
import { abilityTokens } from '../../../../main/engine/eval/assess/ask-abilities.ts';
import { generalMaterial } from '../../../../main/engine/eval/assess/general-quiz.ts';
import { ABILITY_TOKENS, tokenizerBytes } from '../../../../main/engine/pricing/run-price.ts';
import { livePlanner } from '../../../../main/engine/session/planner/planner.ts';
import { temporaryFolder, tinyRows, writeRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
let files: { model: string; data: string; out: string };

beforeAll(async () => {
  files = {
    model: await writeTinyModel(path.join(folder, 'model')),
    data: writeRows(path.join(folder, 'rows.jsonl'), tinyRows(40)),
    out: path.join(folder, 'run'),
  };
});
afterAll(remove);

const priced = (settings: Readonly<Record<string, unknown>>) => {
  const common = { method: 'lora', threads: 1, maxLength: 128, tokensPerMicroBatch: 128, assess: false };
  const config = parseRunConfig({ ...files, ...common, epochs: 1, ...settings });
  return livePlanner.plan(config, { emit: () => {}, stop: new AbortController().signal });
};

it('counts what a tokenizer takes beyond a usual one', () => {
  expect(tokenizerBytes(4096)).toBe(0);
  expect(tokenizerBytes(49_152)).toBe(0);
  expect(tokenizerBytes(262_144) / 1e6).toBeCloseTo(121, 0);
});

it('counts the questions by ability in what a comparison takes', async () => {
  const { abilities } = await generalMaterial('no model');
  const tokens = (blocks: readonly AbilityBlock[]) => abilityTokens(abilityItems(blocks));
  expect(tokens(fewerBlocks(abilities)) / ABILITY_TOKENS.quick).toBeCloseTo(1, 1);
  expect(tokens(abilities) / ABILITY_TOKENS.all).toBeCloseTo(1, 1);
  const assess = { assess: true, heldOut: 10 };
  const [adapter, whole] = [await priced(assess), await priced({ ...assess, method: 'full' })];
  const [least, most] = adapter.work.assessmentTokens!;
  expect(least).toBeGreaterThan(2 * ABILITY_TOKENS.quick);
  expect(most - least).toBeGreaterThan(2 * (ABILITY_TOKENS.all - ABILITY_TOKENS.quick));
  // test rows are measured by a run of whole weights, and told by one of adapters
  expect(whole.work.assessmentTokens![0]).toBeGreaterThan(least);
});

describe('the price of a run', () => {
  it('has a step of no more micro-batches than the epoch has', async () => {
    const { steps: batches } = await priced({});
    expect(batches).toBeGreaterThan(5);
    expect((await priced({ gradientAccumulation: 3 })).work.batchesPerStep).toBe(3);
    const whole = await priced({ gradientAccumulation: 1000 });
    expect([whole.steps, whole.work.batchesPerStep]).toEqual([1, batches]);
  });

  it('has frozen layers compute once where what they put out is kept', async () => {
    const settings = { epochs: 4, heldOut: 0.2, lora: { layers: 'last-1' } };
    const [own, kept] = [await priced(settings), await priced({ ...settings, keepActivations: true })];
    const { frozen, gradient, evaluation } = kept.work;
    const products = (work: Work) => work.products.reduce((sum, { count }) => sum + count, 0);
    expect(products(gradient) + products(frozen!.training)).toBe(products(own.work.gradient));
    expect(products(evaluation!) + products(frozen!.evaluation!)).toBe(products(own.work.evaluation!));
    expect(products(frozen!.training)).toBeGreaterThan(5);
    expect(frozen!.batches).toBe(kept.steps / 4);
    // a row has up to 128 tokens of 2 bytes for each hidden value
    expect(frozen!.bytes).toBeGreaterThan(40 * 10 * 2 * 32);
    expect(kept.weightBytes).toBe(own.weightBytes);
    expect(own.work).not.toHaveProperty('frozen');
    // a single pass reads nothing back, and with all layers there is nothing to keep
    for (const change of [{ epochs: 1 }, { lora: {} }])
      expect((await priced({ ...settings, keepActivations: true, ...change })).work).not.toHaveProperty(
        'frozen',
      );
  });

  it('counts the evaluation before the first step and that at the end', async () => {
    const settings = { epochs: undefined, maxSteps: 10, evalEvery: 4, heldOut: 0.2 };
    // before, after 4, after 8, and after the last
    expect((await priced(settings)).work.evaluations).toBe(4);
    expect((await priced({ ...settings, heldOut: 0 })).work.evaluations).toBe(0);
  });

  it('writes the state, the best weights at each evaluation, and the result', async () => {
    const settings = { epochs: undefined, maxSteps: 10, evalEvery: 4, heldOut: 0.2 };
    const { trainableParameters: trained, work } = await priced({ ...settings, keepBest: false });
    // float32 weights and two moments; the result once more
    expect(work.checkpoints?.bytes).toBe(12 * trained);
    expect(work.writtenBytes).toBe(16 * trained);
    expect((await priced({ ...settings, keepBest: true })).work.writtenBytes).toBe((16 + 4 * 4) * trained);
  });

  it('maps the weights for training, for evaluation, and for answers to prompts', async () => {
    const mappings = async (settings: Readonly<Record<string, unknown>>) =>
      (await priced(settings)).memory.mappings;
    expect(await mappings({ heldOut: 0 })).toBe(1);
    expect(await mappings({ heldOut: 0.2 })).toBe(2);
    expect(await mappings({ heldOut: 0.2, samplePrompts: ['What does the cat say?'] })).toBe(3);
  });
});
