/**
 * NVIDIA's own tool: what its driver says of each card. It comes with the driver, so that its failing tells
 * why the driver does not work. Old versions do not know every column and refuse them all; then the unknown
 * ones are left out.
 */
import { say } from '../../../common/words/language.ts';
import {
  type Answer,
  ask,
  bytesIn,
  numberIn,
  PATIENCE_MS,
  pciAddress,
  type Question,
  type ToolCard,
  textIn,
} from './answer.ts';
import type { World } from './world.ts';

export interface NvidiaCard extends ToolCard {
  readonly drivesScreen: boolean | null;
  /** 8.6, for example. */
  readonly computeCapability: number | null;
  /** Names of the parts that it is divided into, "3g.20gb"; null where it is not divided. */
  readonly parts: readonly string[] | null;
}

const COLUMNS = [
  'pci.bus_id',
  'name',
  'driver_version',
  'memory.total',
  'memory.free',
  'temperature.gpu',
  'power.limit',
  'display_active',
  'mig.mode.current',
  'compute_cap',
];

/** Columns that it may refuse before Fettle gives up. */
const MOST_REFUSED = 5;

/** Where it is; under WSL and on older Windows its folder is not in the path of every program. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  linux: ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'],
  win32: [
    'nvidia-smi',
    'C:\\Windows\\System32\\nvidia-smi.exe',
    'C:\\Program Files\\NVIDIA Corporation\\NVSMI\\nvidia-smi.exe',
  ],
};

/** The cards that the driver of NVIDIA runs; none is an answer, too. */
export async function askNvidiaSmi(world: World): Promise<Answer<readonly NvidiaCard[]>> {
  const until = performance.now() + PATIENCE_MS;
  const left = () => Math.max(200, until - performance.now());
  let answer: Answer<readonly NvidiaCard[]> = { facts: null, notes: [] };
  for (const command of PLACES[world.platform] ?? []) {
    answer = await askColumns(world, command, left);
    const divided = answer.facts?.some(({ parts }) => parts !== null);
    if (divided) return { ...answer, facts: await withParts(world, command, answer.facts ?? [], left) };
    if (answer.notes[0]?.kind !== 'missing') return answer;
  }
  return answer;
}

async function askColumns(
  world: World,
  command: string,
  left: () => number,
): Promise<Answer<readonly NvidiaCard[]>> {
  let columns: readonly string[] = COLUMNS;
  for (let refused = 0; ; refused += 1) {
    let unknown: string | null = null;
    const question: Question<readonly NvidiaCard[]> = {
      probe: 'nvidia-smi',
      command,
      args: [`--query-gpu=${columns.join(',')}`, '--format=csv'],
      read: (text) => {
        unknown = /field "([\w.]+)" is not a valid field/i.exec(text)?.[1] ?? null;
        return readNvidiaSmi(text);
      },
      advice: nvidiaAdvice,
    };
    const answer = await ask(world, question, left());
    if (unknown === null || !columns.includes(unknown) || refused === MOST_REFUSED) return answer;
    columns = columns.filter((column) => column !== unknown);
  }
}

/** Reads its table with a header; null where it is none. Lines about a card that is lost are passed over. */
export function readNvidiaSmi(text: string): readonly NvidiaCard[] | null {
  if (/^no devices were found/im.test(text)) return [];
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const at = lines.findIndex((line) => /\bname\b/.test(line) && /,\s*driver_version\b/.test(line));
  if (at < 0) return null;
  const head = cells(lines[at]!).map((title) => title.replace(/\s*\[.*$/, ''));
  const rows = lines.slice(at + 1).map(cells);
  return rows
    .filter((row) => row.length === head.length)
    .map((row) => cardOf(new Map(head.map((title, i) => [title, row[i]!]))));
}

/** A comma without a space belongs to a number: some systems write 170,00 W. */
const cells = (line: string) => line.split(/,\s+/).map((cell) => cell.trim());

function cardOf(row: ReadonlyMap<string, string>): NvidiaCard {
  const active = row.get('display_active');
  return {
    address: pciAddress(row.get('pci.bus_id')),
    name: withMaker(textIn(row.get('name')) ?? 'NVIDIA graphics card'),
    driver: textIn(row.get('driver_version')),
    totalMemory: bytesIn(row.get('memory.total'), 'mib'),
    freeMemory: bytesIn(row.get('memory.free'), 'mib'),
    temperatureCelsius: numberIn(row.get('temperature.gpu')),
    powerLimitWatts: numberIn(row.get('power.limit')),
    drivesScreen: active === 'Enabled' ? true : active === 'Disabled' ? false : null,
    computeCapability: numberIn(row.get('compute_cap')),
    parts: row.get('mig.mode.current') === 'Enabled' ? [] : null,
  };
}

/** Drivers before 470 leave the maker out. */
const withMaker = (name: string) => (/^nvidia/i.test(name) ? name : `NVIDIA ${name}`);

async function withParts(world: World, command: string, cards: readonly NvidiaCard[], left: () => number) {
  const list = await ask(world, { probe: 'nvidia-smi', command, args: ['-L'], read: readParts }, left());
  return cards.map((card, i) => (card.parts === null ? card : { ...card, parts: list.facts?.[i] ?? [] }));
}

/** Reads `nvidia-smi -L`: for each card the profiles of its MIG parts. */
export function readParts(text: string): readonly (readonly string[])[] | null {
  const cards: string[][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^GPU \d+:/.test(line)) cards.push([]);
    const profile = /^\s+MIG (\S+)\s+Device\s+\d+:/.exec(line)?.[1];
    if (profile !== undefined) cards.at(-1)?.push(profile);
  }
  return cards.length === 0 ? null : cards;
}

/** What to do when it fails with this text. */
export function nvidiaAdvice(text: string): string | null {
  if (/couldn't communicate with the nvidia driver/i.test(text))
    return say`NVIDIA’s driver is installed but not loaded. Restart the computer. If that doesn’t help, install the driver again.`;
  if (/version mismatch/i.test(text)) return say`The driver was updated while in use. Restart the computer.`;
  if (/insufficient permissions|permission denied/i.test(text))
    return say`You may not use the card. On most systems, your user must be in the group “video” or “render”.`;
  if (/unable to determine the device handle|gpu is lost|has fallen off the bus/i.test(text))
    return say`The card no longer answers. Restart the computer. If it happens again, check its power supply and temperature.`;
  if (/nvml.*not found|libnvidia-ml/i.test(text))
    return say`Its library is missing. Install NVIDIA’s driver again.`;
  return null;
}
