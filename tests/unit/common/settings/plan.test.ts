/** Which settings of the plan are a choice of a few, where, and what choosing sets. */
import { describe, expect, it } from 'vitest';
import type { PlanField, PlanSettings } from '../../../../common/api/contract.ts';
import { choiceOf, hasField } from '../../../../common/settings/plan.ts';

const qlora = {
  ...{ method: 'qlora', device: 'cpu', executor: 'ort', rank: 16, recompute: 'none', optimizer: 'adamw' },
  ...{ bits: 4, quant: 'int', precision: 'f32', masterBits: null },
} as PlanSettings;
const full = { ...qlora, method: 'full', rank: null, bits: null, quant: null } as PlanSettings;
const values = (field: PlanField, settings: PlanSettings) =>
  choiceOf(field, settings)?.options.map(({ value }) => value) ?? null;

describe('a setting that is one of a few', () => {
  it('is a choice where the run has one', () => {
    expect(values('bits', qlora)).toEqual(['4', '8']);
    expect(values('quant', qlora)).toEqual(['int', 'nf4']);
    expect(values('quant', { ...qlora, bits: 8, quant: null })).toBeNull();
    expect(values('bits', { ...qlora, method: 'lora', bits: 16, quant: null })).toBeNull();
    expect(values('masterBits', full)).toEqual(['32', '16']);
    expect(values('masterBits', qlora)).toBeNull();
    expect(values('recompute', qlora)).toEqual(['none', 'attention', 'third', 'half', 'block']);
    expect(values('learningRate', qlora)).toBeNull();
  });

  it('is offered where the device can: NF4 and weights in 16 bits on the processor, products in 16 bits on WebGPU', () => {
    const card = { ...qlora, device: 'webgpu' } as const;
    expect(values('quant', card)).toBeNull();
    expect([values('optimizer', card), values('optimizer', qlora)]).toEqual([null, ['adamw', 'adamw-8bit']]);
    // what was chosen before the device can be taken back
    expect(values('quant', { ...card, quant: 'nf4' })).toEqual(['int', 'nf4']);
    expect(values('masterBits', { ...full, device: 'webgpu' })).toBeNull();
    expect(values('precision', card)).toEqual(['f32', 'f16']);
    expect(values('precision', qlora)).toBeNull();
    expect(values('precision', { ...qlora, precision: 'f16' })).toEqual(['f32', 'f16']);
    expect([hasField('precision', card), hasField('precision', qlora)]).toEqual([true, false]);
  });

  it('sets numbers as numbers and names as names, and shows what holds', () => {
    expect(choiceOf('bits', qlora)).toMatchObject({ value: '4' });
    expect(choiceOf('bits', qlora)!.setting('8')).toBe(8);
    expect(['8', '4'].map((one) => choiceOf('bits', qlora)!.without(one))).toEqual([['quant'], []]);
    expect(choiceOf('masterBits', full)).toMatchObject({ value: '32' });
    expect(choiceOf('masterBits', full)!.setting('16')).toBe(16);
    expect(choiceOf('quant', qlora)!.setting('nf4')).toBe('nf4');
    expect([
      choiceOf('quant', qlora)!.optionOf('nf4'),
      choiceOf('quant', qlora)!.optionOf(undefined),
    ]).toEqual(['nf4', 'int']);
    for (const field of ['quant', 'precision', 'masterBits', 'bits'] as const)
      expect(
        choiceOf(
          field,
          field === 'masterBits' ? full : { ...qlora, device: field === 'precision' ? 'webgpu' : 'cpu' },
        )!.hint,
      ).toMatch(/\.$/);
  });
});
