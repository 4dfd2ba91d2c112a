/** The proof of an exported reranker: what was loaded back gives pairs of texts the same scores. */
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { ExportProof } from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import { openLlamaScores } from '../../chat/llama-vectors.ts';
import type { PairIds } from '../../eval/vectors/pair-texts.ts';
import { Reranker } from '../../eval/vectors/reranker.ts';
import { openTextVectors } from '../../eval/vectors/vectors.ts';
import { openForeign } from '../../exec/registry.ts';
import { ONNX_FILES, READING_FORMS, type WrittenReading } from './forms.ts';
import { NOTHING_ELSE } from './prove.ts';

/**
 * Scores before the sigmoid differ by less where the same is computed; llama.cpp takes GELU from a table of 16 bits, and rounding to 8 bits
 * moves them by tenths.
 */
const FAR = { exact: 1e-3, table: 0.05, rounded: 1 };
/** Pairs that are scored together. */
const TOGETHER = 16;

interface Proving {
  readonly threads: number;
  readonly stop: AbortSignal;
  onProgress(fraction: number): void;
}

/** Asks for the score of each text with each other one. Throws `AppError('export-differs')`. */
export async function provePairs(
  form: keyof typeof READING_FORMS,
  written: WrittenReading,
  texts: readonly string[],
  { threads, stop, onProgress }: Proving,
): Promise<ExportProof> {
  const { model, folder, type } = written;
  const own = await openTextVectors(model.opened.path, threads);
  try {
    const reranker = await Reranker.of(own, null);
    const asked = texts.flatMap((first) => texts.map((second) => [first, second] as const));
    // a GGUF file doesn't say where long texts are cut
    const most = form === 'gguf' ? model.opened.encoder.maxTokens : own.maxTokens;
    const pairs = asked.map((pair) => reranker.pair(own, pair, { most }));
    const wanted = await reranker.scores(pairs, stop);
    await reranker.release();
    const proving = { threads, stop, onProgress };
    const { hasTypes } = reranker.head;
    const ways: Readonly<Record<typeof form, () => Promise<number[]>>> = {
      onnx: () => scoresOfFile(path.join(folder, ONNX_FILES[type]!), pairs, hasTypes, proving),
      safetensors: () => scoresOfFolder(folder, pairs, proving),
      gguf: () => scoresOfGguf(written, asked, proving),
    };
    const found = await ways[form]();
    const drifts = found.map((score, i) => Math.abs(score - wanted[i]!));
    const far = type === 'int8' || type === 'q8_0' ? FAR.rounded : form === 'gguf' ? FAR.table : FAR.exact;
    const equalAnswers = drifts.filter((drift) => drift <= far).length;
    const { by } = READING_FORMS[form];
    if (equalAnswers < pairs.length)
      throw new AppError(
        'export-differs',
        say`${by} computes something else: ${pairs.length - equalAnswers} of ${pairs.length} pairs of texts get another score.`,
        say`Nothing was saved. Please report this: Fettle may not know something about this model.`,
      );
    return {
      by,
      promptSource: 'neutral texts',
      prompts: pairs.length,
      equalAnswers,
      ...NOTHING_ELSE,
      maxLogProbDrift: Math.max(...drifts),
    };
  } finally {
    await own.close();
  }
}

async function scoresOfFile(
  file: string,
  pairs: readonly PairIds[],
  hasTypes: boolean,
  { threads, stop, onProgress }: Proving,
): Promise<number[]> {
  const session = await openForeign(file, threads);
  try {
    const found: number[] = [];
    for (let start = 0; start < pairs.length; start += TOGETHER) {
      stop.throwIfAborted();
      onProgress(start / pairs.length);
      const some = pairs.slice(start, start + TOGETHER);
      const second = hasTypes ? some.map((pair) => pair.second) : undefined;
      const { logits } = await session.run(
        some.map(({ ids }) => ids),
        second,
      );
      found.push(...logits!);
    }
    return found;
  } finally {
    await session.close();
  }
}

async function scoresOfFolder(
  folder: string,
  pairs: readonly PairIds[],
  { threads, stop }: Omit<Proving, 'onProgress'>,
): Promise<number[]> {
  const again = await openTextVectors(folder, threads);
  try {
    const reranker = await Reranker.of(again, null);
    const found = await reranker.scores(pairs, stop);
    await reranker.release();
    return [...found];
  } finally {
    await again.close();
  }
}

async function scoresOfGguf(
  { model, folder, gguf }: WrittenReading,
  pairs: readonly (readonly [string, string])[],
  { threads, stop, onProgress }: Proving,
): Promise<number[]> {
  const contextSize = model.opened.encoder.maxTokens + 1;
  const llama = await openLlamaScores({ file: path.join(folder, gguf), contextSize, threads });
  try {
    const found: number[] = [];
    for (const pair of pairs) {
      stop.throwIfAborted();
      onProgress(found.length / pairs.length);
      found.push(await llama.of(pair));
    }
    return found;
  } finally {
    await llama.close();
  }
}
