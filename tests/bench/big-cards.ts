/**
 * What the planner answers for models of 7 and 8 billion weights on graphics cards of 8 to 24 GB, as the table of docs/memory.md: a whole
 * computer of the fixtures with another card in it goes through the probes, the planner's search and the prices of the real graphs,
 * as it does in the application. Nothing is computed on a card, and none has to be here.
 */

import type { Hardware, PlanDevice, PlanPrice, PlanSettings } from '../../common/api/contract.ts';
import { outline } from '../../main/engine/models/model.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { pricesOf } from '../../main/engine/session/planner/planner.ts';
import { probeHardware } from '../../main/hardware/hardware.ts';
import { cardAt, devicesOf } from '../../main/plan/devices.ts';
import { estimate, type Grounds } from '../../main/plan/estimate.ts';
import { type PricedDraft, searchMethod } from '../../main/plan/search.ts';
import { executorsFor, type Situation } from '../../main/plan/situation.ts';
import { EXAMPLE_ROWS, exampleCase } from '../../main/plan/situation-for.ts';
import { machine } from '../helpers/machines.ts';
import { CONFIGS, type ConfigName } from './hollow-model.ts';

const GIGABYTE = 1e9;
const MEBIBYTE = 2 ** 20;
const NEVER = new AbortController().signal;
/** A computer with 32 GB, of which programs have 4. */
const COMPUTER = { totalBytes: 32 * GIGABYTE, freeBytes: 28 * GIGABYTE };
/** Of the card's memory: the driver, the screen and a browser. */
export const TAKEN_MEBIBYTES = 600;
const LENGTHS = [1024, 512, 256];

/** Cards by what people call their memory, with what nvidia-smi calls it. */
const CARDS = {
  8: { name: 'NVIDIA GeForce RTX 3060 Ti', mebibytes: 8192 },
  12: { name: 'NVIDIA GeForce RTX 3060', mebibytes: 12288 },
  16: { name: 'NVIDIA GeForce RTX 4080', mebibytes: 16376 },
  24: { name: 'NVIDIA GeForce RTX 4090', mebibytes: 24564 },
} as const;
export type CardGigabytes = keyof typeof CARDS;
export const CARD_GIGABYTES: readonly CardGigabytes[] = [8, 12, 16, 24];

/** Ways to compute on a card that differ in what they need. */
export const WAYS = { WebGPU: 'webgpu' } as const satisfies Readonly<Record<string, PlanDevice>>;
export type WayName = keyof typeof WAYS;

const TITLES: Readonly<Record<ConfigName, string>> = {
  'qwen3-0.6b': 'Qwen3 0.6B',
  'llama-1b': 'Llama 3.2 1B',
  'qwen-3b': 'Qwen2.5 3B',
  'qwen-7b': 'Qwen2.5 7B',
  'mistral-7b': 'Mistral 7B v0.3',
  'llama-8b': 'Llama 3.1 8B',
  'lfm2-350m': 'LFM2 350M',
  'qwen3.5-0.8b': 'Qwen3.5 0.8B',
  'gemma-3-270m': 'Gemma 3 270M',
  'gemma-3-1b': 'Gemma 3 1B',
  'smollm3-3b': 'SmolLM3 3B',
};

const GROUNDS: Grounds = {
  ...{ rates: null, platform: 'linux', probe: null, watts: null, pricePerKwh: 0 },
  residuals: { memory: [], step: [] },
};

/** The fixture's workstation with another card; its nvidia-smi says what such a card says. */
export async function computerWith(gigabytes: CardGigabytes): Promise<Hardware> {
  const { world, folder } = machine('rtx-4090');
  const { name, mebibytes } = CARDS[gigabytes];
  const told = (text: string) =>
    text
      .replace('NVIDIA GeForce RTX 4090', name)
      .replace(/\d+ MiB, \d+ MiB/, `${mebibytes} MiB, ${mebibytes - TAKEN_MEBIBYTES} MiB`);
  const run: typeof world.run = async (command, ...rest) => {
    const ran = await world.run(command, ...rest);
    return ran.kind === 'done' && command === 'nvidia-smi' ? { ...ran, stdout: told(ran.stdout) } : ran;
  };
  return await probeHardware({ folder, world: { ...world, run } });
}

/** QLoRA in 4 bits at the longest of `LENGTHS` that is comfortable, else that fits. */
async function proposed(name: ConfigName, gigabytes: CardGigabytes, way: WayName): Promise<PricedDraft> {
  const device = WAYS[way];
  const { parameterCount: parameters } = outline(readModel(CONFIGS[name]));
  const devices = devicesOf(await computerWith(gigabytes), { rates: null, ranOn: new Set() });
  const found: PricedDraft[] = [];
  for (const maxLength of LENGTHS) {
    const situation: Situation = {
      model: { parameters, contextLength: null, isWhole: true },
      ...{ rows: EXAMPLE_ROWS.count, profile: null, hasHeldOutFile: false, goal: null, catalog: [] },
      ...{ wish: { kind: 'best' }, totalBytes: COMPUTER.totalBytes },
      executors: executorsFor(devices, { device }, COMPUTER.freeBytes),
      own: { device, maxLength, epochs: 1 },
    };
    found.push(await searchMethod('qlora', situation, (settings) => priceOf(name, settings)));
    if (found.at(-1)!.fit === 'comfortable') break;
  }
  const byFit = (wanted: PricedDraft['fit']) => found.find(({ fit }) => fit === wanted);
  return byFit('comfortable') ?? byFit('tight') ?? found.at(-1)!;
}

async function priceOf(name: ConfigName, { rank, ...settings }: PlanSettings): Promise<PlanPrice> {
  const [price] = await pricesOf(
    [exampleCase({ config: CONFIGS[name] }, { ...settings, rank: rank! })],
    NEVER,
  );
  if (!price) throw new Error(`${name} has no price`);
  const { neededBytes, peakVramBytes } = estimate(price, GROUNDS);
  return { peakBytes: neededBytes, peakVramBytes, totalSeconds: null };
}

const WORDS = { comfortable: 'comfortable', tight: 'tight', 'too-big': 'too big' } as const;

/** A row of the table. */
export async function cardRow(name: ConfigName, gigabytes: CardGigabytes, way: WayName): Promise<string> {
  const { draft, price, fit } = await proposed(name, gigabytes, way);
  const { maxLength, rank, recompute } = draft.settings;
  const inGigabytes = (bytes: number) => (bytes / GIGABYTE).toFixed(1);
  const settings = [maxLength.toLocaleString('en'), rank, recompute];
  const { value, high } = price.peakVramBytes!;
  const card = `${inGigabytes(value)} (up to ${inGigabytes(high)}) GB`;
  const cells = [TITLES[name], `${gigabytes} GB`, way, WORDS[fit], ...settings];
  return `| ${[...cells, card, `${inGigabytes(price.peakBytes.value)} GB`].join(' | ')} |`;
}

/** The memory that the probes find free on a card, in bytes. */
export async function freeOn(gigabytes: CardGigabytes): Promise<number> {
  const devices = devicesOf(await computerWith(gigabytes), { rates: null, ranOn: new Set() });
  return cardAt({ device: 'webgpu', executor: 'ort' }, devices)!.freeBytes!;
}

/** The smaller one fits into the smallest card already. */
const ROWS: readonly (readonly [ConfigName, readonly CardGigabytes[]])[] = [
  ['qwen-3b', [8]],
  ['mistral-7b', CARD_GIGABYTES],
  ['qwen-7b', CARD_GIGABYTES],
  ['llama-8b', CARD_GIGABYTES],
];

/** Prints the table. */
export async function cardTable(): Promise<void> {
  console.log(
    '| shape of | card | through | fits | tokens a row | rank | `--recompute` | of the card | of the computer |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const [name, cards] of ROWS)
    for (const gigabytes of cards)
      for (const way of Object.keys(WAYS) as WayName[]) console.log(await cardRow(name, gigabytes, way));
}

if (import.meta.main) {
  for (const gigabytes of CARD_GIGABYTES)
    console.log(
      `A card of ${gigabytes} GB: ${CARDS[gigabytes].mebibytes * MEBIBYTE} bytes, ${await freeOn(gigabytes)} free`,
    );
  await cardTable();
}
