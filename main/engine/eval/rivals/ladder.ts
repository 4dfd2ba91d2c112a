/**
 * The ladder of sorters: word counts first, then a head on the vectors of each encoder that lies here, the smallest first. Each is asked
 * training rows that it has not seen, and the next one is tried while its likely gain is worth its time. The best is trained on all rows.
 */
import { AppError } from '../../../../common/errors.ts';
import type { LadderEnd, SorterRung } from '../../../../common/protocol/protocol.ts';
import { encoderFiles, type FoundEncoder } from '../../load/find-encoders.ts';
import { placeIn } from '../classify/closed-set.ts';
import { openTextVectors } from '../vectors/vectors.ts';
import { trainAnswerCounter } from './answer-counter.ts';
import { type AnswerHead, headAnswerScores, trainAnswerHead } from './answer-head.ts';
import { type CrossedAnswers, crossedAnswers } from './answer-parts.ts';
import { crossedRows } from './logistic.ts';
import { askedCounter, crossedCounter } from './rivals.ts';
import {
  allOf,
  columnsOf,
  type HeadSorter,
  type LadderColumn,
  type LadderRows,
  type MeasuredSorter,
  measured,
  Reader,
  type ReadingIo,
  type Tried,
  withOthers,
} from './rung.ts';
import { tryTraining } from './training-rungs.ts';
import { headRows } from './vector-head.ts';
import { TextCounts } from './word-counts.ts';
import { LEAST_GAIN, likelyGain, worthSeconds } from './worth.ts';

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
  /** Whether the encoder is trained: not at all, where that is worth its time, or in any case. */
  readonly training: 'never' | 'worth' | 'always';
}

export interface LadderResult {
  readonly best: MeasuredSorter;
  readonly rungs: readonly SorterRung[];
  /** The sorter of each rung; missing where there was no time left to train it on all rows, and where its encoder was trained in vain. */
  readonly sorters: readonly (MeasuredSorter | undefined)[];
  readonly end: LadderEnd;
}

const NEVER = new AbortController().signal;

/** Stops early with the best so far where `stop` is aborted; throws its reason before the first rung. */
export async function climb(rows: LadderRows, ways: Ways, io: LadderIo): Promise<LadderResult> {
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
    let end = await tryEncoders(rows, ways, io, () => best, take);
    const base = best as Tried | null;
    if (end.reason === 'all-tried' && ways.training !== 'never' && base?.read) {
      end = await tryTraining(
        rows,
        { ...base, read: base.read },
        ways.training,
        io,
        async (tried, isBest, isLast) => {
          rungs.push(tried.rung);
          io.rung(tried.rung, isBest);
          if (!isBest) return;
          // a stop while the next one is trained must not cost this one
          const whole = isLast ? null : await tried.finish(io.stop);
          // it needs the same encoder, which is closed with it
          best = { ...tried, ...(whole && { finish: async () => whole }), close: () => base.close() };
        },
      );
    }
    let kept = best as Tried | null;
    if (!kept) throw io.stop.reason;
    io.phase(kept.rung);
    let finest: MeasuredSorter;
    try {
      // what was measured is kept after a stop, another training is not waited for
      finest = await kept.finish(kept === base ? NEVER : io.stop);
    } catch (error) {
      if (!base || kept === base || !io.stop.aborted) throw error;
      kept = base;
      end = { reason: 'stopped' };
      finest = await base.finish(NEVER);
    }
    sorters[rungs.indexOf(kept.rung)] = finest;
    // of trained ones the best alone: another would be trained on all rows, too
    if (base && base.rung !== kept.rung) sorters[rungs.indexOf(base.rung)] = await finished(base, io.stop);
    return { best: finest, rungs, sorters, end };
  } finally {
    await (best as Tried | null)?.close();
  }
}

/** A way that is not the best, trained on all rows as well; undefined where the person does not wait for it. */
async function finished(tried: Tried, stop: AbortSignal): Promise<MeasuredSorter | undefined> {
  try {
    return stop.aborted ? undefined : await tried.finish(stop);
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
  const of = rows.of === undefined ? 'one' : 'set';
  if (encoders.length === 0) {
    const found = best();
    const gain = found && { gain: likelyGain(found.rung.accuracy.value, true, of) };
    return { reason: words ? 'no-encoder' : 'all-tried', ...gain };
  }
  for (const [i, encoder] of encoders.entries()) {
    if (io.stop.aborted && best()) return { reason: 'stopped' };
    const before = best();
    const likely = before ? likelyGain(before.rung.accuracy.value, i === 0, of) : null;
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

async function tryWords(rows: LadderRows, io: LadderIo): Promise<Tried> {
  const started = performance.now();
  const way = { method: 'words', encoder: null } as const;
  io.phase(way);
  const columns = columnsOf(rows);
  const counts = new TextCounts();
  const crossed = columns.map(({ answers, taught }) => crossedCounter(answers, taught, rows.seed, counts));
  const found = crossed.map((one) => one.rows);
  return {
    ...measured(way, rows, found, null, started),
    finish: async () =>
      withOthers(
        columns.map((one, i) => {
          const { answers, taught, asked } = one;
          const measured = askedCounter(answers, taught, asked, crossed[i]!, counts);
          if (!rows.learnsAsked) return { method: 'words', ...measured };
          const { strengths } = crossed[i]!;
          const counter = trainAnswerCounter(answers, allOf(one), strengths, counts)!;
          return { method: 'words', ...measured, counter, learnedAsked: true };
        }),
      ),
    close: async () => {},
  };
}

/** Texts that are read to learn how quick an encoder is: twice, since the first ones have it compiled. */
const PILOT = 64;

/** The way by an encoder's vectors; the seconds that it would take where they are more than `most`. */
export async function tryVectors(
  rows: LadderRows,
  encoder: FoundEncoder,
  before: Tried | null,
  most: number,
  io: ReadingIo,
): Promise<Tried<HeadSorter> | number> {
  const started = performance.now();
  const way = { method: 'vectors', encoder: encoder.name } as const;
  io.phase(way);
  const columns = columnsOf(rows);
  const { taught, seed } = rows;
  const open = await openTextVectors(encoder.path, io.threads);
  try {
    const reader = new Reader(open, encoder.prompt, io.stop);
    const order = crossedRows(taught.length, seed);
    const first = Array.from(order, (row) => taught[row]!.text);
    const all = new Set(columns.flatMap((one) => [...one.taught, ...one.asked]).map(({ text }) => text)).size;
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
    const crossedTexts = columns.flatMap((one) =>
      Array.from(crossedRows(one.taught.length, seed), (row) => one.taught[row]!.text),
    );
    await reader.read(crossedTexts, (fraction) => io.phase(way, fraction));
    const crossed = columns.map((one) => {
      const vectorOf = (row: number) => reader.vectorOf(one.taught[row]!.text);
      return crossedAnswers(one.answers, one.taught, (labels) => headRows(vectorOf, labels), seed);
    });
    const finish = async (stop: AbortSignal): Promise<HeadSorter> => {
      const texts = columns.flatMap((one) => [...one.taught, ...one.asked]).map(({ text }) => text);
      await reader.read(texts, (fraction) => io.phase(way, fraction), stop);
      const { name, prompt } = encoder;
      const known = {
        name,
        files: await encoderFiles(encoder.path),
        ...(prompt !== undefined && { prompt }),
      };
      const about = { method: 'vectors', folder: encoder.path, encoder: known } as const;
      return withOthers(
        columns.map((one, i) => {
          const measured = askedHead(one, reader, crossed[i]!);
          if (!rows.learnsAsked) return { ...about, ...measured };
          const head = headOf(one.answers, allOf(one), reader, crossed[i]!);
          return { ...about, ...measured, head, learnedAsked: true };
        }),
      );
    };
    const found = crossed.map((one) => one.rows);
    return {
      ...measured(way, rows, found, before, started),
      read: { open, reader, encoder, strengths: crossed.map(({ strengths }) => strengths) },
      finish,
      close: () => open.close(),
    };
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** Trains the head of a column on all its rows, whose vectors are known, and asks it the test rows. */
function askedHead(
  { answers, taught, asked }: LadderColumn,
  reader: Reader,
  found: CrossedAnswers,
): Pick<HeadSorter, 'head' | 'rows' | 'crossed'> {
  const head = headOf(answers, taught, reader, found);
  const scores = headAnswerScores(head, vectorsOf(asked, reader));
  const place = placeIn(answers);
  return {
    head,
    rows: asked.map(({ answer }, i) => ({ scores: scores[i]!, truth: place(answer) })),
    crossed: found.rows,
  };
}

function headOf(
  answers: readonly string[],
  taught: LadderColumn['taught'],
  reader: Reader,
  { strengths }: CrossedAnswers,
): AnswerHead {
  return trainAnswerHead(answers, taught, vectorsOf(taught, reader), strengths)!;
}

const vectorsOf = (rows: LadderColumn['taught'], reader: Reader) =>
  rows.map(({ text }) => reader.vectorOf(text));
