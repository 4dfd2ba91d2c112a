/**
 * Replay: general rows mixed into the training rows against forgetting (Robins 1995). They are a file that the person names, `replay.jsonl`
 * beside the model, or the model's own greedy answers to bundled prompts.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { exists } from '../../folders.ts';
import { cacheFolder, resourcesFolder } from '../../paths.ts';
import { quantisedFormat, type RunConfig } from '../config/config.ts';
import { encodePrompt } from '../data/tokens/encode.ts';
import { generateAll } from '../eval/batch-generator.ts';
import { decoderOf } from '../eval/cached-decoder.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { cacheKeyOf } from '../io/prepare-f32.ts';
import { filesOf } from '../io/tensor-store.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { quantisedMark } from '../load/quantised-weights.ts';
import type { JobIo, ReadyModel } from '../load/ready-model.ts';

const REPLAY_FILE = 'replay.jsonl';
/** Longest answer to a bundled prompt, in tokens; one that is not finished by then is left out. */
export const ANSWER_TOKENS = 96;

/** The file of general rows for this run, made where it has to be; null where nothing is replayed. */
export async function replayFileFor(
  config: ReplaySettings,
  model: ReadyModel,
  io: JobIo,
): Promise<string | null> {
  if (config.replay === 0) return null;
  const file = await replayPlace(config, model.opened);
  const isGiven = config.replayData !== undefined;
  if (!isGiven && !(await exists(file))) await writeFileAtomic(file, await ownAnswers(model, io));
  return file;
}

type ReplaySettings = Pick<RunConfig, 'replay' | 'replayData' | 'model' | 'bits' | 'quant' | 'doubleQuant'>;

/** The file of general rows for a run: the named one, the model's, or where its own answers are kept. */
export async function replayPlace(
  config: Omit<ReplaySettings, 'replay'>,
  { store }: Pick<OpenedModel, 'store'>,
): Promise<string> {
  if (config.replayData !== undefined) return config.replayData;
  const beside = path.join(config.model, REPLAY_FILE);
  if (await exists(beside)) return beside;
  const key = await cacheKeyOf(filesOf(store));
  // a quantised model gives answers of its own
  const format = quantisedFormat(config);
  const mark = format === null ? '' : `-${quantisedMark(format)}`;
  return path.join(cacheFolder(), 'replay', `${key.slice(0, 32)}${mark}.jsonl`);
}

/** JSON lines of the model's own answers to the bundled prompts. */
async function ownAnswers(model: ReadyModel, { emit, stop }: JobIo): Promise<string> {
  const { tokenizer } = model;
  const prompts = await bundledPrompts();
  const report = (fraction: number) =>
    emit({
      event: 'phase',
      phase: 'load',
      fraction,
      detail: say`asking the model for general answers, once`,
    });
  report(0);
  const requests = prompts.map((content) => ({
    prompt: encodePrompt(tokenizer, [{ role: 'user', content }]),
    maxNewTokens: ANSWER_TOKENS,
  }));
  const answers = await generateAll(decoderOf(model), requests, {
    stopIds: tokenizer.stopIds,
    stop,
    onProgress: report,
  });
  const rows = answers.flatMap(({ ids, stopReason }, i) => {
    const completion = tokenizer.decode(ids).trim();
    return stopReason === 'end' && completion !== '' ? [{ prompt: prompts[i], completion }] : [];
  });
  if (rows.length === 0)
    throw new AppError(
      'no-rows',
      say`The model finished none of ${prompts.length} general answers within ${ANSWER_TOKENS} tokens, so there are none to mix in.`,
      say`Choose a file with general rows, or train without them.`,
    );
  return `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
}

export async function bundledPrompts(): Promise<string[]> {
  const file = path.join(resourcesFolder(), 'general', 'replay-prompts.jsonl');
  const lines = (await fs.readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { prompt: string }).prompt);
}
