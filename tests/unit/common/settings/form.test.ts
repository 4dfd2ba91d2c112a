/** Settings of a run as the application shows them: no word of the command line, and no number that is hard to read. */
import { describe, expect, it } from 'vitest';
import * as extraSettings from '../../../../common/extras/settings.ts';
import {
  applies,
  rangeWords,
  settingAbout,
  settingDefault,
  settingInfos,
  settingName,
  valueWords,
} from '../../../../common/settings/form.ts';
import { rateText } from '../../../../common/words/format.ts';

const infos = settingInfos().filter(({ name }) => name !== 'method');

describe('what is said of each setting', () => {
  it.each(infos.map((info) => [info.name, info] as const))('%s', (name, info) => {
    const said = [
      settingAbout(info),
      settingDefault(info),
      rangeWords(info),
      ...info.choices.map((choice) => valueWords(name, choice)),
    ];
    for (const words of said) {
      expect(words).not.toMatch(
        /\b(q?lora|int|nf4|adamw|float\d+|[fb]f?\d\d|maxSteps|[a-z]+[A-Z]\w*)\b(?!_)/,
      );
      expect(words).not.toMatch(/--|`|\de\+/);
      // what a block and a layer are would be another question
      expect(words).not.toMatch(/\bblocks?\b/);
    }
    expect(settingAbout(info)).toMatch(/^\S.*[^.]$/);
    expect(settingName(name)).toMatch(/^[A-Z]/);
  });
});

describe('what applies', () => {
  const hidden = (run: Readonly<Record<string, unknown>>) =>
    infos.map(({ name }) => name).filter((name) => !(name in extraSettings) && !applies(name, run));
  const PREFERENCES = ['beta', 'labelSmoothing', 'targetMargin', 'sftWeight', 'goodWeight', 'badWeight'];

  it('leaves out of LoRA what only QLoRA, full fine-tuning and preferences have', () => {
    expect(hidden({ method: 'lora' }).sort()).toEqual(
      [...PREFERENCES, 'keepActivations', 'quant', 'doubleQuant', 'masterBits'].sort(),
    );
    // without a choice of layers none is frozen
    expect(hidden({ method: 'lora', lora: { layers: 'last-8' } })).not.toContain('keepActivations');
  });

  it('shows QLoRA its quantisation, and the format only of 4 bits', () => {
    expect(hidden({ method: 'qlora' }).sort()).toEqual(
      [...PREFERENCES, 'keepActivations', 'masterBits'].sort(),
    );
    expect(hidden({ method: 'qlora', bits: 8 })).toContain('quant');
    expect(hidden({ method: 'qlora', bits: 8 })).not.toContain('doubleQuant');
  });

  it('shows full fine-tuning nothing of adapters and of frozen weights', () => {
    const adapters = infos.map(({ name }) => name).filter((name) => name.startsWith('lora.'));
    expect(hidden({ method: 'full' }).sort()).toEqual(
      [...PREFERENCES, ...adapters, 'keepActivations', 'bits', 'quant', 'doubleQuant'].sort(),
    );
  });

  it('shows of preferences what the objective knows', () => {
    const shown = (objective: string) =>
      PREFERENCES.filter((name) => applies(name, { method: 'lora', objective }));
    expect(shown('dpo')).toEqual(['beta', 'labelSmoothing', 'sftWeight']);
    expect(shown('simpo')).toEqual(['beta', 'targetMargin', 'sftWeight']);
    expect(shown('kto')).toEqual(['beta', 'goodWeight', 'badWeight']);
    // both would be refused beside it
    expect(hidden({ method: 'lora', objective: 'dpo' })).toEqual(
      expect.arrayContaining(['replay', 'lora.dropout']),
    );
  });

  it('has no bits to choose for frozen weights that are multiplied in 8', () => {
    expect(applies('bits', { method: 'lora', precision: 'int8' })).toBe(false);
    expect(applies('bits', { method: 'lora', precision: 'f32' })).toBe(true);
  });
});

describe('ranges', () => {
  const range = (min: number | null, max: number | null) => rangeWords({ kind: 'number', min, max });

  it('are written as people write numbers', () => {
    expect(range(0.001, 100_000)).toBe('0.001 to 100,000');
    expect(range(1e-12, 10)).toBe('above 0, at most 10');
    expect(range(1e-20, null)).toBe('above 0');
    expect(range(1, 1e9)).toBe('at least 1');
    expect(range(null, null)).toBe('');
    expect(rangeWords({ kind: 'choice', min: 1, max: 2 })).toBe('');
  });
});

describe('values', () => {
  it('are words where the engine has a code', () => {
    expect(valueWords('quant', 'int')).toBe('evenly spaced');
    expect(valueWords('recompute', 'third')).toBe('every third layer');
    expect(valueWords('packing', true)).toBe('on');
    expect(valueWords('lora.rank', 16)).toBe('16');
    expect(settingDefault({ name: 'precision', fallback: 'auto' })).toBe('automatic');
  });

  it('that are rates are written in one way', () => {
    expect([2e-4, 1e-3, 2e-3, 0.01, 0, 2.5e-5].map(rateText)).toEqual(
      ['2e-4', '1e-3', '2e-3', '0.01', '0', '2.5e-5'], //
    );
    expect(valueWords('learningRate', 2e-4)).toBe('2e-4');
  });
});
