/**
 * What the API is made of: the parts behind it, which main/api/*.ts joins to the contract. Each has its interface in a folder of its
 * own; those of the hosts and of runs are here still.
 */
import type {
  BlindChoice,
  BlindResult,
  BlindRound,
  DataLook,
  HostInfo,
  Job,
  NewTokens,
  NumberedEvent,
  PickKind,
  RowPreview,
  RunDetails,
  SettingInfo,
} from '../../common/api/contract.ts';
import type {
  CasePrice,
  ChatTurn,
  DoctorReport,
  DoctorUndo,
  EngineEvent,
  GenerateResult,
  PriceCase,
  PricedPart,
  RowFacts,
  RunPlan,
} from '../../common/protocol/protocol.ts';
import type {
  AssessConfig,
  DataConfig,
  DoctorConfig,
  ExportConfig,
  GenerateConfig,
  RunConfig,
} from '../engine/config/config.ts';
import type { Measuring } from '../hardware/measure.ts';
import type { Secrets } from '../hub/connection.ts';
import type { Hub } from '../hub/hub.ts';
import type { Inspecting } from '../hub/local.ts';
import type { Packs } from '../packs/packs.ts';
import type { Store } from '../store/store.ts';

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
  readonly secrets: Secrets;
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
export interface EngineCalls extends Inspecting, Measuring {
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
  /** `part`: what of the run is priced; a run needs no less than its training. */
  plan(config: RunConfig, signal?: AbortSignal, part?: PricedPart): Promise<RunPlan>;
  /** The part of a plan that needs no graph. */
  planRows(config: RunConfig, signal?: AbortSignal): Promise<RowFacts>;
  /** Prices runs whose rows are not there, by their graphs; null where a model cannot be read. */
  prices(cases: readonly PriceCase[], signal?: AbortSignal): Promise<readonly (CasePrice | null)[]>;
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

export type { PickKind };
