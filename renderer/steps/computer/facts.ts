/** What is known of a computer: facts and speeds as rows of words, the grid, all of it as text to copy. */

import type {
  Access,
  ComputerFacts,
  DeviceRates,
  GraphicsCard,
  Grid,
  GridCell,
  Hardware,
  MatmulRate,
  Rates,
  Why,
} from '../../../common/api/contract.ts';
import {
  executorOfWay,
  isMeasurable,
  type Measurable,
  measurableAt,
  processorOf,
} from '../../../common/settings/executors.ts';
import { lighterWords } from '../../../common/settings/plan.ts';
import { stepsText } from '../../../common/step-times.ts';
import { about, bytes, dateTime, flops, soldAs, speed } from '../../../common/words/format.ts';
import { marks } from '../../../common/words/marks.ts';
import { libraryOf } from '../../state/libraries.ts';
import { firstMethod } from '../../state/models.svelte.ts';
import { wizard } from '../../text/text.ts';

const text = wizard.computer;

export type FactRow = readonly [name: string, value: string];

/** What was found; graphics cards only where no probe told more of them. */
export function factRows(facts: ComputerFacts): FactRow[] {
  const { rows } = text;
  const { hardware } = facts;
  const graphics = facts.graphics.map(({ name, memory }) => text.graphicsMemory(name, memory));
  const extensions = hardware?.processor.extensions;
  const swap = hardware?.memory.swapTotal ?? null;
  return [
    [rows.processor, `${facts.processor} (${text.cores(facts.cores, facts.threads)})`],
    ...row(text.extensions, extensions === null ? text.unknown : extensions?.join(marks().comma)),
    [rows.memory, text.memory(facts.freeMemory, facts.totalMemory)],
    ...row(text.swap, swap !== null && bytes(swap)),
    [rows.disk, diskWords(facts)],
    ...row(
      rows.graphics,
      !hardware && (graphics.length === 0 ? text.noGraphics : graphics.join(marks().semicolon)),
    ),
    [rows.system, facts.system],
    ...row(text.inside, hardware?.inside),
    ...row(rows.power, facts.onBattery !== null && (facts.onBattery ? text.battery : text.mains)),
  ];
}

function row(name: string, value: string | false | null | undefined): FactRow[] {
  return value ? [[name, value]] : [];
}

function diskWords({ freeDisk, hardware }: ComputerFacts): string {
  const kind = hardware?.disk.kind ?? null;
  const free = freeDisk === null ? text.unknown : bytes(freeDisk);
  return kind === null ? free : `${free} (${text.diskKinds[kind]})`;
}

/** Layers narrower than this are adapters: their speed says nothing about the rest. */
const LAYER = 256;

/** What was measured, for the processor. */
export function speedRows(rates: Rates): FactRow[] {
  const { speeds } = text;
  const device = processorOf(rates.devices);
  if (!device) return [];
  const products = device.matmul.filter(isLayer).map((rate) => rate.flops);
  const middle = device.matmul.find((rate) => isLayer(rate) && isMiddle(rate));
  const quantised = (type: MatmulRate['type']) =>
    device.matmul.find((rate) => rate.type === type && isMiddle(rate) && rate.isUnpacked !== true)?.flops;
  const unpacked = (type: MatmulRate['type']) =>
    device.matmul.find((rate) => rate.type === type && isMiddle(rate) && rate.isUnpacked)?.flops;
  const sizes = device.elementwise.toSorted((a, b) => a.bytes - b.bytes);
  const [small, large] = [sizes[0], sizes.at(-1)];
  const all: readonly (FactRow | false)[] = [
    middle !== undefined && [
      speeds.products,
      speeds.productsValue(middle.flops, Math.min(...products), Math.max(...products)),
    ],
    quantised('int8') !== undefined && [speeds.int8, flops(quantised('int8'))],
    quantised('int4') !== undefined && [speeds.int4, flops(quantised('int4'))],
    unpacked('int8') !== undefined &&
      unpacked('int4') !== undefined && [
        speeds.unpacked,
        speeds.unpackedValue(unpacked('int8')!, unpacked('int4')!),
      ],
    small !== undefined &&
      large !== undefined && [
        speeds.elementwise,
        speeds.elementwiseValue(small.bytesPerSecond, large.bytesPerSecond),
      ],
    (device.steps?.length ?? 0) > 0 && [speeds.steps, device.steps!.map(stepText).join(marks().semicolon)],
    [speeds.memory, speed(rates.memoryBytesPerSecond)],
    [speeds.disk, diskSpeed(rates)],
    [speeds.with, speeds.withValue(device.threads, speeds.executors[device.executor] ?? device.executor)],
    [speeds.when, dateTime(rates.measured)],
  ];
  return all.filter((entry) => entry !== false);
}

const stepText = ({ width, tokens, seconds }: NonNullable<DeviceRates['steps']>[number]): string =>
  text.speeds.step(seconds, tokens, width);

function isLayer({ type, batch, inner, columns, transposed }: MatmulRate): boolean {
  return type === 'float32' && batch === 1 && Math.min(inner, columns) >= LAYER && transposed === undefined;
}

function isMiddle({ rows, inner, columns }: MatmulRate): boolean {
  return rows === 1024 && inner === 576 && columns === 1536;
}

function diskSpeed({ diskBytesPerSecond, diskReadFrom }: Rates): string {
  if (diskBytesPerSecond === null) return text.speeds.noDisk;
  return diskReadFrom === 'cache' ? text.speeds.fromCache(diskBytesPerSecond) : speed(diskBytesPerSecond);
}

/** What a way to a card is called. */
export function throughWords(through: Access['through']): string {
  const named: Readonly<Record<string, string>> = text.cards.through;
  const executor = executorOfWay(through);
  return named[through] ?? (executor && libraryOf(executor)?.way) ?? through;
}

/** A card's measured speed beside the processor's; a measurement of another card says nothing. */
export function cardSpeed(rates: Rates | null, device: Measurable, card: string): string {
  const found = rates?.devices.find((one) => measurableAt(one) === device && one.cards?.includes(card));
  const middle = (one: typeof found) => one?.matmul.find((rate) => isLayer(rate) && isMiddle(rate))?.flops;
  const flops = middle(found);
  if (!found || flops === undefined) return text.cards.notMeasured;
  const processor = middle(rates ? processorOf(rates.devices) : undefined);
  const when = found.measured ?? rates!.measured;
  const measured = text.cards.measured(flops, processor === undefined ? null : flops / processor, when);
  return [measured, stepsText(rates!, found)].filter(Boolean).join(marks().gap);
}

/** What others may want to know of a card: the system, the ways to it and its speed; nothing of the person. */
export function cardReport(card: GraphicsCard, system: string, rates: Rates | null): string {
  const ways = card.access.map(({ through, reason }) => {
    const measured = isMeasurable(through) ? [cardSpeed(rates, through, card.name)] : [];
    return [`${throughWords(through)}${marks().colon}${reason}`, ...measured].join(' ');
  });
  return [`${card.name}${marks().colon}${cardWords(card)}`, system, ...ways].join('\n');
}

/** What is known of a graphics card besides its name. */
export function cardWords(card: GraphicsCard): string {
  const { cards } = text;
  const words = [
    cards.kinds[card.kind],
    card.totalMemory !== null &&
      cards.memory(
        card.totalMemory,
        card.kind === 'discrete' ? soldAs(card.totalMemory) : '',
        card.freeMemory,
      ),
    card.unifiedMemory === true && cards.unified,
    card.driver !== null && cards.driver(card.driver),
    card.temperatureCelsius !== null && cards.temperature(card.temperatureCelsius),
    card.powerLimitWatts !== null && cards.power(card.powerLimitWatts),
    card.drivesScreen === true && cards.screen,
  ];
  return words.filter(Boolean).join(marks().comma);
}

interface GridRow {
  readonly size: string;
  /** The model that stands for it. */
  readonly model: string;
  readonly cells: readonly GridCell[];
}

/** A row for each size, in the order of the grid. */
export function sizesOf({ cells }: Grid): GridRow[] {
  return [...Map.groupBy(cells, ({ size }) => size)].map(([size, row]) => ({
    size,
    model: row[0]?.model ?? '',
    cells: row,
  }));
}

/** The cell of a size to try first: what fits well and is slow comes before what is tight. */
export function bestCell({ cells }: GridRow): GridCell | undefined {
  const byMethod = Object.fromEntries(
    cells.map((cell) => [cell.method, cell.fits === 'slow' ? { ...cell, fits: 'comfortable' } : cell]),
  );
  const first = firstMethod(byMethod as Record<GridCell['method'], GridCell>);
  return cells.find(({ method }) => method === first);
}

/** What any cell that fits has given up, each reason once. */
export function givenUp({ cells }: Grid): Why[] {
  const all = cells.filter(({ fits }) => fits !== 'too-big').flatMap(({ lighter }) => lighter);
  return [...new Map(all.map((why) => [why.key, why])).values()];
}

/** Extensions with which a processor multiplies in 16 bits. */
const BFLOAT16 = ['AVX-512 BF16', 'AMX', 'BF16'];

/** The packs that would be of use: ggml's where a card of its own works and there is one, and the speed pack where the processor has 16-bit products. */
export function wantedPacks({ graphics, processor, libraries }: Hardware): ('ggml' | 'openvino')[] {
  const hasCard = graphics.some(
    ({ kind, access }) => kind === 'discrete' && access.some(({ usable }) => usable),
  );
  const isFit = hasCard && libraries.ggml?.pack === 'ggml';
  const isQuick = processor.extensions?.some((name) => BFLOAT16.includes(name)) ?? false;
  return [...(isFit ? (['ggml'] as const) : []), ...(isQuick ? (['openvino'] as const) : [])];
}

/** The facts, what was measured, the graphics cards and the grid, in that order, with the time of `when`. */
export function reportOf(facts: ComputerFacts, grid: Grid | null, when = new Date()): string {
  const { rates, comparison, hardware } = facts;
  const speeds = rates ? speedRows(rates) : [];
  const parts = [
    lines(factRows(facts)),
    [...lines(speeds), ...(comparison ? [comparison.sentence] : [])],
    (hardware?.graphics ?? []).map((card) => `${card.name}${marks().colon}${cardWords(card)}`),
    grid ? gridLines(grid) : [],
  ];
  return text.report(
    parts.filter((part) => part.length > 0),
    when,
  );
}

const lines = (rows: readonly FactRow[]): string[] =>
  rows.map(([name, value]) => `${name}${marks().colon}${value}`);

function gridLines(grid: Grid): string[] {
  const words = text.grid;
  const sizes = sizesOf(grid).map(({ size, cells }) => {
    const said = cells.map(({ method, fits, peakBytes, vramBytes, seconds, place, lighter }) =>
      fits === 'too-big'
        ? text.reportCell(words.methods[method], words.fits[fits], [words.needs(peakBytes?.value ?? 0)])
        : text.reportCell(words.methods[method], words.fits[fits], [
            ...(peakBytes === null ? [] : [bytes(peakBytes.value)]),
            ...(seconds === null ? [] : [about(seconds.value)]),
            ...(place === null ? [] : [words.place(place, vramBytes?.value ?? null)]),
            ...(lighter.length === 0 ? [] : [lighterWords(lighter)]),
          ]),
    );
    return `${size}${marks().colon}${said.join(marks().semicolon)}`;
  });
  return [grid.sentence, grid.basis, words.lead(grid.examples, grid.tokens, grid.freeBytes), ...sizes];
}
