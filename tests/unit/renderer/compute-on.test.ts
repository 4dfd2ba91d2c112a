import { describe, expect, it } from 'vitest';
import type { DeviceOffer, PlanSettings, Why } from '../../../common/api/contract.ts';
import { deviceOptions, deviceSettings, shownValue } from '../../../renderer/steps/plan/plan-step.ts';

const offer = (change: Partial<DeviceOffer>): DeviceOffer => ({
  ...{ device: 'cpu', executor: 'ort', card: null, usable: true, mayMeasure: false, reason: 'Why.' },
  ...change,
});
const DEVICES = [
  offer({ reason: 'Slower.' }),
  offer({ executor: 'tfjs', card: 'RTX', usable: false, reason: 'No pack.' }),
  offer({ device: 'webgpu', card: 'RTX', reason: 'Fast.' }),
  offer({ executor: 'openvino', reason: 'Loads.' }),
];
const options = (why: Why, device: PlanSettings['device']) =>
  deviceOptions({
    devices: DEVICES,
    settings: { device, executor: 'ort' } as PlanSettings,
    whys: { device: why } as never,
  });

describe('what to compute on', () => {
  it('shows what Fettle chooses with its reason first, and what cannot be used disabled with its own', () => {
    const shown = options({ key: 'device-choice', numbers: { reason: 'RTX is faster.' } }, 'webgpu');
    expect(shown[0]).toEqual({
      ...{ value: 'auto', title: 'Choose for me: RTX (WebGPU)', about: 'RTX is faster.', disabled: false },
    });
    expect(shown.map(({ title, disabled }) => [title, disabled])).toEqual([
      ['Choose for me: RTX (WebGPU)', false],
      ['Processor', false],
      ['RTX (TensorFlow.js)', true],
      ['RTX (WebGPU)', false],
      ['Processor with the speed pack', false],
    ]);
    expect(shown[2]!.about).toBe('No pack.');
    expect(new Set(shown.map(({ value }) => value)).size).toBe(shown.length);
  });

  it('says nothing of what Fettle would choose while the person has chosen', () => {
    const [auto] = options({ key: 'own', numbers: {} }, 'cpu');
    expect(auto).toMatchObject({ value: 'auto', title: 'Choose for me' });
  });

  it('makes settings of a choice, and the choice of settings', () => {
    const others = { epochs: 2 };
    for (const { device, executor } of DEVICES) {
      const settings = deviceSettings(
        { ...others, device: 'webgpu', executor: 'openvino' },
        `${executor} ${device}`,
      );
      expect(settings).toMatchObject({ ...others, device });
      expect(shownValue(settings, DEVICES)).toBe(`${executor} ${device}`);
    }
    expect(deviceSettings({ ...others, device: 'cpu', executor: 'openvino' }, 'auto')).toEqual(others);
    expect([shownValue({}, DEVICES), shownValue({ device: 'auto' }, DEVICES)]).toEqual(['auto', 'auto']);
  });

  it('offers each of several cards, those of one name by their number', () => {
    const seen = (name: string, description: string, kind: string) => ({
      ...{ name, description, kind, totalBytes: 24e9, freeBytes: 22e9 },
    });
    const cards = [
      seen('Vulkan1', 'RX 7900', 'card'),
      seen('Vulkan2', 'RX 7900', 'card'),
      seen('Vulkan0', 'UHD 770', 'integrated'),
    ];
    const devices = [offer({}), offer({ executor: 'ggml', card: 'RX 7900', reason: 'Untried.', cards })];
    const shown = (executor: string) =>
      deviceOptions({
        devices,
        settings: { device: 'cpu', executor } as PlanSettings,
        whys: { device: { key: 'own', numbers: {} } } as never,
      }).slice(2);
    expect(shown('ort').map(({ value, title }) => [value, title])).toEqual([
      ['ggml cpu Vulkan1', 'RX 7900, 1 of 2 (ggml)'],
      ['ggml cpu Vulkan2', 'RX 7900, 2 of 2 (ggml)'],
      ['ggml cpu Vulkan0', 'UHD 770 (ggml)'],
    ]);
    expect(shown('ort')[2]!.about).toMatch(/^Part of the processor, 22\sGB of 24\sGB free\. Untried\.$/);
    expect(shown('ggml')[0]!.about).toMatch(/^22\sGB of 24\sGB free$/);
    const named = deviceSettings({ epochs: 2, card: 'Vulkan0' }, 'ggml cpu Vulkan2');
    expect(named).toEqual({ epochs: 2, device: 'cpu', executor: 'ggml', card: 'Vulkan2' });
    expect(shownValue(named, devices)).toBe('ggml cpu Vulkan2');
    expect(shownValue({ device: 'cpu', executor: 'ggml' }, devices)).toBe('ggml cpu Vulkan1');
    expect(deviceSettings(named, 'ort cpu')).toEqual({ epochs: 2, device: 'cpu' });
  });
});
