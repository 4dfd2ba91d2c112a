/**
 * Generation for measuring: many prompts at once, in rows of one batch, with a key-value cache. A row that has ended
 * makes room for the next prompt, so that short answers do not wait for long ones.
 */
import type { GeneratorOptions } from './generator.ts';

export interface BatchRequest {
  /** Token ids of the prompt, at least one. */
  readonly prompt: readonly number[];
  readonly maxNewTokens: number;
}

export interface BatchAnswer {
  /** New tokens, without the one that ended the answer. */
  readonly ids: readonly number[];
  /** `end`: a stop token came; `length`: the limit of new tokens, or of what the model reads. */
  readonly stopReason: 'end' | 'length';
}

export interface BatchOptions {
  /** Ids that end an answer. */
  readonly stopIds: readonly number[];
  readonly stop?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

/** Greedy answers to all `requests`, in their order. Throws the reason of `stop` when it is aborted. */
export declare function generateAll(
  parts: GeneratorOptions,
  requests: readonly BatchRequest[],
  options: BatchOptions,
): Promise<BatchAnswer[]>;
