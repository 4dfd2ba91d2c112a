/**
 * What the API is made of: the interfaces of the parts behind it. Each is implemented in a folder of its own (store, runs, hub,
 * the two hosts) and knows the others only by these types; main/api/*.ts joins them to the contract.
 */

import type {
  BlindChoice,
  BlindResult,
  BlindRound,
  CatalogModel,
  ComputerFacts,
  DataLook,
  Download,
  Draft,
  DraftContent,
  ExportRow,
  HostInfo,
  HubModel,
  Job,
  LocalModel,
  NewTokens,
  NumberedEvent,
  NvidiaPack,
  PickKind,
  Problem,
  RowPreview,
  RunCurves,
  RunDetails,
  RunFilter,
  RunRequest,
  RunRow,
  RunSample,
  RunState,
  SettingInfo,
  Settings,
} from '../../preload/contract.ts';
import type {
  AssessConfig,
  DataConfig,
  DoctorConfig,
  ExportConfig,
  GenerateConfig,
  RunConfig,
} from '../engine/config.ts';
import type {
  AssessResult,
  BenchProgress,
  CasePrice,
  ChatTurn,
  DoctorReport,
  DoctorUndo,
  DoneEvent,
  EngineEvent,
  GenerateResult,
  InspectResult,
  MeasuredRates,
  PriceCase,
  PricedPart,
  RowFacts,
  RunPlan,
  WebGpuAnswer,
} from '../engine/protocol.ts';

export interface Parts {
  readonly host: Host;
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly engine: EngineCalls;
  readonly hub: Hub;
  readonly packs: Packs;
  readonly allowed: AllowedPaths;
}

/** The program that shows Fettle: an Electron window or the web host. */
export interface Host {
  readonly kind: 'electron' | 'web';
  info(): Omit<HostInfo, 'dataFolder' | 'storeNotice'>;
  /** Dialogs of the system; null where the host has none. */
  pick: ((what: PickKind, suggest?: string) => Promise<string[]>) | null;
  /** Throw an AppError with what to do where the host cannot. */
  reveal(path: string): Promise<void>;
  openLink(url: string): Promise<void>;
  quit(): Promise<void>;
  notify(title: string, body: string): void;
  /** Progress on dock, taskbar or tray: 0 to 1; null takes it away. */
  showProgress(fraction: number | null): void;
  /** Keeps the computer from sleeping while `on`. */
  keepAwake(on: boolean): void;
  /**
   * Kept encrypted by the system where it can; else in a file that only the person can read. The Hub's token has the name
   * `hubToken` (HUB_TOKEN of main/hub/token.ts).
   */
  readonly secrets: {
    get(name: string): Promise<string | null>;
    set(name: string, value: string | null): Promise<void>;
  };
  readonly fork: Fork;
}

/** Starts main/engine/entry.ts as a process of its own: child_process, or utilityProcess in Electron. */
export type Fork = () => EngineLink;

/** How a process ended. */
export interface ProcessEnding {
  readonly code: number | null;
  readonly signal: string | null;
  /** Its last lines. */
  readonly stderr: string;
  /** Whether the system ends processes for lack of memory just now; null or missing where it does not tell. */
  readonly memoryKill?: boolean | null;
  /** Why the system did not start it. */
  readonly refusal?: unknown;
  /** For how long it had been silent when it was ended for that. */
  readonly hungSeconds?: number;
}

export interface EngineLink {
  readonly pid: number | undefined;
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Once, when the process has ended, however it did. */
  onExit(listener: (how: ProcessEnding) => void): void;
  kill(): void;
}

/** What a finished run took, and on which computer. */
export interface FinishedRun {
  readonly done: DoneEvent;
  readonly machine: Readonly<Record<string, unknown>>;
}

/** The experiment store: SQLite in the data folder. Calls are synchronous and quick; `notice` says what was put right on opening. */
export interface Store {
  readonly folder: string;
  readonly notice: string | null;
  readonly runs: {
    create(run: NewRun): RunDetails;
    /** Fields that are left out stay. Throws AppError('no-run') for an unknown id, as all of these do. */
    update(id: string, change: RunChange): RunDetails;
    get(id: string): RunDetails;
    find(id: string): RunDetails | null;
    byFolder(folder: string): RunDetails | null;
    list(filter: RunFilter): { total: number; rows: RunRow[] };
    /** The newest `limit` runs that are done, with what they took, the oldest first. */
    finished(limit: number): FinishedRun[];
    weigh(ids: readonly string[]): Promise<{ bytes: number; files: number }>;
    /** Into the bin, out of it, and for good with the files in the data folder. */
    bin(ids: readonly string[]): void;
    restore(ids: readonly string[]): void;
    purge(ids: readonly string[]): Promise<number>;
    /** Ids of runs that have been in the bin since before that time (milliseconds since 1970). */
    binnedBefore(time: number): string[];
  };
  readonly events: {
    /** Adds events of a run in order, and with them changes the run; numbers that are there already are left as they are. */
    add(runId: string, events: readonly NumberedEvent[], change?: RunChange): void;
    /** Those with a number above `after`. */
    read(runId: string, after?: number): NumberedEvent[];
    lastNumber(runId: string): number;
    /** Steps and evaluations up to step `upTo` that the run's folder has and the store has not, numbered on. */
    missed(runId: string, upTo?: number): NumberedEvent[];
    curves(runId: string, points: number): RunCurves;
    samples(runId: string): RunSample[];
  };
  readonly assessments: {
    set(runId: string, result: AssessResult): void;
    get(runId: string): AssessResult | null;
  };
  readonly exports: { add(runId: string, row: ExportRow): void; list(runId: string): ExportRow[] };
  readonly models: {
    list(): LocalModel[];
    find(id: string): LocalModel | null;
    byPath(path: string): LocalModel | null;
    save(model: LocalModel): void;
    remove(id: string): void;
  };
  readonly drafts: {
    list(): Draft[];
    save(id: string | undefined, content: DraftContent): Draft;
    discard(id: string): void;
  };
  readonly settings: { get(): Settings; set(change: Partial<Settings>): Settings };
  /** Whatever else must outlive the process, as JSON by key: queue, downloads, measured speed. */
  readonly kept: { get<T>(key: string): T | null; set(key: string, value: unknown): void };
  readonly hardware: {
    add(report: ComputerFacts): void;
    latest(): ComputerFacts | null;
    /** The report before the latest one. */
    previous(): ComputerFacts | null;
  };
  /** Copies everything to another folder, checks it, and from then on uses that; the old folder is left with a pointer. */
  move(to: string, onProgress: (fraction: number) => void): Promise<string>;
  close(): void;
}

export interface NewRun {
  readonly name: string;
  readonly state: RunState;
  readonly folder: string;
  readonly modelId: string | null;
  /** Names for the list. */
  readonly model: string;
  readonly data: string;
  readonly config: RunConfig;
  readonly prompts: readonly string[];
  readonly machine: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly from: string | null;
  readonly created?: string;
}

export interface RunChange {
  readonly name?: string;
  readonly notes?: string;
  readonly tags?: readonly string[];
  readonly state?: RunState;
  readonly started?: string;
  readonly ended?: string;
  readonly seconds?: number;
  readonly step?: number;
  readonly steps?: number;
  readonly bestLoss?: number | null;
  readonly start?: Extract<EngineEvent, { event: 'start' }>;
  readonly done?: Extract<EngineEvent, { event: 'done' }>;
  readonly problem?: Problem | null;
  readonly dataHash?: string;
  readonly modelHash?: string;
  readonly executor?: string;
  /** Settings that the run goes on with instead of those that it was started with. */
  readonly config?: RunConfig;
}

/** Long jobs, one engine process each, one at a time, the others in a queue. */
export interface Supervisor {
  /** All jobs now, and again at each change (at most ten times a second). */
  watch(signal?: AbortSignal): AsyncIterable<readonly Job[]>;
  list(): readonly Job[];
  train(run: RunDetails, options: { startAt?: string }): Job;
  assess(run: RunDetails): Job;
  export(run: RunDetails, config: ExportConfig): Job;
  pause(id: string): Promise<void>;
  resume(id: string): Job;
  /** A training that has no job any more (paused, interrupted, stopped) goes on as a new job. */
  resumeRun(run: RunDetails): Job;
  finish(id: string): Promise<void>;
  skip(id: string): Promise<void>;
  cancel(id: string): Promise<void>;
  reorder(ids: readonly string[]): void;
  schedule(id: string, startAt: string | null): void;
  dismiss(id: string): void;
  /** Recorded events above `after`, then live ones until the run's job ends or `signal` aborts. */
  events(runId: string, after: number, signal?: AbortSignal): AsyncIterable<NumberedEvent>;
  /** What was going on when the process before died is marked as interrupted, so that it can be resumed. */
  recover(): void;
  /** Pauses what runs (a checkpoint is written), or leaves it to die with the process where `pause` is false. */
  close(options: { pause: boolean }): Promise<void>;
}

/** Short work of the engine, in a process that is started when needed, kept for a while, and replaced when it dies. */
export interface EngineCalls {
  look(config: DataConfig, signal?: AbortSignal): Promise<DataLook>;
  preview(
    config: {
      data: DataConfig;
      model: string;
      newTokens?: NewTokens;
      maxLength: number;
      trainOn: 'answers' | 'all';
      from: number;
      count: number;
    },
    signal?: AbortSignal,
  ): Promise<readonly RowPreview[]>;
  check(
    config: Given<Omit<DoctorConfig, 'newTokens'>, 'data'> & { newTokens?: NewTokens },
    onEvent: (event: EngineEvent) => void,
    signal?: AbortSignal,
  ): Promise<DoctorReport>;
  undo(file: string, out: string): Promise<DoctorUndo>;
  /** How many of so many rows a run holds out for that setting. */
  split(rows: number, heldOut: number): Promise<number>;
  inspect(model: string): Promise<InspectResult>;
  /** `part`: what of the run is priced; a run needs no less than its training. */
  plan(config: RunConfig, signal?: AbortSignal, part?: PricedPart): Promise<RunPlan>;
  /** The part of a plan that needs no graph. */
  planRows(config: RunConfig, signal?: AbortSignal): Promise<RowFacts>;
  /** Prices runs whose rows are not there, by their graphs; null where a model cannot be read. */
  prices(cases: readonly PriceCase[], signal?: AbortSignal): Promise<readonly (CasePrice | null)[]>;
  /** Measures what a training will meet, for 10 to 20 seconds; `folder` is the one whose disk counts, `device` one besides the processor. */
  bench(
    folder: string,
    onProgress: (progress: BenchProgress) => void,
    signal?: AbortSignal,
    device?: string,
  ): Promise<MeasuredRates>;
  /** What WebGPU opens here, asked in a process that is ended afterwards or when it hangs. Never rejects. */
  adapters(): Promise<WebGpuAnswer>;
  /** Answers `prompt`, or goes on with the conversation in `messages`; the models stay open for the next call. */
  generate(
    config: Given<GenerateConfig, 'model'> & { readonly messages?: readonly ChatTurn[] },
    onText: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<GenerateResult>;
  blind(run: string, pairs: number, seed: number, shown: readonly number[]): Promise<BlindRound>;
  judge(round: string, choices: readonly BlindChoice[]): Promise<BlindResult>;
  /** Checks settings as given and fills in the defaults; throws AppError('bad-config') that names every wrong field. */
  parseRun(settings: unknown): Promise<RunConfig>;
  parseExport(settings: unknown): Promise<ExportConfig>;
  parseAssess(settings: unknown): Promise<AssessConfig>;
  settings(): Promise<readonly SettingInfo[]>;
  /** Gives the memory of models that are open back. */
  closeModels(): Promise<void>;
  /** A job wants the memory: the planner's process ends, or does so as soon as it has answered. */
  makeRoom(): void;
  close(): void;
}

/** A configuration of which only the named settings must be given; the engine fills in the rest. */
export type Given<Config, Needed extends keyof Config> = Partial<Config> & Pick<Config, Needed>;

/** Files that pages may have read and written; the calls that throw do so with an AppError. */
export interface AllowedPaths {
  /** The person has chosen these: to save there (`folder`, `save`), or to read them and what is in them. */
  open(what: PickKind, paths: readonly string[]): Promise<void>;
  /** Throws for the first path that may not be read. */
  read(paths: readonly string[]): Promise<void>;
  /** Throws where nothing may be written. */
  write(path: string): Promise<void>;
}

/** Models from elsewhere: catalog, the Hugging Face Hub, folders and files on this computer. */
export interface Hub {
  catalog(): Promise<readonly CatalogModel[]>;
  search(query: string, limit: number): Promise<readonly HubModel[]>;
  /** Looks at a folder or a GGUF file, refuses what is not safe or cannot be trained, and remembers it. */
  add(path: string): Promise<LocalModel>;
  remove(id: string, deleteFiles: boolean): Promise<number>;
  download(repo: string, revision?: string): Promise<Download>;
  downloads(signal?: AbortSignal): AsyncIterable<readonly Download[]>;
  pause(id: string): void;
  resume(id: string): void;
  cancel(id: string): Promise<void>;
  close(): Promise<void>;
}

/** What is got afterwards to compute on a device. */
export interface Packs {
  nvidia(signal?: AbortSignal): AsyncIterable<NvidiaPack>;
  getNvidia(): void;
  stopNvidia(): Promise<void>;
  /** Gives the bytes that were freed. */
  removeNvidia(): Promise<number>;
  close(): Promise<void>;
}

export type { PickKind, RunRequest };
