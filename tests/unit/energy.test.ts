/** What a training takes: counters that start over, batteries, estimates, and what is said of it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { energyWords } from '../../common/words/run.ts';
import { EnergyMeter, type EnergyWorld, sumOfEnergy, wattsPerCore } from '../../main/energy.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-energy-'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

/** A computer whose processor is known, with what is written into its folders. */
function world(seconds = () => 0): EnergyWorld {
  const [powercap, supplies] = ['powercap', 'supplies'].map((name) => path.join(root, name)) as [
    string,
    string,
  ];
  return { powercap, supplies, processor: 'AMD EPYC 9654 96-Core Processor', processorSeconds: seconds };
}

function write(file: string, value: string | number): void {
  const at = path.join(root, file);
  fs.mkdirSync(path.dirname(at), { recursive: true });
  fs.writeFileSync(at, `${value}\n`);
}

const uj = (name: string, joules: number) => write(`powercap/${name}/energy_uj`, joules * 1e6);

test('packages are added up, parts of a package are not, and a counter that starts over counts on', () => {
  uj('intel-rapl:0', 100);
  uj('intel-rapl:1', 990);
  uj('intel-rapl:0:0', 50);
  write('powercap/intel-rapl:1/max_energy_range_uj', 1000 * 1e6);
  const meter = new EnergyMeter(world());
  uj('intel-rapl:0', 130);
  uj('intel-rapl:0:0', 75);
  uj('intel-rapl:1', 5);
  expect(meter.used()).toEqual({ joules: 45, isMeasured: true });
  uj('intel-rapl:1', 7);
  expect(meter.used()).toEqual({ joules: 47, isMeasured: true });
});

test('a counter that cannot be read leaves an estimate from processor time', () => {
  write('powercap/intel-rapl:0/name', 'package-0');
  let seconds = 10;
  const meter = new EnergyMeter(world(() => seconds));
  seconds = 30;
  expect(meter.used()).toEqual({ joules: 20 * 5, isMeasured: false });
});

test('a battery counts while it empties, and no longer once a charger was plugged in', () => {
  const battery = (wattHours: number, status = 'Discharging') => {
    write('supplies/BAT0/energy_now', wattHours * 1e6);
    write('supplies/BAT0/status', status);
  };
  battery(50);
  const meter = new EnergyMeter(world(() => 2));
  expect(meter.used().isMeasured).toBe(false);
  battery(49.5);
  expect(meter.used()).toEqual({ joules: 1800, isMeasured: true });
  battery(49.6, 'Charging');
  expect(meter.used().isMeasured).toBe(false);
  battery(49);
  expect(meter.used().isMeasured).toBe(false);
});

test('a battery may tell its charge and voltage', () => {
  const charge = (microampereHours: number) => write('supplies/BAT1/charge_now', microampereHours);
  write('supplies/BAT1/status', 'Discharging');
  write('supplies/BAT1/voltage_now', 12e6);
  charge(4e6);
  const meter = new EnergyMeter(world());
  charge(3.9e6);
  expect(meter.used().joules).toBeCloseTo(0.1 * 12 * 3600, 6);
});

test.each([
  ['Intel(R) Xeon(R) Platinum 8480+', 5],
  ['13th Gen Intel(R) Core(TM) i7-1365U', 3],
  ['Intel(R) Core(TM) Ultra 7 155H', 5],
  ['AMD Ryzen 9 7950X 16-Core Processor', 12],
  ['Apple M3 Max', 3.5],
])('a core of %s takes about %d W', (processor, watts) => {
  expect(wattsPerCore(processor)).toBe(watts);
});

test('parts of a run are measured together only where each is', () => {
  const [measured, estimated] = [true, false].map((isMeasured) => ({ joules: 10, isMeasured }));
  expect(sumOfEnergy(measured!, measured!)).toEqual({ joules: 20, isMeasured: true });
  expect(sumOfEnergy(measured!, estimated!)).toEqual({ joules: 20, isMeasured: false });
});

test('an estimate says that it is one', () => {
  const of = (isMeasured: boolean) =>
    energyWords({ trainedTokens: 12_345, energy: { wattHours: 2, isMeasured } });
  expect(of(true)).toBe('2.0\u00a0Wh (measured), 6,200 tokens for each Wh');
  expect(of(false)).toBe('About 2.0\u00a0Wh (estimated from processor time), 6,200 tokens for each Wh');
  expect(energyWords({ trainedTokens: 5 })).toBe('');
  // 0.0 Wh would tell nothing
  expect(energyWords({ trainedTokens: 5, energy: { wattHours: 0.04, isMeasured: false } })).toBe('');
});
