/**
 * Rungs above the vectors of an encoder as it is: its upper layers are trained with the head, or all layers. Both begin with the head that
 * regression finds on the vectors as they are, so that training starts at the rung below.
 */
import { AppError } from '../../../../common/errors.ts';
import type { LadderEnd } from '../../../../common/protocol/protocol.ts';
import { encoderFiles, type FoundEncoder } from '../../load/find-encoders.ts';
import type { AnsweredText } from '../answered-text.ts';
import { placeIn } from '../classify/closed-set.ts';
import { type Recipe, trainSorting } from '../vectors/train-encoder.ts';
import { type AnswerHead, headAnswerScores, trainAnswerHead } from './answer-head.ts';
import { type CrossedAnswers, learnedOf, short } from './answer-parts.ts';
import { crossedRows, dealtFolds } from './logistic.ts';
import { type HeadSorter, type LadderRows, type ReadBy, type ReadingIo, rungOf, type Tried } from './rung.ts';
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
  take: (tried: Training, isBest: boolean) => void,
): Promise<LadderEnd> {
  let best: Tried = base;
  const rowsEach = rows.taught.length / rows.answers.length;
  // the upper layers alone were never better than all
  for (const depth of when === 'worth' ? (['all'] as const) : (['upper', 'all'] as const)) {
    const { value } = best.rung.accuracy;
    const gain = gainOfTraining(value, rowsEach);
    const way = { encoder: base.read.encoder.name, trains: true, gain } as const;
    if (when === 'worth' && gain < LEAST_GAIN) return { reason: 'good-enough', ...way };
    const most = when === 'worth' ? worthSeconds(gain) : Number.POSITIVE_INFINITY;
    try {
      const tried = await tryDepth(rows, base, depth, best, most, io);
      if (typeof tried === 'number') return { reason: 'too-slow', ...way, seconds: tried };
      const isBest = tried.rung.accuracy.value > value || (when === 'always' && best === base);
      take(tried, isBest);
      if (isBest) best = tried;
    } catch (error) {
      if (io.stop.aborted) return { reason: 'stopped' };
      if (!(error instanceof AppError)) throw error;
      io.skipped(base.read.encoder, error);
    }
  }
  return { reason: 'all-tried' };
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
  const { answers, taught, asked, seed } = rows;
  const { encoder, open } = read;
  const count = open.opened.encoder.layers;
  const { share, ...others } = RECIPES[depth];
  const recipe: Recipe = { ...others, layers: share === 1 ? null : Math.max(1, Math.round(share * count)) };
  const way = { method: 'vectors', encoder: encoder.name, trained: depth } as const;
  io.phase(way, 0);
  const order = crossedRows(taught.length, seed);
  const place = placeIn(answers);
  const folds = dealtFolds(Array.from(order, (row) => place(taught[row]!.answer)));
  // of all folds, and of the training on all rows that follows
  const texts = folds.reduce((sum, { train }) => sum + train.length, 0) + taught.length;
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
  const learn = (of: readonly AnsweredText[]) => fitted(of, rows, read, recipe, { ...io, onStep });
  const crossed: CrossedAnswers['rows'][number][] = [];
  try {
    for (const { train, held } of folds) {
      const { scoresOf, release } = await learn(train.map((at) => taught[order[at]!]!));
      const scores = await scoresOf(held.map((at) => taught[order[at]!]!.text));
      await release();
      for (const [i, at] of held.entries())
        crossed[at] = { scores: scores[i]!, truth: place(taught[order[at]!]!.answer) };
    }
  } catch (error) {
    if (error instanceof TooSlow) return error.seconds;
    throw error;
  }
  const finish = async (): Promise<HeadSorter> => {
    const { head, values, scoresOf, release } = await learn(taught);
    const scores = await scoresOf(asked.map(({ text }) => text));
    await release();
    return {
      ...{ method: 'vectors', folder: encoder.path, head, values, crossed },
      encoder: {
        name: `${encoder.name}-trained`,
        files: await encoderFiles(encoder.path),
        ...(encoder.prompt !== undefined && { prompt: encoder.prompt }),
      },
      rows: asked.map(({ answer }, i) => ({ scores: scores[i]!, truth: place(answer) })),
    };
  };
  return {
    rung: rungOf(way, crossed, before, started),
    crossed: { strengths: read.strengths, rows: crossed },
    finish,
    close: async () => {},
  };
}

interface LearningIo extends ReadingIo {
  onStep(step: number, texts: number): void;
}

/** An encoder and its head, trained on `of`. */
async function fitted(
  of: readonly AnsweredText[],
  { answers, seed }: LadderRows,
  { open, reader, encoder, strengths }: ReadBy,
  recipe: Recipe,
  { threads, stop, onStep }: LearningIo,
) {
  const texts = of.map(({ text }) => text);
  await reader.read(texts);
  const prompt = encoder.prompt === undefined ? {} : { prompt: encoder.prompt };
  const start = trainAnswerHead(
    answers,
    of,
    texts.map((text) => reader.vectorOf(text)),
    strengths,
  )!;
  const learned = learnedOf(answers);
  const { values, heads } = await trainSorting(
    open,
    {
      ids: texts.map((text) => open.idsOf(text, prompt)),
      targets: start.parts.map(({ head }, part) =>
        Int32Array.from(of, ({ answer }) => head.labels.indexOf(learned[part]!.labelOf(answer))),
      ),
      heads: start.parts.map(({ head }) => headRowsOf(head)),
    },
    recipe,
    { threads, seed, stop, onStep },
  );
  const head: AnswerHead = {
    answers,
    parts: start.parts.map((part, i) => ({
      ...part,
      head: { ...part.head, weights: headWeightsOf(heads[i]!, part.head.labels.length).map(short) },
    })),
  };
  const trained = open.withValues(values);
  return {
    head,
    values,
    scoresOf: async (asked: readonly string[]) =>
      headAnswerScores(head, await trained.of(asked, { ...prompt, stop })),
    release: () => trained.release(),
  };
}
