/** Vectors and scores by llama.cpp, for the proof of an encoder's GGUF file. */
import type { Llama, LlamaModel, Token } from 'node-llama-cpp';
import { type LlamaOptions, withLlamaOf } from './llama.ts';

export interface LlamaVectors {
  /** Its own ids of a text, without special ones. */
  tokenize(text: string): number[];
  /** The vector of a text, or of ids with their special ones. */
  of(input: string | readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Throws as `openLlama` does. */
export const openLlamaVectors = (options: ReadingOptions): Promise<LlamaVectors> =>
  opened(options, async (llama, model, size) => {
    const context = await model.createEmbeddingContext(size);
    return {
      tokenize: (text) => [...model.tokenize(text)],
      async of(input) {
        const asked = typeof input === 'string' ? input : ([...input] as Token[]);
        return Float32Array.from((await context.getEmbeddingFor(asked)).vector);
      },
      close: () => llama.dispose(),
    };
  });

export interface LlamaScores {
  /** The score of a pair, before the sigmoid that makes a probability of it. */
  of(pair: readonly [string, string]): Promise<number>;
  close(): Promise<void>;
}

/** The same of a reranker. */
export const openLlamaScores = (options: ReadingOptions): Promise<LlamaScores> =>
  opened(options, async (llama, model, size) => {
    const context = await model.createRankingContext(size);
    return {
      async of([first, second]) {
        const chance = await context.rank(first, second);
        return Math.log(chance / (1 - chance));
      },
      close: () => llama.dispose(),
    };
  });

type ReadingOptions = Omit<LlamaOptions, 'adapter' | 'stopIds'>;
interface ContextSize {
  readonly contextSize: number;
  readonly batchSize: number;
  readonly threads: number;
}

function opened<Reading>(
  { file, contextSize, threads }: ReadingOptions,
  open: (llama: Llama, model: LlamaModel, size: ContextSize) => Promise<Reading>,
): Promise<Reading> {
  return withLlamaOf({ file, threads }, async (llama) => {
    const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
    // a text is read at once: each token sees all others
    return await open(llama, model, { contextSize, batchSize: contextSize, threads });
  });
}
