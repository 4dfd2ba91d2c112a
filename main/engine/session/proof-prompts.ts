/**
 * What an export is asked to prove itself: prompts of the run's held-out rows where the rows can still be read, else a few
 * neutral ones. The rows also tell the system message that they all had, and their hash for the model card.
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import type { TrainingRow } from '../data/rows/schema.ts';
import { splitRows } from '../data/rows/split.ts';
import { encodePrompt } from '../data/tokens/encode.ts';
import type { TokenStore } from '../data/tokens/token-store.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { ANSWER_TOKENS, type ProofPrompts } from '../export/prove.ts';
import type { ExportSource } from '../export/source.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { savedIdentity } from '../train/checkpoint.ts';
import type { RunIdentity } from '../train/identity.ts';
import { allRows, readStore } from '../train/run-data.ts';

export interface RowFacts {
  readonly prompts: ProofPrompts;
  readonly system: string | null;
  readonly data: { readonly hash: string; readonly rows: number; readonly heldOutRows: number } | null;
}

export interface PromptContext {
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  readonly stop: AbortSignal;
  emit(event: EngineEvent): void;
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
export async function proofPrompts(run: ExportSource['run'], context: PromptContext): Promise<RowFacts> {
  const neutral = { prompts: neutralPrompts(context), system: null, data: null };
  if (!run) return neutral;
  try {
    return await fromRows(run, context, neutral);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    context.emit({
      event: 'warning',
      code: 'rows-not-read',
      message: `The rows of the run are not to be had any more, so neutral prompts prove the export. ${error.message}`,
    });
    return neutral;
  }
}

function neutralPrompts({ opened, tokenizer }: PromptContext): ProofPrompts {
  const room = longestPrompt(opened);
  const prompts = NEUTRAL.map((content) => encodePrompt(tokenizer, [{ role: 'user', content }]));
  return { source: 'neutral texts', prompts: prompts.map((prompt) => prompt.slice(0, room)) };
}

/** Tokens that a prompt may have and leave room for its answer. */
function longestPrompt({ model }: OpenedModel): number {
  return Math.max(1, Math.min(LONGEST_PROMPT, model.maxPositions - ANSWER_TOKENS));
}

async function fromRows(
  { folder: out, config: run }: NonNullable<ExportSource['run']>,
  context: PromptContext,
  neutral: RowFacts,
): Promise<RowFacts> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-export-'));
  const systems = new Set<string | null>();
  const onRow = (row: TrainingRow) => systems.add(systemOf(row));
  // what the rows were warned of when they were trained on need not be said again
  const emit = (event: EngineEvent) => event.event !== 'warning' && context.emit(event);
  const reading = { ...context, folder, emit, onRow };
  try {
    const store = await readStore(run.data, run, reading);
    const evalStore = run.evalData === undefined ? null : await readStore(run.evalData, run, reading);
    try {
      requireSameRows(await savedIdentity(out), [store, ...(evalStore ? [evalStore] : [])]);
      const heldOut = evalStore
        ? allRows(evalStore.count)
        : splitRows(store.count, { heldOut: run.heldOut, seed: run.seed, hashes: store.hashes }).heldOut;
      const from = heldOut.length > 0 ? heldOut : allRows(store.count);
      const prompts = await promptsOf(evalStore ?? store, from, longestPrompt(context.opened));
      const source = heldOut.length > 0 ? ('held-out rows' as const) : ('rows' as const);
      const rows = store.count - (evalStore ? 0 : heldOut.length);
      return {
        prompts: prompts.length > 0 ? { source, prompts } : neutral.prompts,
        system: systems.size === 1 ? [...systems][0]! : null,
        data: { hash: store.contentHash, rows, heldOutRows: heldOut.length },
      };
    } finally {
      await store.close();
      await evalStore?.close();
    }
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** A card must not give the hash of rows that came after the training. */
function requireSameRows(trained: RunIdentity | null, stores: readonly TokenStore[]): void {
  const now = stores.map(({ contentHash }) => contentHash).join();
  // general rows that were mixed in come last
  if (trained === null || trained.data.startsWith(now)) return;
  throw new AppError('rows-changed', 'The files hold other rows now than those it was trained on.', '');
}

function systemOf(row: TrainingRow): string | null {
  if (row.kind === 'completion') return row.system ?? null;
  const first = row.kind === 'chat' ? row.messages[0] : undefined;
  return first?.role === 'system' ? first.content : null;
}

/** The tokens before the first trained one of up to five rows, spread evenly; of running text its beginning. */
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
