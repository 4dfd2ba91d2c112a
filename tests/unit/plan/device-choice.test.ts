/** On what a run is computed, for whole computers of the fixtures: what the probes make of them goes into the choice. */
import { beforeAll, describe, expect, it } from 'vitest';
import type {
  DeviceChoice,
  GraphicsCard,
  Hardware,
  PlanDevice,
  Rates,
} from '../../../common/api/contract.ts';
import { type Measurable, measurableAt, measuredPlace } from '../../../common/settings/executors.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import {
  chooseDevice,
  type DeviceWish,
  type PlaceEstimate,
  placesToPrice,
} from '../../../main/plan/device-choice.ts';
import { devicesOf, type Measurements, type Place, placeKey } from '../../../main/plan/devices.ts';
import { fitOn } from '../../../main/plan/peak-memory.ts';
import { machine } from '../../helpers/machines.ts';
import { madeUpRates } from '../../helpers/rates.ts';

const known = new Map<string, Hardware>();
beforeAll(async () => {
  const names = [
    'no-card',
    'nouveau',
    'rtx-5090',
    'rtx-4090',
    'two-cards',
    'vm-virtio',
    'windows-desktop',
    'amd-apu',
    'rtx-3060-laptop',
  ];
  for (const name of names) {
    const { world, folder } = machine(name);
    known.set(name, await probeHardware({ folder, world }));
  }
});

const place = (device: PlanDevice, executor = 'ort'): Place => ({ device, executor });

/** Rates of the processor and of the named devices, measured while `cards` were there. */
function rates(devices: readonly Measurable[], cards: readonly string[]): Rates {
  const made = madeUpRates(1e11);
  const others = devices.map((name) => ({
    ...{ ...made.devices[0]!, ...measuredPlace(name), cards, measured: '2026-11-01' },
  }));
  const all = { ...made, devices: [...made.devices, ...others] };
  return { ...all, measured: '2026-11-01', onBattery: false, versions: {} };
}

interface Case {
  readonly computer: string | Hardware;
  /** Benchmarked besides the processor; with the cards that are there now. */
  readonly benchmarked?: readonly Measurable[];
  readonly ranOn?: readonly Place[];
  /** Seconds of the run by place: what is left out could not be priced. */
  readonly seconds?: Readonly<Record<string, number>>;
  readonly vram?: number;
  /** How much faster the speed pack's test found it; without, it has not passed. */
  readonly speedPack?: number;
  readonly asked?: DeviceWish;
}

const ranged = (value: number) => ({
  value,
  low: value / 1.3,
  high: value * 1.3,
  restsOn: 'formula' as const,
});

function chosen({
  computer,
  benchmarked = [],
  ranOn = [],
  seconds = {},
  vram = 2e9,
  speedPack,
  asked = {},
}: Case): DeviceChoice {
  const found = typeof computer === 'string' ? known.get(computer)! : computer;
  const measurements: Measurements = {
    rates: rates(
      benchmarked,
      found.graphics.map(({ name }) => name),
    ),
    ranOn: new Set(ranOn.map(placeKey)),
    speedPack: speedPack ?? null,
  };
  const devices = devicesOf(found, measurements);
  const judged = new Map<string, PlaceEstimate>();
  for (const one of placesToPrice(devices, asked)) {
    const key = placeKey(one);
    if (seconds[key] === undefined) continue;
    const isCard = measurableAt(one) !== undefined;
    const price = { totalSeconds: ranged(seconds[key]), peakVramBytes: isCard ? ranged(vram) : null };
    const card = devices.find((device) => placeKey(device) === key)?.card ?? null;
    judged.set(key, { price, fit: fitOn({ peakBytes: ranged(1e9), ...price }, { freeBytes: 16e9, card }) });
  }
  return chooseDevice(devices, judged, asked);
}

const CPU = 'ort on cpu';
const offer = ({ offers }: DeviceChoice, device: PlanDevice) => offers.find((one) => one.device === device);

describe('the processor', () => {
  it('computes where there is no card, and says so', () => {
    const found = chosen({ computer: { ...known.get('no-card')!, graphics: [] } });
    expect(found).toMatchObject({ device: 'cpu', executor: 'ort' });
    expect(found.reason).toBe('The processor computes: no graphics card was found.');
    expect(offer(found, 'webgpu')).toMatchObject({ usable: false, card: null });
    // a chip that only draws the screen of a server is none
    expect(chosen({ computer: 'no-card' })).toMatchObject({
      ...{ device: 'cpu', reason: expect.stringContaining('can’t compute') },
    });
  });

  it('computes where a driver that computes on the processor was measured: that is no card', () => {
    const measured = { benchmarked: ['webgpu'] as const, seconds: { [CPU]: 100, 'ort on webgpu': 10 } };
    expect(chosen({ computer: 'no-card', ...measured }).device).toBe('cpu');
    const virtual = chosen({ computer: 'vm-virtio', ...measured });
    expect(virtual.device).toBe('cpu');
    expect(offer(virtual, 'webgpu')!.reason).toMatch(/virtual machine/);
  });

  it('computes where the card has no driver, with what helps', () => {
    const found = chosen({ computer: 'nouveau' });
    expect(found.device).toBe('cpu');
    expect(offer(found, 'webgpu')).toMatchObject({ usable: false });
    expect(offer(found, 'webgpu')!.reason).toMatch(/Install NVIDIA’s own driver instead of nouveau/);
    expect(found.reason).toContain('nouveau');
  });

  it('computes until a card was measured, with how to measure it, whatever its name promises', () => {
    const found = chosen({ computer: known.get('rtx-4090')!, seconds: { [CPU]: 1e6 } });
    expect(found.device).toBe('cpu');
    expect(offer(found, 'webgpu')!.reason).toContain('Measure it');
    expect(found.reason).toMatch(/not measured yet/);
  });

  it('computes where the card was measured to be slower, or hardly faster', () => {
    const slower = { benchmarked: ['webgpu'] as const, seconds: { [CPU]: 100, 'ort on webgpu': 230 } };
    const found = chosen({ computer: 'rtx-4090', ...slower });
    expect(found.device).toBe('cpu');
    expect(offer(found, 'webgpu')!.reason).toBe('It takes 2.3 times as long as the processor for this run.');
    const hardly = chosen({ computer: 'rtx-4090', ...slower, seconds: { [CPU]: 100, 'ort on webgpu': 95 } });
    expect(hardly.device).toBe('cpu');
    expect(offer(hardly, 'webgpu')!.reason).toContain('about as fast');
  });

  it('computes where a faster card is too small, with how much it lacks', () => {
    const found = chosen({
      ...{ computer: 'rtx-3060-laptop', benchmarked: ['webgpu'] as const, vram: 9.1e9 },
      seconds: { [CPU]: 100, 'ort on webgpu': 10 },
    });
    expect(found.device).toBe('cpu');
    expect(found.reason).toMatch(/would be 10 times as fast.*needs 9\.1\sGB/);
    // where only the high end of the range does not fit, it is not tried either
    const card = known.get('rtx-3060-laptop')!.graphics.find(({ vendor }) => vendor === 'nvidia')!;
    const tight = chosen({
      ...{ computer: 'rtx-3060-laptop', benchmarked: ['webgpu'] as const, vram: 0.9 * card.freeMemory! },
      seconds: { [CPU]: 100, 'ort on webgpu': 10 },
    });
    expect(tight.device).toBe('cpu');
    expect(tight.reason).toMatch(/may need up to/);
  });

  it('computes where another card was there when it was measured', () => {
    const found = known.get('rtx-4090')!;
    const devices = devicesOf(found, {
      rates: rates(['webgpu'], ['NVIDIA GeForce GTX 1660']),
      ranOn: new Set(),
    });
    expect(devices.find(({ device }) => device === 'webgpu')!.measured).toBeNull();
  });

  it('computes where the card has another driver than when it was measured, with how to measure it', () => {
    const found = known.get('rtx-4090')!;
    const measured = rates(
      ['webgpu'],
      found.graphics.map(({ name }) => name),
    );
    const [cpu, card] = measured.devices;
    const { name, driver } = found.graphics[0]!;
    const choiceWith = (before: string) => {
      const devices = [cpu!, { ...card!, drivers: { [name]: before } }];
      const facts = devicesOf(found, { rates: { ...measured, devices }, ranOn: new Set() });
      const judged = new Map(
        placesToPrice(facts).map((one) => {
          const price = { totalSeconds: ranged(one.device === 'cpu' ? 100 : 10), peakVramBytes: null };
          return [placeKey(one), { price, fit: 'comfortable' as const }];
        }),
      );
      return chooseDevice(facts, judged);
    };
    expect(driver).not.toBeNull();
    expect(choiceWith(driver!).device).toBe('webgpu');
    const changed = choiceWith('1.0');
    expect(changed.device).toBe('cpu');
    expect(offer(changed, 'webgpu')).toMatchObject({ mayMeasure: true });
    expect(changed.reason).toContain('Its driver has changed since it was measured. Measure it');
  });

  it('computes where a faster card could not be priced, or the processor was never measured', () => {
    const one = { computer: 'rtx-4090', benchmarked: ['webgpu'] as const };
    expect(chosen({ ...one, seconds: { [CPU]: 100 } })).toMatchObject({ device: 'cpu' });
    const unknown = chosen({ ...one, seconds: { 'ort on webgpu': 1 } });
    expect(unknown.device).toBe('cpu');
    expect(offer(unknown, 'webgpu')!.reason).toContain('The processor was not measured');
  });

  it('computes where the memory of the card is not known', () => {
    const found = known.get('rtx-4090')!;
    const graphics = found.graphics.map((card) => ({ ...card, totalMemory: null, freeMemory: null }));
    const blind = { computer: { ...found, graphics }, benchmarked: ['webgpu'] as const };
    const choice = chosen({ ...blind, seconds: { [CPU]: 100, 'ort on webgpu': 10 } });
    expect(choice.device).toBe('cpu');
    expect(offer(choice, 'webgpu')!.reason).toContain('Its memory is not known');
  });

  it('computes where weights stay in 16 bits', () => {
    const found = chosen({
      ...{ computer: 'rtx-4090', benchmarked: ['webgpu'] as const, asked: { onlyProcessor: true } },
      seconds: { [CPU]: 100, 'ort on webgpu': 10 },
    });
    expect([found.device, found.reason]).toEqual(['cpu', expect.stringContaining('16 bits')]);
  });
});

describe('a card', () => {
  it('computes where it was measured to be faster and the run fits, with both in the reason', () => {
    const found = chosen({
      ...{ computer: 'rtx-4090', benchmarked: ['webgpu'] as const },
      seconds: { [CPU]: 100, 'ort on webgpu': 10 },
    });
    expect(found.device).toBe('webgpu');
    expect(found.reason).toMatch(
      /^NVIDIA GeForce RTX 4090 through WebGPU is 10 times as fast as the processor for this run\. Measured on this computer\. It needs 2\.0\sGB of .*\sGB free on the card\.$/,
    );
    expect(offer(found, 'cpu')).toMatchObject({ usable: true });
    expect(offer(found, 'cpu')!.reason).toBe('It takes 10 times as long as WebGPU for this run.');
  });

  it('computes where runs have shown it, without a benchmark', () => {
    const found = chosen({
      ...{ computer: 'rtx-4090', ranOn: [place('webgpu')] },
      seconds: { [CPU]: 100, 'ort on webgpu': 10 },
    });
    expect([found.device, found.reason]).toEqual(['webgpu', expect.stringContaining('earlier runs')]);
  });

  it('that is part of the processor needs its memory, and stands behind one of its own', () => {
    const apu = known.get('amd-apu')!;
    const seconds = { [CPU]: 100, 'ort on webgpu': 50 };
    const shared = apu.graphics.map((card): GraphicsCard => ({ ...card, unifiedMemory: true }));
    const computer = { ...apu, graphics: shared };
    const small = chosen({ computer, benchmarked: ['webgpu'], seconds, vram: 4e9 });
    expect([small.device, offer(small, 'webgpu')!.card]).toEqual(['webgpu', shared[0]!.name]);
    const large = chosen({ computer, benchmarked: ['webgpu'], seconds, vram: 15e9 });
    expect([large.device, large.reason]).toEqual([
      'cpu',
      expect.stringContaining('too little memory is free'),
    ]);
    const two = known.get('two-cards')!;
    const card = devicesOf(two, { rates: null, ranOn: new Set() }).find(({ device }) => device === 'webgpu')!
      .card!;
    expect(two.graphics.find(({ name }) => name === card.name)!.kind).toBe('discrete');
  });

  it('are offered one by one where a library sees several, the one first that it takes by itself', () => {
    const seen = (name: string, totalBytes: number) => ({
      ...{ name, description: `Card ${name}`, kind: 'card', totalBytes, freeBytes: totalBytes / 2 },
    });
    const withCards = (...cards: ReturnType<typeof seen>[]) => {
      const ggml = { usable: true, reason: 'R.', fix: null, cards };
      const computer = { ...known.get('two-cards')!, libraries: { ggml } };
      return chosen({ computer }).offers.find(({ executor }) => executor === 'ggml');
    };
    const cards = [seen('Vulkan1', 24e9), seen('Vulkan0', 12e9)];
    expect(withCards(...cards)).toMatchObject({ device: 'cpu', card: 'Card Vulkan1', usable: true, cards });
    expect(withCards(cards[0]!)).not.toHaveProperty('cards');
  });

  it('computes through ggml where that was measured to be the quickest way, and never before', () => {
    const [card] = known.get('amd-apu')!.graphics;
    const seen = { name: 'Vulkan0', description: card!.name, kind: 'card', totalBytes: 8e9, freeBytes: 7e9 };
    const ggml = { usable: true, reason: 'R.', fix: null, cards: [seen] };
    const computer = { ...known.get('amd-apu')!, libraries: { ggml } };
    const seconds = { [CPU]: 100, 'ort on webgpu': 60, 'ggml on cpu': 40 };
    const byGgml = (choice: DeviceChoice) => choice.offers.find(({ executor }) => executor === 'ggml')!;
    const quicker = chosen({ computer, benchmarked: ['webgpu', 'ggml'], seconds });
    expect(quicker).toMatchObject({ device: 'cpu', executor: 'ggml' });
    expect(byGgml(quicker)).toMatchObject({ card: card!.name, mayMeasure: false });
    expect(quicker.reason).toMatch(/through ggml is 2\.5 times as fast as the processor/);
    const slower = chosen({ computer, benchmarked: ['ggml'], seconds: { [CPU]: 100, 'ggml on cpu': 145 } });
    expect(slower.executor).toBe('ort');
    expect(byGgml(slower).reason).toBe('It takes 1.5 times as long as the processor for this run.');
    const large = chosen({ computer, benchmarked: ['ggml'], seconds, vram: 9e9 });
    expect([large.executor, byGgml(large).reason]).toEqual([
      'ort',
      expect.stringMatching(/needs 9.0\sGB, and 7.0\sGB are free/),
    ]);
    const untried = chosen({ computer, seconds });
    expect(untried.executor).toBe('ort');
    expect(byGgml(untried)).toMatchObject({
      mayMeasure: true,
      reason: expect.stringContaining('not measured'),
    });
  });
});

describe('what has been decided already', () => {
  const measured = {
    computer: 'rtx-4090',
    benchmarked: ['webgpu'] as const,
    seconds: { [CPU]: 100, 'ort on webgpu': 10 },
  };

  it('by the person stands, and is told as that', () => {
    const found = chosen({ ...measured, asked: { device: 'cpu' } });
    expect([found.device, found.reason]).toEqual(['cpu', 'Set by you.']);
    expect(offer(found, 'webgpu')!.reason).toBe('It can be used.');
    const none = chosen({ computer: 'no-card', asked: { device: 'webgpu' } });
    expect(none.device).toBe('webgpu');
    // what keeps it from being used is said where it is the choice, too
    const webgpu = none.offers.find(({ device }) => device === 'webgpu');
    expect(webgpu).toMatchObject({ usable: false, card: 'Matrox display chip' });
    expect(webgpu!.reason).toMatch(/^You chose it\. \w/);
    expect(none.reason).toBe(webgpu!.reason.replace('You chose it.', 'Set by you.'));
  });

  it('for a continued run stands', () => {
    const found = chosen({ ...measured, asked: { device: 'cpu', isKept: true } });
    expect([found.device, found.reason]).toEqual(['cpu', 'As the run had it before.']);
  });

  it('an executor limits the choice to its devices', () => {
    const found = chosen({ ...measured, asked: { executor: 'reference' } });
    expect(found).toMatchObject({
      ...{ device: 'cpu', executor: 'reference' },
      reason: expect.stringContaining('reference'),
    });
  });
});

describe('an executor whose library an extra brings', () => {
  it('is offered where its library loads, and computes where runs have shown it to be faster', () => {
    const found = known.get('no-card')!;
    const library = { ...found, libraries: { reference: { usable: true, reason: 'Loaded.', fix: null } } };
    const seconds = { [CPU]: 100, 'reference on cpu': 60 };
    expect(chosen({ computer: library, seconds })).toMatchObject({ executor: 'ort' });
    const ran = chosen({ computer: library, seconds, ranOn: [place('cpu', 'reference')] });
    expect(ran).toMatchObject({ device: 'cpu', executor: 'reference' });
    expect(chosen({ computer: 'no-card', seconds, ranOn: [place('cpu', 'reference')] }).executor).toBe('ort');
  });
});

describe('the speed pack', () => {
  const FAST = 'openvino on cpu';

  it('computes where its test has passed and the whole run is faster, compiling included', () => {
    const run = (seconds: number) => ({ computer: 'no-card', seconds: { [CPU]: 100, [FAST]: seconds } });
    expect(chosen(run(50)).executor).toBe('ort');
    const passed = chosen({ ...run(50), speedPack: 2 });
    expect(passed).toMatchObject({ device: 'cpu', executor: 'openvino' });
    expect(passed.reason).toContain('speed pack is 2.0 times as fast as the processor');
    expect(chosen({ ...run(110), speedPack: 2 }).executor).toBe('ort');
    expect(chosen({ ...run(50), speedPack: 2, asked: { onlyProcessor: true } }).executor).toBe('ort');
    expect(chosen({ ...run(50), speedPack: 2, asked: { executor: 'ort' } }).executor).toBe('ort');
  });
});
