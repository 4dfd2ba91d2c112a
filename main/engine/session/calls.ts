/** What the application and the command line ask the engine for besides training: a table of calls, answered one by one. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError, systemError } from '../../../common/errors.ts';
import type {
  CallEvent,
  EngineCallName,
  EngineCommand,
  EngineFailure,
  EngineReply,
  MeasuredRates,
  QuickWay,
} from '../../../common/protocol/protocol.ts';
import { nestedSettings } from '../../../common/settings/form.ts';
import { languageOf, say, useLanguage } from '../../../common/words/language.ts';
import { withTimeLeft } from '../../changes.ts';
import { usualThreads } from '../../processes.ts';
import {
  parseAssessConfig,
  parseClassifyConfig,
  parseDataConfig,
  parseDoctorConfig,
  parseEvalConfig,
  parseExportConfig,
  parseMergeConfig,
  parseRunConfig,
  parseSorterConfig,
} from '../config/config.ts';

type Call = Extract<EngineCommand<unknown>, { command: 'call' }>;
type Reply = (message: EngineReply) => unknown;

const working = new AsyncLocalStorage<Pick<Call, 'id' | 'name'>>();

/** The call that the code belongs to which runs now, also after its answer; undefined for none. */
export const currentCall = (): Pick<Call, 'id' | 'name'> | undefined => working.getStore();

export class CallDesk {
  readonly #reply: Reply;
  readonly #cancelled = new Map<number, AbortController>();
  #queue: Promise<void> = Promise.resolve();

  constructor(reply: Reply) {
    this.#reply = reply;
  }

  /** Answers `call` with events, and then its result or how it failed. */
  call(call: Call): void {
    const cancelled = new AbortController();
    this.#cancelled.set(call.id, cancelled);
    const work = () => {
      // the parent counts the time of a call from here: waiting for others is no fault of its own
      this.#reply({ id: call.id, begun: true });
      return working.run(call, () => this.#answer(call, cancelled.signal));
    };
    if (QUICK_CALLS.has(call.name)) void work();
    else this.#queue = this.#queue.then(work);
  }

  cancel(id: number): void {
    this.#cancelled.get(id)?.abort();
  }

  async #answer({ id, name, input, language }: Call, stop: AbortSignal): Promise<void> {
    try {
      await useLanguage(languageOf(language));
      if (stop.aborted) throw cancelled();
      const emit = withTimeLeft((event: CallEvent) => void this.#reply({ id, event }));
      const work = CALLS[name as EngineCallName];
      if (work === undefined) throw new Error(`internal: the engine has no call ${name}`);
      this.#reply({ id, result: await work(input, { emit, stop }) });
    } catch (error) {
      const known = stop.aborted && !(error instanceof AppError) ? cancelled() : error;
      this.#reply({ id, failed: failureOf(known) });
    } finally {
      this.#cancelled.delete(id);
    }
  }
}

function cancelled(): AppError {
  return new AppError('stopped', say`Stopped before it was done.`, '');
}

export interface CallIo {
  emit(event: CallEvent): void;
  readonly stop: AbortSignal;
}

type Work = (input: unknown, io: CallIo) => unknown;

const session = () => import('./session.ts');
const planner = async () => (await import('./planner/planner.ts')).livePlanner;

export const CALLS: Readonly<Record<EngineCallName, Work>> = {
  look: async (input, io) => (await import('./data.ts')).look(parseDataConfig(input), io),
  preview: async (input, io) =>
    (await import('./tokenized-rows.ts')).preview(nestedSettings(input) as never, io),
  show: async (input, io) => (await import('./data.ts')).showData(parseDataConfig(input), io),
  check: async (input, io) => (await session()).checkData(parseDoctorConfig(nestedSettings(input)), io),
  undo: async (input, { stop }) => (await session()).undoData({ ...(input as Undo), signal: stop }),
  rows: async (input, io) => (await import('./data.ts')).editableRows(input as never, io),
  edit: async (input, io) => (await import('./data.ts')).writeEdited(input as never, io),
  prompts: async (input, io) => (await import('./data.ts')).promptsOf(input as never, io),
  document: async (input, { stop }) =>
    (await import('../../rows/documents/read-document.ts')).readDocument(input as string, stop),
  documentFiles: async (input) =>
    (await import('../../rows/documents/read-document.ts')).documentFiles(input as string[]),
  split: async (input) => (await import('../../rows/split.ts')).heldOutCount(...(input as [number, number])),
  inspect: async (input) => (await import('../load/inspect.ts')).inspectModel(input as string),
  rounding: async (input) => (await session()).inspect(input as string, true),
  plan: async (input, io) => (await planner()).plan(parseRunConfig(input), io),
  planTraining: async (input, io) => (await planner()).plan(parseRunConfig(input), io, 'training'),
  planRows: async (input, io) => (await planner()).rows(parseRunConfig(input), io),
  prices: async (input, { stop }) => (await import('./planner/planner.ts')).pricesOf(input as never, stop),
  bench: async (input, io) => await benchmark(input as BenchAsked, io),
  speedTest: async (way, { stop }) =>
    (await import('./speed-test.ts')).newSpeedTest(way as QuickWay, usualThreads(), stop),
  // never throws; a driver may hang this process or end it
  adapters: async () => (await import('../exec/registry.ts')).webgpuAnswer(),
  generate: async (input, io) => (await import('./open-models.ts')).generate(input as never, io),
  close: async () => (await import('./open-models.ts')).closeModels(),
  blind: async (input, io) => (await import('./assess.ts')).blind(input as never, io),
  judge: async (input) => (await import('./assess.ts')).judge(input as never),
  eval: async (input, io) => (await session()).evaluate(parseEvalConfig(input), io),
  assess: async (input, io) => (await session()).assess(parseAssessConfig(input), io),
  export: async (input, io) => (await session()).exportRun(parseExportConfig(input), io),
  speed: async (input) => (await session()).measureSpeed(input as never),
  askGguf: async (input) => (await session()).askGguf(input as never),
  classify: async (input, io) => {
    const { keepsPart = false, ...config } = input as { readonly keepsPart?: boolean };
    return (await import('./classify.ts')).classify(parseClassifyConfig(config), io, keepsPart);
  },
  sorter: async (input, io) => (await import('./sorter.ts')).trainSorterRun(parseSorterConfig(input), io),
  documents: async (input, io) => (await import('./document-rows.ts')).documentRows(input as never, io),
  bundle: async (input, io) => (await import('./bundle.ts')).writeBundle(input as never, io),
  merge: async (input) => (await import('./export.ts')).merge(parseMergeConfig(input)),
  endpoint: async (input, io) => (await import('../chat/endpoint.ts')).serveModel(input as never, io),
};

/** Calls that compute nothing and wait for no other one. */
const QUICK_CALLS: ReadonlySet<EngineCallName> = new Set(['split']);

interface BenchAsked {
  /** The one whose disk counts. */
  readonly folder: string;
  readonly device?: string;
}

/** Measures this computer on the threads that a training uses. */
async function benchmark({ folder, device }: BenchAsked, { emit, stop }: CallIo): Promise<MeasuredRates> {
  const { bench } = await import('../bench/bench.ts');
  const options = { threads: usualThreads(), folder, ...(device && { device }) };
  return await bench(options, { onProgress: emit, stop });
}

interface Undo {
  readonly file: string;
  readonly out: string;
  readonly overwrite?: boolean;
}

/** The failure that `error` stands for; only what a person can act on has a code. */
export function failureOf(thrown: unknown): EngineFailure {
  const error = systemError(thrown);
  if (error instanceof AppError) {
    const { code, message, hint, stack = '' } = error;
    return { code, message, hint, stack };
  }
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { code: null, message, hint: '', stack };
}
