/** A reranker that is asked: it reads a question together with each passage, and says how well that answers. */
import { Reranker } from './reranker.ts';
import { openTextVectors } from './vectors.ts';

export interface OpenReranker {
  readonly family: string;
  readonly tokenizer: Awaited<ReturnType<typeof openTextVectors>>['tokenizer'];
  readonly maxTokens: number;
  /** From 0 to 1 for each passage, the higher the better; and the tokens that were read. */
  of(
    question: string,
    passages: readonly string[],
    options: {
      readonly stop: AbortSignal;
      /** Tokens of a passage. */
      readonly most?: number | undefined;
    },
  ): Promise<{ readonly scores: Float32Array; readonly tokens: number }>;
  close(): Promise<void>;
}

/** Opens the reranker in `folder`; who asked for it closes it. Throws an AppError where there is none. */
export async function openReranker(folder: string, threads: number): Promise<OpenReranker> {
  const vectors = await openTextVectors(folder, threads);
  try {
    const reranker = await Reranker.of(vectors, null);
    const { tokenizer, maxTokens, family } = vectors;
    return {
      tokenizer,
      maxTokens,
      family,
      async of(question, passages, { stop, most }) {
        const pairs = passages.map((passage) =>
          reranker.pair(vectors, [question, passage], { ofSecond: most }),
        );
        const scores = await reranker.scores(pairs, stop);
        const tokens = pairs.reduce((sum, { ids }) => sum + ids.length, 0);
        return { scores: scores.map((score) => 1 / (1 + Math.exp(-score))), tokens };
      },
      async close() {
        await reranker.release();
        await vectors.close();
      },
    };
  } catch (error) {
    await vectors.close();
    throw error;
  }
}
