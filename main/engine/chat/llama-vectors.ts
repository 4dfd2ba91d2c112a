/** Vectors and scores by llama.cpp, for the proof of an encoder's GGUF file. */
import type { Token } from 'node-llama-cpp';
import { type LlamaOptions, withLlamaOf } from './llama.ts';

export interface LlamaVectors {
  /** Its own ids of a text, without special ones. */
  tokenize(text: string): number[];
  /** The vector of a text, or of ids with their special ones. */
  of(input: string | readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Throws as `openLlama` does. */
export async function openLlamaVectors(
  options: Omit<LlamaOptions, 'adapter' | 'stopIds'>,
): Promise<LlamaVectors> {
  return withLlamaOf(options, async (llama) => {
    const model = await llama.loadModel({ modelPath: options.file, gpuLayers: 0 });
    const { contextSize, threads } = options;
    // a text is read at once: each token sees all others
    const context = await model.createEmbeddingContext({ contextSize, batchSize: contextSize, threads });
    return {
      tokenize: (text) => [...model.tokenize(text)],
      async of(input) {
        const asked = typeof input === 'string' ? input : ([...input] as Token[]);
        return Float32Array.from((await context.getEmbeddingFor(asked)).vector);
      },
      close: () => llama.dispose(),
    };
  });
}

export interface LlamaScores {
  /** The score of a pair, before the sigmoid that makes a probability of it. */
  of(pair: readonly [string, string]): Promise<number>;
  close(): Promise<void>;
}

/** The same of a reranker. */
export async function openLlamaScores(
  options: Omit<LlamaOptions, 'adapter' | 'stopIds'>,
): Promise<LlamaScores> {
  return withLlamaOf(options, async (llama) => {
    const model = await llama.loadModel({ modelPath: options.file, gpuLayers: 0 });
    const { contextSize, threads } = options;
    const context = await model.createRankingContext({ contextSize, batchSize: contextSize, threads });
    return {
      async of([first, second]) {
        const chance = await context.rank(first, second);
        return Math.log(chance / (1 - chance));
      },
      close: () => llama.dispose(),
    };
  });
}
