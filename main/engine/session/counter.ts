/** Training a word counter, which takes seconds and no language model, and keeping the one that a verdict has measured. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, nullIfMissing } from '../../../common/errors.ts';
import type { CounterRows, CounterRun, SorterResult } from '../../../common/protocol/protocol.ts';
import { COUNTER_FILE, isCounter, WORD_COUNTS } from '../../../common/settings/counter.ts';
import { say } from '../../../common/words/language.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { toBundledName } from '../../paths.ts';
import type { LooseRow } from '../../rows/loose-row.ts';
import { dataBytes, type Reading, type ReadOptions, readingOf, readLooseRows } from '../../rows/read-rows.ts';
import { Rng, streamSeed } from '../../rows/rng.ts';
import { strictRow, type TrainingRow } from '../../rows/schema.ts';
import { splitRows } from '../../rows/split.ts';
import { type CounterConfig, parseCounterConfig, RUN_FILE } from '../config/config.ts';
import { answeredText, askedRow } from '../eval/assess/prompts.ts';
import { AnswerTally, MOST_ANSWERS } from '../eval/classify/closed-set.ts';
import type { AnsweredText } from '../eval/rivals/answer-counter.ts';
import { type KeptCounter, readCounter, writeCounter, writePrograms } from '../eval/rivals/counter-file.ts';
import { type MeasuredCounter, measuredCounter } from '../eval/rivals/rivals.ts';
import type { JobIo } from '../load/ready-model.ts';
import { claimFolder } from '../train/run-folder.ts';
import { savedRun } from './assess.ts';

/** Rows that it learns from and is asked, at most: more take minutes and change little. */
const MOST_TAUGHT = 20_000;
const MOST_ASKED = 2000;

/** Trains a counter on `config.data`, or keeps that of the run `config.run`, in the folder `config.out`. */
export async function trainCounterRun(config: CounterConfig, io: JobIo): Promise<SorterResult> {
  const started = performance.now();
  const { run, out } = config;
  const from = run === undefined ? null : await counterOfRun(run);
  await claimFolder(config, false);
  const measured = from === null ? await trained(config, io) : null;
  const { counter, calibration } = measured ? await writeCounter(out, measured) : from!.kept;
  if (from) await fs.copyFile(from.file, path.join(out, COUNTER_FILE));
  await writePrograms(out);
  const rows = from ? from.rows : rowsOf(config);
  const saved: CounterRun = { method: WORD_COUNTS, model: say`Word counter`, ...rows, out };
  await writeFileAtomic(path.join(out, RUN_FILE), `${JSON.stringify(saved, toBundledName, 2)}\n`);
  const { skippedRows = 0, taughtRows = null } = measured ?? {};
  const seconds = (performance.now() - started) / 1000;
  return { labels: counter.answers, calibration, taughtRows, skippedRows, config: saved, out, seconds };
}

/** Where rows come from and how they are read: what the history keeps of a counter, and what sorting reads new rows by. */
function rowsOf(config: Readonly<Record<string, unknown>>): CounterRows {
  const names = ['data', 'evalData', 'map', 'promptTemplate', 'system', 'sheet', 'heldOut', 'seed'] as const;
  const given = names.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]]));
  return Object.fromEntries(given) as CounterRows;
}

/** The counter in the folder of a run that is one, and how it reads rows; null for any other run. */
export async function openCounterRun(
  folder: string,
): Promise<{ readonly kept: KeptCounter; readonly reading: Reading } | null> {
  const text = await fs.readFile(path.join(folder, RUN_FILE), 'utf8').catch(() => null);
  const { method, model: _, ...settings } = Object(text === null ? null : parsedOrNull(text));
  if (!isCounter({ method })) return null;
  return { kept: await readCounter(folder), reading: readingOf(parseCounterConfig(settings)) };
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The counter that the last comparison of a run has measured. */
async function counterOfRun(run: string) {
  const file = path.join(run, COUNTER_FILE);
  const found = await fs.stat(file).catch(nullIfMissing(file));
  if (found) return { file, kept: await readCounter(run), rows: rowsOf(await savedRun(run)) };
  throw new AppError(
    'run-not-assessed',
    say`No word counter was measured beside this run.`,
    say`Compare the run with the base model again. Its answers must be categories.`,
  );
}

interface Trained extends MeasuredCounter {
  readonly taughtRows: number;
  readonly skippedRows: number;
}

/** Reads the rows twice: for their answers and the split, and for the texts of those that are learned or asked. */
async function trained(config: CounterConfig, { emit, stop }: JobIo): Promise<Trained> {
  const data = [config.data ?? []].flat();
  const evalData = config.evalData === undefined ? null : [config.evalData].flat();
  const total = (await dataBytes(data)) + (evalData ? await dataBytes(evalData) : 0);
  let skippedRows = 0;
  const tally = new AnswerTally();
  const hashes: number[] = [];
  const reading = {
    ...readingOf(config),
    signal: stop,
    onBadRow: (error: AppError) => {
      if (config.onBadRow === 'stop') throw error;
      skippedRows++;
    },
  };
  let told = -1;
  const tell = (fraction: number) => {
    // a message for each row would take longer than the row
    if (fraction - told < 0.01) return;
    told = fraction;
    emit({ event: 'phase', phase: 'read', fraction, detail: say`Reading the rows` });
  };
  for await (const { text, answer } of answeredRows(data, reading, (bytes) => tell(bytes / total / 2))) {
    tally.add(answer);
    hashes.push(...hashOf(`${text}\0${answer}`));
  }
  const answers = requireClosed(tally);
  const { heldOut, seed } = config;
  const split = splitRows(hashes.length / 2, {
    heldOut: evalData ? 0 : heldOut,
    seed,
    hashes: [Uint32Array.from(hashes)],
  });
  const drawn = (rows: Uint32Array, most: number) =>
    new Set(Rng.fromSeed(streamSeed(seed, 'assess')).shuffle(rows).subarray(0, most));
  const taughtNumbers = drawn(split.train.slice(), MOST_TAUGHT);
  const askedNumbers = drawn(split.heldOut.slice(), MOST_ASKED);
  const [taught, asked]: AnsweredText[][] = [[], []];
  let row = 0;
  for await (const one of answeredRows(data, { ...reading, onBadRow: () => {} }, (bytes) =>
    tell(0.5 + bytes / total / 2),
  )) {
    if (taughtNumbers.has(row)) taught!.push(one);
    else if (askedNumbers.has(row)) asked!.push(one);
    row++;
  }
  if (evalData)
    for await (const one of answeredRows(evalData, reading, () => {}))
      if (asked!.length < MOST_ASKED) asked!.push(one);
  if (asked!.length === 0)
    throw new AppError(
      'no-rows',
      say`These settings leave no test rows.`,
      say`Raise the share of test rows.`,
    );
  emit({ event: 'phase', phase: 'evaluate', detail: say`Counting the words` });
  const measured = measuredCounter(answers, taught!, asked!);
  if (!measured)
    throw new AppError('no-rows', say`No row is left to train on.`, say`Lower the share of test rows.`);
  stop.throwIfAborted();
  return { ...measured, taughtRows: taught!.length, skippedRows };
}

async function* answeredRows(
  paths: readonly string[],
  reading: ReadOptions,
  onBytes: (done: number) => void,
): AsyncGenerator<AnsweredText> {
  for await (const { row, where, doneBytes } of readLooseRows(paths, reading)) {
    onBytes(doneBytes);
    const strict = strictly(row, where, reading);
    const asked = strict && askedRow(strict);
    if (asked) yield answeredText(asked);
  }
}

function strictly(row: LooseRow, where: string, { onBadRow }: ReadOptions): TrainingRow | null {
  try {
    return strictRow(row, where);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    onBadRow?.(error);
    return null;
  }
}

/** Equal for equal rows, which fall on the same side of the split. */
function hashOf(text: string): [low: number, high: number] {
  const hash = createHash('sha256').update(text).digest();
  return [hash.readUInt32LE(0), hash.readUInt32LE(4)];
}

function requireClosed(tally: AnswerTally): readonly string[] {
  const answers = tally.closed;
  if (answers) return answers;
  throw new AppError(
    'no-categories',
    say`The answers of these rows are no categories: nearly every row has another one, or all have the same.`,
    say`Sorting needs rows that share their answers, 2 to ${MOST_ANSWERS} different ones.`,
  );
}
