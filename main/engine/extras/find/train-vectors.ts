/** Trains an encoder on rows of queries and passages, or of pairs with a score, and keeps it as a folder of its own. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import { VECTOR_SETTINGS } from '../../../../common/extras/find/vector-settings.ts';
import type { VectorFinding, VectorsTrained } from '../../../../common/extras/find/vectors.ts';
import { rankCorrelation } from '../../../../common/ranking.ts';
import { plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { readingOf } from '../../../rows/read-rows.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import { parserOf } from '../../config/config.ts';
import { product, unit, withHardNegatives } from '../../eval/vectors/hard-negatives.ts';
import { promptFor, type Use } from '../../eval/vectors/prompts.ts';
import { trainVectors, type VectorRecipe } from '../../eval/vectors/train-vectors.ts';
import type { GradedRow, RankedRow } from '../../eval/vectors/vector-tasks.ts';
import { openTextVectors, type TextVectors } from '../../eval/vectors/vectors.ts';
import { encoderIn, type FoundEncoder } from '../../load/find-encoders.ts';
import { writeEncoder } from '../../load/write-encoder.ts';
import type { CallIo } from '../../session/call-row.ts';
import { claimFolder } from '../../train/run-folder.ts';
import { answersOf, type CheckedRows, checkRows } from './vector-checks.ts';
import { type ReadRow, readVectorRows } from './vector-rows.ts';

export const parseVectorsConfig = parserOf(VECTOR_SETTINGS);
export type VectorsConfig = ReturnType<typeof parseVectorsConfig>;

/** What is taught, asked and searched at most: more rows take hours and change little. */
const MOST_TAUGHT = 100_000;
const MOST_ASKED = 1000;
const MOST_PASSAGES = 20_000;
/** What sentence-transformers multiplies cosines with. */
const SCALE = 20;
const RATES = { layers: 1e-4, whole: 1e-4, lora: 1e-3 } as const;

export async function trainVectorsRun(config: VectorsConfig, io: CallIo): Promise<VectorsTrained> {
  const started = performance.now();
  const found = await requireEncoder(config.model);
  await claimFolder(config, false);
  const { checked, unreadable } = await readAll(config, io);
  const vectors = await openTextVectors(found.path, config.threads);
  try {
    const sizes = sizesOf(config, vectors.width);
    const taught = drawn(checked.taught, MOST_TAUGHT, config.seed);
    const held = drawn(checked.held, MOST_ASKED, config.seed);
    const isGraded = taught.some(({ score }) => score !== null);
    const texts = new Texts(vectors, found, isGraded);
    const ranked = isGraded ? [] : taught.map((row) => texts.ranked(row));
    const mined = await mine(ranked, texts, vectors, config, io);
    const rows = isGraded ? taught.map((row) => texts.graded(row)) : mined;
    const pairs = isGraded ? held.map((row) => texts.graded(row)) : [];
    const before = await orderOf(pairs, texts, vectors, io.stop);
    const losses: number[] = [];
    const values = await trainVectors(vectors, { ids: texts.ids, rows }, recipeOf(config, sizes), {
      ...{ threads: config.threads, seed: config.seed, stop: io.stop },
      onStep(step, steps, loss) {
        losses.push(loss);
        io.emit({ event: 'phase', phase: 'evaluate', fraction: step / steps, detail: say`Training` });
      },
    });
    const trained = vectors.withValues(values);
    const after = await orderOf(pairs, texts, trained, io.stop);
    await trained.release();
    await writeEncoder(found.path, config.out, values);
    const ranks = isGraded ? { asked: [], passages: [] } : questionsOf(held, checked.taught, config.seed);
    return {
      ...{ out: config.out, kind: isGraded ? 'graded' : 'ranked', ...ranks },
      bytes: (await fs.stat(path.join(config.out, 'model.safetensors'))).size,
      seconds: (performance.now() - started) / 1000,
      rows: { taught: taught.length, held: held.length, unreadable },
      findings: [...checked.findings, ...cutFinding(texts)],
      mined: mined.reduce((all, { negatives }, i) => all + negatives.length - ranked[i]!.negatives.length, 0),
      steps: losses.length,
      losses: ends(losses),
      order: before === null || after === null ? null : { before, after },
    };
  } finally {
    await vectors.close();
  }
}

async function requireEncoder(folder: string): Promise<FoundEncoder> {
  const found = await encoderIn(folder);
  if (found) return found;
  throw new AppError(
    'no-encoder',
    say`${folder} is not an encoder that Fettle computes.`,
    say`Choose a folder with config.json, tokenizer.json and safetensors files of a BERT, RoBERTa or ModernBERT model.`,
  );
}

async function readAll(
  config: VectorsConfig,
  { emit, stop }: CallIo,
): Promise<{ readonly checked: CheckedRows; readonly unreadable: number }> {
  emit({ event: 'phase', phase: 'read', detail: say`Reading the rows` });
  let unreadable = 0;
  const reading = {
    ...readingOf({ ...config, system: undefined }),
    signal: stop,
    ...(config.onBadRow === 'skip' && { onBadRow: () => void unreadable++ }),
  };
  const rows = await readVectorRows([config.data].flat(), reading);
  const test = config.evalData === undefined ? null : await readVectorRows([config.evalData].flat(), reading);
  const checked = checkRows(rows, test, config);
  if (checked.taught.length >= 2) return { checked, unreadable };
  throw new AppError(
    'no-rows',
    say`Fewer than two rows are left to train on.`,
    say`Each row needs a query and its passage, or two texts and a score. Name the columns, or lower the share of test rows.`,
  );
}

/** The whole vector and the shorter ones, the longest first; none where no shorter one is wanted. */
function sizesOf({ sizes }: VectorsConfig, width: number): number[] {
  const wanted = ((sizes ?? []) as readonly string[]).map(Number);
  const tooLong = wanted.find((size) => size > width);
  if (tooLong !== undefined)
    throw new AppError(
      'bad-config',
      say`The vectors of this encoder have ${width} numbers, fewer than ${tooLong}.`,
      say`Choose shorter lengths.`,
    );
  return wanted.length === 0 ? [] : [...new Set([width, ...wanted])].sort((a, b) => b - a);
}

function recipeOf(
  { trains, rank, learningRate, passes, batch }: VectorsConfig,
  sizes: readonly number[],
): VectorRecipe {
  return {
    ...{ sizes, passes, batch, scale: SCALE, rate: learningRate ?? RATES[trains] },
    trains: trains === 'lora' ? { rank, scale: 2 } : trains,
  };
}

/** `most` of `rows`, in their order. */
function drawn<T>(rows: readonly T[], most: number, seed: number): readonly T[] {
  if (rows.length <= most) return rows;
  const all = Uint32Array.from(rows.keys());
  const kept = Rng.fromSeed(streamSeed(seed, 'vectors')).shuffle(all).slice(0, most).sort();
  return Array.from(kept, (row) => rows[row]!);
}

/** The texts of rows by numbers: one text is another one as a query than as a passage, where words are put before them. */
class Texts {
  readonly ids: number[][] = [];
  cut = 0;
  readonly #numbers = new Map<string, number>();
  readonly #vectors: TextVectors;
  readonly #prompts: Readonly<Record<Use, string | undefined>>;

  constructor(vectors: TextVectors, { prompt }: FoundEncoder, isGraded: boolean) {
    this.#vectors = vectors;
    const of = (use: Use) => promptFor(use, vectors.prompts, prompt);
    // two texts that are alike have no part of their own
    this.#prompts = isGraded
      ? { query: undefined, document: undefined }
      : { query: of('query'), document: of('document') };
  }

  get maxTokens(): number {
    return this.#vectors.maxTokens;
  }

  numberOf(text: string, use: Use): number {
    const prompt = this.#prompts[use];
    const key = JSON.stringify([prompt, text]);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const most = this.#vectors.maxTokens;
    const options = prompt === undefined ? {} : { prompt };
    const whole = this.#vectors.idsOf(text, { ...options, atMost: most + 1 });
    if (whole.length > most) this.cut++;
    this.ids.push(whole.length > most ? this.#vectors.idsOf(text, options) : whole);
    this.#numbers.set(key, this.ids.length - 1);
    return this.ids.length - 1;
  }

  ranked({ query, passage, negatives }: ReadRow): RankedRow {
    return {
      query: this.numberOf(query, 'query'),
      passage: this.numberOf(passage, 'document'),
      negatives: negatives.map((text) => this.numberOf(text, 'document')),
    };
  }

  graded({ query, passage, score }: ReadRow): GradedRow {
    return {
      first: this.numberOf(query, 'query'),
      second: this.numberOf(passage, 'document'),
      score: score!,
    };
  }
}

async function mine(
  rows: readonly RankedRow[],
  { ids }: Texts,
  vectors: TextVectors,
  { hardNegatives: count }: VectorsConfig,
  { emit, stop }: CallIo,
): Promise<readonly RankedRow[]> {
  if (count === 0) return rows;
  const detail = say`Looking for hard negatives`;
  const all = await vectors.ofIds(ids, {
    stop,
    onProgress: (done, total) => emit({ event: 'phase', phase: 'read', fraction: done / total, detail }),
  });
  const passages = [...new Set(rows.flatMap(({ passage, negatives }) => [passage, ...negatives]))];
  return withHardNegatives(rows, all, { count, passages, stop });
}

/** How far the cosines of graded test pairs have the order of their scores; null where there are none. */
async function orderOf(
  pairs: readonly GradedRow[],
  { ids }: Texts,
  vectors: TextVectors,
  stop: AbortSignal,
): Promise<number | null> {
  if (pairs.length < 2) return null;
  const read = async (texts: readonly number[]) =>
    (
      await vectors.ofIds(
        texts.map((text) => ids[text]!),
        { stop },
      )
    ).map(unit);
  const firsts = await read(pairs.map(({ first }) => first));
  const seconds = await read(pairs.map(({ second }) => second));
  return rankCorrelation(
    firsts.map((one, i) => product(one, seconds[i]!)),
    pairs.map(({ score }) => score),
  );
}

/** Test queries, and all passages of the rows, those that answer them first. */
function questionsOf(
  held: readonly ReadRow[],
  taught: readonly ReadRow[],
  seed: number,
): Pick<VectorsTrained, 'asked' | 'passages'> {
  const asked = [...answersOf(held)].map(([question, passages]) => ({ question, passages: [...passages] }));
  const right = new Set(asked.flatMap(({ passages }) => passages));
  const all = [...held, ...taught].flatMap(({ passage, negatives }) => [passage, ...negatives]);
  const others = [...new Set(all)].filter((text) => !right.has(text));
  const room = Math.max(0, MOST_PASSAGES - right.size);
  return { asked, passages: [...right, ...drawn(others, room, seed)] };
}

function cutFinding({ cut, maxTokens }: Texts): VectorFinding[] {
  if (cut === 0) return [];
  const message = say`${plural(cut, 'text')} are longer than the ${maxTokens} tokens that the encoder reads. Their ends are not read.`;
  return [{ code: 'cut', rows: cut, message }];
}

/** The means of the first and the last tenth. */
function ends(losses: readonly number[]): { readonly first: number; readonly last: number } {
  const part = Math.max(1, Math.round(losses.length / 10));
  const mean = (some: readonly number[]) =>
    some.reduce((all, loss) => all + loss, 0) / Math.max(1, some.length);
  return { first: mean(losses.slice(0, part)), last: mean(losses.slice(-part)) };
}
