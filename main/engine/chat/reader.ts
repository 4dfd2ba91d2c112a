/** An encoder as the endpoint serves it: it makes embeddings, or scores of documents, and whoever asks for words is told so. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { openReranker } from '../eval/vectors/open-reranker.ts';
import { promptFor } from '../eval/vectors/prompts.ts';
import { openTextVectors } from '../eval/vectors/vectors.ts';
import { encoderIn, rerankerIn } from '../load/find-encoders.ts';
import { rerankingVoice } from './rank.ts';
import type { Voice } from './speech.ts';
import { writesNothing } from './wire.ts';

/** Opens the encoder or the reranker in `folder`. Throws like `openTextVectors`. */
export async function openReader(folder: string, threads: number) {
  const { size: bytes, mtime: changed } = await stat(path.join(folder, 'model.safetensors')).catch(() =>
    stat(folder),
  );
  const isReranker = (await rerankerIn(folder)) !== null;
  const voice = isReranker
    ? rerankingVoice(await openReranker(folder, threads))
    : await vectorVoice(folder, threads);
  return { ...voice, bytes, changed };
}

async function vectorVoice(folder: string, threads: number): Promise<Voice> {
  const vectors = await openTextVectors(folder, threads);
  const { tokenizer, prompts } = vectors;
  const known = (await encoderIn(folder))?.prompt;
  const silent = async () => {
    throw writesNothing();
  };
  return {
    // what its makers put before texts belongs to the text
    tokenizer: {
      ...tokenizer,
      encode: (text, options) =>
        options?.addSpecial
          ? vectors.idsOf(text, { atMost: options.atMost ?? Number.POSITIVE_INFINITY })
          : tokenizer.encode(text, options),
    },
    idsFor(text, use, atMost) {
      const prompt = promptFor(use, prompts, known);
      return vectors.idsOf(text, { atMost, ...(prompt !== undefined && { prompt }) });
    },
    speaker: {
      writes: false,
      contextSize: vectors.maxTokens,
      embeddingSize: vectors.width,
      architecture: vectors.family,
      weights: 'F32',
      speak: silent,
      score: silent,
      grammar: silent,
      endsAnswers: () => false,
      embed: async (ids, gone) => {
        gone.throwIfAborted();
        const [vector] = await vectors.ofIds([ids]);
        return Array.from(vector!);
      },
      close: () => vectors.close(),
    },
  };
}
