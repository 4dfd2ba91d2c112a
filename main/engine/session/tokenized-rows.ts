/** Rows as a model reads them, by its tokenizer, template and mask: shown, and checked by the doctor. */

import { AppError } from '../../../common/errors.ts';
import type { DoctorReport, RowPreview } from '../../../common/protocol/protocol.ts';
import { checkRows } from '../../rows/doctor/check.ts';
import type { DoctorOptions } from '../../rows/doctor/scan.ts';
import type { LooseRow } from '../../rows/loose-row.ts';
import { readingOf, readLooseRows } from '../../rows/read-rows.ts';
import { answeredOf, hasInstructions, hasTools, strictRow, type TrainingRow } from '../../rows/schema.ts';
import type { DataConfig, DoctorConfig, RunConfig } from '../config/config.ts';
import type { ThinkingUse } from '../data/tokens/conversation.ts';
import { doctorEncoder } from '../data/tokens/encode-work.ts';
import { createTextStream } from '../data/tokens/tokenizer/decode.ts';
import type { EncodedRow, Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { tokenizerOf, tokenizerPartsOf, withOpened } from '../load/open-model.ts';
import { type JobIo, tokenizerWith, withNewRows } from '../load/ready-model.ts';
import { taskOf } from '../tasks/registry.ts';

/** Of what is cut off, and of a row in all, so many tokens are shown: a row may be a whole book. */
const SHOWN_CUT = 500;
const SHOWN = 20_000;

export interface PreviewRequest {
  readonly data: DataConfig;
  readonly model: string;
  /** Texts that the tokenizer is to know as one token each; none where they are left out. */
  readonly newTokens?: readonly string[];
  readonly maxLength: number;
  readonly trainOn: RunConfig['trainOn'];
  readonly thinking?: ThinkingUse;
  /** Readable rows to pass over, and rows to show. */
  readonly from: number;
  readonly count: number;
}

/** The wanted rows; unreadable ones are passed over. Throws `AppError` for what the model cannot be given. */
export async function preview(
  { data, model, newTokens = [], maxLength, trainOn, thinking, from, count }: PreviewRequest,
  { stop }: { readonly stop: AbortSignal },
): Promise<RowPreview[]> {
  const { tokenizer, read } = await withOpened(model, async (opened) => ({
    tokenizer: await tokenizerWith(opened, newTokens),
    read: opened.model,
  }));
  const encode = taskOf({ trainOn, ...(thinking && thinking !== 'train' && { thinking }) }).encoder(
    tokenizer,
    read,
  );
  const rows: RowPreview[] = [];
  let index = 0;
  const placed = readLooseRows([data.data].flat(), {
    ...readingOf(data),
    signal: stop,
    onBadRow: () => {},
  });
  for await (const { row, where } of placed) {
    const training = readable(row, where);
    if (training === null || index++ < from) continue;
    // running text that is too long goes on in the next row: nothing of it is cut off
    const limit =
      training.kind === 'text' ? Number.POSITIVE_INFINITY : Math.min(maxLength, read.maxPositions);
    const asPreview = (one: TrainingRow) => previewOf(where, encode(one), tokenizer, limit);
    const worse = training.kind === 'preference' ? asPreview(training.rejected) : null;
    const answered = answeredOf(training);
    const systemFolded = hasInstructions(answered) && tokenizer.chat?.foldsSystem() === true;
    const toolsFolded = hasTools(answered) && tokenizer.chat?.foldsTools() === true;
    rows.push({ ...asPreview(answered), ...(worse && { worse }), systemFolded, toolsFolded });
    if (rows.length >= count) break;
  }
  return rows;
}

function readable(row: LooseRow, where: string): TrainingRow | null {
  try {
    return strictRow(row, where);
  } catch (error) {
    if (error instanceof AppError && error.code === 'bad-row') return null;
    throw error;
  }
}

/** A row of tokens in pieces; a character that several tokens make up is the text of the last one of them. */
export function previewOf(
  where: string,
  { ids, labels }: EncodedRow,
  tokenizer: Tokenizer,
  limit: number,
): Omit<RowPreview, 'systemFolded' | 'toolsFolded'> {
  const cutTokens = Math.max(0, ids.length - limit);
  const shown = ids.slice(0, Math.min(limit + SHOWN_CUT, SHOWN));
  const texts = tokenTexts(shown, tokenizer);
  const pieces: { trained: boolean; cut: boolean; tokens: { id: number; text: string }[] }[] = [];
  shown.forEach((id, i) => {
    const fate = { trained: labels[i]! >= 0, cut: i >= limit };
    const last = pieces.at(-1);
    const token = { id, text: texts[i]! };
    if (last?.trained === fate.trained && last.cut === fate.cut) last.tokens.push(token);
    else pieces.push({ ...fate, tokens: [token] });
  });
  return {
    where,
    tokens: ids.length,
    trainedTokens: labels.slice(0, limit).filter((label) => label >= 0).length,
    cutTokens,
    pieces: pieces.map((piece) => ({ ...piece, text: piece.tokens.map(({ text }) => text).join('') })),
  };
}

/** The text that each token completes; together they are the text of the row. */
function tokenTexts(ids: readonly number[], tokenizer: Tokenizer): string[] {
  const stream = createTextStream(tokenizer, { skipSpecial: false });
  const texts = ids.map((id) => stream.push(id));
  if (texts.length > 0) texts[texts.length - 1] += stream.flush();
  return texts;
}

/** Checks the data of `config`; throws like `checkRows` and, with a model, like opening it. */
export async function checkDataFor(config: DoctorConfig, io: JobIo): Promise<DoctorReport> {
  const options = optionsFrom(config, io);
  if (config.model === undefined) return checkRows(options);
  io.emit({ event: 'phase', phase: 'load' });
  return await withOpened(config.model, async (opened) => {
    const larger = withNewRows(opened, await tokenizerPartsOf(opened), config.newTokens);
    const maxLength = Math.min(config.maxLength, opened.model.maxPositions);
    const task = taskOf({ trainOn: 'answers' });
    return await checkRows({
      ...options,
      maxLength,
      encode: task.encoder(await tokenizerOf(larger), larger.model),
      encoder: doctorEncoder(task.encoderSource(larger)),
    });
  });
}

function optionsFrom(config: DoctorConfig, { emit, stop }: JobIo): DoctorOptions {
  const { minutes, tokensPerSecond, fix } = config;
  return {
    paths: [config.data].flat(),
    read: { ...readingOf(config), signal: stop },
    ...(config.evalData !== undefined && { evalPaths: [config.evalData].flat() }),
    maxLength: config.maxLength,
    heldOut: config.heldOut,
    seed: config.seed,
    epochs: config.epochs,
    ...(minutes !== undefined && { minutes }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
    ...(fix && { fix, out: config.preview ? null : (config.out ?? null), overwrite: config.overwrite }),
    onProgress: (fraction, detail) => emit({ event: 'phase', phase: 'read', fraction, detail }),
  };
}
