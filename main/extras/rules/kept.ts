/** The drills of the app: a journal each in the data folder; their trainings are jobs of the queue. */
import path from 'node:path';
import type { CallInput, Problem } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import type { DrillDoing, DrillRow, ReadAnswer } from '../../../common/extras/rules/calls.ts';
import type { JudgedAnswer } from '../../../common/extras/rules/drill.ts';
import type { CallEvent } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { filesOf } from '../../app/answering.ts';
import { train } from '../../app/jobs.ts';
import { JournalFolder } from '../../app/journal-folder.ts';
import type { Parts } from '../../app/parts.ts';
import { ruledFor } from '../../app/ruled.ts';
import { configOf } from '../../app/run-config.ts';
import { keep, UPLOADS } from '../../app/uploads.ts';
import { Changes, channel } from '../../changes.ts';
import type { DataConfig } from '../../engine/config/config.ts';
import { type Log, logIn } from '../../log.ts';
import { usualThreads } from '../../processes.ts';
import { describedOnPage } from '../../runs/problems.ts';
import { type Step, stateOf } from './drill.ts';
import { driveDrill, openDrill, questionsOf } from './driving.ts';
import { Journal } from './journal.ts';

const FOLDER = 'drills';
const WATCH_MS = 500;
const USUAL = { temperature: 0.8, maxNewTokens: 256, rounds: 4, pairs: true, seed: 42 };
/** Questions and answers of a try, and answers that are shown of a round. */
const TRIED = { questions: 3, samples: 2 };
const SHOWN = 6;
/** The share of answers after which it is known how long the others take. */
const KNOWN_FROM = 0.1;

interface Open {
  readonly journal: Journal;
  stop: AbortController | null;
  ended: Promise<void>;
  doing: DrillDoing | null;
  problem: Problem | null;
}

type Behind = Pick<Parts, 'allowed' | 'engine' | 'store' | 'supervisor'>;
type Training = Extract<Step, { do: 'train' }>;

export class KeptDrills {
  readonly #parts: Behind;
  readonly #kept: JournalFolder<Open>;
  readonly #changes = new Changes();
  readonly #log: Log;

  constructor(parts: Behind) {
    this.#parts = parts;
    this.#kept = new JournalFolder(path.join(parts.store.folder, FOLDER), openOf, noDrill);
    this.#log = logIn(parts.store);
  }

  async *watch(signal?: AbortSignal): AsyncGenerator<readonly DrillRow[]> {
    for await (const _ of this.#changes.watch(() => null, WATCH_MS, signal))
      yield await this.#kept.list((id, open) => this.#rowOf(id, open));
  }

  try(
    { paths, modelId, rules }: CallInput<'drills', 'try'>,
    signal?: AbortSignal,
  ): AsyncGenerator<ReadAnswer> {
    const { allowed, engine } = this.#parts;
    return channel<ReadAnswer>(async (tell) => {
      await allowed.read(paths);
      const rows = await questionsOf({ data: paths } as DataConfig, engine, signal);
      const samples = Array.from({ length: TRIED.samples }, (_, sample) => sample);
      const asked = rows.slice(0, TRIED.questions).map((of, row) => ({ row, samples, of }));
      const { temperature, maxNewTokens, seed } = USUAL;
      const input = { ...this.#files(modelId, null), rules, asked, temperature, maxNewTokens, seed };
      const onEvent = (event: CallEvent) => {
        if ('judged' in event)
          tell({ ...event.judged, question: rows[event.judged.row]!.turns.at(-1)!.content });
      };
      await engine.aside('drillAnswers', input, { signal, onEvent });
    });
  }

  async create({ paths, ...asked }: CallInput<'drills', 'create'>): Promise<{ readonly id: string }> {
    const { allowed, engine } = this.#parts;
    await allowed.read(paths);
    await this.#requireRules(asked);
    const { id, file } = await this.#kept.newFile();
    await openDrill(file, { ...USUAL, ...asked, data: { data: paths } as DataConfig }, engine);
    this.#changes.tell();
    return { id };
  }

  /** Throws an AppError for a rule that can't be, as a try without questions does. */
  async #requireRules({
    modelId,
    rules,
  }: Pick<CallInput<'drills', 'create'>, 'modelId' | 'rules'>): Promise<void> {
    const { temperature, maxNewTokens, seed } = USUAL;
    const input = { ...this.#files(modelId, null), rules, asked: [], temperature, maxNewTokens, seed };
    await this.#parts.engine.aside('drillAnswers', input, {});
  }

  async start(id: string): Promise<void> {
    const open = await this.#kept.get(id);
    if (open.stop) return;
    const stop = new AbortController();
    [open.stop, open.problem] = [stop, null];
    open.ended = this.#drive(id, open, stop.signal)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) open.problem = this.#log.problem('a drill', describedOnPage(error));
      })
      .finally(() => {
        [open.stop, open.doing] = [null, null];
        this.#changes.tell();
      });
    this.#changes.tell();
  }

  async stop(id: string): Promise<void> {
    const { stop, ended } = await this.#kept.get(id);
    stop?.abort();
    await ended;
  }

  async answers(id: string): Promise<readonly ReadAnswer[]> {
    const { journal } = await this.#kept.get(id);
    const { head } = journal;
    const round = stateOf(journal).rounds.findLast(({ practised }) => practised.of > 0)?.number ?? 0;
    const all = head.rows.flatMap((_, row) => journal.answers(round, row));
    const some = [true, false].flatMap((wanted) =>
      all.filter(({ passes, sample }) => passes === wanted && sample < 2).slice(-SHOWN / 2),
    );
    return some.map((one) => ({ ...one, question: head.rows[one.row]!.turns.at(-1)!.content }));
  }

  async remove(id: string): Promise<void> {
    await this.stop(id).catch(() => {});
    await this.#kept.remove(id);
    this.#changes.tell();
  }

  /** Lets go of all of them; they continue when a person says so. */
  close(): void {
    for (const opening of this.#kept.opened) void opening.then(({ stop }) => stop?.abort()).catch(() => {});
    this.#changes.close();
  }

  async #drive(id: string, open: Open, stop: AbortSignal): Promise<void> {
    const { journal } = open;
    let [done, of, began] = [0, 1, 0];
    const doing = (change: Partial<DrillDoing>) => {
      open.doing = { ...open.doing!, ...change };
      this.#changes.tell();
    };
    const state = await driveDrill(journal, this.#parts.engine, {
      stop,
      filesOf: (run) => this.#files(journal.head.modelId!, run),
      train: (step) => this.#train(id, journal, step, { stop, doing }),
      begins: (step) => {
        const about = { round: step.round, fraction: null, secondsLeft: null };
        if (step.do === 'ask') {
          [done, began] = [0, performance.now()];
          of = step.asked.reduce((sum, { samples }) => sum + samples.length, 0);
          doing({ ...about, step: step.isTest ? 'test' : 'practise' });
        } else doing({ ...about, step: 'train' });
      },
      answered: (_: JudgedAnswer) => {
        const fraction = ++done / of;
        const seconds = (performance.now() - began) / 1000;
        doing({
          fraction,
          secondsLeft: fraction < KNOWN_FROM ? null : (seconds * (1 - fraction)) / fraction,
        });
      },
      emit: () => {},
    });
    const best = state.rounds.find(({ number }) => number === state.best)?.run;
    if (state.isDone && best) this.#assess(best);
  }

  /** Compares the result with the base model, as any other run is at its end. */
  #assess(runId: string): void {
    const { store, supervisor } = this.#parts;
    const run = store.runs.find(runId);
    if (run?.done && !store.assessments.get(runId)) supervisor.assess(run);
  }

  /** Puts the rows of a round into the queue, and waits until they are learned. */
  async #train(
    id: string,
    journal: Journal,
    step: Training,
    { stop, doing }: { readonly stop: AbortSignal; doing(change: Partial<DrillDoing>): void },
  ): Promise<string | null> {
    const { store, supervisor } = this.#parts;
    const key = `drill-run-${id}-${step.round}`;
    const known = store.kept.get<string>(key);
    const begun = known === undefined || known === null ? null : store.runs.find(known);
    const runId = begun?.id ?? (await this.#begin(journal, step));
    store.kept.set(key, runId);
    const isGoing = supervisor.list().some((job) => job.runId === runId && job.state !== 'paused');
    if (begun && begun.done === null && !isGoing) supervisor.resumeRun(begun);
    const jobOf = () => supervisor.list().find((one) => one.runId === runId && one.kind === 'train');
    for await (const _ of supervisor.events(runId, store.events.lastNumber(runId), stop)) {
      if (stop.aborted) break;
      const { fraction = null, secondsLeft = null } = jobOf() ?? {};
      doing({ fraction, secondsLeft });
    }
    const job = jobOf();
    if (stop.aborted && job && job.state !== 'done' && job.state !== 'failed') await supervisor.pause(job.id);
    const { done, problem } = store.runs.get(runId);
    if (done !== null) return runId;
    if (problem && !stop.aborted) throw new AppError(problem.code, problem.message, problem.hint);
    return null;
  }

  async #begin({ head }: Journal, { round, kind, rows }: Training): Promise<string> {
    const { store, engine } = this.#parts;
    const name = `${head.name}, ${say`round ${round}`}`;
    const content = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const file = await keep(path.join(store.folder, UPLOADS), `${head.name} ${round}.jsonl`, content);
    const pairs = kind === 'pairs' ? { objective: 'dpo', sftWeight: 1 } : {};
    const settings = { assess: false, ...pairs };
    const request = { name, modelId: head.modelId!, data: { paths: [file] }, prompts: [], settings };
    const { config } = await configOf(this.#parts, request, path.join(store.folder, 'runs', 'plan'));
    const ruled = await ruledFor(config, settings, engine);
    const { runId } = await train(this.#parts, {
      request: { ...request, settings: { ...ruled, ...settings } },
      tags: [head.name],
    });
    return runId;
  }

  #files(modelId: string, runId: string | null) {
    const { store } = this.#parts;
    const files = runId === null ? filesOf(store, { modelId }, 'before') : filesOf(store, { runId }, 'after');
    return { ...files, executor: 'ort' as const, threads: usualThreads() };
  }

  #rowOf(id: string, { journal, doing, problem }: Open): DrillRow {
    const { name, created, rows, test, samples, modelId } = journal.head;
    const model = this.#parts.store.models.find(modelId ?? '')?.name ?? '';
    const counts = { samples, test: test.length, practice: rows.length - test.length };
    return { id, name, created, model, ...counts, state: stateOf(journal), doing, problem };
  }
}

async function openOf(file: string): Promise<Open> {
  const journal = await Journal.open(file);
  return { journal, stop: null, ended: Promise.resolve(), doing: null, problem: null };
}

function noDrill(): AppError {
  return new AppError('no-drill', say`This practice is not here any more.`, say`Start a new one.`);
}
