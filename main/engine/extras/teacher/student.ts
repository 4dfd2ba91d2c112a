/** A sorter that learns from the teacher beside the person: what it would say of each text by the rows without it. */
import { usualThreads } from '../../../processes.ts';
import type { AnsweredText } from '../../eval/answered-text.ts';
import { placeIn } from '../../eval/classify/closed-set.ts';
import { answerScores, trainAnswerCounter } from '../../eval/rivals/answer-counter.ts';
import { headAnswerScores, trainAnswerHead } from '../../eval/rivals/answer-head.ts';
import { dealtFolds } from '../../eval/rivals/logistic.ts';
import { wordsAndPairs } from '../../eval/rivals/word-counts.ts';
import { product, unit } from '../../eval/vectors/hard-negatives.ts';
import { openTextVectors } from '../../eval/vectors/vectors.ts';
import { encoderIn, type FoundEncoder } from '../../load/find-encoders.ts';

/** How texts are compared, and what sorts them. */
export interface StudentEye {
  readonly encoder: string | null;
  /** Log-probabilities [answers] of each of `asked`, learned from `taught`. */
  scores(
    answers: readonly string[],
    taught: readonly AnsweredText[],
    asked: readonly string[],
  ): Float64Array[];
  /** 0 for texts that have nothing in common, 1 for equal ones. */
  similarity(a: string, b: string): number;
}

/** Regression of one strength: which is best hardly changes which rows are in doubt. */
const STRENGTH = { words: 100, vectors: 10 };

/** Vectors of the texts that were read last: each change of a label asks for them again. */
let read: { readonly encoder: string; readonly vectors: Map<string, Float32Array> } | null = null;

export async function openEye(
  folder: string | null,
  texts: readonly string[],
  stop: AbortSignal,
): Promise<StudentEye> {
  const found = folder === null ? null : await encoderIn(folder);
  if (!found) return wordEye(texts);
  const vectors = await vectorsOf(found, texts, stop);
  const units = new Map<string, Float32Array>();
  const unitOf = (text: string) => {
    const known = units.get(text) ?? unit(vectors.get(text)!);
    units.set(text, known);
    return known;
  };
  return {
    encoder: found.name,
    scores(answers, taught, asked) {
      const head = trainAnswerHead(
        answers,
        taught,
        taught.map(({ text }) => vectors.get(text)!),
        answers.map(() => STRENGTH.vectors),
      );
      return head
        ? headAnswerScores(
            head,
            asked.map((text) => vectors.get(text)!),
          )
        : [];
    },
    similarity: (a, b) => Math.max(0, product(unitOf(a), unitOf(b))),
  };
}

async function vectorsOf(encoder: FoundEncoder, texts: readonly string[], stop: AbortSignal) {
  const key = `${encoder.path} ${encoder.bytes}`;
  const known = read?.encoder === key ? read.vectors : new Map<string, Float32Array>();
  const missing = [...new Set(texts)].filter((text) => !known.has(text));
  if (missing.length > 0) {
    const open = await openTextVectors(encoder.path, usualThreads());
    try {
      const options = { stop, ...(encoder.prompt !== undefined && { prompt: encoder.prompt }) };
      const vectors = await open.of(missing, options);
      for (const [i, text] of missing.entries()) known.set(text, vectors[i]!);
    } finally {
      await open.close();
    }
  }
  read = { encoder: key, vectors: known };
  return known;
}

function wordEye(texts: readonly string[]): StudentEye {
  const words = new Map(texts.map((text) => [text, new Set(wordsAndPairs(text))]));
  return {
    encoder: null,
    scores(answers, taught, asked) {
      const counter = trainAnswerCounter(
        answers,
        taught,
        answers.map(() => STRENGTH.words),
      );
      return counter ? answerScores(counter, asked) : [];
    },
    similarity(a, b) {
      const [left, right] = [words.get(a)!, words.get(b)!];
      let shared = 0;
      for (const word of left) if (right.has(word)) shared++;
      return shared / (left.size + right.size - shared || 1);
    },
  };
}

/** Of each of `labelled` what is learned from others says, in three folds; `sure` are learned from always. */
export function crossedScores(
  eye: StudentEye,
  answers: readonly string[],
  sure: readonly AnsweredText[],
  labelled: readonly AnsweredText[],
): (Float64Array | undefined)[] {
  const scores: (Float64Array | undefined)[] = labelled.map(() => undefined);
  const place = placeIn(answers);
  for (const { train, held } of dealtFolds(labelled.map(({ answer }) => place(answer)))) {
    const found = eye.scores(
      answers,
      [...sure, ...train.map((at) => labelled[at]!)],
      held.map((at) => labelled[at]!.text),
    );
    for (const [i, at] of held.entries()) scores[at] = found[i];
  }
  return scores;
}
