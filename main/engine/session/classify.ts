/** Sorting with a score: the model of a run, asked only for its categories; how far the scores can be believed comes from its test rows. */

import { AppError } from '../../../common/errors.ts';
import type {
  Calibration,
  ClassifyResult,
  ScoredColumn,
  ScoredRow,
} from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { writeStreamAtomic } from '../../atomic.ts';
import { inTemporaryFolder, refuseExisting } from '../../folders.ts';
import type { PlacedRow } from '../../rows/loose-row.ts';
import { dataBytes, readingOf, readLooseRows } from '../../rows/read-rows.ts';
import { strictRow, type TrainingRow } from '../../rows/schema.ts';
import { baseFormat, type ClassifyConfig, judgedIn, type RunConfig } from '../config/config.ts';
import type { AskedPrompt } from '../data/tokens/border.ts';
import { gatherRows } from '../eval/assess/assess-rows.ts';
import { MOST_CLOSED_ROWS } from '../eval/assess/budget.ts';
import { type AskedRow, answeredText, shownPrompt } from '../eval/assess/prompts.ts';
import { MOST_LABELS } from '../eval/assess/task.ts';
import { type DecoderOptions, decoderOf } from '../eval/cached-decoder.ts';
import { accuracyOf } from '../eval/classify/accuracy.ts';
import { probabilities } from '../eval/classify/calibration.ts';
import { type Categories, keepCategories, keptCategories } from '../eval/classify/categories.ts';
import { placeIn } from '../eval/classify/closed-set.ts';
import { type Sorter as CategoryScorer, sorterOf } from '../eval/classify/sorter.ts';
import { likeliest } from '../eval/generator.ts';
import { findSource } from '../export/source.ts';
import { adapterParts, loadAdapter } from '../load/adapter.ts';
import { type JobIo, type ReadyModel, withModel } from '../load/ready-model.ts';
import { type DecidedAnswer, type Decision, type OpenDecisions, openDecisions } from './decisions.ts';
import { sortedTable } from './sorted-table.ts';
import { type OpenSorter, openSorterRun } from './sorter.ts';
import { questionOf } from './sorter-rows.ts';

/** Rows that are read before they are scored: as many as fill the decoder several times. */
const AT_ONCE = 64;
/** Rows that a person sees before the file is opened, and characters of each. */
const SHOWN_ROWS = 10;
const SHOWN_CHARS = 200;

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
  const { data, out } = config;
  if (data !== undefined) await dataBytes([data].flat());
  if (out !== undefined) refuseExisting(out);
  const sorted = await openSorterRun(config.run);
  const ended = (
    found: Pick<ClassifyResult, 'labels' | 'calibration' | 'columns' | 'sets' | 'scored'>,
  ): ClassifyResult => ({
    ...found,
    out: out ?? null,
    seconds: (performance.now() - started) / 1000,
  });
  if (sorted) {
    const { kept, reading, filled } = sorted;
    const { labels, calibration } = kept;
    if (!data || !out) return ended({ labels, calibration, ...filled, scored: null });
    const open = await openSorting(config, sorted);
    try {
      const sorter = { ...open.sorter, calibration, keepsPart };
      return ended({
        labels,
        calibration,
        ...filled,
        scored: await scoreRows({ data, out }, config, reading, sorter, io),
      });
    } finally {
      await open.close();
    }
  }
  const source = await findSource({ ...config, as: 'safetensors', adapterOnly: false });
  const { run } = source;
  if (run === null)
    throw new AppError(
      'no-run',
      say`${config.run} is not the folder of a run.`,
      say`Choose the folder of a run.`,
    );
  const parts = await adapterParts(source.adapter ?? undefined);
  const work = async (ready: ReadyModel): Promise<ClassifyResult> => {
    const options = decoderOf(ready, await loadAdapter(source.adapter ?? undefined, ready));
    const kept = await keptCategories(run.folder, source.adapter ?? source.model);
    const { labels, calibration } = kept ?? (await measure(run, options, ready, io));
    let scored: ClassifyResult['scored'] = null;
    if (data !== undefined && out !== undefined) {
      const classifier = sorterOf(options, ready.tokenizer, labels);
      try {
        const sorter = { ...askingSorter(classifier), calibration, keepsPart };
        scored = await scoreRows({ data, out }, config, run.config, sorter, io);
      } finally {
        await classifier.release();
      }
    }
    return ended({ labels, calibration, scored });
  };
  const format = judgedIn(config.precision, source.adapter === null ? null : baseFormat(run.config));
  return await withModel({ ...config, model: source.model, ...parts }, io.emit, work, format, io.stop);
}

/** Asks the test rows of the run for its categories, and keeps what that gave. Throws an AppError where its answers are no categories. */
async function measure(
  run: { readonly folder: string; readonly config: RunConfig },
  options: DecoderOptions,
  { opened, tokenizer }: ReadyModel,
  { emit, stop }: JobIo,
): Promise<Categories> {
  return await inTemporaryFolder('classify', async (folder) => {
    const gathered = await gatherRows(
      run.config,
      // warnings were told when the run read them
      { opened, tokenizer, folder, emit: (event) => event.event === 'phase' && emit(event), stop },
      MOST_CLOSED_ROWS,
      run.config.seed,
    );
    await gathered.close();
    const labels = opened.model.categories ?? gathered.answers.closed;
    if (!labels)
      throw new AppError(
        'no-categories',
        say`The answers of this run's rows are no categories: nearly every row has another one.`,
        say`Sorting needs rows that share their answers, at most ${MOST_LABELS} different ones.`,
      );
    const classifier = sorterOf(options, tokenizer, labels);
    try {
      const place = placeIn(labels);
      const known = gathered.asked.flatMap(({ turns, answer }) => {
        const prompt = classifier.promptOf(turns);
        return prompt ? [{ truth: place(answer), prompt }] : [];
      });
      const scores = await classifier.score(
        known.map(({ prompt }) => prompt),
        { stop, onProgress: (fraction) => emit({ event: 'phase', phase: 'evaluate', fraction }) },
      );
      stop.throwIfAborted();
      const rows = known.map(({ truth }, i) => ({ truth, scores: scores[i]! }));
      return await keepCategories(run.folder, labels, rows);
    } finally {
      await classifier.release();
    }
  });
}

/** What gives rows their categories, a `Prompt` being what it makes of a row first. */
interface Sorter<Prompt> {
  readonly labels: readonly string[];
  /** Null where the row is too long. */
  promptOf(row: AskedRow): Prompt | null;
  /** Log-probabilities [labels] of the first rows, of all where it isn't stopped. */
  score(prompts: readonly Prompt[], stop: AbortSignal): Promise<readonly Float64Array[]>;
  /** The words that decided for a label. */
  wordsOf?(prompt: Prompt, label: number): Promise<readonly string[]>;
  /** Where it fills several columns. */
  readonly several?: OpenDecisions;
}

function askingSorter(classifier: CategoryScorer): Sorter<AskedPrompt> {
  return {
    labels: classifier.labels,
    promptOf: ({ turns }) => classifier.promptOf(turns),
    score: (prompts, stop) => classifier.score(prompts, { stop }),
  };
}

/** Opens a saved sorter with all its columns. */
async function openSorting(
  { run, encoder, threads, words }: ClassifyConfig,
  { kept, encoder: known }: NonNullable<Awaited<ReturnType<typeof openSorterRun>>>,
): Promise<{ readonly sorter: Sorter<string>; close(): Promise<void> }> {
  const opening = { encoder: encoder ?? known, threads };
  const several = await openDecisions(run, opening);
  if (several) return { sorter: severalSorter(several), close: () => several.close() };
  const open = await kept.open(opening);
  return { sorter: readySorter(kept.labels, open, words), close: () => open.close() };
}

function readySorter(labels: readonly string[], open: OpenSorter, explains: boolean): Sorter<string> {
  return {
    labels,
    promptOf: (row) => answeredText(row).text,
    // what is scored is kept when it is stopped, and these rows are few
    score: (texts) => open.score(texts),
    ...((explains || open.hasWordsAtHand) && { wordsOf: open.wordsOf }),
  };
}

/** Fills several columns: the scores of a row are those of the first one, and `several` tells of all. */
function severalSorter(open: OpenDecisions): Sorter<string> {
  return {
    labels: open.columns[0]!.labels,
    promptOf: (row) => answeredText(row).text,
    score: (texts) => open.score(texts),
    several: open,
  };
}

interface Waiting<Prompt> {
  readonly placed: PlacedRow;
  readonly row: AskedRow;
  readonly prompt: Prompt;
}

/** Scores rows as they are read, in any number, and writes a line for each; the file gets its name once it is whole, or stopped. */
async function scoreRows<Prompt>(
  { data, out }: { readonly data: string | readonly string[]; readonly out: string },
  config: ClassifyConfig,
  trained: Parameters<typeof readingOf>[0],
  sorter: Sorter<Prompt> & { readonly calibration: Calibration; readonly keepsPart: boolean },
  { emit, stop }: JobIo,
): Promise<ClassifyResult['scored']> {
  const { labels, calibration, keepsPart } = sorter;
  const paths = [data].flat();
  const total = await dataBytes(paths);
  let [rows, unsure, tooLong, unreadable] = [0, 0, 0, 0];
  const rights: boolean[] = [];
  const place = placeIn(labels);
  const reading = { ...readingOf({ ...trained, ...definedOf(config) }), onBadRow: () => void unreadable++ };
  const { several } = sorter;
  const table = await sortedTable(paths, { ...reading, signal: stop }, several?.answers);
  const first: ScoredRow[] = [];
  const tally = several?.answers.map((answer) => new ColumnTally(answer, config.askBelow));
  const threshold = tally?.[0]?.threshold ?? config.askBelow ?? calibration.sure?.score ?? 1;
  const scored = async (waiting: readonly Waiting<Prompt>[]): Promise<Buffer> => {
    const lines: string[] = [];
    const scores = await sorter.score(
      waiting.map(({ prompt }) => prompt),
      stop,
    );
    for (const [i, given] of scores.entries()) {
      const { placed, row, prompt } = waiting[i]!;
      const chances = probabilities(given, calibration.temperature);
      const best = likeliest(chances);
      rows++;
      if (!several && row.answer !== '') rights.push(place(row.answer) === best);
      const text = shownPrompt(row);
      const decisions = tally?.map((one, column) =>
        one.add(several!.answers[column]!.decide(i), placed.record),
      );
      const found = { category: labels[best]!, score: chances[best]!, asks: chances[best]! < threshold };
      const { category, score, asks } = decisions?.[0] ?? found;
      const answer = { category, score, asks };
      unsure += asks ? 1 : 0;
      lines.push(table.line(placed, text, decisions ?? [answer]));
      if (first.length < SHOWN_ROWS)
        first.push({
          row: placed.number,
          ...table.fileOf(placed),
          text: text.slice(0, SHOWN_CHARS),
          ...answer,
          ...(decisions && decisions.length > 1 && { others: decisions.slice(1) }),
          ...(sorter.wordsOf && { words: await sorter.wordsOf(prompt, best) }),
        });
    }
    return Buffer.from(lines.join(''));
  };
  await writeStreamAtomic(out, async (writer) => {
    await writer.write(Buffer.from(table.head));
    let waiting: Waiting<Prompt>[] = [];
    for await (const placed of readLooseRows(paths, reading)) {
      if (stop.aborted) break;
      const row = questionOf(strictly(placed.row, placed.where), trained.system);
      const prompt = row && sorter.promptOf(row);
      if (!row) unreadable++;
      else if (prompt === null) tooLong++;
      else waiting.push({ placed, row, prompt });
      if (waiting.length < AT_ONCE) continue;
      const fraction = placed.doneBytes / Math.max(1, total);
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
    accuracy: rights.length === 0 ? (tally?.[0]?.found.accuracy ?? null) : accuracyOf(null, rights),
    ...stopped,
    first,
    ...(tally && { columns: tally.map((one) => one.found) }),
  };
}

/** What a column was given, counted. */
class ColumnTally {
  readonly #answer: DecidedAnswer;
  readonly threshold: number;
  readonly #rights: boolean[] = [];
  #unsure = 0;

  constructor(answer: DecidedAnswer, askBelow: number | undefined) {
    this.#answer = answer;
    this.threshold = askBelow ?? answer.threshold;
  }

  /** The decision as a row has it, beside what stands in the record already. */
  add(decision: Decision, record: unknown): Decision & { readonly column: string; readonly asks: boolean } {
    const asks = decision.score < this.threshold;
    if (asks) this.#unsure++;
    const right = this.#answer.isRight(decision, record);
    if (right !== null) this.#rights.push(right);
    return { column: this.#answer.name, ...decision, asks };
  }

  get found(): ScoredColumn {
    return {
      name: this.#answer.name,
      unsure: this.#unsure,
      threshold: this.threshold,
      accuracy: this.#rights.length === 0 ? null : accuracyOf(null, this.#rights),
    };
  }
}

function strictly(row: Parameters<typeof strictRow>[0], where: string): TrainingRow | null {
  try {
    return strictRow(row, where);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

function definedOf({ map, promptTemplate, system, sheet }: ClassifyConfig) {
  const given = Object.entries({ map, promptTemplate, system, sheet }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given);
}
