/** Models that stay open between questions, for a chat before and after training: opening one takes seconds. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { CallEvent, ChatTurn, EngineEvent, GenerateResult } from '../../../common/protocol/protocol.ts';
import type { Message } from '../../rows/messages.ts';
import { Rng } from '../../rows/rng.ts';
import { type GenerateConfig, parseGenerateConfig } from '../config/config.ts';
import { type AskedPrompt, asPrompt, withoutSpace } from '../data/tokens/border.ts';
import { askedPrompt } from '../data/tokens/encode.ts';
import { createTextStream } from '../data/tokens/tokenizer/decode.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { decoderOf } from '../eval/cached-decoder.ts';
import { createSampler, Generator, requireNumber } from '../eval/generator.ts';
import { ADAPTER_FOLDER, adapterBase, adapterParts, loadAdapter } from '../load/adapter.ts';
import { openReadyModel } from '../load/ready-model.ts';

/** At most this many, which is before and after. */
const MOST = 2;

interface TalkingModel {
  readonly tokenizer: Tokenizer;
  readonly generator: Generator;
  readonly maxPositions: number;
  close(): Promise<void>;
}

type Choice = Pick<GenerateConfig, 'model' | 'adapter' | 'executor' | 'threads'>;

/** Oldest first. */
const open = new Map<string, TalkingModel>();

/** The model of `config`, from those that are open or opened now. One call at a time. */
async function talkingModel(config: Choice, emit: (event: EngineEvent) => void): Promise<TalkingModel> {
  const key = await keyOf(config);
  const known = open.get(key);
  if (!known) await makeRoom();
  const model = known ?? (await openModelOf(config, emit));
  open.delete(key);
  open.set(key, model);
  return model;
}

/** Closes all of them; their memory is free then. */
export async function closeModels(): Promise<void> {
  const models = [...open.values()];
  open.clear();
  for (const model of models) await model.close();
}

async function makeRoom(): Promise<void> {
  while (open.size >= MOST) {
    const [key, model] = open.entries().next().value!;
    open.delete(key);
    await model.close();
  }
}

/** Names a model by its files as they are now: a run that went on has another adapter in the same folder. */
async function keyOf({ model, adapter, executor, threads }: Choice): Promise<string> {
  const folders = [model, ...(adapter === undefined ? [] : [adapter, path.join(adapter, ADAPTER_FOLDER)])];
  const stamps = folders.map((folder) =>
    fs.stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    ),
  );
  return JSON.stringify([model, adapter ?? null, executor, threads, await Promise.all(stamps)]);
}

async function openModelOf(config: Choice, emit: (event: EngineEvent) => void): Promise<TalkingModel> {
  const parts = await adapterParts(config.adapter);
  const format = await adapterBase(config.adapter, config);
  const ready = await openReadyModel({ ...config, ...parts }, emit, format);
  const { opened, tokenizer } = ready;
  try {
    const generator = new Generator(decoderOf(ready, await loadAdapter(config.adapter, ready)));
    const close = async () => {
      await generator.release().finally(() => opened.store.close());
    };
    return { tokenizer, generator, maxPositions: opened.model.maxPositions, close };
  } catch (error) {
    await opened.store.close();
    throw error;
  }
}

export type GenerateRequest = Partial<GenerateConfig> & { readonly messages?: readonly ChatTurn[] };

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

/** What is asked: a prompt, or a conversation to go on with, which wins over it. */
export type Question = GenerateConfig & { readonly messages?: readonly Message[] };

/** The answer to the question in `config`, up to `maxPositions` tokens in all. `onText` gets the text as it appears. */
export async function answer(
  config: Question,
  io: { onText(text: string): void; readonly stop: AbortSignal },
  tokenizer: Tokenizer,
  generator: Generator,
  maxPositions: number,
): Promise<GenerateResult> {
  const { ids: prompt, space } = promptOf(config, tokenizer);
  const unsaid = withoutSpace(space);
  const sample = createSampler(config, Rng.fromSeed(config.seed));
  const stream = createTextStream(tokenizer);
  const stops = new Set(tokenizer.stopIds);
  const ids: number[] = [];
  let text = '';
  const show = (said: string) => {
    const part = unsaid(said);
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
function promptOf(config: Question, tokenizer: Tokenizer): AskedPrompt {
  if (config.messages) return askedPrompt(tokenizer, config.messages);
  if (config.raw || !tokenizer.chat) {
    const text = config.system === undefined ? config.prompt : `${config.system}\n\n${config.prompt}`;
    return asPrompt(tokenizer, text, { addSpecial: true });
  }
  const system = config.system === undefined ? [] : [{ role: 'system' as const, content: config.system }];
  return askedPrompt(tokenizer, [...system, { role: 'user', content: config.prompt }]);
}
