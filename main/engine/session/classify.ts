/** Sorting with a score: the model of a run, asked only for its categories; how far the scores can be believed comes from its test rows. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { Calibration, ClassifyResult } from '../../../common/protocol/protocol.ts';
import { csvCell } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { inTemporaryFolder, refuseExisting } from '../../folders.ts';
import { baseFormat, type ClassifyConfig, type RunConfig } from '../config/config.ts';
import type { Message } from '../data/rows/messages.ts';
import { dataBytes, readingOf, readLooseRows } from '../data/rows/read-rows.ts';
import { strictRow, type TrainingRow } from '../data/rows/schema.ts';
import { gatherRows } from '../eval/assess/assess-rows.ts';
import { type AskedRow, askedRow, shownPrompt } from '../eval/assess/prompts.ts';
import { decoderOf } from '../eval/cached-decoder.ts';
import { calibrate, probabilities } from '../eval/classify/calibration.ts';
import { Classifier } from '../eval/classify/classifier.ts';
import { likeliest } from '../eval/generator.ts';
import { findSource } from '../export/source.ts';
import { writeStreamAtomic } from '../io/atomic.ts';
import { readNewTokens } from '../io/peft.ts';
import { loadAdapter } from '../load/adapter.ts';
import { type JobIo, type ReadyModel, withModel } from '../load/ready-model.ts';

/** More different answers are no categories. */
const MOST_LABELS = 100;
/** Test rows that show how far scores can be believed. */
const TEST_ROWS = 500;
/** Rows that are read before they are scored: as many as fill the decoder several times. */
const AT_ONCE = 64;
/** The file in a run's folder that keeps the categories and what was measured of them. */
const FILE = 'categories.json';

interface Categories {
  readonly labels: readonly string[];
  readonly calibration: Calibration;
}

/**
 * Measures the categories of a run, and scores the rows of `config.data` into the CSV file `config.out` where they are given. `keepsPart`:
 * rows that are scored before a stop are kept.
 */
export async function classify(
  config: ClassifyConfig,
  io: JobIo,
  keepsPart = false,
): Promise<ClassifyResult> {
  const started = performance.now();
  const source = await findSource({ ...config, as: 'safetensors', adapterOnly: false });
  const { run } = source;
  if (run === null)
    throw new AppError(
      'no-run',
      say`${config.run} is not the folder of a run.`,
      say`Choose the folder of a run.`,
    );
  const { data, out } = config;
  if (data !== undefined) await dataBytes([data].flat());
  if (out !== undefined) refuseExisting(out);
  const newTokens = source.adapter === null ? [] : [...(await readNewTokens(source.adapter))];
  const work = async (ready: ReadyModel): Promise<ClassifyResult> => {
    const options = decoderOf(ready, await loadAdapter(source.adapter ?? undefined, ready));
    const kept = await keptCategories(run.folder, source.adapter ?? source.model);
    const labels = kept?.labels ?? (await labelsOf(run.config, io.stop));
    const classifier = new Classifier(options, ready.tokenizer, labels);
    try {
      const calibration = kept?.calibration ?? (await measure(run, classifier, ready, io));
      const scored =
        data === undefined || out === undefined
          ? null
          : await scoreRows({ data, out }, config, run.config, { classifier, calibration, keepsPart }, io);
      return { labels, calibration, scored, out: out ?? null, seconds: (performance.now() - started) / 1000 };
    } finally {
      await classifier.release();
    }
  };
  const format = source.adapter === null ? null : baseFormat(run.config);
  return await withModel({ ...config, model: source.model, newTokens }, io.emit, work, format, io.stop);
}

/** What was measured before, where the result of the run has not changed since. */
async function keptCategories(folder: string, result: string): Promise<Categories | null> {
  const file = path.join(folder, FILE);
  try {
    const [kept, trained] = await Promise.all([stat(file), stat(result)]);
    return kept.mtimeMs < trained.mtimeMs ? null : (JSON.parse(await readFile(file, 'utf8')) as Categories);
  } catch {
    return null;
  }
}

/** The answers of the run's rows, the most frequent first. Throws an AppError where they are no categories. */
async function labelsOf(config: RunConfig, stop: AbortSignal): Promise<string[]> {
  const counts = new Map<string, number>();
  let rows = 0;
  const reading = { ...readingOf(config), signal: stop, onBadRow: () => {} };
  for await (const { row: loose, where } of readLooseRows([config.data].flat(), reading)) {
    const row = strictly(loose, where);
    const asked = row && askedRow(row);
    if (asked === null) continue;
    rows++;
    counts.set(asked.answer, (counts.get(asked.answer) ?? 0) + 1);
    if (counts.size > MOST_LABELS) break;
  }
  if (counts.size > MOST_LABELS || counts.size > rows / 2)
    throw new AppError(
      'no-categories',
      say`The answers of this run's rows are no categories: nearly every row has another one.`,
      say`Sorting needs rows that share their answers, at most ${MOST_LABELS} different ones.`,
    );
  return [...counts].sort(([, a], [, b]) => b - a).map(([label]) => label);
}

/** Asks the test rows of the run, and keeps what that gave. */
async function measure(
  run: { readonly folder: string; readonly config: RunConfig },
  classifier: Classifier,
  { opened, tokenizer }: ReadyModel,
  { emit, stop }: JobIo,
): Promise<Calibration> {
  return await inTemporaryFolder('classify', async (folder) => {
    const gathered = await gatherRows(
      run.config,
      // warnings were told when the run read them
      { opened, tokenizer, folder, emit: (event) => event.event === 'phase' && emit(event), stop },
      TEST_ROWS,
      run.config.seed,
    );
    await gathered.close();
    const known = gathered.asked.flatMap((row) => {
      const truth = classifier.labels.indexOf(row.answer);
      const prompt = classifier.promptOf(row.turns);
      return truth < 0 || prompt === null ? [] : [{ truth, prompt }];
    });
    const rows = [];
    for (let start = 0; start < known.length; start += AT_ONCE) {
      stop.throwIfAborted();
      emit({ event: 'phase', phase: 'evaluate', fraction: start / known.length });
      const some = known.slice(start, start + AT_ONCE);
      const scores = await classifier.score(some.map(({ prompt }) => prompt));
      rows.push(...some.map(({ truth }, i) => ({ truth, scores: scores[i]! })));
    }
    const calibration = calibrate(classifier.labels, rows);
    const kept: Categories = { labels: classifier.labels, calibration };
    await writeFile(path.join(run.folder, FILE), `${JSON.stringify(kept, null, 2)}\n`);
    return calibration;
  });
}

interface Waiting {
  readonly where: string;
  readonly row: AskedRow;
  readonly prompt: readonly number[];
}

/** Scores rows as they are read, in any number, and writes a line for each; the file gets its name once it is whole, or stopped. */
async function scoreRows(
  { data, out }: { readonly data: string | readonly string[]; readonly out: string },
  config: ClassifyConfig,
  trained: RunConfig,
  {
    classifier,
    calibration,
    keepsPart,
  }: { readonly classifier: Classifier; readonly calibration: Calibration; readonly keepsPart: boolean },
  { emit, stop }: JobIo,
): Promise<ClassifyResult['scored']> {
  const paths = [data].flat();
  const total = await dataBytes(paths);
  const { labels } = classifier;
  const threshold = config.askBelow ?? calibration.sure?.score ?? 1;
  let [rows, unsure, tooLong, unreadable, known, right] = [0, 0, 0, 0, 0, 0];
  const lineOf = (cells: readonly (string | number)[]) => `${cells.map(csvCell).join(',')}\r\n`;
  const scored = async (waiting: readonly Waiting[]): Promise<Buffer> => {
    const lines: string[] = [];
    const scores = await classifier.score(
      waiting.map(({ prompt }) => prompt),
      stop,
    );
    for (const [i, given] of scores.entries()) {
      const { where, row } = waiting[i]!;
      const chances = probabilities(given, calibration.temperature);
      const best = likeliest(chances);
      const asks = chances[best]! < threshold;
      rows++;
      unsure += asks ? 1 : 0;
      if (row.answer !== '') known++;
      if (row.answer === labels[best]) right++;
      const answer = [labels[best]!, chances[best]!.toFixed(4), asks ? 'yes' : 'no'];
      lines.push(lineOf([where, shownPrompt(row), ...answer]));
    }
    return Buffer.from(lines.join(''));
  };
  await writeStreamAtomic(out, async (writer) => {
    await writer.write(Buffer.from(lineOf(['row', 'text', 'category', 'score', 'ask a person'])));
    let waiting: Waiting[] = [];
    const reading = {
      ...readingOf({ ...trained, ...definedOf(config) }),
      onBadRow: () => void unreadable++,
    };
    for await (const { row: loose, where, doneBytes } of readLooseRows(paths, reading)) {
      if (stop.aborted) break;
      const row = questionOf(strictly(loose, where), trained.system);
      const prompt = row && classifier.promptOf(row.turns);
      if (!row) unreadable++;
      else if (!prompt) tooLong++;
      else waiting.push({ where, row, prompt });
      if (waiting.length < AT_ONCE) continue;
      const fraction = doneBytes / Math.max(1, total);
      emit({ event: 'phase', phase: 'read', fraction, detail: say`Sorting the rows` });
      await writer.write(await scored(waiting));
      waiting = [];
    }
    await writer.write(await scored(waiting));
    if (rows === 0 || !keepsPart) stop.throwIfAborted();
  });
  const stopped = stop.aborted && { stopped: true as const };
  return {
    rows,
    unsure,
    tooLong,
    unreadable,
    threshold,
    accuracy: known === 0 ? null : right / known,
    ...stopped,
  };
}

function strictly(row: Parameters<typeof strictRow>[0], where: string): TrainingRow | null {
  try {
    return strictRow(row, where);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** The question of a row; a text alone is a question, without a known answer. */
function questionOf(row: TrainingRow | null, system: string | undefined): AskedRow | null {
  if (row?.kind !== 'text') return row && askedRow(row);
  const told: Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
  return { turns: [...told, { role: 'user', content: row.text }], answer: '' };
}

function definedOf({ map, promptTemplate, system, sheet }: ClassifyConfig) {
  const given = Object.entries({ map, promptTemplate, system, sheet }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given);
}
