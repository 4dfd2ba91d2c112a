/** An export as a job: find what is meant, open it, gather what it says about itself, write it, prove it. */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { EngineEvent, ExportResult } from '../../../common/protocol/protocol.ts';
import { type ExportConfig, keepsHalves } from '../config/config.ts';
import { exportModel, type RequireSpace } from '../export/export-model.ts';
import { modelFacts, runFacts } from '../export/facts.ts';
import type { ExportJob, ExportType } from '../export/job.ts';
import type { CardForm } from '../export/model-card.ts';
import { nextCommands } from '../export/next-commands.ts';
import { findSource } from '../export/source.ts';
import { planTarget } from '../export/target.ts';
import { readAdapter, readAdapterConfig, readBase, readNewTokens } from '../io/peft.ts';
import { loadAdapter, NO_ADAPTER } from '../load/adapter.ts';
import { type ReadyModel, withModel } from '../load/ready-model.ts';
import { codeBits, type RoundedFormat } from '../nn/rounded.ts';
import { proofPrompts } from './proof-prompts.ts';

export interface ExportIo {
  emit(event: EngineEvent): void;
  readonly stop: AbortSignal;
  /** Checks that a folder has room; only tests need another one. */
  readonly requireSpace?: RequireSpace;
}

/** Exports a run, an adapter or a model and proves the result. Throws an AppError; then nothing is left under its name. */
export async function exportRun(config: ExportConfig, io: ExportIo): Promise<ExportResult> {
  try {
    return await exported(config, io);
  } catch (error) {
    if (!io.stop.aborted || (error instanceof AppError && error.code !== 'stopped')) throw error;
    throw new AppError(
      'stopped',
      'The export was stopped; nothing was written.',
      'Give the same command to begin again.',
    );
  }
}

async function exported(config: ExportConfig, io: ExportIo): Promise<ExportResult> {
  const started = performance.now();
  const source = await findSource(config);
  const form: CardForm = config.adapterOnly ? 'gguf-adapter' : config.as;
  const type: ExportType = config.type ?? (form === 'peft' || form === 'gguf-adapter' ? 'f32' : 'f16');
  if (form === 'gguf-adapter') await refuseWhatLlamaHasNot(source.adapter!);
  // an export that overwrites is refused before a model is loaded for it
  await planTarget(config.out, 'model', config.as === 'gguf');
  const work = async (ready: ReadyModel): Promise<ExportResult> => {
    const { opened, tokenizer, executor } = ready;
    const facts = await modelFacts(opened, source);
    const target = await planTarget(config.out, `${facts.name}-${type}`, config.as === 'gguf');
    const stored = source.adapter === null ? null : await readAdapter(source.adapter);
    const adapter = source.adapter === null ? NO_ADAPTER : await loadAdapter(source.adapter, ready);
    const rows = await proofPrompts(source.run, { opened, tokenizer, ...io });
    const job: ExportJob = { ...ready, form, type, target, stored, adapter, facts, system: rows.system };
    const card = { ...(await runFacts(source)), data: rows.data };
    const done = await exportModel(job, rows.prompts, card, {
      executor,
      threads: config.threads,
      stop: io.stop,
      onProgress: (detail, fraction) => io.emit({ event: 'phase', phase: 'export', fraction, detail }),
      ...(io.requireSpace && { requireSpace: io.requireSpace }),
    });
    const base = stored?.config.base ?? null;
    const rounded = base === 16 ? null : base;
    const isMerged = form === 'safetensors' || form === 'gguf';
    return {
      ...{ as: config.as, adapterOnly: config.adapterOnly, type, out: path.resolve(config.out), ...done },
      notes: [...done.notes, ...(rounded && isMerged ? [mergedWords(rounded)] : [])],
      name: facts.name,
      next: nextCommands(job),
      seconds: (performance.now() - started) / 1000,
    };
  };
  // rounded weights are not what is exported; those in 16 bits are the model's own
  const base = source.adapter === null ? null : await readBase(source.adapter);
  const format = base === 16 && keepsHalves(config) ? base : null;
  const newTokens = source.adapter === null ? [] : [...(await readNewTokens(source.adapter))];
  return await withModel({ ...config, model: source.model, newTokens }, io.emit, work, format);
}

/**
 * llama.cpp adds an adapter's output to that of its layer. DoRA also multiplies both, and new tokens make tables and vocabulary larger:
 * such a file has no place for either.
 */
async function refuseWhatLlamaHasNot(adapter: string): Promise<void> {
  const { useDora, tokenIndices } = await readAdapterConfig(adapter);
  if (!useDora && !tokenIndices) return;
  throw new AppError(
    'bad-usage',
    useDora
      ? `${adapter} is a DoRA adapter, and adapters for llama.cpp are plain LoRA: its magnitudes would be lost.`
      : `${adapter} brings along new tokens, and adapters for llama.cpp are plain LoRA: its tokens would be lost.`,
    'Leave out --adapter-only, so that it is merged into a GGUF file of the whole model; or use --as peft.',
  );
}

/** What is true of every merged adapter that was trained beside rounded weights, here as elsewhere. */
function mergedWords(format: RoundedFormat): string {
  return `The adapter was trained beside weights of ${codeBits(format)} bits. It is merged into the model's own weights, as is usual, so its answers may differ a little from those of the run.`;
}
