/**
 * The rows of planned runs, kept in three stages: read and tokenised, cut at the limit, split and packed. Learning rate, rank, epochs and
 * method change none of them.
 */

import fs from 'node:fs/promises';
import path from 'node:path';
import { internal } from '../../../../common/errors.ts';
import type {
  EngineEvent,
  LengthProfile,
  RowsCut,
  RowsLeftOut,
  TaskKind,
} from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import { exists } from '../../../folders.ts';
import { cacheFolder } from '../../../paths.ts';
import { dataBytes, readingOf } from '../../../rows/read-rows.ts';
import { quantisedFormat, type RunConfig } from '../../config/config.ts';
import { encodePrompt } from '../../data/tokens/encode.ts';
import type { RowStore, TokenStats } from '../../data/tokens/token-store.ts';
import { type CutRows, indexBytes, WholeRows } from '../../data/tokens/whole-rows.ts';
import { NEW_TOKEN_COST } from '../../eval/assess/budget.ts';
import { detectTask } from '../../eval/assess/task.ts';
import type { JobIo } from '../../load/ready-model.ts';
import { arrangeRows, type RunRows } from '../../step/arrange-rows.ts';
import {
  checkVocabulary,
  leftOutOf,
  longestRow,
  remarks,
  withinModel,
  withoutReading,
} from '../../step/run-data.ts';
import { taskOf } from '../../tasks/registry.ts';
import { ANSWER_TOKENS, bundledPrompts, replayPlace } from '../../train/before-training.ts';
import { AnswerSample } from './answer-sample.ts';
import { dataStamp, type PlannedModel } from './planned-models.ts';
import { RecentCache } from './recent-cache.ts';

/** The rows of a run, arranged, and how long they are before they are cut. */
export interface PlannedRows extends RunRows {
  readonly count: number;
  readonly task: TaskKind;
  readonly profile: LengthProfile | null;
  readonly cut: RowsCut;
  readonly leftOut: RowsLeftOut;
  /** How much of the data they are, by bytes. */
  readonly share: number;
  /** The same of the data that is held out, which may be a file of its own. */
  readonly heldOutShare: number;
  /** What asking the model for its general answers costs, in tokens of a prompt; 0 where they are known or not wanted. */
  readonly generalTokens: number;
}

/** Rows read from files, and what was said of them then. */
interface ReadRows {
  readonly whole: WholeRows;
  readonly task: TaskKind;
  readonly notes: readonly EngineEvent[];
}

/** How much of large files is looked at. */
export type Amount = 'all' | 'sample';

/** Cut rows with the name under which they are kept. */
interface CutNamed extends NamedRows {
  readonly rows: CutRows;
  readonly task: TaskKind;
  readonly cut: RowsCut;
  readonly profile: LengthProfile | null;
  readonly share: number;
}

type DataOf = Pick<RunConfig, 'map' | 'promptTemplate' | 'system' | 'trainOn' | 'onBadRow' | 'maxLength'> & {
  readonly sheet?: string | undefined;
  readonly objective?: RunConfig['objective'];
  readonly thinking?: RunConfig['thinking'];
};

/** Bytes of indices in memory: 100,000 rows take up to 0.5 MB whole, 0.4 MB for each limit and 0.6 MB for each arrangement. */
const MOST_BYTES = 64e6;
/** Of larger files a sample is their beginning: some 25,000 short rows, tokenised in four seconds. */
const LARGE_BYTES = 16e6;
const SAMPLE_BYTES = 4e6;
const MOST_READ = 4;
const MOST_CUT = 8;
const MOST_ARRANGED = 16;

export class RowsOfRuns {
  readonly #read = new RecentCache<ReadRows>({
    most: MOST_READ,
    mostBytes: MOST_BYTES,
    bytesOf: ({ whole }) => whole.bytes,
    dispose: ({ whole }) => whole.close(),
  });
  readonly #cut = new RecentCache<CutRows>({ most: MOST_CUT, mostBytes: MOST_BYTES, bytesOf: indexBytes });
  readonly #replay = new ReplayRows();
  readonly #arranged = new RecentCache<RunRows>({
    most: MOST_ARRANGED,
    mostBytes: MOST_BYTES,
    bytesOf: arrangedBytes,
  });

  /** The rows of a run with `config`; what a person should know of them is said again with each plan. */
  async get(config: RunConfig, model: PlannedModel, io: JobIo, amount: Amount): Promise<PlannedRows> {
    const { data, evalData } = config;
    const read = (files: string | readonly string[]) => this.#rowsOf(files, config, model, io, amount);
    const store = await read(data);
    const evalStore = evalData === undefined ? null : await read(evalData);
    const replayStore = await this.#replay.get(config, model, io, (file) =>
      this.#rowsOf(file, withoutReading(config), model, io, 'all'),
    );
    const { splitMicroBatch, packing, shareBeginnings, heldOut, seed, replay, objective } = config;
    const { tokensPerMicroBatch } = withinModel(config, model.opened.model.maxPositions);
    const settings = {
      tokensPerMicroBatch,
      splitMicroBatch,
      packing,
      shareBeginnings,
      heldOut,
      seed,
      replay,
      objective,
    };
    const keys = [store, evalStore, replayStore].map((rows) => rows?.key ?? null);
    const sources = {
      store: { ...lengthsOf(store.rows), hashes: store.rows.hashes },
      evalStore: evalStore && lengthsOf(evalStore.rows),
      replayStore: replayStore && lengthsOf(replayStore.rows),
    };
    const arranged = await this.#arranged.get(
      JSON.stringify([keys, settings, model.key]),
      async () => arrangeRows(settings, model.opened, sources),
      io.stop,
    );
    const { rows, task, profile, cut, share } = store;
    const shares = { share, heldOutShare: evalStore?.share ?? share };
    const known = { count: rows.count, task, profile, cut, leftOut: leftOutOf(rows.stats) };
    return { ...arranged, ...known, ...shares, generalTokens: replayStore?.asked ?? 0 };
  }

  async endRound(): Promise<void> {
    for (const kept of [this.#arranged, this.#cut, this.#read]) await kept.endRound();
  }

  async close(): Promise<void> {
    for (const kept of [this.#arranged, this.#cut, this.#read]) await kept.close();
  }

  async #rowsOf(
    data: string | readonly string[],
    config: DataOf,
    model: PlannedModel,
    io: JobIo,
    amount: Amount,
  ): Promise<CutNamed> {
    const files = [data].flat();
    const isPart = amount === 'sample' && (await dataBytes(files)) > LARGE_BYTES;
    const maxLength = longestRow(config.maxLength, { opened: model.opened, emit: io.emit });
    const { trainOn, onBadRow, objective, thinking } = config;
    const readKey = JSON.stringify([
      await dataStamp(files),
      readingOf(config),
      trainOn,
      objective,
      thinking,
      onBadRow,
      model.key,
      isPart,
    ]);
    const read = await this.#read.get(
      readKey,
      (stop) => readWhole(files, { ...config, maxLength, isPart }, model, { ...io, stop }),
      io.stop,
    );
    for (const note of read.notes) io.emit(note);
    const key = JSON.stringify([readKey, maxLength]);
    const rows = await this.#cut.get(key, (stop) => read.whole.cutAt(maxLength, stop), io.stop);
    for (const [code, message] of remarks(rows, maxLength, model.tokenizer))
      io.emit({ event: 'warning', code, message });
    checkVocabulary(rows, model);
    const { profile, stats, share } = read.whole.store;
    return { key, rows, task: read.task, profile, cut: cutOf(stats, rows.stats, maxLength), share };
  }
}

async function readWhole(
  files: readonly string[],
  config: DataOf & { readonly isPart: boolean },
  { tokenizer, opened }: PlannedModel,
  { stop, emit }: JobIo,
): Promise<ReadRows> {
  const notes: EngineEvent[] = [];
  const answers = new AnswerSample(config.thinking);
  const task = taskOf(config);
  emit({ event: 'phase', phase: 'tokenize', fraction: 0 });
  const whole = await WholeRows.read({
    files,
    reading: readingOf(config),
    sharePrompts: opened.model.attendsOnly,
    encodeRow: task.encoder(tokenizer, opened.model),
    encoderSource: task.encoderSource(opened),
    keepsEnd: task.samples === 'sorted',
    ...(config.isPart && { mostBytes: SAMPLE_BYTES }),
    maxLength: config.maxLength,
    onBadRow: config.onBadRow,
    onRow: (row) => answers.add(row),
    folder: await rowsFolder(),
    signal: stop,
    onProgress: ({ doneBytes, totalBytes }) =>
      emit({ event: 'phase', phase: 'tokenize', fraction: doneBytes / Math.max(1, totalBytes) }),
    onNote: ({ code, message, expected }) =>
      notes.push(
        expected
          ? { event: 'phase', phase: 'tokenize', detail: message }
          : { event: 'warning', code, message },
      ),
  });
  return { whole, notes, task: detectTask(answers.drawn).kind };
}

/**
 * Where the tokens lie while they are kept: not in the system's temporary folder, which is often in memory. The files end with the process;
 * what a killed one left is removed now.
 */
async function rowsFolder(): Promise<string> {
  const folder = path.join(cacheFolder(), 'plan');
  const left = await fs.readdir(folder).catch(() => []);
  // a file that is in use refuses
  for (const name of left) await fs.rm(path.join(folder, name), { force: true }).catch(() => {});
  return folder;
}

/** Pieces of running text begin with the last token of the piece before: it is there twice, not lost. */
function cutOf(whole: TokenStats, left: TokenStats, maxLength: number): RowsCut {
  const { truncatedRows, lostRows, splitRows, splitTexts } = left;
  const kept = left.tokens - (splitRows - splitTexts);
  return {
    maxLength,
    truncatedRows,
    lostRows,
    tokensLost: 1 - kept / whole.tokens,
    labelledLost: 1 - left.labelledTokens / Math.max(1, whole.labelledTokens),
  };
}

/** Lengths are all that is arranged. */
function lengthsOf(rows: NamedRows['rows']): RowStore {
  return { ...rows, row: () => Promise.reject(internal('a plan reads no tokens')) };
}

/** Of the arrangement: the rows held out, and the ends of the lists that lie on the disk. */
function arrangedBytes({ heldOutRows }: RunRows): number {
  return 2 ** 20 + 4 * heldOutRows.length;
}

/** Rows with the name under which they are kept. */
interface NamedRows {
  readonly key: string;
  readonly rows: Omit<RowStore, 'row'>;
  /** What it costs to ask a model for them, where it has to be: in tokens of a prompt. */
  readonly asked?: number;
}

type Asked = Pick<
  RunConfig,
  'replay' | 'replayData' | 'model' | 'bits' | 'quant' | 'doubleQuant' | 'trainOn' | 'maxLength'
>;

class ReplayRows {
  #place: { readonly key: string; readonly file: string } | null = null;
  /** Tokens of the prompts of the model with this key. */
  #prompts: { readonly key: string; readonly lengths: readonly number[] } | null = null;

  /** The general rows; `read` reads a file of them. Null where none are mixed in. */
  async get(
    config: Asked,
    model: PlannedModel,
    { emit }: JobIo,
    read: (file: string) => Promise<NamedRows>,
  ): Promise<NamedRows | null> {
    if (config.replay === 0) return null;
    const file = await this.#placeOf(config, model);
    if (config.replayData !== undefined || (await exists(file))) return await read(file);
    const message = say`The model hasn't given its general answers yet: each counts as ${ANSWER_TOKENS} tokens, the most it may have.`;
    emit({ event: 'phase', phase: 'tokenize', detail: message });
    return await this.#assumed(config, model);
  }

  /** Finding the place asks for samples of the weights' files, so it is remembered. */
  async #placeOf(config: Asked, model: PlannedModel): Promise<string> {
    const key = JSON.stringify([model.key, config.replayData ?? null, quantisedFormat(config)]);
    if (this.#place?.key !== key) this.#place = { key, file: await replayPlace(config, model.opened) };
    return this.#place.file;
  }

  async #assumed({ trainOn, maxLength }: Asked, { key, tokenizer }: PlannedModel): Promise<NamedRows> {
    if (this.#prompts?.key !== key) {
      const prompts = await bundledPrompts();
      const lengths = prompts.map((content) => encodePrompt(tokenizer, [{ role: 'user', content }]).length);
      this.#prompts = { key, lengths };
    }
    const kept = this.#prompts.lengths.filter((prompt) => prompt < maxLength);
    const lengths = Uint32Array.from(kept, (prompt) => Math.min(maxLength, prompt + ANSWER_TOKENS));
    const labelled = lengths.map((length, i) => (trainOn === 'all' ? length - 1 : length - kept[i]!));
    const rows = { count: lengths.length, lengths, labelled };
    const asked = this.#prompts.lengths.reduce(
      (sum, prompt) => sum + prompt + NEW_TOKEN_COST * ANSWER_TOKENS,
      0,
    );
    return { key: JSON.stringify(['assumed', key, trainOn, maxLength]), rows, asked };
  }
}
