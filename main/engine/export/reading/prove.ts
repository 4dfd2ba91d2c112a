/** The proof of an exported encoder or sorter: what was loaded back gives the same vectors and categories. */

import { AppError } from '../../../../common/errors.ts';
import type { ExportProof } from '../../../../common/protocol/protocol.ts';
import { percent } from '../../../../common/words/format.ts';
import { said, say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { openTextVectors } from '../../eval/vectors/vectors.ts';
import { READING_FORMS, type WrittenReading } from './forms.ts';
import { givenOf, headChances, sortedChances, type VectorSorter } from './reading.ts';

/** Texts that a proof asks, and where they are from. */
export interface ProofTexts {
  readonly promptSource: ExportProof['promptSource'];
  readonly texts: readonly string[];
}

interface ProvingIo {
  readonly threads: number;
  readonly stop: AbortSignal;
  onProgress(fraction: number): void;
}

/** Texts that are asked together. */
const TOGETHER = 16;
/** What computes the same differs by less in cosine; rounding to 8 bits by some hundredths at most. */
const FAR = { exact: 1e-4, rounded: 0.05 };
/** Less likely categories are never chosen. */
const LIKELY = 1e-3;

/** Loads what was written and compares it with the encoder and `sorter` as they were. Throws `AppError('export-differs')`. */
export async function proveReading(
  form: keyof typeof READING_FORMS,
  written: WrittenReading,
  sorter: VectorSorter | null,
  { texts, promptSource }: ProofTexts,
  { threads, stop, onProgress }: ProvingIo,
): Promise<ExportProof> {
  const { load, by } = READING_FORMS[form];
  const { model } = written;
  const { prompt } = model;
  const own = await openTextVectors(model.opened.path, threads);
  let [equal, leastCosine, drift] = [0, 1, 0];
  try {
    const loaded = await load(written, own, threads);
    try {
      for (let start = 0; start < texts.length; start += TOGETHER) {
        stop.throwIfAborted();
        onProgress(start / texts.length);
        const some = texts.slice(start, start + TOGETHER);
        const before = await own.of(some, { prompt, stop });
        const known = sorter && sortedChances(sorter, before);
        const knownOthers = (model.columns?.others ?? []).map(({ sorter: own }) =>
          sortedChances(own, before),
        );
        for (const [i, { vector, chances, others }] of (await loaded.of(some)).entries()) {
          const near = cosine(before[i]!, vector);
          leastCosine = Math.min(leastCosine, near);
          if (!known || !model.head) {
            if (near >= 1 - FAR.exact) equal++;
            continue;
          }
          const heads = [model.head, ...(model.columns?.others ?? []).map(({ head }) => head)];
          const wanted = [known, ...knownOthers].map((column) => column[i]!);
          const said = [chances, ...(others ?? [])];
          const found = heads.map((head, column) => said[column] ?? headChances(head, vector));
          const isSame = heads.map((head, column) =>
            isEqual(givenOf(head, found[column]!), givenOf(head, wanted[column]!)),
          );
          if (isSame.every(Boolean)) equal++;
          drift = Math.max(drift, ...wanted.map((one, column) => driftOf(one, found[column]!)));
        }
      }
    } finally {
      await loaded.close();
    }
  } finally {
    await own.close();
  }
  const proof: ExportProof = {
    by,
    promptSource,
    prompts: texts.length,
    equalAnswers: equal,
    leastCosine,
    maxLogProbDrift: drift,
    ...(model.head && { sorts: true }),
    ...NOTHING_ELSE,
  };
  requireSame(proof, written.type);
  return proof;
}

const isEqual = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** What a model that reads has none of. */
export const NOTHING_ELSE = {
  tokens: 0,
  firstDifference: null,
  tokenizerTexts: 0,
  tokenizerAgrees: 0,
  tensors: 0,
};

/** The proof of a word counter, whose program gives `found` to texts where Fettle gives `known`: of each column what it says. */
export function provedCounter(
  known: readonly unknown[],
  found: readonly unknown[],
  promptSource: ExportProof['promptSource'],
): ExportProof {
  const equalAnswers = known.filter((answers, i) => isEqual(answers, found[i])).length;
  const asked = { promptSource, prompts: known.length, equalAnswers, sorts: true } as const;
  const proof: ExportProof = { by: 'sort.mjs', ...asked, maxLogProbDrift: 0, ...NOTHING_ELSE };
  requireSame(proof, 'json');
  return proof;
}

/** The largest difference of the log-probabilities of likely categories. */
function driftOf(known: Float64Array, found: ArrayLike<number>): number {
  return known.reduce(
    (most, chance, i) =>
      chance < LIKELY ? most : Math.max(most, Math.abs(Math.log(chance) - Math.log(found[i]!))),
    0,
  );
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [both, one, other] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    both += x * b[i]!;
    one += x * x;
    other += b[i]! * b[i]!;
  }
  // two vectors of nothing are the same
  return one === 0 && other === 0 ? 1 : both / Math.sqrt(one * other);
}

/** float32 in another order decides otherwise where two categories are equally likely. */
const EQUALLY_LIKELY = 0.01;

/** Another order of additions moves log-probabilities by thousandths, a vector of another length by whole units. */
const WRONG_DRIFT = 1;

function requireSame(proof: ExportProof, type: string): void {
  const { leastCosine = 1, equalAnswers, prompts, by, maxLogProbDrift } = proof;
  const isRounded = type === 'int8' || type === 'q8_0';
  const isNear = leastCosine >= 1 - (isRounded ? FAR.rounded : FAR.exact) && maxLogProbDrift < WRONG_DRIFT;
  if (isNear && (isRounded || equalAnswers >= (1 - EQUALLY_LIKELY) * prompts)) return;
  throw new AppError(
    'export-differs',
    say`${by} computes something else: vectors agree to ${leastCosine.toFixed(4)} (cosine), and ${equalAnswers} of ${prompts} texts get the same answer.`,
    say`Nothing was saved. Please report this: Fettle may not know something about this model.`,
  );
}

/** Rounding may change so many categories before a finer type is named. */
const MOST_CHANGED = 0.02;

/** The type to choose instead, where rounding changes many categories; null where it does not. */
export function finerType({ sorts, equalAnswers, prompts }: ExportProof, type: string): string | null {
  if (!sorts || equalAnswers >= (1 - MOST_CHANGED) * prompts) return null;
  return type === 'q8_0' ? 'f16' : type === 'int8' ? 'f32' : null;
}

export function readingProofInWords({
  by,
  prompts,
  promptSource,
  sorts,
  equalAnswers,
  leastCosine,
}: ExportProof): string {
  const loader = by === 'fettle' ? 'Fettle' : by;
  const from = said(SOURCES[promptSource]);
  return [
    sorts
      ? say`${equalAnswers} of ${prompts} ${from} are sorted the same: loaded back by ${loader}.`
      : say`Loaded back by ${loader} with ${prompts} ${from}.`,
    ...(leastCosine === undefined
      ? []
      : [say`The vectors agree to ${percent(leastCosine, 4)} or more (cosine).`]),
  ].join(marks().gap);
}

const SOURCES: Readonly<Record<ExportProof['promptSource'], string>> = {
  'held-out rows': 'test rows',
  rows: 'training rows',
  'neutral texts': 'neutral texts',
};
