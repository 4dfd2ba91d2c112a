/** What is exported: the model and the adapter that a run's folder, an adapter's folder or a model's path stand for. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, nullIfMissing } from '../../../common/errors.ts';
import { toBundledPath } from '../../paths.ts';
import {
  type ExportConfig,
  parseRunConfig,
  RUN_FILE,
  type RunConfig,
  savedSettings,
} from '../config/config.ts';
import { ADAPTER_FOLDER, MODEL_FOLDER } from '../load/adapter.ts';

export interface ExportSource {
  /** The model to open: a base model, or the result of full fine-tuning. */
  readonly model: string;
  /** The adapter's folder, or null. */
  readonly adapter: string | null;
  /** The run's folder and its settings, where there is one. */
  readonly run: { readonly folder: string; readonly config: RunConfig } | null;
}

/** Finds what `config` asks to export; throws an AppError that says what is missing. */
export async function findSource(config: ExportConfig): Promise<ExportSource> {
  const { run: folder, model } = config;
  if (folder === undefined) return plainModel(config, model!);
  const run = await readRun(folder);
  if (await holds(folder, ADAPTER_FOLDER, 'adapter_config.json')) {
    const base = model ?? run?.config.model;
    if (base !== undefined) return { model: base, adapter: path.join(folder, ADAPTER_FOLDER), run };
    throw needsModel(folder);
  }
  if (await holds(folder, MODEL_FOLDER, 'config.json')) {
    if (config.as === 'peft' || config.adapterOnly) throw noAdapter(folder);
    return { model: path.join(folder, MODEL_FOLDER), adapter: null, run };
  }
  if (await holds(folder, 'adapter_config.json')) {
    if (model === undefined) throw needsModel(folder);
    return { model, adapter: folder, run: null };
  }
  throw new AppError(
    'no-run',
    run
      ? `The run in ${folder} has no result yet.`
      : `${folder} holds no run: there is neither an ${ADAPTER_FOLDER}/ nor a ${MODEL_FOLDER}/ folder in it.`,
    run
      ? `Let it end first: npx fettle train --out ${folder} --resume`
      : 'Name the folder that was given to `fettle train --out`, or use --model for a model that was not trained here.',
  );
}

function plainModel(config: ExportConfig, model: string): ExportSource {
  if (config.as === 'peft' || config.adapterOnly) throw noAdapter(model);
  return { model, adapter: null, run: null };
}

async function readRun(folder: string): Promise<ExportSource['run']> {
  const file = path.join(folder, RUN_FILE);
  const text = await fs.readFile(file, 'utf8').catch(nullIfMissing(file));
  if (text === null) return null;
  try {
    return { folder, config: parseRunConfig(savedSettings(JSON.parse(text, toBundledPath))) };
  } catch (cause) {
    throw new AppError(
      'bad-config',
      `${path.join(folder, RUN_FILE)} cannot be read: ${(cause as Error).message}`,
      'Give the adapter inside the folder with --run, and its base model with --model.',
      { cause },
    );
  }
}

function holds(...parts: readonly string[]): Promise<boolean> {
  return fs.stat(path.join(...parts)).then(Boolean, () => false);
}

function needsModel(folder: string): AppError {
  return new AppError(
    'bad-usage',
    `${folder} holds an adapter, which is of no use without the model that it was trained on.`,
    'Name that model with --model.',
  );
}

function noAdapter(what: string): AppError {
  return new AppError(
    'bad-usage',
    `There is no adapter to export: ${what} is a whole model.`,
    'Use --as safetensors, or --as gguf without --adapter-only.',
  );
}
