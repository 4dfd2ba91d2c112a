/** The experiment store as the other parts know it; open.ts opens one. */
import type {
  ComputerFacts,
  Conversation,
  ConversationContent,
  ConversationRow,
  Draft,
  DraftContent,
  ExportRow,
  LocalModel,
  NumberedEvent,
  RunCurves,
  RunDetails,
  RunFilter,
  RunRow,
  RunSample,
  RunState,
  Settings,
} from '../../common/api/contract.ts';
import type {
  AssessResult,
  DoneEvent,
  Forgot,
  Rival,
  SorterRun,
  StartEvent,
} from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';

/** What a finished run took, and on which computer. */
export interface FinishedRun {
  readonly done: DoneEvent;
  /** Null for older runs. */
  readonly start: StartEvent | null;
  readonly config: Partial<RunConfig>;
  readonly machine: Readonly<Record<string, unknown>>;
}

/** The experiment store: SQLite in the data folder. Calls are synchronous and quick; `notice` says what was repaired on opening. */
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
    /** Into the bin, out of it, and for good with the files in the data folder. One that is in the bin stays there since when it was. */
    bin(ids: readonly string[]): void;
    restore(ids: readonly string[]): void;
    purge(ids: readonly string[]): Promise<number>;
    /** What is in the bin, the latest first. */
    binned(): (RunRow & { readonly binned: string })[];
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
    /** Those that write. */
    list(): LocalModel[];
    /** Those that read: encoders. */
    readers(): LocalModel[];
    /** Of either kind. */
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
  /** What was said to models, the newest first. */
  readonly conversations: {
    list(): ConversationRow[];
    find(id: string): Conversation | null;
    save(id: string | undefined, content: ConversationContent): ConversationRow;
    remove(id: string): void;
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

export type NewRun = Pick<
  RunDetails,
  'name' | 'state' | 'folder' | 'modelId' | 'model' | 'data' | 'prompts' | 'machine' | 'versions' | 'from'
> & { readonly config: RunConfig | SorterRun | ReadingRun; readonly created?: string };

/** Settings of a run whose model reads, by an extra. */
type ReadingRun = Readonly<Record<string, unknown>> & {
  readonly method: string;
  readonly data: string | readonly string[];
};

/**
 * `config`: settings that the run goes on with instead of those that it was started with. `score`, `rival` and `forgot`: of a run without an
 * assessment.
 */
export type RunChange = Partial<
  Known<
    Pick<
      RunDetails,
      | ('name' | 'notes' | 'tags' | 'state' | 'started' | 'ended' | 'seconds' | 'step' | 'steps')
      | ('start' | 'done' | 'dataHash' | 'modelHash' | 'executor')
    >
  > &
    Pick<RunDetails, 'bestLoss' | 'problem' | 'score'> & {
      readonly config: RunConfig;
      readonly rival: Rival | null;
      readonly forgot: Forgot;
    }
>;

/** The same fields, none of them null. */
type Known<T> = { readonly [Field in keyof T]: NonNullable<T[Field]> };

/** How a run stands that has a result. */
export function stateOfDone({ reason }: Pick<DoneEvent, 'reason'>): RunState {
  return reason === 'finished' ? 'done' : 'stopped-early';
}
