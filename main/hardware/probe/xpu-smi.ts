/** Intel's tool, the only source of its cards' memory: their driver publishes none. */
import {
  type Answer,
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
