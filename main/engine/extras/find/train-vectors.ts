/** Trains an encoder on rows of queries and passages, or of pairs with a score, and keeps it as a folder of its own. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { VectorsTrained } from '../../../../common/extras/find/vectors.ts';
import { say } from '../../../../common/words/language.ts';
import { trainVectors, type VectorRecipe } from '../../eval/vectors/train-vectors.ts';
import { openTextVectors } from '../../eval/vectors/vectors.ts';
import { writeEncoder } from '../../load/write-encoder.ts';
import type { CallIo } from '../../session/call-row.ts';
import { claimFolder } from '../../train/run-folder.ts';
import type { VectorsConfig } from './configs.ts';
import { Course, meanLength } from './course.ts';
import { requireEncoder } from './encoder-asked.ts';
import { GENERAL_PAIRS, knownInGeneral } from './general-pairs.ts';
import { cosinesOf, cutFinding, mine, orderOf, Texts } from './numbered-texts.ts';
import { askedRows } from './rows-asked.ts';

/** What sentence-transformers multiplies cosines with. */
const SCALE = 20;
const RATES = { layers: 1e-4, whole: 1e-4, lora: 1e-3 } as const;

export async function trainVectorsRun(config: VectorsConfig, io: CallIo): Promise<VectorsTrained> {
  const course = new Course(io);
  const found = await requireEncoder(config.model);
  await claimFolder(config, false);
  const { taught, held, isGraded, findings, counts, questions } = await askedRows(config, io);
  const vectors = await openTextVectors(found.path, config.threads);
  try {
    const sizes = sizesOf(config, vectors.width);
    const texts = new Texts(vectors, found, isGraded);
    const ranked = isGraded ? [] : taught.map((row) => texts.ranked(row));
    const mined = await mine(ranked, texts, vectors, config.hardNegatives, io);
    const rows = isGraded ? taught.map((row) => texts.graded(row)) : mined;
    const pairs = isGraded ? held.map((row) => texts.graded(row)) : [];
    const general = new Texts(vectors, found, true);
    const alike = GENERAL_PAIRS.map((row) => general.graded(row));
    const before = await orderOf(pairs, texts, vectors, io.stop);
    const knew = await cosinesOf(alike, general, vectors, io.stop);
    const lengths = texts.ids.map(({ length }) => length);
    const listeners = course.listeners(vectors.executor, {
      lengths,
      read: (some) => vectors.ofIds(some.map((text) => texts.ids[text]!)),
      // both encoders read each query and each passage
      measuredTokens: 2 * meanLength(lengths) * (questions.asked.length + questions.passages.length),
    });
    const values = await trainVectors(vectors, { ids: texts.ids, rows }, recipeOf(config, sizes), {
      threads: config.threads,
      seed: config.seed,
      stop: io.stop,
      ...listeners,
    });
    const trained = vectors.withValues(values);
    const after = io.stop.aborted ? null : await orderOf(pairs, texts, trained, io.stop);
    const knows = io.stop.aborted ? null : await cosinesOf(alike, general, trained, io.stop);
    await trained.release();
    await writeEncoder(found.path, config.out, values);
    return {
      out: config.out,
      kind: isGraded ? 'graded' : 'ranked',
      ...questions,
      bytes: (await fs.stat(path.join(config.out, 'model.safetensors'))).size,
      ...course.result(),
      rows: counts,
      findings: [...findings, ...cutFinding(texts)],
      mined: mined.reduce((all, { negatives }, i) => all + negatives.length - ranked[i]!.negatives.length, 0),
      order: before === null || after === null ? null : { before, after },
      general: knows && knownInGeneral(knew, knows, config.seed),
    };
  } finally {
    await vectors.close();
  }
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
    sizes,
    passes,
    batch,
    scale: SCALE,
    rate: learningRate ?? RATES[trains],
    trains: trains === 'lora' ? { rank, scale: 2 } : trains,
  };
}
