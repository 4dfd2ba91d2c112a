/**
 * The tools of AMD and Intel. The JSON of amd-smi has changed from version to version: a list, or a list in "gpu_data"; amounts bare or
 * with a unit; the power limit under several names; warnings before the JSON. Many computers still have the older rocm-smi instead.
 */
import { isRecord } from '../../../common/values.ts';
import {
  type Answer,
  amountIn,
  ask,
  bytesIn,
  freeOf,
  type Json,
  jsonIn,
  numberIn,
  objectIn,
  objectsIn,
  PATIENCE_MS,
  pciAddress,
  type ToolCard,
  textIn,
} from './answer.ts';
import type { World } from './world.ts';

export interface AmdCard extends ToolCard {
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
  return objectsIn(isRecord(value) && 'gpu_data' in value ? value.gpu_data : value).filter(
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
  const [asic, vram, driver, limit, board] = ['asic', 'vram', 'driver', 'limit', 'board'].map((part) =>
    objectIn(fixed[part]),
  ) as [Json, Json, Json, Json, Json];
  const [memory, heat] = [objectIn(now.mem_usage), objectIn(now.temperature)];
  const total = bytesIn(memory.total_vram, 'mb') ?? bytesIn(vram.size, 'mb');
  const used = bytesIn(memory.used_vram, 'mb');
  return {
    address: pciAddress(objectIn(fixed.bus).bdf ?? asic.pci_bdf ?? listed.bdf),
    name: textIn(asic.market_name) ?? textIn(board.product_name),
    driver: driverOf(textIn(driver.version) ?? textIn(driver.driver_version)),
    totalMemory: total,
    freeMemory: bytesIn(memory.free_vram, 'mb') ?? freeOf(total, used),
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
  '--showproductname',
  '--showbus',
  '--showmeminfo',
  'vram',
  '--showtemp',
  '--showmaxpower',
  '--showdriverversion',
  '--json',
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
  const cards = Object.entries(answer).filter(([key, card]) => /^card\d+$/.test(key) && isRecord(card));
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
    freeMemory: freeOf(total, used),
    temperatureCelsius: numberIn(first('temperature (sensor edge) (c)', 'temperature (sensor junction) (c)')),
    powerLimitWatts: numberIn(first('max graphics package power (w)')),
    memoryType: null,
  };
}

/** Some versions give a device number, 0x744c, where a name is meant. */
function nameOf(values: readonly unknown[]): string | null {
  return values.map(textIn).find((text) => text !== null && !/^0x[0-9a-f]+$/i.test(text)) ?? null;
}

/** More cards than this are not asked for one by one. */
const MOST_CARDS = 8;

/** The cards that Intel's tool knows. */
export async function askXpuSmi(world: World): Promise<Answer<readonly ToolCard[]>> {
  const until = performance.now() + PATIENCE_MS;
  const put = <T>(args: readonly string[], read: (value: unknown) => T | null) =>
    ask(
      world,
      { probe: 'xpu-smi', command: 'xpu-smi', args: [...args, '-j'], read: (text) => read(jsonIn(text)) },
      Math.max(200, until - performance.now()),
    );
  const list = await put(['discovery'], readList);
  if (list.facts === null) return { facts: null, notes: list.notes };
  const cards = await Promise.all(
    list.facts.slice(0, MOST_CARDS).map(async (row) => {
      const id = String(row.device_id);
      const [detail, now] = await Promise.all([
        put(['discovery', '-d', id], objectIn),
        put(['stats', '-d', id], objectIn),
      ]);
      return readXpuCard(row, detail.facts ?? {}, now.facts ?? {});
    }),
  );
  return { facts: cards, notes: [] };
}

/** The cards in `xpu-smi discovery -j`, without the shares that virtual machines get; null where it is another text. */
export function readList(value: unknown): readonly Json[] | null {
  const answer = objectIn(value);
  if (!('device_list' in answer)) return null;
  const isWhole = (row: Json) =>
    !/^(vf|virtual)$/i.test(String(row.device_function_type ?? row.function_type ?? ''));
  return objectsIn(answer.device_list).filter(isWhole);
}

/** Joins what the list, `discovery -d N` and `stats -d N` say of a card. */
export function readXpuCard(row: Json, detail: Json, now: Json): ToolCard {
  const total = numberIn(detail.memory_physical_size_byte) ?? bytesIn(detail.memory_physical_size, 'mib');
  const used = bytesIn(metric(now, 'XPUM_STATS_MEMORY_USED'), 'mib');
  return {
    address: pciAddress(detail.pci_bdf_address ?? row.pci_bdf_address),
    name: textIn(detail.device_name ?? row.device_name)?.replaceAll(/\((R|TM)\)/g, '') ?? null,
    driver: textIn(detail.driver_version),
    totalMemory: total,
    freeMemory: freeOf(total, used),
    temperatureCelsius: numberIn(metric(now, 'XPUM_STATS_GPU_CORE_TEMPERATURE')),
    powerLimitWatts: null,
  };
}

/** The newest value of a metric of the whole card, or else of its first tile. */
function metric(now: Json, name: string): unknown {
  const tiles = objectsIn(now.tile_level).flatMap((tile) => objectsIn(tile.data_list));
  const found = [...objectsIn(now.device_level), ...tiles].find((one) => one.metrics_type === name);
  return found?.value;
}
