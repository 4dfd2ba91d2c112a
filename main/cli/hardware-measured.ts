/** A measurement of this computer as `fettle hardware` prints it: just made, or an earlier one. */
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type {
  ComputerFacts,
  Grid,
  Hardware,
  MatmulRate,
  Rates,
  RatesComparison,
} from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { BenchProgress } from '../../common/protocol/protocol.ts';
import { measurableAt } from '../../common/settings/executors.ts';
import { lighterWords } from '../../common/settings/plan.ts';
import { stepsText } from '../../common/step-times.ts';
import { computerProblems, problemsOf } from '../../common/words/computer-problems.ts';
import { dateTime } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { exampleComputer } from '../app/grounds.ts';
import { openHistory } from '../app/history.ts';
import { refuseBesideTraining } from '../app/probe.ts';
import { askHere } from '../app/work-here.ts';
import { measureComputer } from '../hardware/measure.ts';
import { dataFolder } from '../paths.ts';
import { planGrid } from '../plan/example-fit.ts';
import { openEngineCalls } from '../runs/engine-calls.ts';
import { forkChild } from '../runs/fork.ts';
import { KeptPrices } from '../runs/kept-prices.ts';
import { onInterrupt, type Streams } from './command.ts';
import { USUAL_COLUMNS } from './display.ts';
import { bytes, duration, isTerminal, number, percent, plural } from './words.ts';

export interface SpeedFigures {
  readonly rates: Rates;
  readonly speed: ComputerFacts['speed'];
  /** With the measurement before; null where there is none. */
  readonly comparison: RatesComparison | null;
  readonly grid: Grid;
}

/** What was measured last, with what this computer can fine-tune in the memory that is free now; null where nothing was. */
export async function measuredBefore(hardware: Hardware): Promise<SpeedFigures | null> {
  // a look at the computer leaves nothing behind
  if (!existsSync(dataFolder())) return null;
  const store = await openHistory().catch(() => null);
  if (!store) return null;
  try {
    const { rates, speed, comparison } = store.hardware.latest() ?? {};
    if (!rates) return null;
    const computer = await exampleComputer(store, hardware);
    const grid = await askHere((engine) => planGrid(computer, (cases) => engine.prices(cases)));
    return { rates, speed: speed ?? null, comparison: comparison ?? null, grid };
  } finally {
    store.close();
  }
}

/** What may get in the way of training here, and what helps. */
export function problemsHere(
  { memory, disk, power }: Hardware,
  measured: Pick<SpeedFigures, 'rates' | 'speed'> | null,
) {
  const found = problemsOf({
    totalMemory: memory.total,
    freeMemory: memory.available,
    freeDisk: disk.free,
    onBattery: power.onBattery,
    speed: measured?.speed ?? null,
    rates: measured?.rates ?? null,
  });
  return found.map((problem) => ({ problem, ...computerProblems[problem] }));
}

export type Row = readonly [name: string, text: string];

/** What was measured, as rows of a name and words; `isNew`: just now, so that a card that was measured before is not told again. */
export function measuredRows(
  { comparison, rates, grid }: Omit<SpeedFigures, 'speed'>,
  { isNew = false }: { readonly isNew?: boolean } = {},
): Row[] {
  const isNow = ({ measured = rates.measured }: Rates['devices'][number]) => measured === rates.measured;
  const [device, ...others] = isNew ? rates.devices.filter(isNow) : rates.devices;
  if (!device) return [];
  const when = (one: Rates['devices'][number]) => (isNow(one) ? '' : `, ${dateTime(one.measured)}`);
  return [
    ['Measured', dateTime(rates.measured)],
    ...deviceRows(device, `${plural(device.threads, 'thread')}, ${device.executor}`),
    ...others.flatMap((one) => {
      // one of an earlier version can't be asked for any more
      const way = measurableAt(one);
      const compared = stepsText(rates, one);
      return way
        ? [
            ...deviceRows(one, `--device ${way}, ${one.executor}${when(one)}`),
            ...(compared ? [['In all', compared] as const] : []),
          ]
        : [];
    }),
    ['Memory', `${bytes(rates.memoryBytesPerSecond)}/s read and written`],
    ['Disk', diskText(rates)],
    ...(comparison ? [['Compared', comparison.sentence] as const] : []),
    ['Verdict', grid.sentence],
    ...gridRows(grid),
  ];
}

function deviceRows(device: Rates['devices'][number], on: string): Row[] {
  const sizes = device.elementwise.map((size) => `${bytes(size.bytesPerSecond)}/s of ${bytes(size.bytes)}`);
  return [
    ['Measured on', on],
    ...device.matmul.map((rate): Row => [`  ${KINDS[rate.type]}`, productText(rate)]),
    ...bareRows(device),
    ['Number by number', sizes.join('; ')],
    ['Softmax', `${(device.softmaxElements / 1e6).toFixed(0)} million numbers/s`],
    ...(device.memoryBytesPerSecond && measurableAt(device)
      ? [['Its memory', `${bytes(device.memoryBytesPerSecond)}/s read and written`] as const]
      : []),
    ...(device.steps ?? []).map(({ width, tokens, seconds }, i): Row => {
      const text = `${stepTime(seconds)} for ${number(tokens)} tokens, layers of ${number(width)}`;
      return [i === 0 ? 'A LoRA step' : '', text];
    }),
    ['Each operation', `${(device.nodeSeconds * 1e6).toFixed(1)} µs whatever its size`],
  ];
}

const stepTime = (seconds: number) =>
  seconds < 1 ? `${(seconds * 1000).toFixed(0)} ms` : `${seconds.toFixed(1)} s`;

/** Why bare products with quantised weights have no figure there. */
function bareRows(device: Rates['devices'][number]): Row[] {
  const { matmul } = device;
  if (matmul.some(({ type, isUnpacked = false }) => type !== 'float32' && !isUnpacked)) return [];
  const why =
    measurableAt(device) === undefined
      ? 'not measured then'
      : 'the bare products are not measured on a card: no training uses them, each unpacks the weights first';
  return [['  8 and 4 bits', why]];
}

const KINDS: Readonly<Record<MatmulRate['type'], string>> = {
  float32: 'float32',
  int8: '8 bits',
  int4: '4 bits',
};

function productText({ batch, rows, inner, columns, transposed, isUnpacked, flops }: MatmulRate): string {
  const many = batch > 1 ? `${batch} times ` : '';
  const how = transposed === undefined ? '' : `, the ${transposed} one transposed`;
  const turned = isUnpacked ? ', unpacked to float32 first, as QLoRA does' : how;
  return `${(flops / 1e9).toFixed(1)} GFLOP/s: ${many}${rows} x ${inner} by ${inner} x ${columns}${turned}`;
}

function diskText({ diskBytesPerSecond, diskReadFrom, diskWrittenPerSecond }: Rates): string {
  if (diskBytesPerSecond === null) return 'not measured: little room, or not writable';
  const where = diskReadFrom === 'cache' ? ", perhaps from the system's cache" : '';
  const written = diskWrittenPerSecond === undefined ? '' : `, ${bytes(diskWrittenPerSecond)}/s written`;
  return `${bytes(diskBytesPerSecond)}/s read${where}${written}`;
}

const METHODS = { lora: 'LoRA', qlora: 'QLoRA', full: 'full' } as const;
const FITS = {
  comfortable: 'comfortable',
  tight: 'tight',
  slow: 'slow',
  'too-big': 'too big',
  'not-yet': 'not yet',
} as const;

function gridRows({ cells, examples, tokens, basis }: Grid): Row[] {
  const bySize = Map.groupBy(cells, ({ size }) => size);
  const rows = [...bySize].flatMap(([size, row]) =>
    row.map((cell, i): Row => [i === 0 ? `  ${size}` : '', cellText(cell)]),
  );
  const head = `Memory, and time for ${number(examples)} examples of ${tokens} tokens, once:`;
  return [['', basis], ['', head], ...rows];
}

/** `QLoRA tight (7.6 GB, 2 h 10 min, computes values again)`. */
function cellText({
  method,
  fits,
  peakBytes,
  vramBytes,
  seconds,
  place,
  lighter,
}: Grid['cells'][number]): string {
  const fit = `${METHODS[method]} ${FITS[fits]}`;
  if (peakBytes === null) return fit;
  if (fits === 'too-big') return `${fit} (${bytes(peakBytes.value)} at least)`;
  const said = [
    bytes(peakBytes.value),
    ...(seconds === null ? [] : [duration(seconds.value)]),
    ...(lighter.length === 0 ? [] : [lighterWords(lighter)]),
    ...(place === null ? [] : [`on ${place}${vramBytes ? `, ${bytes(vramBytes.value)} of its memory` : ''}`]),
  ];
  return `${fit} (${said.join(', ')})`;
}

/** How long a cancelled engine may take to remove its temporary file. */
const PARTING_MS = 3000;

/** Measures this computer and keeps the report. Throws `AppError('stopped')` after Ctrl-C. */
export async function measureHere({ err }: Streams, device?: string): Promise<SpeedFigures> {
  const line = progressLine(err);
  const interrupt = onInterrupt(() => line.say(say`Stopping. Press Ctrl-C again to end at once.`));
  let ended: Promise<unknown> = Promise.resolve();
  const fork = () => {
    const link = forkChild();
    ended = new Promise((resolve) => link.onExit(resolve));
    return link;
  };
  const engine = openEngineCalls(fork, { keptPrices: new KeptPrices() });
  const store = await openHistory();
  try {
    const mayKeep = () => refuseBesideTraining(store);
    mayKeep();
    const facts = await measureComputer({ store, engine }, line.show, interrupt.stop, {
      mayKeep,
      ...(device !== undefined && { device }),
    });
    const computer = await exampleComputer(store);
    const grid = await planGrid(computer, (cases) => engine.prices(cases, interrupt.stop));
    const { comparison = null, speed } = facts;
    return { comparison, speed, rates: facts.rates!, grid };
  } catch (error) {
    if (!interrupt.stop.aborted) throw error;
    await Promise.race([ended, setTimeout(PARTING_MS)]);
    throw new AppError('stopped', 'The measurement was stopped; nothing was kept of it.', '');
  } finally {
    line.clear();
    engine.close();
    store.close();
    interrupt.release();
  }
}

/** One line that is drawn again and again on a terminal, and nothing elsewhere. */
function progressLine(err: Streams['err']) {
  const redraws = isTerminal(err, process.env);
  const clear = () => redraws && err.write('\r\u001b[K');
  return {
    show({ fraction, doing }: BenchProgress): void {
      const text = `${percent(fraction).padStart(4)}  ${doing}`;
      if (redraws) err.write(`\r\u001b[K${text.slice(0, (err.columns || USUAL_COLUMNS) - 1)}`);
    },
    say(text: string): void {
      clear();
      err.write(`${text}\n`);
    },
    clear,
  };
}
