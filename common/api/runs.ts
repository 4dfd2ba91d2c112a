/** Runs: jobs that go on, the history of all, what each one showed, and what is made of it. */
import { z } from 'zod';
import type {
  AssessResult,
  BlindCounts,
  CheckpointEvent,
  ClassifyResult,
  DoneEvent,
  EngineEvent,
  EvalEvent,
  ExportResult,
  Forgot,
  Learned,
  Rival,
  RungNews,
  SampleEvent,
  Score,
  SorterResult,
  StartEvent,
} from '../protocol/protocol.ts';
import type { Curves } from '../step-figures.ts';
import { after, api, filePath, filePaths, gives, id, type Problem, streams, subject } from './base.ts';
import { DataChoice, type Draft, RunRequest } from './data.ts';

/** `stopped-early`: it has a result, though not all steps were taken. `stopped`: it has none. */
export type RunState =
  | 'waiting'
  | 'running'
  | 'paused'
  | 'done'
  | 'stopped-early'
  | 'stopped'
  | 'failed'
  | 'interrupted';
export type JobKind = 'train' | 'assess' | 'export';
export type JobState =
  | 'waiting'
  | 'scheduled'
  | 'starting'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'done'
  | 'failed';

/** A piece of work in the queue or going on. */
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  /** A training without steps, whose run is made of another one. */
  readonly isBlend?: true;
  readonly runId: string;
  readonly name: string;
  readonly state: JobState;
  /** When it is to begin (ISO 8601), where that was asked for. */
  readonly startAt: string | null;
  /** What the engine is busy with, in words; empty while it takes steps. */
  readonly doing: string;
  /** Of the whole job, 0 to 1; null where the end is not known. */
  readonly fraction: number | null;
  readonly step: number | null;
  readonly steps: number | null;
  readonly secondsLeft: number | null;
  /** A training whose steps are over and whose result is compared with the base model: that can be skipped. */
  readonly comparing?: true;
  readonly problem: Problem | null;
}

/** A row of the history. */
export interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  readonly model: string;
  readonly data: string;
  readonly method: string;
  readonly learned: Learned | null;
  readonly forgot: Forgot | null;
  /** The score of its verdict; null where nobody has measured it. */
  readonly score?: Score | null;
  /** A simpler way that does better. */
  readonly betterRival?: Rival | null;
  /** The best of the simpler ways; null where none was asked, as in runs of earlier versions. */
  readonly rival?: Rival | null;
  readonly bestLoss: number | null;
  readonly seconds: number | null;
  readonly created: string;
  readonly tags: readonly string[];
}

/** Everything that is known of a run and needed to repeat it. */
export interface RunDetails extends RunRow {
  readonly folder: string;
  readonly modelId: string | null;
  readonly notes: string;
  readonly prompts: readonly string[];
  /** The complete run.json. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly dataHash: string | null;
  readonly modelHash: string | null;
  readonly executor: string | null;
  readonly started: string | null;
  readonly ended: string | null;
  readonly step: number;
  readonly steps: number | null;
  /** The engine's own account of the start and of the end. */
  readonly start: StartEvent | null;
  readonly done: DoneEvent | null;
  readonly verdict: AssessResult['verdict'] | null;
  readonly problem: Problem | null;
  readonly checkpoints: readonly Omit<CheckpointEvent, 'event'>[];
  readonly exports: readonly ExportRow[];
  /** Bytes of the run's folder. */
  readonly bytes: number;
  /** The run that it repeats with a change. */
  readonly from: string | null;
  /** The other computer that trains it; null where this one does. */
  readonly target: string | null;
  /** Since when it is in the bin (ISO 8601); null: it is not. */
  readonly binned: string | null;
}

/** A run in the bin. Times are ISO 8601. */
export interface BinnedRun extends RunRow {
  readonly binned: string;
  /** When it is deleted for good. */
  readonly until: string;
  /** What deleting it for good frees. */
  readonly bytes: number;
}

export interface ExportRow {
  readonly id: string;
  readonly created: string;
  readonly result: ExportResult;
  /** Whether the files are still there. */
  readonly available: boolean;
}

/** Curves of a run, columns of equal length; thinned where a run has more points than were asked for. */
export interface RunCurves extends Curves<readonly number[]> {
  /** Points that were recorded in all. */
  readonly recorded: number;
  /** Number of the newest event of the run: what the curves hold, so that a page can go on after it. */
  readonly lastNumber?: number;
  readonly evals: readonly Omit<EvalEvent, 'event'>[];
}

/** What the model said to a prompt of the person at an evaluation. */
export type RunSample = Omit<SampleEvent, 'event'>;

/** An event of a run with its number in that run, counted from 1. */
export interface NumberedEvent {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: EngineEvent;
}

/** Clearly better than every simpler way, no better than one, or not compared with any. */
export const RIVALRIES = ['better', 'no-better', 'unmeasured'] as const;
export type Rivalry = (typeof RIVALRIES)[number];

export const RunFilter = z.object({
  search: z.string().max(500).optional(),
  states: z.array(z.string()).optional(),
  model: z.string().optional(),
  method: z.string().optional(),
  learned: z.string().optional(),
  tag: z.string().optional(),
  /** By how a run compares with the best of the simpler ways on its test rows. */
  rivals: z.enum(RIVALRIES).optional(),
  sort: z
    .enum(['created', 'name', 'model', 'method', 'score', 'bestLoss', 'seconds', 'state'])
    .default('created'),
  descending: z.boolean().default(true),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(1000).default(100),
});
export type RunFilter = z.output<typeof RunFilter>;

export interface RunComparison {
  readonly runs: readonly RunRow[];
  /** Settings that differ, a value for each run, in words. */
  readonly differences: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Whether they were measured on different rows. */
  readonly testRowsDiffer: boolean;
  readonly curves: readonly RunCurves[];
  /** The same prompts to several runs, their answers in the order of the runs. */
  readonly samples: readonly { readonly prompt: string; readonly answers: readonly (string | null)[] }[];
}

export interface BlindRound {
  readonly id: string;
  readonly pairs: readonly {
    /** Its number among the answered rows of the assessment. */
    readonly row: number;
    readonly prompt: string;
    readonly first: string;
    readonly second: string;
  }[];
}

export interface BlindResult extends BlindCounts {
  /** For each judged pair, which of the two was the trained model's. */
  readonly trained: readonly ('first' | 'second')[];
}

export type ClassifyNews =
  | { readonly kind: 'progress'; readonly doing: string; readonly fraction: number | null }
  | { readonly kind: 'result'; readonly result: ClassifyResult };

/** What comes of a sorter while it is trained. */
export type SorterNews =
  | { readonly kind: 'progress'; readonly doing: string; readonly fraction: number | null }
  | ({ readonly kind: 'rung' } & RungNews)
  | { readonly kind: 'result'; readonly runId: string; readonly result: SorterResult };

const BlindChoice = z.enum(['first', 'second', 'equal', 'bad']);
export type BlindChoice = z.infer<typeof BlindChoice>;

const ids = z.array(id).min(1).max(100_000);

export const jobs = {
  /** All that wait or go on, and those that ended since the host was started; sent again at each change. */
  watch: api.output(streams<readonly Job[]>()),
  train: api
    .input(
      z.object({
        request: RunRequest,
        startAt: z.iso.datetime().optional(),
        draftId: id.optional(),
        /** The target that trains; `sendModel`: with the model's files from here, also where it could download them. */
        target: z.object({ name: z.string().max(40), sendModel: z.boolean().default(false) }).optional(),
      }),
    )
    .output(gives<Job>()),
  /** A training of the practice model on its sample, with settings that make it learn. */
  firstRun: api.output(gives<Job>()),
  /** `thorough`: asks everything; as the run has it where it is left out. */
  assess: api.input(z.object({ runId: id, thorough: z.boolean().optional() })).output(gives<Job>()),
  export: api
    .input(
      z.object({
        runId: id,
        as: z.enum(['peft', 'safetensors', 'gguf', 'onnx', 'json']),
        type: z.string().optional(),
        adapterOnly: z.boolean().default(false),
        /** Of the model and of its file or folder; made of the run's name where it is left out. */
        name: z.string().min(1).max(80).optional(),
        /** A place in the run's folder where it is left out. */
        out: filePath.optional(),
      }),
    )
    .output(gives<Job>()),
  /** Finishes the step, saves everything and ends the process, so that the memory is free. */
  pause: api.input(z.object({ id })).output(gives<void>()),
  resume: api.input(z.object({ id })).output(gives<Job>()),
  /** A training that has no job any more (paused, interrupted, stopped) goes on as a new job. */
  resumeRun: api.input(z.object({ runId: id })).output(gives<Job>()),
  /** Ends a training now and keeps the best weights as its result; the run is assessed. */
  finish: api.input(z.object({ id })).output(gives<void>()),
  /** Ends the comparison after a training, whose result is written; it can be made later by `assess`. */
  skip: api.input(z.object({ id })).output(gives<void>()),
  /** Ends it and keeps no result; checkpoints stay. Where a training only compares, that is skipped. */
  cancel: api.input(z.object({ id })).output(gives<void>()),
  reorder: api.input(z.object({ ids })).output(gives<void>()),
  schedule: api.input(z.object({ id, startAt: z.iso.datetime().nullable() })).output(gives<void>()),
};

export const runs = {
  list: api.input(RunFilter).output(gives<{ readonly total: number; readonly rows: readonly RunRow[] }>()),
  get: api.input(z.object({ id })).output(gives<RunDetails>()),
  curves: api
    .input(z.object({ id, points: z.int().min(10).max(100_000).default(1000) }))
    .output(gives<RunCurves>()),
  samples: api.input(z.object({ id })).output(gives<readonly RunSample[]>()),
  log: api
    .input(z.object({ id, offset: z.int().min(0).default(0), limit: z.int().min(1).max(5000).default(500) }))
    .output(gives<{ readonly total: number; readonly lines: readonly string[] }>()),
  /** The events of a run that have a number above `after`, and then those that come; ends with the run. */
  events: api.input(z.object({ id, after })).output(streams<NumberedEvent>()),
  assessment: api.input(z.object({ id })).output(gives<AssessResult | null>()),
  update: api
    .input(
      z.object({
        id,
        name: z.string().min(1).max(200).optional(),
        notes: z.string().max(100_000).optional(),
        tags: z.array(z.string().min(1).max(60)).max(50).optional(),
      }),
    )
    .output(gives<RunDetails>()),
  /** What deleting would free. */
  weigh: api.input(z.object({ ids })).output(gives<{ readonly bytes: number; readonly files: number }>()),
  /** Puts runs into the bin, where they stay for `days`; `bytes`: what deleting them for good frees. */
  delete: api.input(z.object({ ids })).output(gives<{ readonly bytes: number; readonly days: number }>()),
  /** Takes runs out of the bin. */
  restore: api.input(z.object({ ids })).output(gives<void>()),
  /** What is in the bin, the latest first; `bytes`: what emptying it frees. */
  bin: api.output(
    gives<{ readonly runs: readonly BinnedRun[]; readonly bytes: number; readonly days: number }>(),
  ),
  /** Deletes runs in the bin for good. */
  purge: api.input(z.object({ ids })).output(gives<{ readonly freedBytes: number }>()),
  compare: api.input(z.object({ ids: z.array(id).min(2).max(8) })).output(gives<RunComparison>()),
  /** A draft with the settings of a run, for a change; a remedy's settings on top where one is named. */
  duplicate: api.input(z.object({ id, remedy: z.string().optional() })).output(gives<Draft>()),
  /** The HTML report of a run, as a text. */
  report: api.input(z.object({ id })).output(gives<{ readonly path: string; readonly html: string }>()),
  /** Writes the report as PDF; only where `HostInfo.dialogs`, since a browser prints it itself. */
  pdf: api.input(z.object({ id, out: filePath })).output(gives<{ readonly path: string }>()),
  bundle: api
    .input(z.object({ id, out: filePath }))
    .output(gives<{ readonly path: string; readonly bytes: number }>()),
  blind: api
    .input(
      z.object({
        id,
        pairs: z.int().min(1).max(100).default(10),
        /** Rows whose answers the person has seen with their labels. */
        shown: z.array(z.int().min(0)).max(100_000).default([]),
      }),
    )
    .output(gives<BlindRound>()),
  /** Sorts the rows of `paths` into the run's categories, or measures the categories alone; the last news is the result. */
  classify: api
    .input(
      z.object({
        runId: id,
        paths: filePaths.optional(),
        askBelow: z.number().min(0).max(1).optional(),
        /** Whether a sorter by vectors says which words decided, which takes a second a row. */
        words: z.boolean().optional(),
      }),
    )
    .output(streams<ClassifyNews>()),
  /**
   * Keeps a sorter that was measured beside a run as a run of its own, once for each comparison; of a sorter the way `rung` that was tried
   * and is not the best.
   */
  keepSorter: api
    .input(
      z.object({ id, by: z.enum(['words', 'vectors']).default('words'), rung: z.int().min(0).optional() }),
    )
    .output(gives<{ readonly runId: string }>()),
  /**
   * Trains a sorter on rows: word counts first, then sentence vectors of each encoder on this computer while that is worth its time. Tells
   * each way that was tried; the last news is the result, the best of them as a run.
   */
  trainSorter: api
    .input(
      z.object({
        name: z.string().min(1).max(200),
        data: DataChoice,
        evalPaths: filePaths.optional(),
        heldOut: z.number().min(0).optional(),
        /** The columns to fill, as `fettle sorter --answer` takes them; left out, the one that is found. */
        answer: z.array(z.string().min(1).max(500)).min(1).max(50).optional(),
        /** What it sorts by; left out, what does better. */
        by: z.enum(['best', 'words', 'vectors']).optional(),
        /** Folders of encoders; left out, those on this computer. */
        encoders: filePaths.optional(),
        /** By which `finishSorter` names it. */
        key: z.string().min(1).max(100).optional(),
      }),
    )
    .output(streams<SorterNews>()),
  /** Keeps the best sorter so far and tries no further way; `trainSorter` then gives its result. */
  finishSorter: api.input(z.object({ key: z.string().min(1).max(100) })).output(gives<void>()),
  judge: api
    .input(z.object({ round: id, choices: z.array(BlindChoice).min(1) }))
    .output(gives<BlindResult>()),
};

/** A piece of an answer; the last one has `done`. */
export interface ChatPiece {
  readonly from: 'before' | 'after';
  readonly text: string;
  readonly done: {
    readonly newTokens: number;
    readonly tokensPerSecond: number;
    readonly stopReason: string;
  } | null;
}

const messages = z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }));

export const chat = {
  /**
   * Asks the base model and the trained model of a run, or one of them; both get the whole conversation so far, each its own. Of a
   * model that is here, which has only a `before`, its id comes instead.
   */
  ask: api
    .input(
      z.object({
        of: subject,
        which: z
          .array(z.enum(['before', 'after']))
          .min(1)
          .max(2),
        messages: z.object({ before: messages, after: messages }),
        maxNewTokens: z.int().min(1).max(8192).default(256),
        temperature: z.number().min(0).max(10).default(0),
      }),
    )
    .output(streams<ChatPiece>()),
  /** Gives the memory of the models back. */
  close: api.output(gives<void>()),
};

/** A model that other programs on this computer can ask, through OpenAI's API or Ollama's. */
export interface Serving {
  /** The id of the run, or of the model that is here. */
  readonly of: string;
  /** What programs call it. */
  readonly name: string;
  /** Where they find it; null while it is prepared. */
  readonly address: string | null;
  readonly key: string;
  /** What is being done until it is ready. */
  readonly doing: string;
  /** Answered so far. */
  readonly requests: number;
  /** Why it ended by itself. */
  readonly problem: Problem | null;
}

export const endpoint = {
  /** The one that is served, null for none, and again at each change. */
  now: api.output(streams<Serving | null>()),
  /** Serves this one instead of another. */
  start: api.input(z.object({ of: subject })).output(gives<void>()),
  stop: api.output(gives<void>()),
};
