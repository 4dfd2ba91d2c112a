/**
 * General rows that a run mixes in, as far as a plan needs them. A run without a file of them asks the model itself, once, which takes
 * its weights and some minutes; until that was done, a plan counts each answer with the most tokens that it may have.
 */

import type { EngineEvent } from '../../../../common/protocol/protocol.ts';
import { type RunConfig, roundedFormat } from '../../config/config.ts';
import { encodePrompt } from '../../data/tokens/encode.ts';
import type { RowStore } from '../../data/tokens/token-store.ts';
import { exists } from '../../io/exists.ts';
import { ANSWER_TOKENS, bundledPrompts, replayPlace } from '../../train/replay.ts';
import type { PlannedModel } from './models.ts';

export interface PlanIo {
  readonly stop: AbortSignal;
  emit(event: EngineEvent): void;
}

/** Rows with the name under which they are kept. */
export interface NamedRows {
  readonly key: string;
  readonly rows: Omit<RowStore, 'row'>;
}

type Asked = Pick<
  RunConfig,
  'replay' | 'replayData' | 'model' | 'bits' | 'quant' | 'doubleQuant' | 'trainOn' | 'maxLength'
>;

export class ReplayRows {
  #place: { readonly key: string; readonly file: string } | null = null;
  /** Tokens of the prompts of the model with this key. */
  #prompts: { readonly key: string; readonly lengths: readonly number[] } | null = null;

  /** The general rows; `read` reads a file of them. Null where none are mixed in. */
  async get(
    config: Asked,
    model: PlannedModel,
    { emit }: PlanIo,
    read: (file: string) => Promise<NamedRows>,
  ): Promise<NamedRows | null> {
    if (config.replay === 0) return null;
    const file = await this.#placeOf(config, model);
    if (config.replayData !== undefined || (await exists(file))) return await read(file);
    const message = `The model has not given its general answers yet: each counts here with ${ANSWER_TOKENS} tokens, the most that it may have.`;
    emit({ event: 'phase', phase: 'tokenize', detail: message });
    return await this.#assumed(config, model);
  }

  /** Finding the place asks for samples of the weights' files, so it is remembered. */
  async #placeOf(config: Asked, model: PlannedModel): Promise<string> {
    const key = JSON.stringify([model.key, config.replayData ?? null, roundedFormat(config)]);
    if (this.#place?.key !== key) this.#place = { key, file: await replayPlace(config, model.opened) };
    return this.#place.file;
  }

  async #assumed({ trainOn, maxLength }: Asked, { key, tokenizer }: PlannedModel): Promise<NamedRows> {
    if (this.#prompts?.key !== key) {
      const prompts = await bundledPrompts();
      const lengths = prompts.map((content) => encodePrompt(tokenizer, [{ role: 'user', content }]).length);
      this.#prompts = { key, lengths };
    }
    const kept = this.#prompts.lengths.filter((prompt) => prompt < maxLength);
    const lengths = Uint32Array.from(kept, (prompt) => Math.min(maxLength, prompt + ANSWER_TOKENS));
    const labelled = lengths.map((length, i) => (trainOn === 'all' ? length - 1 : length - kept[i]!));
    const rows = { count: lengths.length, lengths, labelled };
    return { key: JSON.stringify(['assumed', key, trainOn, maxLength]), rows };
  }
}
