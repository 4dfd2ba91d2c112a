/** An answer for the application: to a prompt or to a whole conversation, from a model that stays open. */

import type { CallEvent, ChatTurn, GenerateResult } from '../../../common/protocol/protocol.ts';
import { type GenerateConfig, parseGenerateConfig } from '../config/config.ts';
import { answer } from '../eval/answer.ts';
import { talkingModel } from './open-models.ts';

type GenerateRequest = Partial<GenerateConfig> & { readonly messages?: readonly ChatTurn[] };

/** Generates an answer; its text is sent piece by piece. Throws `AppError`. */
export async function generate(
  { messages, ...settings }: GenerateRequest,
  { emit, stop }: { emit(event: CallEvent): void; readonly stop: AbortSignal },
): Promise<GenerateResult> {
  const config = parseGenerateConfig(messages ? { prompt: '', ...settings } : settings);
  const { tokenizer, generator, maxPositions } = await talkingModel(config, emit);
  generator.reset();
  const io = { onText: (text: string) => emit({ text }), stop };
  return await answer({ ...config, ...(messages && { messages }) }, io, tokenizer, generator, maxPositions);
}
