/** `fettle hardware`: what this computer has, and through what each graphics card can be used. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Access, GraphicsCard, Hardware, WebGpuAnswer } from '../../common/api/contract.ts';
import {
  EXECUTOR_NAMES,
  type ExtraWay,
  isMeasurable,
  MEASURABLE,
  traitsOf,
} from '../../common/settings/executors.ts';
import { probeHardware } from '../hardware/hardware.ts';
import { LIBRARIES } from '../hardware/libraries.ts';
import { dataFolder } from '../paths.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG, wantsJson } from './arguments.ts';
import { type Command, EXIT, type Streams } from './command.ts';
import { hanging, wrap } from './help.ts';
import { bytes, plural, printable, soldAs } from './words.ts';

const BENCH_FLAG: Flag = {
  name: 'bench',
  about: 'measure this computer for 15 to 30 seconds, and say what it can fine-tune',
  group: 'Measuring',
};

const DEVICE_FLAG: Flag = {
  name: 'device',
  about: 'with --bench: also measure this graphics card, such as webgpu',
  group: 'Measuring',
  value: MEASURABLE.join('|'),
};

const HARDWARE_FLAGS: readonly Flag[] = [BENCH_FLAG, DEVICE_FLAG, JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'hardware [flags]',
  about: 'Shows what this computer has and what was measured last.',
  examples: ['fettle hardware', 'fettle hardware --bench', 'fettle hardware --json'],
  flags: HARDWARE_FLAGS,
  run,
};

async function run({ values }: Arguments, streams: Streams): Promise<number> {
  const json = wantsJson({ values });
  const device = values.get('device') as string | undefined;
  const width = Math.min(120, Math.max(60, streams.out.columns ?? 100));
  const isNew = values.get('bench') === true;
  if (device !== undefined) checkDevice(device, isNew);
  const hardware = await hardwareWithWebgpu();
  const { measureHere, measuredBefore, measuredRows, problemsHere } = await import('./hardware-measured.ts');
  const measured = isNew ? await measureHere(streams, device) : await measuredBefore(hardware);
  const problems = problemsHere(hardware, measured);
  if (json) {
    const { rates = null, comparison = null, grid = null } = measured ?? {};
    streams.out.write(`${JSON.stringify({ ...hardware, rates, comparison, grid, problems })}\n`);
    return EXIT.ok;
  }
  const rows = measured ? measuredRows(measured, { isNew }) : [NOT_MEASURED];
  const fixes = problems.flatMap(({ title, fix }) => indented(`${title}. ${fix}`, width));
  const lines = [
    hardwareText(hardware, width),
    '',
    ...table(rows, width),
    ...(fixes.length === 0 ? [] : ['', 'What helps', ...fixes]),
  ];
  streams.out.write(`${lines.join('\n')}\n`);
  return EXIT.ok;
}

const NOT_MEASURED = [
  'Speed',
  'not measured: `fettle hardware --bench` measures it in 15 to 30 seconds, and says what this computer can fine-tune',
] as const;

/** Cards alone are named; the processor is always measured. */
function checkDevice(device: string, isNew: boolean): void {
  const known = `It is one of ${MEASURABLE.join(', ')}; the processor is always measured.`;
  if (!isMeasurable(device))
    throw badUsage(`--device ${device} is no graphics card that can be measured.`, known);
  if (isNew) return;
  const message =
    '--device names the graphics card that --bench measures; without --bench nothing is measured.';
  throw badUsage(message, `Write fettle hardware --bench --device ${device}.`);
}

/** What is found of this computer, with the disk that the data folder lies on or will lie on. */
export function hardwareHere(webgpu?: Promise<WebGpuAnswer>): Promise<Hardware> {
  return probeHardware({ folder: nearest(dataFolder()), ...(webgpu && { webgpu }) });
}

/** The same, and WebGPU is asked in a process of its own, which takes a second or two. */
export async function hardwareWithWebgpu(): Promise<Hardware> {
  const { askAdapters } = await import('../runs/engine-calls.ts');
  const { forkChild } = await import('../runs/fork.ts');
  return hardwareHere(askAdapters(forkChild));
}

/** The folder, or the deepest one above it that is there: before the first run there is no data folder. */
function nearest(folder: string): string {
  return existsSync(folder) || path.dirname(folder) === folder ? folder : nearest(path.dirname(folder));
}

/** What is said of the ways to a card that lead through extras' executors. */
function extraWays(of: (executor: string) => string): Readonly<Record<ExtraWay, string>> {
  const words = EXECUTOR_NAMES.flatMap((executor) => {
    const { way } = traitsOf(executor);
    return way === undefined ? [] : [[way, of(executor)] as const];
  });
  return Object.fromEntries(words) as Record<ExtraWay, string>;
}

/** The ways to compute on a card, by their names. */
export const WAYS: Readonly<Record<Access['through'], string>> = {
  webgpu: 'WebGPU',
  ...extraWays((executor) => traitsOf(executor).title),
};

/** The facts as a person reads them, at most `width` columns wide. */
export function hardwareText(hardware: Hardware, width: number): string {
  const { graphics, notes } = hardware;
  const rows: (readonly [string, string])[] = [
    ['System', `${hardware.system}${hardware.inside === null ? '' : `, in ${hardware.inside}`}`],
    ['Processor', processorText(hardware)],
    ['Memory', memoryText(hardware)],
    ['Disk', diskText(hardware)],
    ['Power', powerText(hardware)],
    ['WebGPU', wayText(hardware.webgpu)],
    ...libraryRows(hardware),
    ...(graphics.length === 0 ? [['Graphics', 'no graphics card was found'] as const] : []),
  ];
  return [
    ...table(rows, width),
    ...graphics.flatMap((card) => ['', ...cardLines(card, width)]),
    ...(notes.length === 0 ? [] : ['', 'Notes', ...notes.flatMap(({ message }) => indented(message, width))]),
  ].join('\n');
}

function processorText({ processor }: Hardware): string {
  const { name, physicalCores, threads, limit, extensions } = processor;
  const cores = physicalCores === null ? '' : `${plural(physicalCores, 'core')}, `;
  const used = `${cores}${plural(threads, 'thread')}`;
  const limited = limit === null ? '' : ` (limited to ${limit.processors} processors’ time by ${limit.by})`;
  const known = extensions === null ? 'extensions not known' : extensions.join(', ');
  return `${name}; ${used}${limited}${known === '' ? '' : `; ${known}`}`;
}

function memoryText({ memory }: Hardware): string {
  const { total, available, swapTotal, limit } = memory;
  const swap = swapTotal === null ? '' : swapTotal === 0 ? '; no swap' : `; ${bytes(swapTotal)} of swap`;
  const limited = limit === null ? '' : `; limited to ${bytes(limit.bytes)} by ${limit.by}`;
  return `${bytes(available)} of ${bytes(total)} available${swap}${limited}`;
}

const DISKS = { ssd: 'on an SSD', hdd: 'on a turning disk', network: 'over a network' } as const;

function diskText({ disk }: Hardware): string {
  const free = disk.free === null ? 'free space not known' : `${bytes(disk.free)} free`;
  return `${free}${disk.kind === null ? '' : ` ${DISKS[disk.kind]}`} (${disk.folder})`;
}

function powerText({ power: { hasBattery, onBattery, batteryPercent } }: Hardware): string {
  if (hasBattery === null) return 'not known';
  if (!hasBattery) return 'no battery';
  const filled = batteryPercent === null ? '' : `, ${batteryPercent}% full`;
  return `${onBattery === null ? 'has a battery' : onBattery ? 'runs on its battery' : 'plugged in'}${filled}`;
}

function cardLines(card: GraphicsCard, width: number): string[] {
  const ways = card.access.map((access) => [`  ${WAYS[access.through]}`, accessText(access)] as const);
  return table([['Graphics', `${card.name}: ${cardFacts(card).join(', ')}`], ...ways], width);
}

const wayText = ({ reason, fix }: Pick<Access, 'reason' | 'fix'>): string =>
  `${reason}${fix === null ? '' : ` -> ${fix}`}`;

/** How a command asks for a way. */
const ASKED: Readonly<Record<Access['through'], string>> = {
  webgpu: '--device webgpu',
  ...extraWays((executor) => `--executor ${executor}`),
};

/** Whether a way can be used, why, and the command that asks for it. */
export function accessText(access: Access): string {
  const { usable, through } = access;
  const how = usable ? ` Choose it with ${ASKED[through]}.` : '';
  return `${usable ? 'yes' : 'no'}: ${wayText(access)}${how}`;
}

/** What is said of the libraries of extras' executors. */
export function libraryRows({ libraries }: Pick<Hardware, 'libraries'>): (readonly [string, string])[] {
  return Object.entries(LIBRARIES).flatMap(([executor, { name, command, byHand }]) => {
    const facts = libraries[executor];
    if (!facts) return [];
    const how = facts.usable || facts.fix === null ? '' : ` ${facts.pack ? `Get it: ${command}` : byHand}`;
    return [[name, `${wayText(facts)}${how}`] as const];
  });
}

const KINDS: Readonly<Record<GraphicsCard['kind'], string>> = {
  discrete: 'a card of its own',
  integrated: 'part of the processor or the board',
  virtual: 'virtual',
  unknown: 'of unknown kind',
};

function cardFacts(card: GraphicsCard): string[] {
  const { totalMemory, freeMemory, unifiedMemory, driver, temperatureCelsius, powerLimitWatts } = card;
  const sold = totalMemory !== null && card.kind === 'discrete' ? soldAs(totalMemory) : '';
  return [
    KINDS[card.kind],
    totalMemory === null ? null : `${bytes(totalMemory)} of memory${sold}`,
    totalMemory === null || freeMemory === null ? null : `${bytes(freeMemory)} free`,
    unifiedMemory === true ? 'uses the processor’s memory' : null,
    driver === null ? 'no driver' : `driver ${driver}`,
    temperatureCelsius === null ? null : `${temperatureCelsius} °C`,
    powerLimitWatts === null ? null : `at most ${Math.round(powerLimitWatts)} W`,
    card.drivesScreen === null ? null : card.drivesScreen ? 'drives the screen' : 'drives no screen',
  ].filter((fact) => fact !== null);
}

const LEFT = 17;

function table(rows: readonly (readonly [string, string])[], width: number): string[] {
  return rows.flatMap(([name, text]) => row(name, text, width));
}

export function row(name: string, text: string, width: number): string[] {
  return hanging(name.padEnd(LEFT), printable(text), width);
}

const indented = (text: string, width: number) => wrap(printable(text), width - 2).map((line) => `  ${line}`);
