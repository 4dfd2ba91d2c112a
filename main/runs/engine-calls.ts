/**
 * Short work of the engine, in processes that are started when they are needed and ended after a while without work: one for plans,
 * one for prices, one for the benchmark, one for all else, and one that may be lost for each question to WebGPU.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { BlindChoice, BlindResult, BlindRound } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type {
  BenchProgress,
  CallEvent,
  EngineEvent,
  PriceCase,
  PricedPart,
  QuickWay,
  WebGpuAnswer,
} from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import type { RunConfig } from '../engine/config/config.ts';
import {
  type At,
  callOf,
  ENGINE_CALLS,
  type EngineCallName,
  type InputOf,
  type ResultOf,
} from '../engine/session/call-table.ts';
import { type Asking, CallLine, type LineOptions } from './call-line.ts';
import type { Fork } from './engine-link.ts';
import type { Compute, KeptPrices } from './kept-prices.ts';

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

/** Each call of the table by its name. */
type AskedByName = {
  readonly [Name in EngineCallName]: (input: InputOf<Name>, asking?: Asking) => Promise<ResultOf<Name>>;
};

type OnEvent = (event: EngineEvent) => void;

/** The events of a job among what a call tells. */
const events = (onEvent: OnEvent) => (event: CallEvent) => void ('event' in event && onEvent(event));

/** The engine's calls through processes that `fork` starts. */
export function openEngineCalls(
  fork: Fork,
  { readers, idleMs = IDLE_MS, planIdleMs = PLAN_IDLE_MS, keptPrices, ...words }: CallOptions = {},
) {
  const alone = { idleMs: 0 };
  const kinds: Readonly<Record<Exclude<At, 'whichever'>, Omit<LineOptions, 'errorOf'>>> = {
    models: { idleMs },
    vectors: { idleMs },
    reader: { idleMs },
    // a process of its own, so that no plan waits for a long look at other data, or for a chat
    planner: { idleMs: planIdleMs, mostBytes: PLANNER_BYTES },
    // and those of the whole catalog take so long that nothing else should wait behind them
    prices: { idleMs: Math.min(idleMs, PRICE_IDLE_MS), mostBytes: PLANNER_BYTES },
    // processes without a past, as a training has them, that give the memory back at once
    bench: alone,
    serve: alone,
    aside: alone,
    sort: alone,
    sorter: alone,
    own: alone,
  };
  const opened = Object.entries(kinds).map(([at, options]) => [
    at,
    // hostile files are opened where there is little to do for who takes the process over, and beside others that may take long
    Array.from(
      { length: at === 'reader' ? READERS : 1 },
      () => new CallLine((at === 'reader' && readers) || fork, { ...options, ...words }),
    ),
  ]);
  const lines: Readonly<Record<keyof typeof kinds, readonly CallLine[]>> = Object.fromEntries(opened);
  /** The process that answers calls of that kind; for quick ones whichever is there, since starting one takes longer than a plan. */
  const lineAt = (at: At): CallLine => {
    if (at !== 'whichever') return idlest(lines[at]);
    const [models, planner] = [lines.models[0]!, lines.planner[0]!];
    return [models, planner, ...lines.reader].find(({ isOpen }) => isOpen) ?? models;
  };
  const ask = <Name extends EngineCallName>(name: Name, input: InputOf<Name>, asking: Asking = {}) =>
    lineAt(callOf(name).at).ask(name, input, asking);
  const rounds = new LRUCache<string, { run: string; rows: number; seed: number; shown: readonly number[] }>({
    max: KEPT_ROUNDS,
  });
  const names = Object.keys(ENGINE_CALLS) as EngineCallName[];
  const asked = Object.fromEntries(
    names.map((name) => [name, (input: InputOf<typeof name>, asking?: Asking) => ask(name, input, asking)]),
  ) as AskedByName;
  return {
    ...asked,
    check: (input: InputOf<'check'>, onEvent: OnEvent, signal?: AbortSignal) =>
      ask('check', input, { signal, onEvent: events(onEvent) }),
    /** `part`: what of the run is priced; a run needs no less than its training. */
    plan: (config: RunConfig, signal?: AbortSignal, part: PricedPart = 'all', onEvent: OnEvent = () => {}) =>
      ask(part === 'all' ? 'plan' : 'planTraining', config, { signal, onEvent: events(onEvent) }),
    /** The part of a plan that needs no graph. */
    planRows: (config: RunConfig, signal?: AbortSignal, onEvent: OnEvent = () => {}) =>
      ask('planRows', config, { signal, onEvent: events(onEvent) }),
    /** Prices runs whose rows are not there, by their graphs; null where a model cannot be read. */
    prices(cases: readonly PriceCase[], signal?: AbortSignal) {
      const compute: Compute = (missing) => ask('prices', missing, { signal });
      return keptPrices ? keptPrices.of(cases, compute) : compute(cases);
    },
    bench: (
      folder: string,
      onProgress: (progress: BenchProgress) => void,
      signal?: AbortSignal,
      device?: string,
    ) =>
      ask(
        'bench',
        { folder, ...(device && { device }) },
        { signal, onEvent: (event) => 'doing' in event && onProgress(event) },
      ),
    /** Tests a quick way to compute, and keeps what that gave. */
    speedTest: (way: QuickWay, signal?: AbortSignal) => ask('speedTest', way, { signal }),
    adapters: () => askAdapters(fork),
    /** Answers `prompt`, or goes on with the conversation in `messages`; the models stay open for the next call. */
    generate: (input: InputOf<'generate'>, onText: (text: string) => void, signal?: AbortSignal) =>
      ask('generate', input, { signal, onEvent: (event) => 'text' in event && onText(event.text) }),
    /** A process of its own for a model that other programs ask: what it needs is made there too. */
    serve: <Name extends 'export' | 'endpoint'>(name: Name, input: InputOf<Name>, asking: Asking) =>
      lineAt('serve').ask(name, input, asking),
    /** The same for what an extra has a model do, whatever is served meanwhile. */
    aside: <Name extends EngineCallName>(name: Name, input: InputOf<Name>, asking: Asking) =>
      lineAt('aside').ask(name, input, asking),
    /** Sorts rows into a run's categories, in a process of its own: it may take hours. */
    classify: (input: InputOf<'classify'>, onEvent: OnEvent, signal?: AbortSignal) =>
      ask('classify', input, { signal, onEvent: events(onEvent) }),
    async blind(run: string, pairs: number, seed: number, shown: readonly number[]): Promise<BlindRound> {
      const round = { run, rows: pairs, seed, shown };
      const { pairs: drawn } = await ask('blind', round);
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
      const result = await ask('judge', { ...round, choices });
      const { judged, after, before, equal, bad, preferred, signTest, trained } = result;
      return { judged, after, before, equal, bad, preferred, signTest, trained };
    },
    /** Gives the memory of models that are open back: they are only open in a process that is there. */
    closeModels: () => (lineAt('models').isOpen ? ask('close', undefined) : Promise.resolve()),
    /** A plan will be asked for: its process starts already. */
    startPlanner: () => lineAt('planner').start(),
    /** A job wants the memory: the planner's process and that of prices end, or do so as soon as they have answered. */
    makeRoom() {
      lineAt('planner').retire();
      lineAt('prices').retire();
    },
    close() {
      for (const one of Object.values(lines).flat()) one.close();
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
    const answer = line.ask('adapters', undefined);
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
  return { problem, isLost: true };
}
