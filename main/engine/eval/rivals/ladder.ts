/**
 * The ladder of sorters: word counts first, then a head on the vectors of each encoder that lies here, the smallest first. Each is asked
 * training rows that it has not seen, and the next one is tried while its likely gain is worth its time. The best is trained on all rows.
 */
import { AppError } from '../../../../common/errors.ts';
import type { LadderEnd, SorterRung } from '../../../../common/protocol/protocol.ts';
import { encoderFiles, type FoundEncoder } from '../../load/find-encoders.ts';
import { rateDifference } from '../assess/statistics.ts';
import { accuracyOf } from '../classify/accuracy.ts';
import type { KnownRow } from '../classify/calibration.ts';
import { placeIn } from '../classify/closed-set.ts';
import { openTextVectors, type TextVectors } from '../vectors/vectors.ts';
import { headAnswerScores, trainAnswerHead } from './answer-head.ts';
import { type AnsweredText, type CrossedAnswers, crossedAnswers } from './answer-parts.ts';
import { writeCounter } from './counter-file.ts';
import { type MeasuredHead, writeHead } from './head-file.ts';
import { crossedRows } from './logistic.ts';
import { askedCounter, crossedCounter, type MeasuredCounter, rightsOf } from './rivals.ts';
import { headRows } from './vector-head.ts';

export interface LadderRows {
  readonly answers: readonly string[];
  /** Their answers are among `answers`. */
  readonly taught: readonly AnsweredText[];
  readonly asked: readonly AnsweredText[];
  readonly seed: number;
}

/** `folder`: of its encoder. */
type HeadSorter = { readonly method: 'vectors'; readonly folder: string } & MeasuredHead;
export type MeasuredSorter = ({ readonly method: 'words' } & MeasuredCounter) | HeadSorter;

/** Keeps a sorter in `folder`. */
export async function writeSorter(folder: string, measured: MeasuredSorter): Promise<void> {
  if (measured.method === 'words') await writeCounter(folder, measured);
  else await writeHead(folder, measured);
}

interface ReadingIo {
  readonly threads: number;
  readonly stop: AbortSignal;
  /** What is being done now. */
  phase(rung: Pick<SorterRung, 'method' | 'encoder'>, fraction?: number): void;
}

interface LadderIo extends ReadingIo {
  /** An encoder can't be used, and another way is there. */
  skipped(encoder: FoundEncoder, why: AppError): void;
  /** A rung is measured; `isBest`: it is kept so far. */
  rung(rung: SorterRung, isBest: boolean): void;
}

/** Which ways may be tried. */
export interface Ways {
  readonly words: boolean;
  readonly encoders: readonly FoundEncoder[];
}

export interface Climbed {
  readonly best: MeasuredSorter;
  readonly rungs: readonly SorterRung[];
  /** The sorter of each rung; missing where there was no time left to train it on all rows. */
  readonly sorters: readonly (MeasuredSorter | undefined)[];
  readonly end: LadderEnd;
}

/** The share of the errors so far that a first encoder likely takes away, and another one after it. */
const LIKELY = { first: 0.4, another: 0.15 };
/** A smaller gain is not looked for. */
const LEAST_GAIN = 0.005;
/** Seconds that a row more of 100 is worth, and seconds that are always spent. */
const WORTH = { aPoint: 60, always: 30 };

/** What an encoder likely adds to so many right, as a share of rows. */
export function likelyGain(accuracy: number, isFirst: boolean): number {
  return (1 - accuracy) * (isFirst ? LIKELY.first : LIKELY.another);
}

/** How long that gain is worth waiting for. */
export function worthSeconds(gain: number): number {
  return Math.max(WORTH.always, 100 * gain * WORTH.aPoint);
}

/** A way that was measured on rows that it has not seen. */
interface Tried<Measured extends MeasuredSorter = MeasuredSorter> {
  readonly rung: SorterRung;
  readonly crossed: CrossedAnswers;
  /** Trains it on all rows and asks the test rows. */
  finish(): Promise<Measured>;
  close(): Promise<void>;
}

/** Stops early with the best so far where `stop` is aborted; throws its reason before the first rung. */
export async function climb(rows: LadderRows, ways: Ways, io: LadderIo): Promise<Climbed> {
  const rungs: SorterRung[] = [];
  const sorters: (MeasuredSorter | undefined)[] = [];
  let best: Tried | null = null;
  const take = async (tried: Tried) => {
    rungs.push(tried.rung);
    const isBest = best === null || tried.rung.accuracy.value > best.rung.accuracy.value;
    io.rung(tried.rung, isBest);
    const other = isBest ? best : tried;
    if (isBest) best = tried;
    if (!other) return;
    try {
      sorters[rungs.indexOf(other.rung)] = await finished(other, io.stop);
    } finally {
      await other.close();
    }
  };
  try {
    if (ways.words) await take(await tryWords(rows, io));
    const end = await tryEncoders(rows, ways, io, () => best, take);
    const kept = best as Tried | null;
    if (!kept) throw io.stop.reason;
    io.phase(kept.rung);
    const finest = await kept.finish();
    sorters[rungs.indexOf(kept.rung)] = finest;
    return { best: finest, rungs, sorters, end };
  } finally {
    await (best as Tried | null)?.close();
  }
}

/** A way that is not the best, trained on all rows as well; undefined where the person does not wait for it. */
async function finished(tried: Tried, stop: AbortSignal): Promise<MeasuredSorter | undefined> {
  try {
    return stop.aborted ? undefined : await tried.finish();
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  }
}

async function tryEncoders(
  rows: LadderRows,
  { words, encoders }: Ways,
  io: LadderIo,
  best: () => Tried | null,
  take: (tried: Tried) => Promise<void>,
): Promise<LadderEnd> {
  if (encoders.length === 0) return { reason: words ? 'no-encoder' : 'all-tried', ...likelyOf(best(), true) };
  for (const [i, encoder] of encoders.entries()) {
    if (io.stop.aborted && best()) return { reason: 'stopped' };
    const before = best();
    const likely = before ? likelyGain(before.rung.accuracy.value, i === 0) : null;
    if (likely !== null && likely < LEAST_GAIN)
      return { reason: 'good-enough', encoder: encoder.name, gain: likely };
    const most = likely === null ? Number.POSITIVE_INFINITY : worthSeconds(likely);
    try {
      const tried = await tryVectors(rows, encoder, before, most, io);
      if (typeof tried === 'number')
        return { reason: 'too-slow', encoder: encoder.name, gain: likely!, seconds: tried };
      await take(tried);
    } catch (error) {
      if (best() === null) throw error;
      if (error instanceof AppError) io.skipped(encoder, error);
      else if (!io.stop.aborted) throw error;
    }
  }
  return { reason: io.stop.aborted ? 'stopped' : 'all-tried' };
}

function likelyOf(best: Tried | null, isFirst: boolean): { gain?: number } {
  return best ? { gain: likelyGain(best.rung.accuracy.value, isFirst) } : {};
}

async function tryWords({ answers, taught, asked, seed }: LadderRows, io: LadderIo): Promise<Tried> {
  const started = performance.now();
  const way = { method: 'words', encoder: null } as const;
  io.phase(way);
  const crossed = crossedCounter(answers, taught, seed);
  return {
    rung: rungOf(way, crossed.rows, null, started),
    crossed,
    finish: async () => ({ method: 'words', ...askedCounter(answers, taught, asked, crossed) }),
    close: async () => {},
  };
}

/** Texts that are read to learn how quick an encoder is: twice, since the first ones have it compiled. */
const PILOT = 64;

/** The way by an encoder's vectors; the seconds that it would take where they are more than `most`. */
export async function tryVectors(
  { answers, taught, asked, seed }: LadderRows,
  encoder: FoundEncoder,
  before: Tried | null,
  most: number,
  io: ReadingIo,
): Promise<Tried<HeadSorter> | number> {
  const started = performance.now();
  const way = { method: 'vectors', encoder: encoder.name } as const;
  io.phase(way);
  const open = await openTextVectors(encoder.path, io.threads);
  try {
    const reader = new Reader(open, encoder.prompt, io.stop);
    const order = crossedRows(taught.length, seed);
    const first = Array.from(order, (row) => taught[row]!.text);
    const all = taught.length + asked.length;
    await reader.read(first.slice(0, PILOT));
    const piloted = performance.now();
    await reader.read(first.slice(PILOT, 2 * PILOT));
    if (first.length >= 2 * PILOT) {
      const seconds = ((performance.now() - piloted) / 1000 / PILOT) * all;
      if (seconds > most) {
        await open.close();
        return seconds;
      }
    }
    await reader.read(first, (fraction) => io.phase(way, fraction));
    const vectorOf = (row: number) => reader.vectorOf(taught[row]!.text);
    const rowsOf = (labels: readonly string[]) => headRows(vectorOf, labels);
    const crossed = crossedAnswers(answers, taught, rowsOf, seed);
    const finish = async (): Promise<HeadSorter> => {
      const texts = [...taught, ...asked].map(({ text }) => text);
      await reader.read(texts, (fraction) => io.phase(way, fraction));
      const vectors = texts.map((text) => reader.vectorOf(text));
      const head = trainAnswerHead(answers, taught, vectors.slice(0, taught.length), crossed.strengths)!;
      const scores = headAnswerScores(head, vectors.slice(taught.length));
      const place = placeIn(answers);
      const rows = asked.map(({ answer }, i) => ({ scores: scores[i]!, truth: place(answer) }));
      const { name, prompt } = encoder;
      const known = {
        name,
        files: await encoderFiles(encoder.path),
        ...(prompt !== undefined && { prompt }),
      };
      return { method: 'vectors', folder: encoder.path, head, encoder: known, rows, crossed: crossed.rows };
    };
    return {
      rung: rungOf(way, crossed.rows, before, started),
      crossed,
      finish,
      close: () => open.close(),
    };
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** Vectors of texts, each read once. */
class Reader {
  readonly #open: TextVectors;
  readonly #prompt: string | undefined;
  readonly #stop: AbortSignal;
  readonly #known = new Map<string, Float32Array>();

  constructor(open: TextVectors, prompt: string | undefined, stop: AbortSignal) {
    this.#open = open;
    this.#prompt = prompt;
    this.#stop = stop;
  }

  vectorOf(text: string): Float32Array {
    return this.#known.get(text)!;
  }

  async read(texts: readonly string[], onFraction: (fraction: number) => void = () => {}): Promise<void> {
    const missing = [...new Set(texts)].filter((text) => !this.#known.has(text));
    const vectors = await this.#open.of(missing, {
      ...(this.#prompt !== undefined && { prompt: this.#prompt }),
      stop: this.#stop,
      onProgress: (done, total) => onFraction(done / total),
    });
    for (const [i, text] of missing.entries()) this.#known.set(text, vectors[i]!);
  }
}

function rungOf(
  way: Pick<SorterRung, 'method' | 'encoder'>,
  crossed: readonly KnownRow[],
  before: Tried | null,
  started: number,
): SorterRung {
  const rights = rightsOf({ rows: crossed });
  return {
    ...way,
    accuracy: accuracyOf(null, rights),
    // all ways were asked the same rows
    gain: before && rateDifference(rightsOf(before.crossed), rights),
    seconds: (performance.now() - started) / 1000,
  };
}
