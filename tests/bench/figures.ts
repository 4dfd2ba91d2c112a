/** The figures that trials give, and how a table writes them. */
import { median } from './rounds.ts';

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
const perSecond = (rate: number) => rate.toFixed(rate < 10 ? 1 : 0);
const seconds = (value: number) => `${value.toFixed(2)} s`;

/** Name, how it is written, and whether more is better; null where it has no ratio. */
export const FIGURES = {
  tokensPerSecond: ['tokens/s', perSecond, 'more'],
  pairsPerSecond: ['pairs/s', (rate: number) => rate.toFixed(2), 'more'],
  stepSeconds: ['a step', seconds, 'less'],
  /** Bears other programs better than the clock; a thread that waits in a loop counts as busy. */
  tokensPerProcessorSecond: ['tokens a processor second', perSecond, 'more'],
  /** Of a whole trial, where the system counts it. */
  wattHours: ['Wh in all, measured', (value: number) => value.toFixed(2), 'less'],
  tokensPerWattHour: ['tokens/Wh, estimated', perSecond, 'more'],
  processorSeconds: ['processor time of a step', seconds, 'less'],
  peakBytes: ['peak memory', gigabytes, 'less'],
  predictedBytes: ['predicted', gigabytes, null],
  firstStepSeconds: ['to the first step', seconds, 'less'],
  loss: ['loss', (loss: number) => loss.toFixed(4), null],
  heldOutLoss: ['held-out loss', (loss: number) => loss.toFixed(4), null],
  flopsPerSecond: ['GFLOP/s', (rate: number) => (rate / 1e9).toFixed(0), 'more'],
  utilisation: ['MFU', (share: number) => `${(100 * share).toFixed(0)}%`, 'more'],
  bytesPerSecond: ['MB/s', (rate: number) => (rate / 1e6).toFixed(1), 'more'],
  rowsPerSecond: ['rows/s', perSecond, 'more'],
  prefillPerSecond: ['prefill tokens/s', perSecond, 'more'],
  decodePerSecond: ['decode tokens/s', perSecond, 'more'],
  secondsPerRow: ['a row', seconds, 'less'],
  seconds: ['in all', seconds, 'less'],
  checkpointSeconds: ['a checkpoint', seconds, 'less'],
  resumeSeconds: ['resume to the next step', seconds, 'less'],
} as const satisfies Record<string, readonly [string, (value: number) => string, 'more' | 'less' | null]>;

export type FigureName = keyof typeof FIGURES;
export type Figures = Partial<Record<FigureName, number>> & {
  /** Share of a step by operation. */
  readonly shares?: Readonly<Record<string, number>>;
};

/** All trials of one contender; an error stands for trials that failed. */
export interface Measured {
  readonly name: string;
  readonly trials: readonly Figures[];
  readonly error?: string;
}

/** A table in Markdown; ratios are to the first contender that has the figure. */
export function tableOf(measured: readonly Measured[], names: readonly FigureName[]): string {
  const ratioOf = names.find((name) => FIGURES[name][2] !== null);
  const shown = names.filter((name) => measured.some((one) => valuesOf(one, name).length > 0));
  const lines = [
    ['', ...shown.map((name) => FIGURES[name][0]), ...(ratioOf ? ['ratio'] : [])],
    ['---', ...shown.map(() => '---'), ...(ratioOf ? ['---'] : [])],
    ...measured.map((one) => [
      one.name,
      ...(one.error === undefined
        ? shown.map((name) => cell(one, name))
        : [one.error, ...shown.slice(1).map(() => '')]),
      ...(ratioOf ? [ratio(one, measured[0]!, ratioOf)] : []),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export const valuesOf = ({ trials }: Measured, name: FigureName): number[] =>
  trials.map((trial) => trial[name]).filter((value) => value !== undefined);

/** The median, and how far the trials lie apart where that is more than a twentieth. */
function cell(one: Measured, name: FigureName): string {
  const values = valuesOf(one, name);
  if (values.length === 0) return '';
  const write = FIGURES[name][1];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const spread = most > 1.05 * least ? ` (${write(least)} to ${write(most)})` : '';
  return `${write(median(values))}${spread}`;
}

/** How many times better than the first contender: the median over rounds, since both of a round met the same machine. */
function ratio(one: Measured, first: Measured, name: FigureName): string {
  const [own, base] = [valuesOf(one, name), valuesOf(first, name)];
  const pairs = own.slice(0, base.length).map((value, i) => value / base[i]!);
  if (pairs.length === 0) return '';
  const times = median(FIGURES[name][2] === 'less' ? pairs.map((pair) => 1 / pair) : pairs);
  return `${times.toFixed(2)}x`;
}
