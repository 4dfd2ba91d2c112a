/** The devices: what settings may ask for is what the code knows, and each that is not there ends in a sentence. */
import { describe, expect, it } from 'vitest';
import { RunFields } from '../../../../main/engine/config/schemas.ts';
import { type DeviceName, deviceFor, deviceInWords } from '../../../../main/engine/exec/device.ts';
import { PROVIDED_DEVICES } from '../../../../main/engine/exec/ort/providers.ts';
import { DEVICES, openExecutor } from '../../../../main/engine/exec/registry.ts';

const CHOICES = RunFields.shape.device.unwrap().options;

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

  it('end in a sentence and a next step where there is no provider', async () => {
    const missing = CHOICES.filter(
      (choice) => choice !== 'auto' && !PROVIDED_DEVICES.includes(choice as DeviceName),
    );
    for (const device of missing)
      await expect(openExecutor('ort', { threads: 1, device })).rejects.toMatchObject({
        code: 'device-missing',
        message: expect.stringContaining(`--device ${device} cannot be used here`),
        hint: expect.stringMatching(/\.$/),
      });
  });

  it('other than the processor are not for plain loops', async () => {
    await expect(openExecutor('reference', { threads: 1, device: 'cuda' })).rejects.toMatchObject({
      code: 'device-missing',
      message: expect.stringContaining('--executor reference computes on the processor'),
    });
  });

  it('have words', () => {
    expect(deviceInWords('cpu', 1)).toBe('CPU, 1 thread');
    expect(deviceInWords('cpu', 8)).toBe('CPU, 8 threads');
    expect(deviceInWords('webgpu', 8)).toBe('Graphics card (WebGPU)');
  });
});
