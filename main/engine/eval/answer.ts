/** One answer of a model: the prompt in its chat template, then token after token until it ends. */

import type { GenerateResult } from '../../../common/protocol/protocol.ts';
import type { GenerateConfig } from '../config/config.ts';
import type { Message } from '../data/rows/messages.ts';
import { Rng } from '../data/rows/rng.ts';
import { encodePrompt } from '../data/tokens/encode.ts';
import { createTextStream } from '../data/tokens/tokenizer/decode.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { createSampler, type Generator, requireNumber } from './generator.ts';

/** What is asked: a prompt, or a conversation to go on with, which wins over it. */
export type Question = GenerateConfig & { readonly messages?: readonly Message[] };

/**
 * The answer to the question in `config`, up to `maxPositions` tokens in all. `onText` gets the text as it
 * appears.
 */
export async function answer(
  config: Question,
  io: { onText(text: string): void; readonly stop: AbortSignal },
  tokenizer: Tokenizer,
  generator: Generator,
  maxPositions: number,
): Promise<GenerateResult> {
  const prompt = promptIds(config, tokenizer);
  const sample = createSampler(config, Rng.fromSeed(config.seed));
  const stream = createTextStream(tokenizer);
  const stops = new Set(tokenizer.stopIds);
  const ids: number[] = [];
  let text = '';
  const show = (part: string) => {
    text += part;
    if (part !== '') io.onText(part);
  };
  // the last token is only said, not read
  const most = Math.min(config.maxNewTokens, maxPositions - prompt.length + 1);
  let logits = await generator.advance(prompt);
  const started = performance.now();
  let stopReason: GenerateResult['stopReason'] = 'length';
  while (ids.length < most) {
    const id = sample(logits);
    requireNumber(logits[id]);
    if (stops.has(id)) {
      stopReason = 'end';
      break;
    }
    ids.push(id);
    show(stream.push(id));
    if (io.stop.aborted) {
      stopReason = 'stopped';
      break;
    }
    if (ids.length < most) logits = await generator.advance([id]);
  }
  show(stream.flush());
  const seconds = (performance.now() - started) / 1000;
  return {
    text,
    ids,
    promptTokens: prompt.length,
    newTokens: ids.length,
    tokensPerSecond: ids.length / Math.max(seconds, 1e-9),
    stopReason,
  };
}

/** The prompt in the model's chat template; for a base model, or with `raw`, as it is. */
function promptIds(config: Question, tokenizer: Tokenizer): number[] {
  if (config.messages) return encodePrompt(tokenizer, config.messages);
  if (config.raw || !tokenizer.chat) {
    const text = config.system === undefined ? config.prompt : `${config.system}\n\n${config.prompt}`;
    return tokenizer.encode(text, { addSpecial: true });
  }
  const system = config.system === undefined ? [] : [{ role: 'system' as const, content: config.system }];
  return encodePrompt(tokenizer, [...system, { role: 'user', content: config.prompt }]);
}
