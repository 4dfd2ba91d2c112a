/**
 * Short work of the engine, in processes that are started when they are needed and ended after a while without work: one for plans,
 * one for prices, one for the benchmark, one for all else, and one that may be lost for each question to WebGPU.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type {
  BlindChoice,
  BlindResult,
  BlindRound,
  DataLook,
  NewTokens,
  RowPreview,
} from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type {
  BenchProgress,
  CallEvent,
  ChatTurn,
  ClassifyResult,
  DoctorReport,
  EditableAsked,
  EditableRows,
  EditedRows,
  EngineCallName,
  EngineEvent,
  FoundDocument,
  GenerateResult,
  InspectResult,
  MeasuredRates,
  PriceCase,
  PricedPart,
  QuickWay,
  ReadDocument,
  RowEdits,
  RowFacts,
  RunPlan,
  SorterResult,
  SpeedTest,
  WebGpuAnswer,
} from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import type {
  ClassifyConfig,
  DataConfig,
  DoctorConfig,
  GenerateConfig,
  RunConfig,
  SorterConfig,
} from '../engine/config/config.ts';
import { type Asking, CallLine, type LineOptions } from './call-line.ts';
import type { Fork } from './engine-link.ts';
import { READING_CALLS } from './fork.ts';
import type { Compute, KeptPrices } from './kept-prices.ts';

/** A configuration of which only the named settings must be given; the engine fills in the rest. */
type Given<Config, Needed extends keyof Config> = Partial<Config> & Pick<Config, Needed>;

const IDLE_MS = 60_000;
/** While a plan is being thought about; what the process knows of the model and the rows makes each answer quick. */
const PLAN_IDLE_MS = 5 * 60_000;
/** Prices of a catalog are asked for once, those of a lesson while somebody looks at it; meanwhile the process has memory that plans count as taken. */
const PRICE_IDLE_MS = 15_000;
/** A planner needs some 300 MB. One that has grown far beyond is replaced: what it knows is found again in a second or two. */
const PLANNER_BYTES = 1e9;
/** To ask WebGPU a process starts, onnxruntime loads, a driver compiles its first shader: a second where nothing else computes. */
const ADAPTERS_MS = 10_000;
/** Files that are read at once. */
const READERS = 3;
/** Rounds of blind comparisons that can still be judged. */
const KEPT_ROUNDS = 100;

interface CallOptions extends Pick<LineOptions, 'errorOf'> {
  /** Starts processes for the calls that only read; they may have fewer rights. */
  readonly readers?: Fork | undefined;
  /** How long a process is kept without work. */
  readonly idleMs?: number;
  readonly planIdleMs?: number;
  /** Prices that are not computed again; where it is left out, the engine is asked each time. */
  readonly keptPrices?: Pick<KeptPrices, 'of'>;
}

/** Short work of the engine, in processes that are started when needed, kept for a while, and replaced when they die. */
export type EngineCalls = ReturnType<typeof openEngineCalls>;

type OnEvent = (event: EngineEvent) => void;

/** The events of a job among what a call tells. */
const events = (onEvent: OnEvent) => (event: CallEvent) => void ('event' in event && onEvent(event));

/** The engine's calls through processes that `fork` starts. */
export function openEngineCalls(
  fork: Fork,
  { readers, idleMs = IDLE_MS, planIdleMs = PLAN_IDLE_MS, keptPrices, ...words }: CallOptions = {},
) {
  const line = new CallLine(fork, { idleMs, ...words });
  // hostile files are opened where there is little to do for who takes the process over, and beside others that may take long
  const readLines = Array.from(
    { length: READERS },
    () => new CallLine(readers ?? fork, { idleMs, ...words }),
  );
  // a process of its own, so that no plan waits for a long look at other data, or for a chat
  const planLine = new CallLine(fork, { idleMs: planIdleMs, mostBytes: PLANNER_BYTES, ...words });
  // and those of the whole catalog take so long that nothing else should wait behind them
  const priceLine = new CallLine(fork, {
    idleMs: Math.min(idleMs, PRICE_IDLE_MS),
    mostBytes: PLANNER_BYTES,
    ...words,
  });
  // a process without a past, as a training has it, that gives the memory back at once
  const benchLine = new CallLine(fork, { idleMs: 0, ...words });
  const serveLine = new CallLine(fork, { idleMs: 0, ...words });
  const documentLine = new CallLine(fork, { idleMs: 0, ...words });
  const sortLine = new CallLine(fork, { idleMs: 0, ...words });
  const sorterLine = new CallLine(fork, { idleMs: 0, ...words });
  const rounds = new LRUCache<string, { run: string; rows: number; seed: number; shown: readonly number[] }>({
    max: KEPT_ROUNDS,
  });
  // the results are what the table of the engine's calls gives for these names
  const ask = <T>(name: EngineCallName, input?: unknown, asking: Asking = {}) =>
    (READING_CALLS.has(name) ? idlest(readLines) : line).ask(name, input, asking) as Promise<T>;
  // by whichever process is there: starting one takes longer than the answer
  const askQuickly = <T>(name: EngineCallName, input?: unknown) =>
    ([line, planLine, ...readLines].find(({ isOpen }) => isOpen) ?? line).ask(name, input, {}) as Promise<T>;
  return {
    look: (config: DataConfig, signal?: AbortSignal) => ask<DataLook>('look', config, { signal }),
    preview: (
      config: {
        data: DataConfig;
        model: string;
        newTokens?: NewTokens;
        maxLength: number;
        trainOn: 'answers' | 'all';
        thinking?: 'train' | 'keep' | 'leave-out';
        from: number;
        count: number;
      },
      signal?: AbortSignal,
    ) => ask<readonly RowPreview[]>('preview', config, { signal }),
    check: (
      config: Given<Omit<DoctorConfig, 'newTokens'>, 'data'> & { newTokens?: NewTokens },
      onEvent: OnEvent,
      signal?: AbortSignal,
    ) => ask<DoctorReport>('check', config, { signal, onEvent: events(onEvent) }),
    /** Rows as a person can edit them. */
    rows: (asked: EditableAsked & { readonly data: DataConfig }, signal?: AbortSignal) =>
      ask<EditableRows>('rows', asked, { signal }),
    /** Writes a copy of the data with what was changed. */
    edit: (data: DataConfig, edits: RowEdits, out: string) =>
      ask<EditedRows>('edit', { data, ...edits, out }),
    /** At most `most` prompts of the files, each the messages that are to be answered. */
    prompts: (paths: readonly string[], most: number) =>
      ask<readonly (readonly ChatTurn[])[]>('prompts', { paths, most }),
    /** The documents in `paths`, and one of them as headings and paragraphs. */
    documentFiles: (paths: readonly string[], signal?: AbortSignal) =>
      ask<readonly FoundDocument[]>('documentFiles', paths, { signal }),
    document: (file: string, signal?: AbortSignal) =>
      ask<ReadDocument['blocks']>('document', file, { signal }),
    /** How many of so many rows a run holds out for that setting. */
    split: (rows: number, heldOut: number) => askQuickly<number>('split', [rows, heldOut]),
    inspect: (model: string) => ask<InspectResult>('inspect', model),
    /** `part`: what of the run is priced; a run needs no less than its training. */
    plan: (config: RunConfig, signal?: AbortSignal, part: PricedPart = 'all', onEvent: OnEvent = () => {}) =>
      planLine.ask(part === 'all' ? 'plan' : 'planTraining', config, {
        signal,
        onEvent: events(onEvent),
      }) as Promise<RunPlan>,
    /** The part of a plan that needs no graph. */
    planRows: (config: RunConfig, signal?: AbortSignal, onEvent: OnEvent = () => {}) =>
      planLine.ask('planRows', config, { signal, onEvent: events(onEvent) }) as Promise<RowFacts>,
    /** Prices runs whose rows are not there, by their graphs; null where a model cannot be read. */
    prices(cases: readonly PriceCase[], signal?: AbortSignal) {
      const compute: Compute = (missing) =>
        priceLine.ask('prices', missing, { signal }) as ReturnType<Compute>;
      return keptPrices ? keptPrices.of(cases, compute) : compute(cases);
    },
    bench: (
      folder: string,
      onProgress: (progress: BenchProgress) => void,
      signal?: AbortSignal,
      device?: string,
    ) =>
      benchLine.ask(
        'bench',
        { folder, ...(device && { device }) },
        { signal, onEvent: (event) => 'doing' in event && onProgress(event) },
      ) as Promise<MeasuredRates>,
    /** Tests a quick way to compute, and keeps what that gave. */
    speedTest: (way: QuickWay, signal?: AbortSignal) =>
      benchLine.ask('speedTest', way, { signal }) as Promise<SpeedTest>,
    adapters: () => askAdapters(fork),
    /** Answers `prompt`, or goes on with the conversation in `messages`; the models stay open for the next call. */
    generate: (
      config: Given<GenerateConfig, 'model'> & { readonly messages?: readonly ChatTurn[] },
      onText: (text: string) => void,
      signal?: AbortSignal,
    ) =>
      ask<GenerateResult>('generate', config, {
        signal,
        onEvent: (event) => 'text' in event && onText(event.text),
      }),
    /** A process of its own for a model that other programs ask: what it needs is made there too. */
    serve: <T>(name: 'export' | 'endpoint', input: unknown, asking: Asking) =>
      serveLine.ask(name, input, asking) as Promise<T>,
    /** The same for a model that writes rows of documents, whatever is served meanwhile. */
    read: <T>(name: 'export' | 'endpoint' | 'documents', input: unknown, asking: Asking) =>
      documentLine.ask(name, input, asking) as Promise<T>,
    /** Sorts rows into a run's categories, in a process of its own: it may take hours. */
    classify: (config: Given<ClassifyConfig, 'run'>, onEvent: OnEvent, signal?: AbortSignal) =>
      sortLine.ask('classify', config, { signal, onEvent: events(onEvent) }) as Promise<ClassifyResult>,
    /** Trains a sorter, or keeps that of a run; `finish` keeps the best so far. */
    sorter: (config: Given<SorterConfig, 'out'>, asking: Asking) =>
      sorterLine.ask('sorter', config, asking) as Promise<SorterResult>,
    async blind(run: string, pairs: number, seed: number, shown: readonly number[]): Promise<BlindRound> {
      const round = { run, rows: pairs, seed, shown };
      const { pairs: drawn } = await ask<Pick<BlindRound, 'pairs'>>('blind', round);
      const id = randomUUID();
      rounds.set(id, round);
      return { id, pairs: drawn };
    },
    async judge(id: string, choices: readonly BlindChoice[]): Promise<BlindResult> {
      const round = rounds.get(id);
      if (!round)
        throw new AppError(
          'no-round',
          say`This round of comparing has ended.`,
          say`Begin a new one: Fettle was restarted since.`,
        );
      const result = await ask<BlindResult>('judge', { ...round, choices });
      const { judged, after, before, equal, bad, preferred, signTest, trained } = result;
      return { judged, after, before, equal, bad, preferred, signTest, trained };
    },
    /** Gives the memory of models that are open back: they are only open in a process that is there. */
    closeModels: () => (line.isOpen ? ask<void>('close') : Promise.resolve()),
    /** A plan will be asked for: its process starts already. */
    startPlanner: () => planLine.start(),
    /** A job wants the memory: the planner's process and that of prices end, or do so as soon as they have answered. */
    makeRoom() {
      planLine.retire();
      priceLine.retire();
    },
    close() {
      const lines = [
        line,
        ...readLines,
        planLine,
        priceLine,
        benchLine,
        serveLine,
        documentLine,
        sortLine,
        sorterLine,
      ];
      for (const one of lines) one.close();
    },
  };
}

/** One that is there and has nothing to do, else one that has nothing to do, else the one with the least. */
function idlest(lines: readonly CallLine[]): CallLine {
  const work = ({ waiting, isOpen }: CallLine) => 2 * waiting + (isOpen ? 0 : 1);
  return lines.reduce((best, line) => (work(line) < work(best) ? line : best));
}

/** Asks WebGPU in a process that `fork` starts and that is ended afterwards: a driver that hangs or crashes costs that process alone. */
export async function askAdapters(fork: Fork, patienceMs = ADAPTERS_MS): Promise<WebGpuAnswer> {
  const line = new CallLine(fork, { idleMs: 0 });
  const inTime = new AbortController();
  try {
    const answer = line.ask('adapters', undefined, {}) as Promise<WebGpuAnswer>;
    const late = setTimeout(patienceMs, null, { signal: inTime.signal });
    return (
      (await Promise.race([answer, late.catch(() => null)])) ??
      without(say`WebGPU didn't answer within ${Math.round(patienceMs / 1000)} s and was stopped.`)
    );
  } catch (error) {
    return without(say`Asking WebGPU failed. ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    inTime.abort();
    line.close();
  }
}

function without(problem: string): WebGpuAnswer {
  return { problem, adapters: null, unknown: problem };
}
