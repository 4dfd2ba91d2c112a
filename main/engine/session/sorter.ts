/** Training a sorter, which takes seconds and no language model, and keeping the one that a verdict has measured. */
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type {
  Calibration,
  ColumnKind,
  RungNews,
  SorterColumn,
  SorterResult,
  SorterRows,
  SorterRun,
  SorterRung,
} from '../../../common/protocol/protocol.ts';
import { COLUMNS_FOLDER, SORTERS, type SorterMethod, sorterOf } from '../../../common/settings/sorters.ts';
import { say } from '../../../common/words/language.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { toBundledName, toBundledPath } from '../../paths.ts';
import { type Reading, readingOf } from '../../rows/read-rows.ts';
import { parseSorterConfig, RUN_FILE, type SorterConfig } from '../config/config.ts';
import { answerScores, decidingWords } from '../eval/rivals/answer-counter.ts';
import { headAnswerScores, occludedWords } from '../eval/rivals/answer-head.ts';
import { readCounter } from '../eval/rivals/counter-file.ts';
import { readHead } from '../eval/rivals/head-file.ts';
import { climb, type LadderResult, type Ways } from '../eval/rivals/ladder.ts';
import { allOf, type MeasuredSorter } from '../eval/rivals/rung.ts';
import { figuresOfSet, type TrueSet } from '../eval/rivals/set-figures.ts';
import { writeColumnsFile, writePrograms } from '../eval/rivals/sorter-file.ts';
import { WORDS } from '../eval/rivals/word-counts.ts';
import { writeSorter, writeTrained } from '../eval/rivals/write-sorter.ts';
import { openTextVectors } from '../eval/vectors/vectors.ts';
import { encoderIn, encodersHere, type FoundEncoder, folderOf } from '../load/find-encoders.ts';
import type { JobIo } from '../load/ready-model.ts';
import { savedRun } from '../load/saved-run.ts';
import { claimFolder } from '../train/run-folder.ts';
import { bytesOf, copySorter, ownEncoder } from './sorter-files.ts';
import { readRows, withColumns } from './sorter-rows.ts';

interface SorterIo {
  emit(event: Parameters<JobIo['emit']>[0] | RungNews): void;
  readonly stop: AbortSignal;
}

/** Trains a sorter on `config.data`, or keeps that of the run `config.run`, in the folder `config.out`. */
export async function trainSorterRun(asked: SorterConfig, io: SorterIo): Promise<SorterResult> {
  const started = performance.now();
  const { run, out } = asked;
  const config = await withColumns(asked);
  const ways = run === undefined ? await waysOf(config) : null;
  const from = run === undefined ? null : await sorterOfRun(run, config.by);
  await claimFolder(config, false);
  const trained = ways ? await train(config, ways, io) : null;
  const method = trained?.best.method ?? from!.method;
  const rows = from ? from.rows : rowsOf(config);
  if (!trained) await copySorter(run!, out, method);
  const rungs = trained && (await keepRungs(out, trained, rows));
  const written = trained && (await writeTrained(out, trained.best));
  const best = written ?? {
    method,
    lay: from!.encoder,
    filled: from!.filled,
  };
  const others = trained?.kinds && (await keepColumns(out, written!, rows));
  const about = { ...rows, ...(trained && { rungs: rungs!, end: trained.end }) };
  const filled = others ? (first: Calibration) => filledBy(trained!, [first, ...others]) : undefined;
  const { kept, saved } = await keep(out, best, about, filled);
  const { labels, calibration } = kept;
  return {
    ...{ labels, calibration, config: saved, out },
    taughtRows: trained?.taughtRows ?? null,
    skippedRows: trained?.skippedRows ?? 0,
    bytes: await bytesOf(out, method),
    seconds: (performance.now() - started) / 1000,
  };
}

/** Below a sorter's folder, one for each way that was tried and not the best. */
const RUNGS_FOLDER = 'rungs';

/** Keeps the sorters that are not the best, each in a folder of its own that is used like any other; gives the rungs with them. */
async function keepRungs(
  out: string,
  { best, rungs, sorters }: Trained,
  rows: SorterRows,
): Promise<SorterRung[]> {
  const kept: SorterRung[] = [];
  for (const [i, rung] of rungs.entries()) {
    // one of several columns would be kept without the others
    const sorter = best.others ? undefined : sorters[i];
    const folder = `${RUNGS_FOLDER}/${i + 1}`;
    if (!sorter || sorter === best) kept.push(rung);
    else {
      await keep(path.join(out, folder), sorter, rows);
      kept.push({ ...rung, folder });
    }
  }
  return kept;
}

/** Keeps the sorters of further columns, each in a folder of its own that is used like any other; gives what their test rows say of them. */
async function keepColumns(out: string, best: MeasuredSorter, rows: SorterRows): Promise<Calibration[]> {
  const found: Calibration[] = [];
  for (const [i, sorter] of (best.others ?? []).entries()) {
    const about = { ...rows, answer: [rows.answer![i + 1]!] };
    const { kept } = await keep(path.join(out, COLUMNS_FOLDER, String(i + 1)), sorter, about);
    found.push(kept.calibration);
  }
  return found;
}

/** What a sorter of columns fills, and where a text can have several categories. */
type Filled = Pick<SorterRun, 'columns' | 'sets' | 'learnedTests'>;

function filledIn(saved: Readonly<Record<string, unknown>>): Filled {
  const known = (['columns', 'sets'] as const).filter((key) => Array.isArray(saved[key]));
  const learned = saved.learnedTests === true && { learnedTests: true as const };
  return { ...Object.fromEntries(known.map((key) => [key, saved[key]])), ...learned };
}

function filledBy({ kinds, sets, best }: Trained, found: readonly Calibration[]): Filled {
  const sorters = [best, ...(best.others ?? [])];
  const figures = sets.map((set) => figuresOfSet(set, kinds!, sorters, found));
  const columns = kinds!.map(
    (kind, i): SorterColumn => ({
      ...kind,
      folder: i === 0 ? '' : `${COLUMNS_FOLDER}/${i}`,
      accuracy: found[i]!.accuracy,
      askBelow: found[i]!.sure?.score ?? null,
      ...figures.find((one) => one.columns.has(i))?.columns.get(i),
    }),
  );
  return { columns, ...(sets.length > 0 && { sets: figures.map(({ set }) => set) }) };
}

/** A sorter that is there already. */
interface LaidSorter {
  readonly method: SorterMethod;
  /** Where its encoder lay. */
  readonly lay: string;
  readonly filled: Filled;
}

/** Writes a sorter, or leaves the one in `out` whose encoder `lay` somewhere, with its programs and run.json. */
async function keep(
  out: string,
  sorter: MeasuredSorter | LaidSorter,
  about: Omit<SorterRun, 'method' | 'model' | 'encoder' | 'out'>,
  filled?: (first: Calibration) => Filled,
): Promise<{ readonly kept: KeptSorter; readonly saved: SorterRun }> {
  const { method } = sorter;
  await fs.mkdir(out, { recursive: true });
  if ('rows' in sorter) await writeSorter(out, sorter);
  await writePrograms(out, method);
  const kept = await readSorter(out, method);
  const first = ownEncoder(out) ?? ('folder' in sorter ? sorter.folder : 'lay' in sorter ? sorter.lay : '');
  const encoder = 'folder' in sorter ? first : kept.encoder && (await folderOf(kept.encoder, first));
  const model = kept.encoder?.name ?? say`Word counter`;
  const known = 'lay' in sorter ? sorter.filled : filled?.(kept.calibration);
  if (known) await writeColumnsFile(out, method, known);
  const learned = 'rows' in sorter && sorter.learnedAsked && { learnedTests: true as const };
  const saved: SorterRun = {
    method,
    model,
    ...(encoder && { encoder }),
    ...about,
    ...known,
    ...learned,
    out,
  };
  await writeFileAtomic(path.join(out, RUN_FILE), `${JSON.stringify(saved, toBundledName, 2)}\n`);
  return { kept, saved };
}

/** The ways that may be tried. Throws an AppError where what was asked for is not there. */
export async function waysOf({ by, encoder }: Pick<SorterConfig, 'by' | 'encoder'>): Promise<Ways> {
  if (by === 'words') return { words: true, encoders: [], training: 'never' };
  const named = encoder === undefined ? null : [encoder].flat();
  const encoders = named ? await usable(named) : await encodersHere();
  if (by !== 'best' && encoders.length === 0)
    throw new AppError(
      'no-encoder',
      say`There is no encoder on this computer.`,
      say`Download one, such as all-MiniLM-L6-v2, or sort by word counts.`,
    );
  const training = { best: 'worth', vectors: 'never', trained: 'always' } as const;
  return { words: by === 'best', encoders, training: training[by] };
}

/** Those of the folders that hold an encoder. Throws an AppError where none does. */
async function usable(folders: readonly string[]): Promise<FoundEncoder[]> {
  const found = (await Promise.all(folders.map(encoderIn))).filter((one) => one !== null);
  if (found.length > 0) return found;
  throw new AppError(
    'no-encoder',
    say`${folders[0] ?? ''} is not an encoder that Fettle computes.`,
    say`Choose a BERT, RoBERTa or ModernBERT model: a GGUF file, or a folder with config.json, tokenizer.json and safetensors files.`,
  );
}

/** Where rows come from and how they are read: what the history keeps of a sorter, and what sorting reads new rows by. */
function rowsOf(config: Readonly<Record<string, unknown>>): SorterRows {
  const names = [
    ...(['data', 'evalData', 'map', 'promptTemplate', 'system', 'sheet', 'heldOut', 'seed'] as const),
    'answer',
  ] as const;
  const given = names.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]]));
  return Object.fromEntries(given) as SorterRows;
}

/** What a kept sorter says of itself. */
interface KeptSorter {
  readonly labels: readonly string[];
  readonly calibration: Calibration;
  /** Of vectors. */
  readonly encoder: Awaited<ReturnType<typeof readHead>>['encoder'] | null;
  /** Opens it for use; who asked for it closes it. */
  open(options: { readonly encoder: string; readonly threads: number }): Promise<OpenSorter>;
}

export interface OpenSorter {
  /** Log-probabilities [labels] of each text. */
  score(texts: readonly string[], stop?: AbortSignal): Promise<readonly Float64Array[]>;
  /** The words that decided for a label. */
  wordsOf(text: string, label: number): Promise<readonly string[]>;
  /** Whether that takes no time. */
  readonly hasWordsAtHand: boolean;
  /** The words or tokens that it reads of a text. */
  lengthOf(text: string): number;
  close(): Promise<void>;
}

const READ: Readonly<Record<SorterMethod, (folder: string) => Promise<KeptSorter>>> = {
  async words(folder) {
    const { counter, calibration } = await readCounter(folder);
    const open = async (): Promise<OpenSorter> => ({
      score: async (texts) => answerScores(counter, texts),
      wordsOf: async (text, label) => decidingWords(counter, text, label),
      hasWordsAtHand: true,
      lengthOf: (text) => text.match(WORDS)?.length ?? 0,
      close: async () => {},
    });
    return { labels: counter.answers, calibration, encoder: null, open };
  },
  async vectors(folder) {
    const { head, encoder, calibration } = await readHead(folder);
    const open: KeptSorter['open'] = async ({ encoder: first, threads }) => {
      const vectors = await openTextVectors(await folderOf(encoder, first), threads);
      const prompt = encoder.prompt === undefined ? {} : { prompt: encoder.prompt };
      const score: OpenSorter['score'] = async (texts, stop) =>
        headAnswerScores(head, await vectors.of(texts, { ...prompt, ...(stop && { stop }) }));
      return {
        score,
        wordsOf: (text, label) => occludedWords(text, label, score),
        hasWordsAtHand: false,
        lengthOf: (text) => vectors.idsOf(text, prompt).length,
        close: () => vectors.close(),
      };
    };
    return { labels: head.answers, calibration, encoder, open };
  },
};

function readSorter(folder: string, method: SorterMethod): Promise<KeptSorter> {
  return READ[method](folder);
}

/** The sorter in the folder of a run that is one, how it reads rows, and where its encoder was; null for any other run. */
export async function openSorterRun(folder: string): Promise<{
  readonly kept: KeptSorter;
  readonly reading: Reading;
  readonly encoder: string;
  /** Its own file, in the folder. */
  readonly file: string;
  readonly filled: Filled;
} | null> {
  const saved = await savedSorter(folder);
  if (!saved) return null;
  const { method, encoder = '' } = saved;
  return {
    kept: await readSorter(folder, method),
    reading: readingOf(parseSorterConfig({ ...rowsOf(saved), out: folder })),
    encoder: String(encoder),
    file: SORTERS[method].file,
    filled: filledIn(saved),
  };
}

/** The texts of the rows that the sorter in `folder` was judged by. Throws an AppError where they are gone. */
export async function testTextsOf(folder: string, stop: AbortSignal): Promise<readonly string[]> {
  const config = parseSorterConfig({
    ...rowsOf(Object(await savedSorter(folder))),
    out: folder,
    onBadRow: 'skip',
  });
  return (await readRows(await withColumns(config), { emit: () => {}, stop })).asked.map(({ text }) => text);
}

type SavedSorter = Readonly<Record<string, unknown>> & { readonly method: SorterMethod };

/** What run.json of the sorter in `folder` says; null where there is none. */
export async function savedSorter(folder: string): Promise<SavedSorter | null> {
  const text = await fs.readFile(path.join(folder, RUN_FILE), 'utf8').catch(() => null);
  const saved = Object(text === null ? null : parsedOrNull(text));
  if (sorterOf(saved.method) === null) return null;
  // one that was trained lies beside its head, wherever that is now
  const own = ownEncoder(folder);
  return { ...(saved as SavedSorter), ...(own !== null && { encoder: own }) };
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text, toBundledPath);
  } catch {
    return null;
  }
}

interface LaidSorterRows extends Pick<LaidSorter, 'method' | 'filled'> {
  readonly rows: SorterRows;
  readonly encoder: string;
}

/** The sorter that a run is, the best that its last comparison has measured, or the one that sorts `by` something. */
async function sorterOfRun(run: string, by: SorterConfig['by']): Promise<LaidSorterRows> {
  const own = await savedSorter(run);
  if (own)
    return {
      ...{ method: own.method, rows: rowsOf(own), encoder: String(own.encoder ?? '') },
      filled: filledIn(own),
    };
  const methods = (Object.keys(SORTERS) as SorterMethod[]).filter(
    (method) => (by === 'best' || by === method) && existsSync(path.join(run, SORTERS[method].file)),
  );
  const right = await Promise.all(
    methods.map(async (method) => (await readSorter(run, method)).calibration.accuracy.value),
  );
  const method = methods[right.indexOf(Math.max(...right))];
  if (method !== undefined) return { method, rows: rowsOf(await savedRun(run)), encoder: '', filled: {} };
  throw new AppError(
    'run-not-assessed',
    say`No such sorter was measured beside this run.`,
    say`Compare the run with the base model again. Its answers must be categories.`,
  );
}

interface Trained extends LadderResult {
  readonly taughtRows: number;
  readonly skippedRows: number;
  /** Of several columns. */
  readonly kinds: readonly ColumnKind[] | null;
  readonly sets: readonly TrueSet[];
}

/** Reads the rows, tries the ways that sort them, and trains the best. */
async function train(config: SorterConfig, ways: Ways, { emit, stop }: SorterIo): Promise<Trained> {
  const { skippedRows, kinds, sets, ...rows } = await readRows(config, { emit, stop });
  const climbed = await climb(rows, ways, {
    threads: config.threads,
    stop,
    phase: ({ method, encoder, trained }, fraction) =>
      emit({
        ...{ event: 'phase', phase: 'evaluate' },
        detail:
          method === 'words'
            ? say`Learning word counts`
            : trained === undefined
              ? say`Reading with ${encoder ?? ''}`
              : say`Training ${encoder ?? ''}`,
        ...(fraction !== undefined && { fraction }),
      }),
    skipped: ({ name }, { message }) =>
      emit({ event: 'warning', code: 'encoder-skipped', message: say`${name} was left out. ${message}` }),
    rung: (rung, isBest) => emit({ rung, isBest }),
  });
  const taught = climbed.best.learnedAsked ? allOf(rows) : rows.taught;
  return { ...climbed, taughtRows: taught.length, skippedRows, kinds, sets };
}
