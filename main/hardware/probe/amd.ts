/**
 * AMD's tools. The JSON of amd-smi has changed from version to version: a list, or a list in "gpu_data"; amounts bare or with a unit; the
 * power limit under several names; warnings printed before the JSON. All of these are read. Many computers still have the older
 * rocm-smi instead, whose keys are sentences with capitals that vary by version.
 */
import {
  type Answer,
  amountIn,
  ask,
  bytesIn,
  isObject,
  type Json,
  jsonIn,
  numberIn,
  objectIn,
  objectsIn,
  pciAddress,
  textIn,
} from './answer.ts';
import type { World } from './world.ts';

export interface AmdCard {
  readonly address: string | null;
  readonly name: string | null;
  readonly driver: string | null;
  readonly totalMemory: number | null;
  readonly freeMemory: number | null;
  readonly temperatureCelsius: number | null;
  readonly powerLimitWatts: number | null;
  /** "GDDR6", "HBM2E", "LPDDR5": the last is the processor's own memory. */
  readonly memoryType: string | null;
}

/** The cards that AMD's tool knows. Its three questions are put at once. */
export async function askAmdSmi(world: World): Promise<Answer<readonly AmdCard[]>> {
  const put = (about: string) =>
    ask(world, {
      probe: 'amd-smi',
      command: 'amd-smi',
      args: [about, '--json'],
      read: (text) => {
        const rows = rowsIn(jsonIn(text));
        return rows.length === 0 ? null : rows;
      },
    });
  const [fixed, now, list] = await Promise.all([put('static'), put('metric'), put('list')]);
  if (fixed.facts === null) return { facts: null, notes: fixed.notes };
  return { facts: readAmdSmi(fixed.facts, now.facts ?? [], list.facts ?? []), notes: now.notes };
}

/** The rows of an answer, whatever it is wrapped in. */
export function rowsIn(value: unknown): readonly Json[] {
  return objectsIn(isObject(value) && 'gpu_data' in value ? value.gpu_data : value).filter(
    (row) => 'gpu' in row,
  );
}

/** Joins the rows of `amd-smi static`, `metric` and `list` by the number of the card. */
export function readAmdSmi(
  fixed: readonly Json[],
  now: readonly Json[],
  list: readonly Json[],
): readonly AmdCard[] {
  const of = (rows: readonly Json[], gpu: unknown) => rows.find((row) => row.gpu === gpu) ?? {};
  return fixed.map((row) => cardOf(row, of(now, row.gpu), of(list, row.gpu)));
}

function cardOf(fixed: Json, now: Json, listed: Json): AmdCard {
  const [asic, vram, driver, limit] = [fixed.asic, fixed.vram, fixed.driver, fixed.limit].map(objectIn) as [
    Json,
    Json,
    Json,
    Json,
  ];
  const [memory, heat] = [objectIn(now.mem_usage), objectIn(now.temperature)];
  const board = objectIn(fixed.board);
  const total = bytesIn(memory.total_vram, 'mb') ?? bytesIn(vram.size, 'mb');
  const used = bytesIn(memory.used_vram, 'mb');
  return {
    address: pciAddress(objectIn(fixed.bus).bdf ?? asic.pci_bdf ?? listed.bdf),
    name: textIn(asic.market_name) ?? textIn(board.product_name),
    driver: driverOf(textIn(driver.version) ?? textIn(driver.driver_version)),
    totalMemory: total,
    freeMemory:
      bytesIn(memory.free_vram, 'mb') ?? (total !== null && used !== null ? Math.max(0, total - used) : null),
    temperatureCelsius: amountIn(heat.edge) ?? amountIn(heat.hotspot) ?? amountIn(heat.edge_temperature),
    powerLimitWatts: powerLimit(limit),
    memoryType: textIn(vram.type),
  };
}

/** The kernel's own driver gives the kernel's whole banner as its version. */
function driverOf(version: string | null): string | null {
  const kernel = /^linux ?version ?(\d[\w.-]*?)(?:\(|\s|$)/i.exec(version ?? '')?.[1];
  return kernel === undefined ? version : `Linux ${kernel}`;
}

function powerLimit(limit: Json): number | null {
  const nested = objectIn(limit.ppt0);
  const ways = [
    limit.socket_power,
    limit.socket_power_limit,
    nested.socket_power_limit,
    limit.power_limit,
    limit.max_power,
    nested.max_power_limit,
  ];
  return ways.map(amountIn).find((watts) => watts !== null && watts > 0) ?? null;
}

const ROCM_ABOUT = [
  ...['--showproductname', '--showbus', '--showmeminfo', 'vram', '--showtemp', '--showmaxpower'],
  ...['--showdriverversion', '--json'],
];

/** The cards that AMD's older tool knows. */
export function askRocmSmi(world: World): Promise<Answer<readonly AmdCard[]>> {
  return ask(world, {
    probe: 'rocm-smi',
    command: 'rocm-smi',
    args: ROCM_ABOUT,
    read: (text) => readRocmSmi(jsonIn(text)),
  });
}

/** Reads an object with a "card0" for each card; null where there is none. */
export function readRocmSmi(value: unknown): readonly AmdCard[] | null {
  const answer = objectIn(value);
  const driver = textIn(lowered(objectIn(answer.system))['driver version']);
  const cards = Object.entries(answer).filter(([key, card]) => /^card\d+$/.test(key) && isObject(card));
  return cards.length === 0 ? null : cards.map(([, card]) => rocmCard(lowered(objectIn(card)), driver));
}

function lowered(object: Json): Json {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.toLowerCase().replace(/:$/, ''), value]),
  );
}

function rocmCard(card: Json, driver: string | null): AmdCard {
  const first = (...keys: string[]) => keys.map((key) => card[key]).find((value) => textIn(value) !== null);
  const total = numberIn(first('vram total memory (b)', 'vram total memory'));
  const used = numberIn(first('vram total used memory (b)', 'vram total used memory'));
  return {
    address: pciAddress(card['pci bus']),
    name: nameOf([card['card series'], card['card model'], card['card sku']]),
    driver,
    totalMemory: total,
    freeMemory: total !== null && used !== null ? Math.max(0, total - used) : null,
    temperatureCelsius: numberIn(first('temperature (sensor edge) (c)', 'temperature (sensor junction) (c)')),
    powerLimitWatts: numberIn(first('max graphics package power (w)')),
    memoryType: null,
  };
}

/** Some versions give a device number, 0x744c, where a name is meant. */
function nameOf(values: readonly unknown[]): string | null {
  return values.map(textIn).find((text) => text !== null && !/^0x[0-9a-f]+$/i.test(text)) ?? null;
}
