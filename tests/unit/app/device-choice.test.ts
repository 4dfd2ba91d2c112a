/** What `device: auto` comes to: probes and history go in, a run on a device with its reason comes out. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Hardware, Rates } from '../../../common/api/contract.ts';
import type { RunPlan } from '../../../common/protocol/protocol.ts';
import type { KnownGrounds } from '../../../main/app/grounds.ts';
import { parseRunConfig, type RunConfig } from '../../../main/engine/config/config.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import type { Asked } from '../../../main/plan/device-choice.ts';
import { machine } from '../../helpers/machines.ts';
import { madeUpRates } from '../../helpers/rates.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';

// what Node says at once, far too little on a Mac, and what the system says a little later
const FREE = 30e9;
vi.mock('../../../main/hardware/facts.ts', () => ({
  freeMemory: Object.assign(() => 1e8, { settled: async () => 30e9 }),
}));
const { chooseFor } = await import('../../../main/app/device-choice.ts');

const CONFIG = parseRunConfig({ model: 'm', data: 'd', out: 'o' });
const CARD = 'NVIDIA GeForce RTX 4090';

/** Rates of the processor and of a card `times` as fast in all that it does. */
function rates(times: number): Rates {
  const [cpu] = madeUpRates(1e11).devices;
  const [fast] = madeUpRates(times * 1e11).devices;
  const webgpu = {
    ...{ ...fast!, device: 'webgpu', cards: [CARD], nodeSeconds: cpu!.nodeSeconds / times },
    softmaxElements: cpu!.softmaxElements * times,
    elementwise: cpu!.elementwise.map((one) => ({ ...one, bytesPerSecond: one.bytesPerSecond * times })),
  };
  return { ...madeUpRates(1e11), devices: [cpu!, webgpu], measured: 'now', onBattery: null, versions: {} };
}

const asked: RunConfig[] = [];
const planOf = async (config: RunConfig) => {
  asked.push(config);
  return { ...madeUpPrice({ steps: 100, flops: 1e12 }), device: config.device } as RunPlan;
};

let known: KnownGrounds;
let hardware: Promise<Hardware>;
const chosen = (config: RunConfig, named: Asked = {}, isResumed = false) =>
  chooseFor(config, named, { known, hardware, planOf, isResumed });

async function withRates(found: Rates | null): Promise<void> {
  const { world, folder } = machine('rtx-4090');
  hardware = Promise.resolve(await probeHardware({ folder, world }));
  known = {
    costs: { watts: null, pricePerKwh: 0, currency: 'EUR' },
    measurements: { rates: found, ranOn: new Set() },
    targets: [],
    of: (_, device = 'cpu') => ({
      ...{ rates: found, platform: 'linux', probe: null, watts: null, pricePerKwh: 0, device },
      residuals: { memory: [], step: [] },
    }),
  };
}

beforeEach(() => {
  asked.length = 0;
});

describe('the device of a run', () => {
  it('is a card that was measured to be faster, priced beside the processor, with the reason in the settings', async () => {
    await withRates(rates(5));
    const { config, choice, card, plan } = await chosen(CONFIG);
    expect(asked.map(({ device }) => device)).toEqual(['cpu', 'webgpu']);
    expect(config).toMatchObject({ device: 'webgpu', executor: 'ort', deviceWhy: choice.reason });
    expect(choice.reason).toContain(`${CARD} through WebGPU is`);
    expect([card?.name, plan?.device]).toEqual([CARD, 'webgpu']);
    // what is saved is read again as it was
    expect(parseRunConfig(config)).toEqual(config);
  });

  it('is judged by the memory that the system says is free, which whoever asks once has to wait for', async () => {
    await withRates(rates(5));
    const { freeBytes, choice } = await chosen(CONFIG);
    expect([freeBytes, choice.device]).toEqual([FREE, 'webgpu']);
  });

  it('is the processor where the card was measured to be slower', async () => {
    await withRates(rates(0.3));
    const { config, choice } = await chosen(CONFIG);
    expect([config.device, choice.reason]).toEqual(['cpu', expect.stringMatching(/times as long/)]);
  });

  it('is the processor where nothing was measured, and nothing is priced for that', async () => {
    await withRates(null);
    const { config, plan } = await chosen(CONFIG);
    expect([config.device, asked, plan]).toEqual(['cpu', [], null]);
    expect(config.deviceWhy).toMatch(/not measured yet\./);
  });

  it('is not waited for where a probe hangs and nothing but the processor was measured', async () => {
    await withRates(null);
    hardware = new Promise(() => {});
    const { config } = await chosen(CONFIG);
    expect(config.device).toBe('cpu');
  });

  it('is what a person has named, without a reason of Fettle’s in the settings', async () => {
    await withRates(rates(5));
    const { config, choice } = await chosen({ ...CONFIG, device: 'cpu' }, { device: 'cpu', executor: 'ort' });
    expect([config.device, choice.reason]).toEqual(['cpu', 'Set by you.']);
    expect(config).not.toHaveProperty('deviceWhy');
  });
});

describe('the precision of a run that leaves it open', () => {
  const EIGHT = parseRunConfig({ model: 'm', data: 'd', out: 'o', method: 'qlora', bits: 8, device: 'cpu' });
  const onCpu: Asked = { device: 'cpu', executor: 'ort' };
  const withInstructions = async (extensions: readonly string[] | null, found: Rates | null = null) => {
    await withRates(found);
    const { processor, ...others } = await hardware;
    hardware = Promise.resolve({ ...others, processor: { ...processor, extensions } });
  };
  const precisionOf = async (config: RunConfig, named = onCpu, isResumed = false) =>
    (await chosen(config, named, isResumed)).config.precision;
  const VNNI = ['AVX2', 'AVX-512', 'AVX-512 VNNI'];

  it('is 8 bits for weights of 8 bits where the processor has instructions for that', async () => {
    await withInstructions(VNNI);
    expect(await precisionOf(EIGHT)).toBe('int8');
    expect(await precisionOf({ ...EIGHT, device: 'auto' }, {})).toBe('int8');
    await withInstructions(['AVX2', 'AVX-512']);
    expect(await precisionOf(EIGHT)).toBe('auto');
    await withInstructions(null);
    expect(await precisionOf(EIGHT)).toBe('auto');
  });

  it('stays what it was for other weights, for what a person has named, and for a run that goes on', async () => {
    await withInstructions(VNNI);
    for (const other of [CONFIG, { ...EIGHT, bits: 4 as const }, { ...EIGHT, method: 'full' as const }])
      expect(await precisionOf({ ...other, device: 'cpu' })).toBe('auto');
    expect(await precisionOf({ ...EIGHT, precision: 'f32' })).toBe('f32');
    expect(await precisionOf(EIGHT, onCpu, true)).toBe('auto');
    const openvino = { ...onCpu, executor: 'openvino' };
    expect(await precisionOf({ ...EIGHT, executor: 'openvino' }, openvino)).toBe('auto');
  });

  it('is not 8 bits where the benchmark has found no gain', async () => {
    const gaining = madeUpRates(1e11);
    const [cpu] = gaining.devices;
    const slow = cpu!.matmul.map((one) => (one.type === 'int8' ? { ...one, flops: 1e11 } : one));
    const of = { measured: 'now', onBattery: null, versions: {} };
    await withInstructions(VNNI, { ...gaining, ...of });
    expect(await precisionOf(EIGHT)).toBe('int8');
    await withInstructions(VNNI, { ...gaining, ...of, devices: [{ ...cpu!, matmul: slow }] });
    expect(await precisionOf(EIGHT)).toBe('auto');
  });
});
