/** Joins the data doctor with a model: its tokenizer says how long rows really are. The weights are not looked at. */

import type { DoctorReport, EngineEvent } from '../../../common/protocol/protocol.ts';
import type { DoctorConfig } from '../config/config.ts';
import { checkRows } from '../data/doctor/check.ts';
import type { DoctorOptions } from '../data/doctor/scan.ts';
import { readingOf } from '../data/rows/read-rows.ts';
import { rowEncoder } from '../data/tokens/encode.ts';
import { tokenizerWith } from './new-tokens.ts';
import { openModel } from './open-model.ts';

export interface DoctorIo {
  emit(event: EngineEvent): void;
  readonly stop: AbortSignal;
}

/** Checks the data of `config`; throws like `checkRows` and, with a model, like opening it. */
export async function checkDataFor(config: DoctorConfig, io: DoctorIo): Promise<DoctorReport> {
  const options = optionsFrom(config, io);
  if (config.model === undefined) return checkRows(options);
  io.emit({ event: 'phase', phase: 'load' });
  const opened = await openModel(config.model);
  try {
    const tokenizer = await tokenizerWith(opened, config.newTokens);
    const maxLength = Math.min(config.maxLength, opened.model.maxPositions);
    return await checkRows({ ...options, maxLength, encode: rowEncoder(tokenizer, 'answers') });
  } finally {
    await opened.store.close();
  }
}

function optionsFrom(config: DoctorConfig, { emit, stop }: DoctorIo): DoctorOptions {
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
