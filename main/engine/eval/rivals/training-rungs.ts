/**
 * Rungs above the vectors of an encoder as it is: its upper layers are trained with the head, or all layers. Both begin with the head that
 * regression finds on the vectors as they are, so that training starts at the rung below. Several columns train one encoder at once, each
 * with its own head.
 */
import { AppError } from '../../../../common/errors.ts';
import type { LadderEnd } from '../../../../common/protocol/protocol.ts';
import { encoderFiles, type FoundEncoder } from '../../load/find-encoders.ts';
import type { KnownRow } from '../classify/calibration.ts';
import { placeIn } from '../classify/closed-set.ts';
import { HAS_NOT_OR_HAS } from '../classify/sets.ts';
import { type Recipe, trainSorting } from '../vectors/train-encoder.ts';
import { type AnswerHead, headAnswerScores, trainAnswerHead } from './answer-head.ts';
import { learnedOf, short } from './answer-parts.ts';
import { type JointRow, jointFolds, jointRows } from './joint-rows.ts';
import { crossedRows } from './logistic.ts';
import {
  columnsOf,
  type HeadSorter,
  type LadderRows,
  measured,
  type ReadBy,
  type ReadingIo,
  type Tried,
  withOthers,
} from './rung.ts';
import { headRowsOf, headWeightsOf } from './vector-head.ts';
import { gainOfTraining, LEAST_GAIN, worthSeconds } from './worth.ts';

type Depth = keyof typeof RECIPES;

const RECIPES = {
  upper: { share: 1 / 3, rate: 5e-4, passes: 8, batch: 16 },
  all: { share: 1, rate: 2e-4, passes: 4, batch: 16 },
} as const;

type Base = Tried & { readonly read: ReadBy };
type Training = Tried<HeadSorter>;

interface TrainingIo extends ReadingIo {
  /** It can't be trained; what was tried before is there. */
  skipped(encoder: FoundEncoder, why: AppError): void;
}

/** Tries to train the encoder of `base`, as long as the likely gain is worth its time, or in any case; says why it ended. */
export async function tryTraining(
  rows: LadderRows,
  base: Base,
  when: 'worth' | 'always',
  io: TrainingIo,
  take: (tried: Training, isBest: boolean, isLast: boolean) => Promise<void>,
): Promise<LadderEnd> {
  let best: Tried = base;
  // the upper layers alone were never better than all
  for (const depth of when === 'worth' ? (['all'] as const) : (['upper', 'all'] as const)) {
    const { value } = best.rung.accuracy;
    const gain = likelyGain(rows, value);
    const way = { encoder: base.read.encoder.name, trains: true, gain } as const;
    if (when === 'worth' && gain < LEAST_GAIN) return { reason: 'good-enough', ...way };
    const most = when === 'worth' ? worthSeconds(gain) : Number.POSITIVE_INFINITY;
    try {
      const tried = await tryDepth(rows, base, depth, best, most, io);
      if (typeof tried === 'number') return { reason: 'too-slow', ...way, seconds: tried };
      const isBest = tried.rung.accuracy.value > value || (when === 'always' && best === base);
      await take(tried, isBest, depth === 'all');
      if (isBest) best = tried;
    } catch (error) {
      if (io.stop.aborted) return { reason: 'stopped' };
      if (!(error instanceof AppError)) throw error;
      io.skipped(base.read.encoder, error);
    }
  }
  return { reason: 'all-tried' };
}

/** What training likely adds to so many right cells of all columns. */
function likelyGain(rows: LadderRows, accuracy: number): number {
  const columns = columnsOf(rows);
  const cells = columns.reduce((sum, { taught }) => sum + taught.length, 0);
  return columns.reduce((sum, { taught, answers, of }) => {
    // of several categories a text each has its own rows, and the others say little of it
    const has = taught.filter(({ answer }) => answer === HAS_NOT_OR_HAS[1]).length;
    const gain = gainOfTraining(accuracy, of === undefined ? taught.length / answers.length : has);
    return sum + (gain * taught.length) / cells;
  }, 0);
}

/** Steps after which it is known how long all take; the first ones are slower. */
const PILOT = { from: 2, to: 6 };

class TooSlow extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super();
    this.seconds = seconds;
  }
}

/** The rung of that depth of layers; the seconds that it would take where they are more than `most`. */
export async function tryDepth(
  rows: LadderRows,
  { read }: Base,
  depth: Depth,
  before: Tried,
  most: number,
  io: ReadingIo,
): Promise<Training | number> {
  const started = performance.now();
  const columns = columnsOf(rows);
  const { encoder, open } = read;
  const count = open.opened.encoder.layers;
  const { share, ...others } = RECIPES[depth];
  const recipe: Recipe = { ...others, layers: share === 1 ? null : Math.max(1, Math.round(share * count)) };
  const way = { method: 'vectors', encoder: encoder.name, trained: depth } as const;
  io.phase(way, 0);
  const folds = jointFolds(rows);
  const all = jointRows(columns);
  // of all folds, and of the training on all rows that follows
  const texts = folds.reduce((sum, { train }) => sum + train.length, 0) + all.length;
  let done = 0;
  let pilot = 0;
  const onStep = (step: number, size: number) => {
    done += size;
    io.phase(way, done / texts / recipe.passes);
    if (pilot < 0 || step > PILOT.to) return;
    if (step === PILOT.from) pilot = performance.now();
    if (step !== PILOT.to) return;
    const each = (performance.now() - pilot) / 1000 / (PILOT.to - PILOT.from) / recipe.batch;
    pilot = -1;
    if (each * texts * recipe.passes > most) throw new TooSlow(each * texts * recipe.passes);
  };
  const learn = (of: readonly JointRow[], stop = io.stop) =>
    fitted(of, rows, read, recipe, { ...io, stop, onStep });
  const places = columns.map(({ answers }) => placeIn(answers));
  const found = columns.map(() => new Map<number, KnownRow>());
  try {
    for (const { train, held } of folds) {
      const { scoresOf, release } = await learn(train);
      const scores = await scoresOf(held.map(({ text }) => text));
      await release();
      for (const [column, { taught }] of columns.entries())
        for (const [i, { rows: own }] of held.entries()) {
          const row = own[column]!;
          if (row < 0) continue;
          const truth = places[column]!(taught[row]!.answer);
          found[column]!.set(row, { scores: scores[column]![i]!, truth });
        }
    }
  } catch (error) {
    if (error instanceof TooSlow) return error.seconds;
    throw error;
  }
  // a column's rows that were read for another column alone are not compared
  const crossed = columns.map(({ taught }, column) =>
    Array.from(crossedRows(taught.length, rows.seed), (row) => found[column]!.get(row)!),
  );
  const finish = async (stop: AbortSignal): Promise<HeadSorter> => {
    const { heads, values, scoresOf, release } = await learn(all, stop);
    const asked = [...new Set(columns.flatMap((one) => one.asked.map(({ text }) => text)))];
    const scores = await scoresOf(asked);
    await release();
    const at = new Map(asked.map((text, i) => [text, i]));
    const about = {
      method: 'vectors',
      folder: encoder.path,
      encoder: {
        name: `${encoder.name}-trained`,
        files: await encoderFiles(encoder.path),
        ...(encoder.prompt !== undefined && { prompt: encoder.prompt }),
      },
    } as const;
    const sorters = columns.map(
      (one, column): HeadSorter => ({
        ...about,
        head: heads[column]!,
        crossed: crossed[column]!,
        rows: one.asked.map(({ text, answer }) => ({
          scores: scores[column]![at.get(text)!]!,
          truth: places[column]!(answer),
        })),
      }),
    );
    return { ...withOthers(sorters), values };
  };
  return { ...measured(way, rows, crossed, before, started), finish, close: async () => {} };
}

interface LearningIo extends ReadingIo {
  onStep(step: number, texts: number): void;
}

/** An encoder and the head of each column, trained on `of`. */
async function fitted(
  of: readonly JointRow[],
  rows: LadderRows,
  { open, reader, encoder, strengths }: ReadBy,
  recipe: Recipe,
  { threads, stop, onStep }: LearningIo,
) {
  const texts = of.map(({ text }) => text);
  await reader.read(texts);
  const prompt = encoder.prompt === undefined ? {} : { prompt: encoder.prompt };
  const columns = columnsOf(rows);
  const starts = columns.map(({ answers, taught }, column) => {
    const known = of.flatMap(({ rows: own }) => (own[column]! < 0 ? [] : [taught[own[column]!]!]));
    const vectors = known.map(({ text }) => reader.vectorOf(text));
    return trainAnswerHead(answers, known, vectors, strengths[column]!);
  });
  const parts = starts.flatMap((start, column) => {
    const { answers, taught } = columns[column]!;
    const learned = learnedOf(answers);
    return (start?.parts ?? []).map(({ head }, part) => ({
      column,
      head,
      targets: Int32Array.from(of, ({ rows: own }) => {
        const row = own[column]!;
        return row < 0 ? -1 : head.labels.indexOf(learned[part]!.labelOf(taught[row]!.answer));
      }),
    }));
  });
  const { values, heads } = await trainSorting(
    open,
    {
      ids: texts.map((text) => open.idsOf(text, prompt)),
      targets: parts.map(({ targets }) => targets),
      heads: parts.map(({ head }) => headRowsOf(head)),
    },
    recipe,
    { threads, seed: rows.seed, stop, onStep },
  );
  const weightsOf = (column: number) =>
    heads.flatMap((head, i) =>
      parts[i]!.column === column ? [headWeightsOf(head, parts[i]!.head.labels.length).map(short)] : [],
    );
  const trainedHeads = starts.map((start, column): AnswerHead | null => {
    if (!start) return null;
    const weights = weightsOf(column);
    const own = start.parts.map((part, i) => ({ ...part, head: { ...part.head, weights: weights[i]! } }));
    return { answers: start.answers, parts: own };
  });
  const trained = open.withValues(values);
  return {
    heads: trainedHeads,
    values,
    /** [columns][texts]; of a column that no row has taught all answers are as likely. */
    scoresOf: async (asked: readonly string[]) => {
      const vectors = await trained.of(asked, { ...prompt, stop });
      return trainedHeads.map((head, column) => {
        const { length } = columns[column]!.answers;
        const even = () => new Float64Array(length).fill(-Math.log(length));
        return head ? headAnswerScores(head, vectors) : asked.map(even);
      });
    },
    release: () => trained.release(),
  };
}
