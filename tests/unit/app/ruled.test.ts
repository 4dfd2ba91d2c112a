/** What a training at a terminal is left to choose: the values of the plan's rules, and never one that a person has named. */
import { describe, expect, it } from 'vitest';
import type { RowFacts } from '../../../common/protocol/protocol.ts';
import { PLANNED_REPLAY } from '../../../common/settings/forgetting.ts';
import { nestedSettings } from '../../../common/settings/form.ts';
import { ruledFor } from '../../../main/app/ruled.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { defaultsFor } from '../../../main/plan/defaults.ts';
import { profileOf, situationOf } from '../../helpers/fake-price.ts';

const FILES = { model: 'm', data: 'd', out: 'o' };
const LENGTHS = Array.from({ length: 360 }, (_, i) => 40 + (i % 20));
const FACTS: RowFacts = {
  ...{ parameters: 134_515_008, task: 'label', rows: 324, heldOutRows: 36 },
  ...{ tokens: 17_000, labelledTokens: 3_000, contextLength: 8192, lengths: profileOf(LENGTHS) },
};

const ruled = (named: Record<string, unknown>, facts = FACTS) =>
  ruledFor(parseRunConfig({ ...FILES, ...named }), named, { sampleRows: async () => facts });

describe('what the rules choose for a training at a terminal', () => {
  it('is what the plan chooses for the same model and rows', async () => {
    const { settings } = defaultsFor(
      'lora',
      situationOf({
        model: { parameters: FACTS.parameters, contextLength: 8192 },
        ...{ rows: 360, profile: FACTS.lengths!, task: 'label' },
      }),
      { name: 'ort', freeBytes: 16e9 },
    );
    const { learningRate, epochs, rank, maxLength, tokensPerMicroBatch, gradientAccumulation } = settings;
    expect(await ruled({})).toEqual({
      ...{ learningRate, epochs, 'lora.rank': rank, maxLength, tokensPerMicroBatch, gradientAccumulation },
      ...{ weightDecay: settings.weightDecay, warmupRatio: settings.warmupRatio },
      ...{ replay: settings.replay, shareBeginnings: true },
    });
    expect(settings.replay).toBe(PLANNED_REPLAY);
    expect(learningRate).toBe(2e-3);
    expect(tokensPerMicroBatch * gradientAccumulation).toBe(256);
  });

  it('mixes general rows in where answers have a fixed form and much would be forgotten, and nowhere else', async () => {
    for (const task of ['label', 'json'] as const)
      expect(await ruled({}, { ...FACTS, task })).toHaveProperty('replay', PLANNED_REPLAY);
    for (const other of [{ task: 'free' }, { task: 'calls' }, { parameters: 7e9 }] as const)
      expect(await ruled({}, { ...FACTS, ...other })).toHaveProperty('replay', 0);
    for (const objective of ['dpo', 'sort']) expect(await ruled({ objective })).toHaveProperty('replay', 0);
    const few = { ...FACTS, rows: 40, heldOutRows: 4 };
    expect(await ruled({}, few)).toHaveProperty('replay', 0);
    expect(await ruled({}, { ...few, task: 'json' })).toHaveProperty('replay', PLANNED_REPLAY);
    expect(await ruled({ maxSteps: 2 })).toHaveProperty('replay', 0);
    expect(await ruled({ replay: 0.3 })).not.toHaveProperty('replay');
  });

  it('keeps what frozen layers put out where layers are named', async () => {
    const layers = { lora: { layers: 'last-8' } };
    expect(await ruled(layers)).toHaveProperty('keepActivations', true);
    expect(await ruled({ ...layers, keepActivations: false })).not.toHaveProperty('keepActivations');
    expect(await ruled({ ...layers, method: 'full' })).not.toHaveProperty('keepActivations');
  });

  it('is a rate of its own where answers are preferred to others', async () => {
    expect(await ruled({ objective: 'dpo' })).toMatchObject({ learningRate: 5e-5 });
    expect(await ruled({ objective: 'dpo', method: 'full' })).toMatchObject({ learningRate: 2.5e-6 });
  });

  it('is a look at three rates on models and rows of which no rate was measured, and never over a named rate', async () => {
    const many = { ...FACTS, lengths: profileOf(Array.from({ length: 3000 }, () => 60)), rows: 2700 };
    const facts = (change: Partial<RowFacts>): RowFacts => ({ ...many, family: 'llama', ...change });
    expect(await ruled({}, facts({}))).not.toHaveProperty('look');
    for (const task of ['json', 'calls'] as const)
      expect(await ruled({}, facts({ task }))).not.toHaveProperty('look');
    expect(await ruled({ method: 'full' }, facts({ parameters: 4e6, task: 'free' }))).not.toHaveProperty(
      'look',
    );
    for (const unsure of [{ family: 'gpt2' }, { task: 'free' as const }, { parameters: 1.2e9 }])
      expect(await ruled({}, facts(unsure)), JSON.stringify(unsure)).toHaveProperty('look', true);
    expect(await ruled({ method: 'full' }, facts({}))).toHaveProperty('look', true);
    const other = facts({ task: 'free' });
    expect(await ruled({ learningRate: 1e-4 }, other)).not.toHaveProperty('look');
    expect(await ruled({ look: false }, other)).not.toHaveProperty('look');
    expect(await ruled({ objective: 'dpo' }, other)).not.toHaveProperty('look');
    // too short for one
    const few = { lengths: profileOf(LENGTHS.slice(0, 100)), rows: 90, heldOutRows: 10 };
    expect(await ruled({}, facts({ family: 'gpt2', ...few }))).not.toHaveProperty('look');
  });

  it('leaves out what is named, and what says the same in another way', async () => {
    const some = await ruled({ learningRate: 3e-4, lora: { rank: 4 }, maxSteps: 9, warmupSteps: 2 });
    for (const name of ['learningRate', 'lora.rank', 'epochs', 'warmupRatio'])
      expect(some).not.toHaveProperty(name);
    expect(some).toHaveProperty('weightDecay', 0);
  });

  it('computes what rows begin with once, also where flags name all else, and looks at no row for it', async () => {
    const flags = {
      ...{ learningRate: 1e-4, epochs: 1, lora: { rank: 4 }, maxLength: 256, tokensPerMicroBatch: 256 },
      ...{ gradientAccumulation: 1, weightDecay: 0, warmupSteps: 0, replay: 0 },
    };
    const engine = { sampleRows: () => Promise.reject(new Error('looked')) };
    const chosen = (named: Record<string, unknown>) =>
      ruledFor(parseRunConfig({ ...FILES, ...named }), named, engine);
    expect(await chosen(flags)).toEqual({ shareBeginnings: true });
    expect(await chosen({ ...flags, shareBeginnings: false })).toEqual({});
  });

  it('looks at no row where everything is named, as by the file of a whole run', async () => {
    const { lora, ...others } = parseRunConfig(FILES);
    const engine = { sampleRows: () => Promise.reject(new Error('looked')) };
    const whole = { ...others, lora };
    expect(await ruledFor(parseRunConfig(whole), whole, engine)).toEqual({});
    const full = parseRunConfig({ ...FILES, method: 'full' });
    expect(await ruledFor(full, { ...full, lora: undefined }, engine)).toEqual({});
    await expect(ruledFor(parseRunConfig(FILES), {}, engine)).rejects.toThrow('looked');
  });

  it('takes no longer rows than a run takes anyway, and none that don’t fit into named micro-batches', async () => {
    const long = { ...FACTS, lengths: profileOf(LENGTHS.map((length) => 60 * length)) };
    expect(await ruled({}, long)).toMatchObject({ maxLength: 1024, tokensPerMicroBatch: 1024 });
    const small = await ruled({ tokensPerMicroBatch: 128 }, long);
    expect(small.maxLength).toBe(128);
    const parsed = parseRunConfig({
      ...FILES,
      tokensPerMicroBatch: 128,
      ...(nestedSettings(small) as object),
    });
    expect(parsed.maxLength).toBe(128);
  });
});
