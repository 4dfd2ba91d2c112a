/**
 * What an engine process can be asked for besides training: input, result, patience, and where it runs. calls.ts has the work of each.
 * It imports types alone, so that the application reads it without loading the engine (docs/recipes/add-an-engine-call.md).
 */
import type {
  AssessResult,
  BundleFacts,
  CasePrice,
  ChatTurn,
  ClassifyResult,
  DataShowResult,
  DoctorReport,
  DoctorUndo,
  EditableAsked,
  EditableRows,
  EditedRows,
  EvalResult,
  ExportResult,
  FoundDocument,
  GenerateResult,
  InspectResult,
  MeasuredRates,
  MergeResult,
  PriceCase,
  QuickWay,
  RowFacts,
  RowPreview,
  RowsResult,
  RunPlan,
  SorterResult,
  SpeedTest,
  WebGpuAnswer,
} from '../../../common/protocol/protocol.ts';
import type { EndpointOptions } from '../chat/endpoint.ts';
import type { GgufQuestion } from '../chat/llama.ts';
import type {
  AssessConfig,
  ClassifyConfig,
  DataConfig,
  DoctorConfig,
  EvalConfig,
  ExportConfig,
  MergeConfig,
  RunConfig,
  SorterConfig,
} from '../config/config.ts';
import type { BlindRow, Judged, JudgedRound, Round } from './assess.ts';
import type { BundleOrder } from './bundle.ts';
import type { EditConfig, LookedAt, PromptsAsked } from './data.ts';
import type { DocumentBlocks, DocumentRowsOptions } from './document-rows.ts';
import type { GenerateRequest } from './open-models.ts';
import type { PreviewRequest } from './tokenized-rows.ts';

/** How long a call is waited for, in seconds in which the asking process was awake. Computing blocks an event loop, so silence alone proves nothing: each limit is far above what the work needs on a slow computer. */
export interface Patience {
  /** Without a sign of life of the process while it works on the call. */
  readonly silent: number;
  /** Without a sign of the call itself: its start, an event, its answer. */
  readonly still: number;
  /** Without a sign of life after the call was aborted or had become late. */
  readonly ending: number;
}

/** Computes nothing. Files that are opened may lie on a network. */
const QUICK: Patience = { silent: 60, still: 120, ending: 10 };
/** Goes through rows or graphs, some without a word until the end. The longest row, of 64 MiB, is tokenised in about a minute. */
const READING: Patience = { silent: 120, still: 1800, ending: 10 };
/** Creates sessions and takes steps, which block for minutes with a model of 8 GB on a slow disk; an open model is worth waiting for. */
const COMPUTING: Patience = { silent: 900, still: 3600, ending: 120 };
/** A step of the largest models takes over an hour on two cores. A job is cancelled by a person; this only frees the queue. */
export const JOB: Patience = { silent: 12 * 3600, still: Number.POSITIVE_INFINITY, ending: 60 };

/**
 * The process that answers: one that keeps models open, one of several that may only read, whichever is there, or one for its kind of
 * work; `own` ends with the call.
 */
export type At =
  | 'models'
  | 'reader'
  | 'whichever'
  | 'planner'
  | 'prices'
  | 'bench'
  | 'serve'
  | 'documents'
  | 'sort'
  | 'sorter'
  | 'own';

interface More {
  /** It computes nothing and waits for no other call. */
  readonly isQuick?: true;
  /** It keeps what it has done so far, which takes so much longer after Ctrl-C. */
  readonly keepingMs?: number;
}

interface Call<Input, Result> extends More {
  readonly patience: Patience;
  readonly at: At;
  /** For the compiler alone. */
  readonly types?: { readonly input: Input; readonly result: Result };
}

const call = <Input, Result>(patience: Patience, at: At, more: More = {}): Call<Input, Result> => ({
  ...{ patience, at },
  ...more,
});

/** Settings as given, of which only those named must be; the engine fills in the rest. */
type Given<Config, Needed extends keyof Config = never> = Pick<Config, Needed> & {
  readonly [Name in keyof Config]?: Config[Name] | undefined;
};
/** New tokens as a list, or as one text in which spaces part them. */
type WithTokens<Asked extends { readonly newTokens?: unknown }> = Omit<Asked, 'newTokens'> & {
  readonly newTokens?: string | readonly string[] | undefined;
};

export const ENGINE_CALLS = {
  look: call<DataConfig, LookedAt>(READING, 'reader'),
  preview: call<WithTokens<PreviewRequest>, readonly RowPreview[]>(READING, 'reader'),
  show: call<Given<DataConfig, 'data'>, DataShowResult>(READING, 'reader'),
  check: call<WithTokens<Given<DoctorConfig, 'data'>>, DoctorReport>(READING, 'models'),
  undo: call<Undo, DoctorUndo>(READING, 'own'),
  /** Rows as a person can edit them. */
  rows: call<EditableAsked & { readonly data: DataConfig }, EditableRows>(READING, 'reader'),
  /** Writes a copy of the data with what was changed. */
  edit: call<EditConfig, EditedRows>(READING, 'models'),
  /** Prompts of files, each the messages that are to be answered. */
  prompts: call<PromptsAsked, readonly (readonly ChatTurn[])[]>(READING, 'reader'),
  /** A document as headings and paragraphs. */
  document: call<string, DocumentBlocks['blocks']>(READING, 'reader'),
  documentFiles: call<readonly string[], readonly FoundDocument[]>(READING, 'reader'),
  /** How many of so many rows a run holds out for that setting. */
  split: call<readonly [rows: number, heldOut: number], number>(QUICK, 'whichever', { isQuick: true }),
  inspect: call<string, InspectResult>(QUICK, 'reader'),
  rounding: call<string, InspectResult>(COMPUTING, 'own'),
  plan: call<Given<RunConfig>, RunPlan>(READING, 'planner'),
  /** A plan of the training alone, without its comparison. */
  planTraining: call<Given<RunConfig>, RunPlan>(READING, 'planner'),
  /** The part of a plan that needs no graph. */
  planRows: call<Given<RunConfig>, RowFacts>(READING, 'planner'),
  /** Prices of runs whose rows are not there, by their graphs; null where a model cannot be read. */
  prices: call<readonly PriceCase[], readonly (CasePrice | null)[]>(READING, 'prices'),
  bench: call<BenchAsked, MeasuredRates>(COMPUTING, 'bench'),
  /** Tests a quick way to compute, and keeps what that gave. */
  speedTest: call<QuickWay, SpeedTest>(COMPUTING, 'bench'),
  adapters: call<void, WebGpuAnswer>(QUICK, 'own'),
  /** Answers `prompt`, or goes on with the conversation in `messages`; the models stay open for the next call. */
  generate: call<GenerateRequest, GenerateResult>(COMPUTING, 'models'),
  close: call<void, void>(QUICK, 'models'),
  blind: call<Round, { readonly pairs: readonly BlindRow[] }>(COMPUTING, 'models'),
  judge: call<JudgedRound, Judged>(QUICK, 'models'),
  eval: call<Given<EvalConfig>, EvalResult>(JOB, 'own'),
  assess: call<Given<AssessConfig>, AssessResult>(JOB, 'own'),
  export: call<Given<ExportConfig>, ExportResult>(JOB, 'own'),
  speed: call<Pick<RunConfig, 'executor' | 'device' | 'threads' | 'out'>, Speed>(COMPUTING, 'own'),
  askGguf: call<GgufQuestion, string>(COMPUTING, 'own'),
  endpoint: call<EndpointOptions, void>(JOB, 'serve'),
  documents: call<DocumentRowsOptions, RowsResult>(JOB, 'documents'),
  /** `keepsPart`: what was sorted so far is kept where it is ended. */
  classify: call<Given<ClassifyConfig, 'run'> & { readonly keepsPart?: boolean }, ClassifyResult>(
    JOB,
    'sort',
    {
      keepingMs: 20_000,
    },
  ),
  /** Trains a sorter, or keeps that of a run. */
  sorter: call<Given<SorterConfig, 'out'>, SorterResult>(JOB, 'sorter', { keepingMs: 20_000 }),
  merge: call<Given<MergeConfig>, MergeResult>(READING, 'own'),
  bundle: call<BundleOrder, BundleFacts>(JOB, 'own'),
} as const;

export type EngineCallName = keyof typeof ENGINE_CALLS;
type TypesOf<Name extends EngineCallName> = NonNullable<(typeof ENGINE_CALLS)[Name]['types']>;
export type InputOf<Name extends EngineCallName> = TypesOf<Name>['input'];
export type ResultOf<Name extends EngineCallName> = TypesOf<Name>['result'];

/** The row of a call. */
export const callOf = (name: EngineCallName): Call<unknown, unknown> => ENGINE_CALLS[name];

interface Undo {
  readonly file: string;
  readonly out: string;
  readonly overwrite?: boolean;
}

export interface BenchAsked {
  /** The one whose disk counts. */
  readonly folder: string;
  readonly device?: string;
}

interface Speed {
  readonly rate: number;
  readonly freeDisk: number;
}
