/** The devices: what settings may ask for is what the code knows, and each that is not there ends in a sentence. */
import { describe, expect, it } from 'vitest';
import { settingOf } from '../../../../common/settings/table.ts';
import { LANGUAGE_CODES, useLanguage } from '../../../../common/words/language.ts';
import { deviceFor, deviceInWords } from '../../../../main/engine/exec/executor.ts';
import { PROVIDED_DEVICES } from '../../../../main/engine/exec/ort/providers.ts';
import { DEVICES, openExecutor } from '../../../../main/engine/exec/registry.ts';

const { type } = settingOf('device')!;
const CHOICES = 'choices' in type ? type.choices : [];

describe('devices', () => {
  it('are those of the table, each with a provider', () => {
    const ofOrt = DEVICES.filter(({ executor }) => executor === 'ort').map(({ device }) => device);
    expect(ofOrt).toEqual(PROVIDED_DEVICES);
    expect(CHOICES).toEqual(expect.arrayContaining([...ofOrt, 'auto']));
  });

  it('are the processor where nobody has chosen', async () => {
    expect(deviceFor('auto')).toBe('cpu');
    expect((await openExecutor('ort', { threads: 1 })).device).toBe('cpu');
    expect((await openExecutor('ort', { threads: 1, device: 'auto' })).device).toBe('cpu');
  });

  it('are all that settings name', () => {
    expect(CHOICES.filter((choice) => choice !== 'auto').sort()).toEqual([...PROVIDED_DEVICES].sort());
  });

  it.each(['reference', 'openvino', 'ggml'] as const)(
    'other than the processor are not for %s',
    async (name) => {
      await expect(openExecutor(name, { threads: 1, device: 'webgpu' })).rejects.toMatchObject({
        code: 'device-missing',
        message: expect.stringContaining(`${name} computes on the processor`),
      });
    },
  );

  it('have words', () => {
    expect(deviceInWords('cpu', 1)).toBe('CPU, 1 thread');
    expect(deviceInWords('cpu', 8)).toBe('CPU, 8 threads');
    expect(deviceInWords('webgpu', 8)).toBe('Graphics card (WebGPU)');
  });

  it('have words in each language, by which a rescue still knows the processor', async () => {
    for (const code of LANGUAGE_CODES) {
      await useLanguage(code);
      expect(deviceInWords('cpu', 8)).toMatch(/^CPU\p{P}.*8/u);
      expect(deviceInWords('webgpu', 8) === 'Graphics card (WebGPU)').toBe(code === 'en');
    }
    await useLanguage('en');
  });
});
