/** The assessment of a run: what training taught the model and what it forgot, the most important first. */

import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { AssessResult, DoneEvent, EngineEvent, Verdict } from '../../../../common/protocol/protocol.ts';
import { SORTERS } from '../../../../common/settings/sorters.ts';
import { madeOf } from '../../../../common/settings/table.ts';
import { percent } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { exists, inTemporaryFolder } from '../../../folders.ts';
import { cacheFolder, toBundledName, toBundledPath } from '../../../paths.ts';
import { versions } from '../../../versions.ts';
import { hasAdapter, type RunConfig } from '../../config/config.ts';
import { cacheKeyOf } from '../../io/prepare-f32.ts';
import { filesOf } from '../../io/tensor-store.ts';
import {
  ADAPTER_FOLDER,
  adapterParts,
  type LoadedAdapter,
  loadAdapter,
  MODEL_FOLDER,
  NO_ADAPTER,
} from '../../load/adapter.ts';
import { type OpenedModel, readConfig } from '../../load/open-model.ts';
import {
  type JobIo,
  type ReadyModel,
  sourceOfNumbers,
  withModel,
  withSortingHead,
} from '../../load/ready-model.ts';
import { categoriesIn } from '../../models/sorting.ts';
import { leadBy, measuredBy } from '../../tasks/registry.ts';
import { keepCategories } from '../classify/categories.ts';
import type { MeasuredSorter } from '../rivals/rung.ts';
import { vectorRival } from '../rivals/vector-rival.ts';
import { writeSorter } from '../rivals/write-sorter.ts';
import { gatherRows } from './assess-rows.ts';
import { BaseCache } from './base-cache.ts';
import { MOST_ASKED, MOST_CLOSED_ROWS, PROMPT_SHARE, timeShare } from './budget.ts';
import { courseOf } from './course.ts';
import { Examination, type Examined } from './examination.ts';
import { generalMaterial } from './general-quiz.ts';
import { remediesFor, writeRemedies } from './remedies.ts';
import { reportHtml } from './report/report.ts';
import type { Metric } from './report/sections.ts';
import { examineSorted } from './sorted.ts';
import { Subject } from './subject.ts';
import { keptLosses } from './test-losses.ts';

const ASSESSMENT_FILE = 'assessment.json';
const REPORT_FILE = 'report.html';
/** The best prompt found, to be copied. */
const PROMPT_FILE = 'prompt.txt';
/** How often it is told how far the rows are read. */
const READING_MS = 10_000;

interface AssessParts extends JobIo {
  readonly config: RunConfig;
  readonly run: string;
  /** The steps and evaluations of its training. */
  readonly metrics: readonly Metric[];
  /** Held-out rows to ask, whatever the time; undefined: up to 100, as the time allows. */
  readonly rows: number | undefined;
  /** Asks everything, whatever the time. */
  readonly thorough: boolean | undefined;
  readonly seed: number;
}

/** Assesses the run with `base`, its base model; writes assessment.json and report.html into its folder. */
export async function assessRun(parts: AssessParts, given: ReadyModel): Promise<AssessResult> {
  const { config, run, metrics, rows, thorough, seed, stop, emit } = parts;
  const base = { ...given, opened: given.opened.plain ?? given.opened };
  const sorts = config.objective === 'sort';
  const started = performance.now();
  const done = await trainingOf(config, await readDone(run));
  const trained = trainingSeconds(done);
  const share = rows === undefined ? timeShare({ thorough }) : null;
  const spentSeconds = () => (performance.now() - started) / 1000;
  const phase = (detail: string, fraction: number) =>
    emit({ event: 'phase', phase: 'assess', detail, fraction });
  phase(say`Reading the rows`, 0);
  return await inTemporaryFolder('assess', async (work) => {
    const modelKey = await cacheKeyOf(filesOf(base.opened.store));
    const source = await sourceOfNumbers(base, config);
    const cache = new BaseCache(path.join(cacheFolder(), 'assess'), source);
    const losses = await keptLosses(run, source);
    const knownOf = (nll: readonly number[] | null | undefined) =>
      losses && nll ? { ...losses, nll } : null;
    const opened = sorts ? await sortingOf(run, base) : base.opened;
    const context = { opened, tokenizer: base.tokenizer, folder: work, stop };
    const reading = readingOf(config, (share) =>
      phase(`${say`Reading the rows`}${marks().comma}${percent(share)}`, 0),
    );
    const most = { rows: rows ?? MOST_ASKED, closedRows: rows ?? MOST_CLOSED_ROWS };
    const gathered = await gatherRows(config, { ...context, emit: reading }, most.closedRows, seed);
    try {
      const course = metrics.flatMap((one) => (one.event === 'eval' ? [one.loss] : []));
      const material = () => generalMaterial(config.model);
      const vectors = vectorRival({ threads: config.threads, stop });
      const sorted = async (after: Trained) => {
        const { source } = await material();
        return await examineSorted({
          gathered,
          before: base,
          after,
          seed,
          course,
          source,
          stop,
          phase,
          vectors,
        });
      };
      const measures = { task: measuredBy(config), lead: leadBy(config), stop };
      const answering = async (after: Trained) =>
        await new Examination({
          gathered,
          before: new Subject({
            ready: base,
            adapter: NO_ADAPTER,
            ...measures,
            cache,
            known: knownOf(losses?.before),
          }),
          after: new Subject({ ...after, ...measures, cache: null, known: knownOf(losses?.after) }),
          seed,
          most,
          exactly: rows !== undefined,
          work,
          phase,
          course,
          material,
          budgetSeconds: share === null || trained === null ? null : share * trained,
          promptSeconds: PROMPT_SHARE * (trained ?? 0),
          spentSeconds,
          vectors,
        }).run();
      const examined = await withTrained(parts, { ...base, opened }, sorts ? sorted : answering);
      phase(say`Writing the report`, 1);
      return await written(parts, done, examined, {
        modelKey,
        dataHash: gathered.dataHash,
        seconds: spentSeconds(),
        parameters: base.opened.outline.parameterCount,
      });
    } finally {
      await gathered.close();
    }
  });
}

/** Tells now and then which share of the rows is read: of every file once for its tokens, and once for its texts. */
function readingOf({ evalData }: RunConfig, tell: (share: number) => void): (event: EngineEvent) => void {
  const passes = evalData === undefined ? 2 : 4;
  let [pass, reached, toldAt] = [0, 0, performance.now()];
  return (event) => {
    if (event.event !== 'phase' || event.fraction === undefined) return;
    if (event.fraction < reached) pass++;
    reached = event.fraction;
    if (performance.now() - toldAt < READING_MS) return;
    toldAt = performance.now();
    tell(Math.min(1, (pass + reached) / passes));
  };
}

/** The assessment that was written into the folder `run`. Throws `AppError('run-not-assessed')`. */
export async function readAssessment(run: string): Promise<AssessResult> {
  const text = await fs.readFile(path.join(run, ASSESSMENT_FILE), 'utf8').catch(() => null);
  if (text !== null) return JSON.parse(text, toBundledPath) as AssessResult;
  throw new AppError(
    'run-not-assessed',
    say`This run has not been compared with the base model yet.`,
    say`Compare it first.`,
  );
}

/** What was trained: an adapter on top of the base model, or a whole model without one. */
interface Trained {
  readonly ready: ReadyModel;
  readonly adapter: LoadedAdapter;
}

/** The base model with the head that the run in `run` gave it. */
async function sortingOf(run: string, { opened, tokenizer }: ReadyModel): Promise<OpenedModel> {
  const whole = path.join(run, MODEL_FOLDER, 'config.json');
  const categories = (await exists(whole))
    ? categoriesIn(await readConfig(whole))
    : (await adapterParts(path.join(run, ADAPTER_FOLDER))).categories;
  return withSortingHead(opened, tokenizer, categories ?? []);
}

/** Gives `work` the trained model: the adapter on top of `base`, or the whole model of full fine-tuning. */
async function withTrained<T>(
  { config, run, stop }: AssessParts,
  base: ReadyModel,
  work: (after: Trained) => Promise<T>,
): Promise<T> {
  if (hasAdapter(config)) {
    const adapter = await loadAdapter(path.join(run, ADAPTER_FOLDER), base);
    return await work({ ready: base, adapter });
  }
  // its files have the new tokens
  const trained = { ...config, model: path.join(run, MODEL_FOLDER), newTokens: [] };
  return await withModel(
    trained,
    () => {},
    (ready) => work({ ready: { ...ready, tokenizer: base.tokenizer }, adapter: NO_ADAPTER }),
    null,
    stop,
  );
}

async function written(
  { config, run, metrics }: AssessParts,
  done: DoneEvent | null,
  examined: Examined,
  facts: { modelKey: string; dataHash: string; seconds: number; parameters: number },
): Promise<AssessResult> {
  const { task, verdict, categories, sorters, prompt, figures, closedErrors, ...shown } = examined;
  // named one by one: what was asked of allowed answers has figures of its own
  const { errors = null, curve = null } = closedErrors ?? {};
  if (categories) await keepCategories(run, categories.labels, categories.rows);
  await keepSorters(run, sorters);
  const plans = remediesFor({
    config: { ...config, out: run },
    done,
    verdict,
    figures,
    trainingSeconds: trainingSeconds(done),
    course: courseOf(metrics),
    parameters: facts.parameters,
    errors,
    curve,
  });
  const remedies = await writeRemedies(config, run, plans);
  const result: AssessResult = {
    version: 1,
    run,
    model: config.model,
    method: config.method,
    created: new Date().toISOString(),
    seconds: facts.seconds,
    trainingSeconds: trainingSeconds(done),
    versions: versions(),
    dataHash: facts.dataHash,
    modelKey: facts.modelKey,
    settings: config,
    task: { kind: task.kind, reason: task.reason, labelField: task.field },
    verdict,
    ...shown,
    remedies,
    report: path.join(run, REPORT_FILE),
  };
  if (prompt !== null) await writeFileAtomic(path.join(run, PROMPT_FILE), `${prompt}\n`);
  else await fs.rm(path.join(run, PROMPT_FILE), { force: true });
  await writeFileAtomic(result.report, reportHtml(result, metrics));
  await writeFileAtomic(path.join(run, ASSESSMENT_FILE), `${JSON.stringify(result, toBundledName, 2)}\n`);
  return result;
}

/** Keeps the sorters of this comparison, and those of none before. */
async function keepSorters(run: string, sorters: readonly MeasuredSorter[]): Promise<void> {
  for (const { file } of Object.values(SORTERS)) await fs.rm(path.join(run, file), { force: true });
  for (const sorter of sorters) await writeSorter(run, sorter);
}

export function assessmentEvent({ verdict, report }: { verdict: Verdict; report: string }): EngineEvent {
  const { sentence, remarks, learned, forgot } = verdict;
  return { event: 'assessment', sentence, remarks, learned, forgot, report };
}

async function readDone(run: string): Promise<DoneEvent> {
  const text = await fs.readFile(path.join(run, 'result.json'), 'utf8').catch(() => null);
  if (text === null)
    throw new AppError(
      'run-not-done',
      say`This run has no result yet.`,
      say`Let it train to its end first, or choose another run.`,
    );
  return JSON.parse(text) as DoneEvent;
}

/** How the training of a run ended; where it was made of another one that of its source, where it still exists. */
async function trainingOf(config: RunConfig, done: DoneEvent): Promise<DoneEvent | null> {
  const source = madeOf(config);
  if (source === null) return done;
  const training = await readDone(source).catch(() => null);
  // a source that was made itself knows no training
  return training && training.steps > 0 ? training : null;
}

/** How long the training took in all its parts; a run that was resumed tells only of its last part. */
function trainingSeconds(done: DoneEvent | null): number | null {
  if (!done) return null;
  const steps = done.trainedTokensPerSecond > 0 ? done.trainedTokens / done.trainedTokensPerSecond : 0;
  return Math.max(done.seconds, steps);
}
