/**
 * The measuring part of `fettle hardware --bench`: the same engine process, the same report in the store and the same comparison
 * as in the window. Ctrl-C ends it, and nothing is kept of it then.
 */
import { setTimeout } from 'node:timers/promises';
import type { ComputerFacts, Grid, MatmulRate, Rates } from '../../preload/contract.ts';
import { groundsOf } from '../api/grounds.ts';
import type { BenchProgress } from '../engine/protocol.ts';
import { AppError } from '../errors.ts';
import { measureComputer } from '../hardware/measure.ts';
import { gridPrices, planGrid } from '../plan/grid.ts';
import { openEngineCalls } from '../runs/engine-calls.ts';
import { forkChild } from '../runs/fork-child.ts';
import type { Streams } from './command.ts';
import { onInterrupt } from './interrupt.ts';
import { openHistory } from './record.ts';
import { isTerminal } from './style.ts';
import { bytes, count, counted, duration } from './words.ts';

export interface Measured {
  readonly facts: ComputerFacts;
  readonly rates: Rates;
  readonly grid: Grid;
}

/** How long a cancelled engine may take to remove its temporary file. */
const PARTING_MS = 3000;

/** Measures this computer and keeps the report. Throws `AppError('stopped')` after Ctrl-C. */
export async function measureHere({ err }: Streams, device?: string): Promise<Measured> {
  const line = progressLine(err);
  const interrupt = onInterrupt(() => line.say('Stopping. Press Ctrl-C again to end at once.'), {
    computesHere: false,
  });
  let ended: Promise<unknown> = Promise.resolve();
  const engine = openEngineCalls(() => {
    const link = forkChild();
    ended = new Promise((resolve) => link.onExit(resolve));
    return link;
  });
  const store = await openHistory();
  try {
    const facts = await measureComputer({ store, engine }, line.show, interrupt.stop, {
      ...(device !== undefined && { device }),
    });
    const prices = await gridPrices((cases) => engine.prices(cases, interrupt.stop));
    const grid = planGrid(prices, groundsOf(store, 'ort'), facts.freeMemory);
    return { facts, rates: facts.rates!, grid };
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
      const text = `${String(Math.round(100 * fraction)).padStart(3)} %  ${doing}`;
      if (redraws) err.write(`\r\u001b[K${text.slice(0, (err.columns ?? 80) - 1)}`);
    },
    say(text: string): void {
      clear();
      err.write(`${text}\n`);
    },
    clear,
  };
}

export type Row = readonly [name: string, text: string];

/** What was measured, as rows of a name and words. */
export function measuredRows({ facts, rates, grid }: Measured): Row[] {
  // of a card that was measured at another time it is not said again
  const isNow = ({ measured = rates.measured }: Rates['devices'][number]) => measured === rates.measured;
  const [device, ...others] = rates.devices.filter(isNow);
  if (!device) return [];
  return [
    ...deviceRows(device, `${counted(device.threads, 'thread')}, ${device.executor}`),
    ...others.flatMap((other) => deviceRows(other, `--device ${other.device}, ${other.executor}`)),
    ['Memory', `${bytes(rates.memoryBytesPerSecond)}/s read and written`],
    ['Disk', diskText(rates)],
    ...(facts.comparison ? [['Compared', facts.comparison.sentence] as const] : []),
    ['Verdict', grid.sentence],
    ...gridRows(grid),
  ];
}

function deviceRows(device: Rates['devices'][number], on: string): Row[] {
  const sizes = device.elementwise.map((size) => `${bytes(size.bytesPerSecond)}/s of ${bytes(size.bytes)}`);
  return [
    ['Measured on', on],
    ...device.matmul.map((rate): Row => [`  ${KINDS[rate.type]}`, productText(rate)]),
    ['Number by number', sizes.join('; ')],
    ['Softmax', `${(device.softmaxElements / 1e6).toFixed(0)} million numbers/s`],
    ['Each operation', `${(device.nodeSeconds * 1e6).toFixed(1)} µs whatever its size`],
  ];
}

const KINDS: Readonly<Record<MatmulRate['type'], string>> = {
  float32: 'float32',
  int8: '8 bits',
  int4: '4 bits',
};

function productText({ batch, rows, inner, columns, transposed, flops }: MatmulRate): string {
  const many = batch > 1 ? `${batch} times ` : '';
  const turned = transposed === undefined ? '' : `, the ${transposed} one transposed`;
  return `${(flops / 1e9).toFixed(1)} GFLOP/s: ${many}${rows} x ${inner} by ${inner} x ${columns}${turned}`;
}

function diskText({ diskBytesPerSecond, diskReadFrom }: Rates): string {
  if (diskBytesPerSecond === null) return 'not measured: little room, or not writable';
  const where = diskReadFrom === 'cache' ? ", perhaps from the system's cache" : '';
  return `${bytes(diskBytesPerSecond)}/s read${where}`;
}

const METHODS = { lora: 'LoRA', qlora: 'QLoRA', full: 'full' } as const;
const FITS = {
  comfortable: 'comfortable',
  tight: 'tight',
  'too-big': 'too big',
  'not-yet': 'not yet',
} as const;

function gridRows({ cells, examples, tokens }: Grid): Row[] {
  const bySize = Map.groupBy(cells, ({ size }) => size);
  const rows = [...bySize].map(([size, row]): Row => {
    const said = row.map(({ method, fits, peakBytes, seconds }) => {
      const time = seconds === null || fits === 'too-big' ? '' : `, ${duration(seconds.value)}`;
      const figures = peakBytes === null ? '' : ` (${bytes(peakBytes.value)}${time})`;
      return `${METHODS[method]} ${FITS[fits]}${figures}`;
    });
    return [`  ${size}`, said.join('; ')];
  });
  return [['', `Memory, and time for ${count(examples)} examples of ${tokens} tokens, once:`], ...rows];
}
