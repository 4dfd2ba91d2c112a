/** An encoder as the endpoint serves it: it makes embeddings, and whoever asks for words is told so. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promptFor } from '../eval/vectors/prompts.ts';
import { openTextVectors } from '../eval/vectors/vectors.ts';
import { encoderIn } from '../load/find-encoders.ts';
import type { Voice } from './speech.ts';
import { writesNothing } from './wire.ts';

/** Opens the encoder in `folder`. Throws like `openTextVectors`. */
export async function openReader(folder: string, threads: number) {
  const vectors = await openTextVectors(folder, threads);
  const { tokenizer, prompts } = vectors;
  const known = (await encoderIn(folder))?.prompt;
  const silent = async () => {
    throw writesNothing();
  };
  const voice: Voice = {
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
  const { size: bytes, mtime: changed } = await stat(path.join(folder, 'model.safetensors')).catch(() =>
    stat(folder),
  );
  return { ...voice, bytes, changed };
}
