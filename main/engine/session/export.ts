/** An export as a job: find what is meant, open it, gather what it says about itself, write it, prove it. */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { EngineEvent, ExportResult } from '../../../common/protocol/protocol.ts';
import { keepsHalves } from '../../../common/settings/row.ts';
import { say } from '../../../common/words/language.ts';
import { inTemporaryFolder } from '../../folders.ts';
import type { TrainingRow } from '../../rows/schema.ts';
import type { ExportConfig } from '../config/config.ts';
import { encodePrompt } from '../data/tokens/encode.ts';
import type { TokenStore } from '../data/tokens/token-store.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { type CardForm, type ExportJob, type ExportType, planTarget } from '../export/export-job.ts';
import { exportModel } from '../export/export-model.ts';
import { nextCommands } from '../export/model-card.ts';
import { ANSWER_TOKENS, type ProofPrompts } from '../export/prove.ts';
import { type ExportSource, findSource, modelFacts, runFacts } from '../export/source.ts';
import { readAdapter, readAdapterConfig, readBase } from '../io/peft.ts';
import { adapterParts, loadAdapter } from '../load/adapter.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { type JobIo, type ReadyModel, withModel } from '../load/ready-model.ts';
import { codeBits, type QuantisedFormat } from '../nn/quantised.ts';
import { allRows } from '../step/arrange-rows.ts';
import { ONE_SECTION, readRunData } from '../step/run-data.ts';
import { savedIdentity } from '../train/checkpoint.ts';
import type { RunIdentity } from '../train/cursor.ts';
import { type ExportIo, exportReading } from './export-reading.ts';

export type { ExportIo };

/** Exports a run, an adapter or a model and proves it. Where it throws, nothing is left under its name. */
export async function exportRun(config: ExportConfig, io: ExportIo): Promise<ExportResult> {
  try {
    return await exported(config, io);
  } catch (error) {
    if (!io.stop.aborted || (error instanceof AppError && error.code !== 'stopped')) throw error;
    throw new AppError('stopped', say`The export was stopped. Nothing was saved.`, say`Start it again.`);
  }
}

async function exported(config: ExportConfig, io: ExportIo): Promise<ExportResult> {
  const started = performance.now();
  const read = await exportReading(config, io);
  if (read) return read;
  const as = config.as as 'peft' | 'safetensors' | 'gguf';
  const source = await findSource(config);
  const form: CardForm = config.adapterOnly ? 'gguf-adapter' : as;
  const type: ExportType = config.type ?? (form === 'peft' || form === 'gguf-adapter' ? 'f32' : 'f16');
  if (form === 'gguf-adapter') await refuseWhatLlamaHasNot(source.adapter!);
  // an export that overwrites is refused before a model is loaded for it
  await planTarget(config.out, 'model', config.as === 'gguf');
  const work = async (ready: ReadyModel): Promise<ExportResult> => {
    const { opened, tokenizer, executor } = ready;
    if (opened.model.categories && config.as === 'gguf') throw noSortingGguf();
    const facts = await modelFacts(opened, source, config.name);
    const target = await planTarget(config.out, `${facts.name}-${type}`, config.as === 'gguf');
    const stored = source.adapter === null ? null : await readAdapter(source.adapter);
    const adapter = await loadAdapter(source.adapter ?? undefined, ready);
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
    const quantised = base === 16 ? null : base;
    const isMerged = form === 'safetensors' || form === 'gguf';
    return {
      as: config.as,
      adapterOnly: config.adapterOnly,
      type,
      out: path.resolve(config.out),
      ...done,
      notes: [...done.notes, ...(quantised && isMerged ? [mergedWords(quantised)] : [])],
      name: facts.name,
      next: nextCommands(job),
      seconds: (performance.now() - started) / 1000,
    };
  };
  // quantised weights are not what is exported; those in 16 bits are the model's own
  const base = source.adapter === null ? null : await readBase(source.adapter);
  const format = base === 16 && keepsHalves(config) ? base : null;
  const parts = await adapterParts(source.adapter ?? undefined);
  return await withModel({ ...config, model: source.model, ...parts }, io.emit, work, format, io.stop);
}

/**
 * llama.cpp adds an adapter's output to its layer's. DoRA also multiplies, and new tokens enlarge the vocabulary: its files have no place
 * for either.
 */
async function refuseWhatLlamaHasNot(adapter: string): Promise<void> {
  const { useDora, tokenIndices } = await readAdapterConfig(adapter);
  if (!useDora && !tokenIndices) return;
  throw new AppError(
    'bad-usage',
    useDora
      ? say`GGUF adapters are plain LoRA, but this one is DoRA: its magnitudes would be lost.`
      : say`GGUF adapters are plain LoRA, but this one has new tokens, which would be lost.`,
    say`Save the full model as GGUF, or the adapter for Hugging Face.`,
  );
}

function noSortingGguf(): AppError {
  return new AppError(
    'bad-usage',
    say`GGUF files have no place for a head that sorts.`,
    say`Save the full model or the adapter for Hugging Face.`,
  );
}

/** What is true of every merged adapter that was trained beside quantised weights, here as elsewhere. */
function mergedWords(format: QuantisedFormat): string {
  return say`The adapter was trained with weights of ${codeBits(format)} bits. It is merged into the model's own weights, so answers may differ a little from the run's.`;
}

interface RowFacts {
  readonly prompts: ProofPrompts;
  readonly system: string | null;
  readonly data: { readonly hash: string; readonly rows: number; readonly heldOutRows: number } | null;
}

interface PromptContext extends JobIo {
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
}

const PROMPTS = 5;
/** Longer prompts take long and show nothing more. */
const LONGEST_PROMPT = 512;
/** Tokens of running text that serve as a prompt. */
const TEXT_PROMPT = 16;

const NEUTRAL = [
  'What is the capital of France?',
  'Write one sentence about the sea.',
  'Name three colours.',
  'How many days does a week have?',
  'Once upon a time there was a small house.',
];

/** Prompts for a model that was trained by `run`, or for one that was not trained here (null). */
async function proofPrompts(run: ExportSource['run'], context: PromptContext): Promise<RowFacts> {
  const neutral = { prompts: neutralPrompts(context), system: null, data: null };
  if (!run) return neutral;
  try {
    return await fromRows(run, context, neutral);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    context.emit({
      event: 'warning',
      code: 'rows-not-read',
      message: say`The run's rows are gone, so the export is checked with neutral questions. ${error.message}`,
    });
    return neutral;
  }
}

function neutralPrompts({ opened, tokenizer }: PromptContext): ProofPrompts {
  const room = longestPrompt(opened);
  const prompts = NEUTRAL.map((content) => encodePrompt(tokenizer, [{ role: 'user', content }]));
  const texts = prompts.map((prompt) => prompt.slice(0, room));
  return { source: 'neutral texts', prompts: texts, ...sortsIf(opened) };
}

const sortsIf = ({ model }: OpenedModel): Pick<ProofPrompts, 'sorts'> =>
  model.categories ? { sorts: true } : {};

/** Tokens that a prompt may have and leave room for its answer. */
function longestPrompt({ model }: OpenedModel): number {
  return Math.max(1, Math.min(LONGEST_PROMPT, model.maxPositions - ANSWER_TOKENS));
}

async function fromRows(
  { folder: out, config: run }: NonNullable<ExportSource['run']>,
  context: PromptContext,
  neutral: RowFacts,
): Promise<RowFacts> {
  const systems = new Set<string | null>();
  const onRow = (row: TrainingRow) => systems.add(systemOf(row));
  // what the rows were warned of when they were trained on need not be said again
  const emit = (event: EngineEvent) => event.event !== 'warning' && context.emit(event);
  return await inTemporaryFolder('export', async (folder) => {
    const reading = { ...context, folder, emit, onRow };
    const read = await readRunData({ ...run, replay: 0 }, { ...reading, limits: ONE_SECTION });
    try {
      const { store, evalStore, heldOutRows: heldOut } = read;
      requireSameRows(await savedIdentity(out), evalStore ? [store, evalStore] : [store]);
      const from = heldOut.length > 0 ? heldOut : allRows(store.count);
      const prompts = await promptsOf(evalStore ?? store, from, longestPrompt(context.opened));
      const source = heldOut.length > 0 ? ('held-out rows' as const) : ('rows' as const);
      const rows = store.count - (evalStore ? 0 : heldOut.length);
      return {
        prompts: prompts.length > 0 ? { source, prompts, ...sortsIf(context.opened) } : neutral.prompts,
        system: systems.size === 1 ? [...systems][0]! : null,
        data: { hash: store.contentHash, rows, heldOutRows: heldOut.length },
      };
    } finally {
      await read.close();
    }
  });
}

/** A card must not give the hash of rows that came after the training. */
function requireSameRows(trained: RunIdentity | null, stores: readonly TokenStore[]): void {
  const now = stores.map(({ contentHash }) => contentHash).join();
  // general rows that were mixed in come last
  if (trained === null || trained.data.startsWith(now)) return;
  throw new AppError('rows-changed', say`The files have other rows now than the run was trained on.`, '');
}

function systemOf(row: TrainingRow): string | null {
  if (row.kind === 'completion') return row.system ?? null;
  const first = row.kind === 'chat' ? row.messages[0] : undefined;
  return first?.role === 'system' ? first.content : null;
}

/** The tokens before the first trained one of up to five rows; of running text its beginning. */
async function promptsOf(store: TokenStore, rows: Uint32Array, longest: number): Promise<number[][]> {
  const prompts: number[][] = [];
  const stride = Math.max(1, Math.floor(rows.length / PROMPTS));
  const order = [...rows.keys()].sort((a, b) => (a % stride) - (b % stride) || a - b);
  for (const index of order) {
    if (prompts.length === PROMPTS) break;
    const { ids, trained } = await store.row(rows[index]!);
    const first = trained.indexOf(1);
    const prompt = [...ids.slice(0, first <= 1 ? Math.min(TEXT_PROMPT, ids.length - 1) : first)];
    if (prompt.length > 0 && prompt.length <= longest) prompts.push(prompt);
  }
  return prompts;
}
