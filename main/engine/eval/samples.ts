/** What the model says to the person's prompts during training, without changing a number of the run. */

import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { RunConfig } from '../config/config.ts';
import type { Message } from '../data/rows/messages.ts';
import { encodePrompt } from '../data/tokens/encode.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { generateAll } from './batch-generator.ts';
import type { DecoderOptions } from './cached-decoder.ts';

/** Tokens of an answer at most. */
export const NEW_TOKENS = 64;

export interface Sample {
  readonly prompt: string;
  readonly text: string;
}

interface Asked {
  readonly prompt: string;
  readonly ids: readonly number[];
}

export class Samples {
  readonly #asked: readonly Asked[];
  readonly #tokenizer: Tokenizer;
  readonly #emit: (event: EngineEvent) => void;

  /** Takes the prompts of `config`; one that leaves no room for an answer is left out, with a warning. */
  constructor(
    { samplePrompts, system }: Pick<RunConfig, 'samplePrompts' | 'system'>,
    tokenizer: Tokenizer,
    maxPositions: number,
    emit: (event: EngineEvent) => void,
  ) {
    this.#tokenizer = tokenizer;
    this.#emit = emit;
    const opening: Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
    const asked = samplePrompts.map((prompt) => ({
      prompt,
      ids: encodePrompt(tokenizer, [...opening, { role: 'user', content: prompt }]),
    }));
    this.#asked = asked.filter(({ ids }) => ids.length > 0 && ids.length < maxPositions);
    for (const { prompt, ids } of asked.filter((one) => !this.#asked.includes(one))) {
      const message = say`One of your questions is too long to ask: it has ${number(ids.length)} tokens, and this model reads ${number(maxPositions)}. It begins: ${prompt.slice(0, 40)}`;
      emit({ event: 'warning', code: 'sample-skipped', message });
    }
  }

  /** Prompts that are asked at each evaluation. */
  get count(): number {
    return this.#asked.length;
  }

  /** The answers of what `parts` decode with, at most 64 tokens each; null where `stop` ended it. */
  async take(step: number, parts: DecoderOptions, stop: AbortSignal): Promise<readonly Sample[] | null> {
    if (this.count === 0) return [];
    if (stop.aborted) return null;
    const detail = step === 0 ? say`asking your questions before training` : say`asking your questions`;
    this.#emit({ event: 'phase', phase: 'evaluate', detail });
    const requests = this.#asked.map(({ ids }) => ({ prompt: ids, maxNewTokens: NEW_TOKENS }));
    try {
      const answers = await generateAll(parts, requests, { stopIds: this.#tokenizer.stopIds, stop });
      return answers.map(({ ids }, i) => ({
        prompt: this.#asked[i]!.prompt,
        text: this.#tokenizer.decode(ids, { skipSpecial: true }),
      }));
    } catch (error) {
      if (stop.aborted) return null;
      throw error;
    }
  }
}
