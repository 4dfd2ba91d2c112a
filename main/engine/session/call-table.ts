/**
 * What an engine process can be asked for besides training: input, result, patience, and where it runs. calls.ts has the work of each.
 * But for tables it imports types alone, so that the application reads it without loading the engine (docs/recipes/add-an-engine-call.md).
 */
import type {
  AssessResult,
  BundleFacts,
  CasePrice,
  ChatTurn,
  ClassifyResult,
  CurveResult,
  DataShowResult,
  DoctorReport,
  DoctorUndo,
  EditableAsked,
  EditableRows,
  EditedRows,
  EvalResult,
  ExportResult,
  GenerateResult,
  InspectResult,
  MeasuredRates,
  PriceCase,
  QuickWay,
  RowFacts,
  RowPreview,
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
  CurveConfig,
  DataConfig,
  DoctorConfig,
  EvalConfig,
  ExportConfig,
  RunConfig,
  SorterConfig,
} from '../config/config.ts';
import * as extras from '../extras/call-table.ts';
import type { BlindRow, Judged, JudgedRound, Round } from './assess.ts';
import type { BundleOrder } from './bundle.ts';
import {
  type At,
  type Call,
  COMPUTING,
  call,
  type Given,
  JOB,
  type Patience,
  QUICK,
  READING,
} from './call-row.ts';
import type { EditConfig, LookedAt, PromptsAsked } from './data.ts';
import type { GenerateRequest } from './open-models.ts';
import type { PreviewRequest } from './tokenized-rows.ts';

/** New tokens as a list, or as one text in which spaces part them. */
type WithTokens<Asked extends { readonly newTokens?: unknown }> = Omit<Asked, 'newTokens'> & {
  readonly newTokens?: string | readonly string[] | undefined;
};

export { type At, JOB, type Patience };

export const ENGINE_CALLS = {
  look: call<Given<DataConfig, 'data'>, LookedAt>(READING, 'reader'),
  preview: call<WithTokens<PreviewRequest>, readonly RowPreview[]>(READING, 'reader'),
  show: call<Given<DataConfig, 'data'>, DataShowResult>(READING, 'reader'),
  check: call<WithTokens<Given<DoctorConfig, 'data'>>, DoctorReport>(READING, 'models'),
  undo: call<Undo, DoctorUndo>(READING, 'own'),
  /** Rows as a person can edit them. */
  rows: call<EditableAsked & { readonly data: Given<DataConfig, 'data'> }, EditableRows>(READING, 'reader'),
  /** Writes a copy of the data with what was changed. */
  edit: call<EditConfig, EditedRows>(READING, 'models'),
  /** Prompts of files, each the messages that are to be answered. */
  prompts: call<PromptsAsked, readonly (readonly ChatTurn[])[]>(READING, 'reader'),
  /** How many of so many rows a run holds out for that setting. */
  split: call<readonly [rows: number, heldOut: number], number>(QUICK, 'whichever', { isQuick: true }),
  inspect: call<string, InspectResult>(QUICK, 'reader'),
  rounding: call<string, InspectResult>(COMPUTING, 'own'),
  plan: call<Given<RunConfig>, RunPlan>(READING, 'planner'),
  /** A plan of the training alone, without its comparison. */
  planTraining: call<Given<RunConfig>, RunPlan>(READING, 'planner'),
  /** The part of a plan that needs no graph. */
  planRows: call<Given<RunConfig>, RowFacts>(READING, 'planner'),
  /** The same by the beginning of large files, for rules that need no exact counts. */
  sampleRows: call<Given<RunConfig>, RowFacts>(READING, 'planner'),
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
  /** What more rows would bring to a sorter. */
  curve: call<Given<CurveConfig>, CurveResult>(JOB, 'sorter'),
  bundle: call<BundleOrder, BundleFacts>(JOB, 'own'),
  ...extras,
} as const;

export type EngineCallName = keyof typeof ENGINE_CALLS;
type TypesOf<Name extends EngineCallName> = NonNullable<(typeof ENGINE_CALLS)[Name]['types']>;
export type InputOf<Name extends EngineCallName> = TypesOf<Name>['input'];
export type ResultOf<Name extends EngineCallName> = TypesOf<Name>['result'];

/** The row of a call. */
export const callOf = (name: EngineCallName): Call<unknown, unknown> => ENGINE_CALLS[name];

/** Whether libraries of that call leave promises that nobody awaits. */
export const leavesStrays = (name: string | undefined): boolean =>
  name !== undefined &&
  Object.hasOwn(ENGINE_CALLS, name) &&
  callOf(name as EngineCallName).hasStrays === true;

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
