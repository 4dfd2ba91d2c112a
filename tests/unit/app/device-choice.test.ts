/** What `device: auto` becomes: probes and history go in, a run on a device with its reason comes out. */
import fs from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Hardware, Rates } from '../../../common/api/contract.ts';
import type { QuickWay, RowFacts, RunPlan } from '../../../common/protocol/protocol.ts';
import type { KnownGrounds } from '../../../main/app/grounds.ts';
import { parseRunConfig, type RunConfig } from '../../../main/engine/config/config.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import { speedTestFile } from '../../../main/paths.ts';
import type { DeviceWish } from '../../../main/plan/device-choice.ts';
import { int8Version, keepSpeedTest, keptSpeedTest, speedTestOf } from '../../../main/speed-tests.ts';
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
const chosen = (config: RunConfig, named: DeviceWish = {}, isResumed = false) =>
  chooseFor(config, named, { known, hardware, planOf, isResumed, engine: { sampleRows, speedTest } });

const model = { parameters: 135e6 };
const sampleRows = async () => model as RowFacts;
/** How many times as fast the tests find a step; null: no quicker. */
const gains: Record<QuickWay, number | null> = { int8: null, openvino: null };
const speedTest = vi.fn(async (way: QuickWay) => {
  const problem = gains[way] === null ? 'It is no faster.' : null;
  const found = speedTestOf({ version: way === 'int8' ? int8Version() : '1', gain: gains[way], problem });
  keepSpeedTest(way, found);
  return found;
});

async function withRates(found: Rates | null): Promise<void> {
  const { world, folder } = machine('rtx-4090');
  hardware = Promise.resolve(await probeHardware({ folder, world }));
  known = {
    costs: { watts: null, pricePerKwh: 0, currency: 'EUR' },
    cardPrices: {},
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
  const onCpu: DeviceWish = { device: 'cpu', executor: 'ort' };
  const precisionOf = async (config: RunConfig, named: DeviceWish = {}, isResumed = false) =>
    (await chosen(config, named, isResumed)).config.precision;

  beforeEach(async () => {
    await withRates(null);
    speedTest.mockClear();
    fs.rmSync(speedTestFile('int8'), { force: true });
    fs.rmSync(speedTestFile('openvino'), { force: true });
    vi.unstubAllEnvs();
    model.parameters = 135e6;
    gains.int8 = 1.7;
  });

  it('is 8 bits where a test on this computer found them right and quicker, which runs once', async () => {
    const { config, precisionWhy } = await chosen(CONFIG);
    expect([config.precision, precisionWhy]).toEqual([
      'int8',
      { key: 'precision-int8', numbers: { gain: 1.7 } },
    ]);
    expect(await precisionOf({ ...CONFIG, device: 'cpu' }, onCpu)).toBe('int8');
    expect(await precisionOf({ ...CONFIG, method: 'qlora', bits: 8 })).toBe('int8');
    expect(await precisionOf({ ...CONFIG, method: 'full' })).toBe('int8');
    expect(speedTest.mock.calls.map(([way]) => way)).toEqual(['int8']);
  });

  it('is 32 bits where the test has found them wrong or no quicker, with that as the reason', async () => {
    gains.int8 = null;
    const { config, precisionWhy } = await chosen(CONFIG);
    expect([config.precision, precisionWhy?.key]).toEqual(['auto', 'precision-no-gain']);
  });

  it('is 32 bits where the test does not come to its end, and that is not tried each time', async () => {
    speedTest.mockRejectedValueOnce(new Error('the process died'));
    expect([await precisionOf(CONFIG), await precisionOf(CONFIG)]).toEqual(['auto', 'auto']);
    expect(speedTest).toHaveBeenCalledTimes(1);
    expect(keptSpeedTest('int8')?.problem).toBe('the process died');
  });

  it('is tested again for another processor or another version', async () => {
    const kept = speedTestOf({ version: int8Version(), gain: 2, problem: null });
    for (const other of [{ processor: 'another' }, { fettle: '0.0.0' }, { version: 'onnxruntime 0' }]) {
      keepSpeedTest('int8', { ...kept, ...other });
      expect((await chosen(CONFIG)).precisionWhy).toMatchObject({ numbers: { gain: 1.7 } });
    }
    expect(speedTest).toHaveBeenCalledTimes(3);
  });

  it('is tested again on another day where it was right and no quicker, which a busy computer makes it', async () => {
    const slow = speedTestOf({ version: int8Version(), gain: 1.1, problem: 'It is no faster.' });
    keepSpeedTest('int8', slow);
    expect(await precisionOf(CONFIG)).toBe('auto');
    keepSpeedTest('int8', { ...slow, measured: '2026-01-01T00:00:00Z' });
    expect(await precisionOf(CONFIG)).toBe('int8');
    // what crashed is not
    keepSpeedTest('int8', { ...slow, gain: null, measured: '2026-01-01T00:00:00Z' });
    expect(await precisionOf(CONFIG)).toBe('auto');
    expect(speedTest).toHaveBeenCalledTimes(1);
  });

  it('stays what it was for a small model, for what a person has named, and for a continued run', async () => {
    expect(await precisionOf({ ...CONFIG, precision: 'f32' }, { isExact: true })).toBe('f32');
    expect(await precisionOf({ ...CONFIG, method: 'qlora', bits: 4 })).toBe('auto');
    expect(await precisionOf({ ...CONFIG, bits: 16 })).toBe('auto');
    expect(await precisionOf(CONFIG, onCpu, true)).toBe('auto');
    expect(await precisionOf({ ...CONFIG, executor: 'reference' }, { executor: 'reference' })).toBe('auto');
    model.parameters = 4e6;
    expect(await precisionOf(CONFIG)).toBe('auto');
    expect(speedTest).not.toHaveBeenCalled();
  });

  it('gives way to the speed pack where that is quicker still, and 32 bits are not asked for', async () => {
    vi.stubEnv('FETTLE_OPENVINO_HOME', '/somewhere');
    Object.assign(gains, { int8: 1.7, openvino: 2.4 });
    const { config, choice } = await chosen(CONFIG);
    expect(config).toMatchObject({ executor: 'openvino', device: 'cpu', precision: 'auto' });
    expect(choice.reason).toBe(
      'The processor with the speed pack is 2.4 times as fast as in 32 bits. Measured on this computer.',
    );
    model.parameters = 4e6;
    expect((await chosen(CONFIG)).config.executor).toBe('ort');
    model.parameters = 135e6;
    const exact = await chosen({ ...CONFIG, precision: 'f32' }, { isExact: true });
    expect(exact.config).toMatchObject({ executor: 'ort', precision: 'f32' });
    fs.rmSync(speedTestFile('openvino'));
    gains.openvino = 1.8;
    expect((await chosen(CONFIG)).config).toMatchObject({ executor: 'ort', precision: 'int8' });
    expect(speedTest.mock.calls.map(([way]) => way)).toEqual(['int8', 'openvino', 'openvino']);
  });
});
