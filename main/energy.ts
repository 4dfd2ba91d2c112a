/**
 * The energy that a training takes: counted where the system counts it, the processor's packages (RAPL) or a battery that empties, else
 * estimated from processor time and the processor's kind. A card isn't counted.
 */
import fs from 'node:fs';
import path from 'node:path';
import { processorName } from './processes.ts';

export interface Energy {
  readonly joules: number;
  /** Counted by the system, all of it; else estimated. */
  readonly isMeasured: boolean;
}

/** Where the system counts, and what an estimate goes by. */
export interface EnergyWorld {
  readonly powercap: string;
  readonly supplies: string;
  readonly processor: string;
  /** Of this process with all its threads. */
  processorSeconds(): number;
}

const HERE: EnergyWorld = {
  powercap: '/sys/class/powercap',
  supplies: '/sys/class/power_supply',
  get processor() {
    return processorName();
  },
  processorSeconds() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
};

export const NO_ENERGY: Energy = { joules: 0, isMeasured: true };

export const sumOfEnergy = (one: Energy, other: Energy): Energy => ({
  joules: one.joules + other.joules,
  isMeasured: one.isMeasured && other.isMeasured,
});

export const wattHours = ({ joules }: Energy): number => joules / 3600;

/** Counts from when it is made. Counters start over, some each half hour: it must be asked more often. */
export class EnergyMeter {
  readonly #world: EnergyWorld;
  readonly #beganAt: number;
  #packages: ReadonlyMap<string, number> | null;
  #counted = 0;
  readonly #battery: number | null;
  #isOnBattery: boolean;

  constructor(world: EnergyWorld = HERE) {
    this.#world = world;
    this.#beganAt = world.processorSeconds();
    this.#packages = packagesOf(world.powercap);
    this.#battery = batteryOf(world.supplies);
    this.#isOnBattery = this.#battery !== null;
  }

  used(): Energy {
    const counted = this.#ofPackages() ?? this.#ofBattery();
    if (counted !== null) return { joules: counted, isMeasured: true };
    const seconds = this.#world.processorSeconds() - this.#beganAt;
    return { joules: seconds * wattsPerCore(this.#world.processor), isMeasured: false };
  }

  #ofPackages(): number | null {
    if (this.#packages === null) return null;
    const now = packagesOf(this.#world.powercap);
    if (now !== null)
      for (const [name, joules] of now) {
        const before = this.#packages.get(name) ?? joules;
        this.#counted +=
          joules >= before ? joules - before : joules + rangeOf(this.#world.powercap, name) - before;
      }
    this.#packages = now;
    return now && this.#counted;
  }

  /** A charger that was plugged in meanwhile hides what was used. */
  #ofBattery(): number | null {
    const now = this.#isOnBattery ? batteryOf(this.#world.supplies) : null;
    this.#isOnBattery = now !== null;
    const used = now === null ? 0 : this.#battery! - now;
    // a battery tells in coarse steps
    return used > 0 ? used : null;
  }
}

/** Joules that each package of processors has counted; null where the system doesn't count, or doesn't tell us. */
function packagesOf(folder: string): ReadonlyMap<string, number> | null {
  try {
    const names = fs.readdirSync(folder).filter((name) => /^intel-rapl:\d+$/.test(name));
    const counts = names.map((name) => [name, numberIn(folder, name, 'energy_uj') / 1e6] as const);
    return names.length > 0 && counts.every(([, joules]) => joules >= 0) ? new Map(counts) : null;
  } catch {
    return null;
  }
}

function rangeOf(folder: string, name: string): number {
  try {
    return numberIn(folder, name, 'max_energy_range_uj') / 1e6 || 0;
  } catch {
    return 0;
  }
}

/** Joules left in all batteries; null where there is none, or one that doesn't empty. */
function batteryOf(folder: string): number | null {
  try {
    const names = fs.readdirSync(folder).filter((name) => /^BAT\d+$/.test(name));
    if (names.length === 0) return null;
    const left = names.map((name) =>
      textIn(folder, name, 'status') === 'Discharging' ? chargeOf(folder, name) : Number.NaN,
    );
    const sum = left.reduce((all, one) => all + one, 0);
    return sum >= 0 ? sum : null;
  } catch {
    return null;
  }
}

/** Some batteries tell microwatt hours, the others microampere hours and microvolts. */
function chargeOf(folder: string, name: string): number {
  if (fs.existsSync(path.join(folder, name, 'energy_now')))
    return (numberIn(folder, name, 'energy_now') * 3600) / 1e6;
  return (numberIn(folder, name, 'charge_now') * numberIn(folder, name, 'voltage_now') * 3600) / 1e12;
}

const textIn = (...names: string[]) => fs.readFileSync(path.join(...names), 'utf8').trim();
const numberIn = (...names: string[]) => Number(textIn(...names));

/** Watts of a busy core by the processor's name, the first that fits: makers' power under load over cores, December 2026. Off by up to a factor of two. */
const WATTS: readonly (readonly [kind: RegExp, watts: number])[] = [
  [/EPYC|Xeon|Threadripper|Neoverse|Ampere|Graviton/i, 5],
  [/Apple/i, 3.5],
  [/Cortex|Raspberry|BCM\d/i, 1.5],
  [/\d(U|Y|P|V|G\d)\b|\bN\d{2,3}\b/, 3],
  [/\d(H|HS|HX|HK|HQ)\b|Ryzen AI/i, 5],
];
const USUAL_WATTS = 12;

export function wattsPerCore(processor: string): number {
  return WATTS.find(([kind]) => kind.test(processor))?.[1] ?? USUAL_WATTS;
}
