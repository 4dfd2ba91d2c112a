/** Trains a reranker on queries with right and wrong passages, or on pairs with a score, and keeps it as a folder of its own. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { RerankerTrained } from '../../../../common/extras/find/vectors.ts';
import { rankCorrelation } from '../../../../common/ranking.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import type { PairIds } from '../../eval/vectors/pair-texts.ts';
import { Reranker } from '../../eval/vectors/reranker.ts';
import { openTextVectors, type TextVectors } from '../../eval/vectors/vectors.ts';
import { writeReranker } from '../../load/write-encoder.ts';
import type { CallIo } from '../../session/call-row.ts';
import { claimFolder } from '../../train/run-folder.ts';
import type { RerankerConfig } from './configs.ts';
import { Course, rereadTokens } from './course.ts';
import { requireReader } from './encoder-asked.ts';
import { cutFinding, mine, orderOf, Texts } from './numbered-texts.ts';
import { type AskedRows, askedRows } from './rows-asked.ts';
import { answersOf } from './vector-checks.ts';
import type { ReadRow } from './vector-rows.ts';

/** Test queries at most: each is read together with dozens of passages. */
const MOST_ASKED = 200;
/** Tokens of a query and its passage: encoders of more are slower, and few were trained on more. */
const MOST_TOKENS = 512;

/** Two texts, and whether the second answers the first, from 0 to 1. */
interface Pair {
  readonly texts: readonly [string, string];
  readonly wanted: number;
}

type Found = Awaited<ReturnType<typeof requireReader>>;

export async function trainRerankerRun(config: RerankerConfig, io: CallIo): Promise<RerankerTrained> {
  const course = new Course(io);
  const found = await requireReader(config.model);
  await claimFolder(config, false);
  const rows = await askedRows(config, io, MOST_ASKED);
  const { isGraded, findings, counts, questions } = rows;
  const vectors = await openTextVectors(found.path, config.threads);
  try {
    const reranker = await Reranker.of(vectors, config.seed);
    const maxTokens = Math.min(vectors.opened.encoder.maxTokens, MOST_TOKENS);
    const read = new Pairs(vectors, reranker, maxTokens);
    const { pairs, mined } = isGraded
      ? { pairs: graded(rows.taught, rows.taught), mined: 0 }
      : await ranked(rows, found, vectors, config, io);
    const tests = isGraded ? graded(rows.held, rows.taught) : [];
    const asked = tests.map((pair) => read.ids(pair));
    const score = async () => [...(await reranker.scores(asked, io.stop))];
    const before = found.isReranker
      ? correlation(await score(), tests)
      : await cosines(rows, found, vectors, io);
    const taught = pairs.map((pair) => read.ids(pair));
    const lengths = taught.map(({ ids }) => ids.length);
    const listeners = course.listeners(vectors.executor, {
      lengths,
      read: (some) =>
        reranker.scores(
          some.map((pair) => taught[pair]!),
          // a second is not worth losing the first step for
          new AbortController().signal,
        ),
      measuredTokens: rereadTokens(questions.asked.length, lengths),
    });
    await reranker.train(
      taught,
      pairs.map(({ wanted }) => wanted),
      { trains: config.trains, rate: config.learningRate, passes: config.passes, batch: config.batch },
      {
        threads: config.threads,
        seed: config.seed,
        stop: io.stop,
        ...listeners,
      },
    );
    const after = io.stop.aborted ? null : correlation(await score(), tests);
    await writeReranker(found.path, config.out, { head: reranker.head, values: reranker.values, maxTokens });
    await reranker.release();
    return {
      out: config.out,
      kind: isGraded ? 'graded' : 'ranked',
      ...questions,
      bytes: (await fs.stat(path.join(config.out, 'model.safetensors'))).size,
      ...course.result(),
      rows: counts,
      findings: [...findings, ...cutFinding({ cut: read.cut, maxTokens })],
      mined,
      pairs: pairs.length,
      order: before === null || after === null ? null : { before, after },
      general: null,
    };
  } finally {
    await vectors.close();
  }
}

/** Pairs as the reranker reads them, and how many lose an end. */
class Pairs {
  cut = 0;
  readonly #vectors: TextVectors;
  readonly #reranker: Reranker;
  readonly #most: number;

  constructor(vectors: TextVectors, reranker: Reranker, most: number) {
    this.#vectors = vectors;
    this.#reranker = reranker;
    this.#most = most;
  }

  ids({ texts }: Pair): PairIds {
    const whole = this.#reranker.pair(this.#vectors, texts, { most: this.#most + 1 });
    if (whole.ids.length <= this.#most) return whole;
    this.cut++;
    return this.#reranker.pair(this.#vectors, texts, { most: this.#most });
  }
}

/** Each query with its passage, and with wrong ones: those of the row, some that the encoder finds near it, and drawn ones. */
async function ranked(
  { taught }: AskedRows,
  found: Found,
  vectors: TextVectors,
  { negatives, seed }: RerankerConfig,
  io: CallIo,
): Promise<{ readonly pairs: Pair[]; readonly mined: number }> {
  const near = found.isReranker
    ? taught.map(() => [])
    : await nearOnes(taught, found, vectors, negatives, io);
  const answers = answersOf(taught);
  const passages = [...new Set(taught.map(({ passage }) => passage))];
  const rng = Rng.fromSeed(streamSeed(seed, 'negatives'));
  const pairs = taught.flatMap(({ query, passage, negatives: own }, i): Pair[] => {
    const known = answers.get(query)!;
    const wrong = new Set([...own, ...near[i]!]);
    // a few draws hit passages that answer it, or are there
    for (let draw = 0; wrong.size < negatives && draw < 4 * negatives; draw++) {
      const drawn = passages[rng.below(passages.length)]!;
      if (!known.has(drawn) && drawn !== query) wrong.add(drawn);
    }
    return [
      { texts: [query, passage], wanted: 1 },
      ...[...wrong].map((text): Pair => ({ texts: [query, text], wanted: 0 })),
    ];
  });
  return { pairs, mined: near.reduce((sum, { length }) => sum + length, 0) };
}

async function nearOnes(
  taught: readonly ReadRow[],
  found: Found,
  vectors: TextVectors,
  negatives: number,
  io: CallIo,
): Promise<readonly (readonly string[])[]> {
  const texts = new Texts(vectors, found, false);
  const rows = taught.map((row) => texts.ranked(row));
  const mined = await mine(rows, texts, vectors, Math.ceil(negatives / 2), io);
  return mined.map((row, i) =>
    row.negatives.slice(rows[i]!.negatives.length).map((text) => texts.texts[text]!),
  );
}

/** Pairs with their scores from 0 to 1, as they are there already or by the smallest and largest that are taught. */
function graded(rows: readonly ReadRow[], taught: readonly ReadRow[]): Pair[] {
  const scores = taught.map(({ score }) => score!);
  const [least, most] = [
    scores.reduce((a, b) => Math.min(a, b), 0),
    scores.reduce((a, b) => Math.max(a, b), 1),
  ];
  const share = (score: number) => Math.min(1, Math.max(0, (score - least) / (most - least)));
  return rows.map(({ query, passage, score }) => ({ texts: [query, passage], wanted: share(score!) }));
}

async function cosines(
  { held, isGraded }: AskedRows,
  found: Found,
  vectors: TextVectors,
  { stop }: CallIo,
): Promise<number | null> {
  const texts = new Texts(vectors, found, isGraded);
  return isGraded
    ? await orderOf(
        held.map((row) => texts.graded(row)),
        texts,
        vectors,
        stop,
      )
    : null;
}

function correlation(scores: readonly number[], pairs: readonly Pair[]): number | null {
  if (pairs.length < 2) return null;
  return rankCorrelation(
    scores,
    pairs.map(({ wanted }) => wanted),
  );
}
