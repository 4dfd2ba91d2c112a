/** What the application and the command line ask the engine for besides training: a table of calls, answered one by one. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError, systemError } from '../../../common/errors.ts';
import type {
  CallEvent,
  EngineCommand,
  EngineFailure,
  EngineReply,
  MeasuredRates,
} from '../../../common/protocol/protocol.ts';
import { nestedSettings, tokenList } from '../../../common/settings/form.ts';
import { languageOf, say, useLanguage } from '../../../common/words/language.ts';
import { withTimeLeft } from '../../changes.ts';
import { usualThreads } from '../../processes.ts';
import {
  parseAssessConfig,
  parseClassifyConfig,
  parseCurveConfig,
  parseDataConfig,
  parseDoctorConfig,
  parseEvalConfig,
  parseExportConfig,
  parseRunConfig,
  parseSorterConfig,
} from '../config/config.ts';
import * as extras from '../extras/calls.ts';
import type { CallIo } from './call-row.ts';
import { type BenchAsked, callOf, type EngineCallName, type InputOf, type ResultOf } from './call-table.ts';

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
    if (isCall(call.name) && callOf(call.name).isQuick) void work();
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
      if (!isCall(name)) throw new Error(`internal: the engine has no call ${name}`);
      // what comes over the line is what the table says: whoever asks is checked by it
      const work = CALLS[name] as (input: unknown, io: CallIo) => unknown;
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

const isCall = (name: string): name is EngineCallName => Object.hasOwn(CALLS, name);

type Work<Name extends EngineCallName> = (
  input: InputOf<Name>,
  io: CallIo,
) => ResultOf<Name> | Promise<ResultOf<Name>>;

const session = () => import('./session.ts');
const planner = async () => (await import('./planner/planner.ts')).livePlanner;

/** The work of each call of the table. */
export const CALLS: { readonly [Name in EngineCallName]: Work<Name> } = {
  look: async (input, io) => (await import('./data.ts')).look(parseDataConfig(input), io),
  preview: async ({ newTokens = [], ...asked }, io) =>
    (await import('./tokenized-rows.ts')).preview({ ...asked, newTokens: tokenList(newTokens) }, io),
  show: async (input, io) => (await import('./data.ts')).showData(parseDataConfig(input), io),
  check: async (input, io) => (await session()).checkData(parseDoctorConfig(nestedSettings(input)), io),
  undo: async (input, { stop }) => (await session()).undoData({ ...input, signal: stop }),
  rows: async ({ data, ...asked }, io) =>
    (await import('./data.ts')).editableRows({ ...asked, data: parseDataConfig(data) }, io),
  edit: async (input, io) => (await import('./data.ts')).writeEdited(input, io),
  prompts: async (input, io) => (await import('./data.ts')).promptsOf(input, io),
  split: async (input) => (await import('../../rows/split.ts')).heldOutCount(...input),
  inspect: async (input) => (await import('../load/inspect.ts')).inspectModel(input),
  rounding: async (input) => (await session()).inspect(input, true),
  plan: async (input, io) => (await planner()).plan(parseRunConfig(input), io),
  planTraining: async (input, io) => (await planner()).plan(parseRunConfig(input), io, 'training'),
  planRows: async (input, io) => (await planner()).rows(parseRunConfig(input), io),
  sampleRows: async (input, io) => (await planner()).rows(parseRunConfig(input), io, 'sample'),
  prices: async (input, { stop }) => (await import('./planner/planner.ts')).pricesOf(input, stop),
  bench: async (input, io) => await benchmark(input, io),
  speedTest: async (way, { stop }) =>
    (await import('./speed-test.ts')).newSpeedTest(way, usualThreads(), stop),
  // never throws; a driver may hang this process or end it
  adapters: async () => (await import('../exec/registry.ts')).webgpuAnswer(),
  generate: async (input, io) => (await import('./open-models.ts')).generate(input, io),
  close: async () => (await import('./open-models.ts')).closeModels(),
  blind: async (input, io) => (await import('./assess.ts')).blind(input, io),
  judge: async (input) => (await import('./assess.ts')).judge(input),
  eval: async (input, io) => (await session()).evaluate(parseEvalConfig(input), io),
  assess: async (input, io) => (await session()).assess(parseAssessConfig(input), io),
  export: async (input, io) => (await session()).exportRun(parseExportConfig(input), io),
  speed: async (input) => (await session()).measureSpeed(input),
  askGguf: async (input) => (await session()).askGguf(input),
  classify: async ({ keepsPart = false, ...config }, io) =>
    (await import('./classify.ts')).classify(parseClassifyConfig(config), io, keepsPart),
  curve: async (input, io) => (await import('./curve.ts')).forecastRows(parseCurveConfig(input), io),
  sorter: async (input, io) => (await import('./sorter.ts')).trainSorterRun(parseSorterConfig(input), io),
  bundle: async (input, io) => (await import('./bundle.ts')).writeBundle(input, io),
  endpoint: async (input, io) => (await import('./serve.ts')).serve(input, io),
  ...extras,
};

/** Measures this computer on the threads that a training uses. */
async function benchmark({ folder, device }: BenchAsked, { emit, stop }: CallIo): Promise<MeasuredRates> {
  const { bench } = await import('../bench/bench.ts');
  const options = { threads: usualThreads(), folder, ...(device && { device }) };
  return await bench(options, { onProgress: emit, stop });
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
