/** Data: looking at files, choosing what is what, the model's view of a row, the doctor, drafts, the plan. */
import { z } from 'zod';
import type {
  CurveResult,
  DataShowResult,
  DoctorReport,
  EditableRows,
  EditedRows,
  Estimate,
  Forgot,
  Learned,
  RawTable,
  RowPreview,
  RunPlan,
  Score,
} from '../protocol/protocol.ts';
import { GOALS } from '../settings/suits.ts';
import { api, filePath, filePaths, gives, id, type Problem, streams } from './base.ts';
import type { PlanEstimate, PlanFit, PlanMethod, PlannedMethod, Proposal } from './plan.ts';
import type { TargetEstimate } from './targets.ts';

/** How the rows are to be read: what `fettle train` calls --data, --map, --prompt-template, --system and --sheet. */
export const DataChoice = z.object({
  paths: filePaths,
  map: z.string().min(1).max(2000).optional(),
  promptTemplate: z.string().min(1).max(10_000).optional(),
  system: z.string().min(1).max(20_000).optional(),
  /** Left out: the likeliest. */
  sheet: z.string().min(1).max(200).optional(),
});
export type DataChoice = z.output<typeof DataChoice>;

/** New tokens of a run: a list of texts, or one text in which spaces part them, as a form has it. */
export const NewTokens = z.union([z.string(), z.array(z.string())]);
export type NewTokens = z.output<typeof NewTokens>;

/** A sample data set that comes with Fettle. */
export interface SampleSet {
  readonly name: string;
  readonly title: string;
  readonly goal: string;
  readonly rows: number | null;
  readonly path: string;
  /** Rows to measure on, written apart from the others. */
  readonly heldOut: string | null;
  readonly card: string;
  /** What models learned from it; none where nobody has measured it. */
  readonly results: readonly SampleResult[];
}

/** What a model learned from a sample by the app's own plan. */
export interface SampleResult {
  readonly sample: string;
  /** Its name, and that of its file. */
  readonly model: string;
  readonly file: string;
  /** The day (ISO 8601), the version and the commit. */
  readonly date: string;
  readonly version: string;
  readonly commit: string;
  readonly machine: Readonly<Record<string, string | number>>;
  /** What the plan chose, as flags. */
  readonly flags: string;
  /** Rows that it learned from; fewer than the sample has where time was short. */
  readonly rows: number;
  readonly score: Score;
  readonly before: Estimate;
  readonly learned: Learned;
  readonly forgot: Forgot;
  /** Of the general quiz. */
  readonly quiz: { readonly items: number; readonly before: Estimate; readonly after: Estimate } | null;
  /** Abilities that clearly fell. */
  readonly fell: readonly string[];
  /** Of training and of its comparison: by the clock, and of all its threads together. */
  readonly costs: Readonly<Record<'training' | 'comparison', TimeSpent>>;
  /** The first test rows that were asked. */
  readonly answers: readonly {
    readonly prompt: string;
    readonly wanted: string;
    readonly before: string;
    readonly after: string;
  }[];
}

interface TimeSpent {
  readonly seconds: number;
  readonly processorSeconds?: number;
  /** Programs that wanted to run, at start and end. */
  readonly load: readonly [number, number];
}

export interface DataLook extends DataShowResult {
  readonly raw: RawTable;
  /** The sheets with something in them where the first file is a workbook, and the one that is read; else null or missing. */
  readonly sheets?: {
    readonly all: readonly { readonly name: string; readonly rows: number }[];
    readonly read: string;
  } | null;
  /** Why no rows could be made of a table that can be read: it is not clear which columns are what. Else null or missing. */
  readonly problem?: Problem | null;
}

/** The rows of a run by what becomes of them, and the setting of `heldOut` that makes it so. */
export interface RowSplit {
  readonly heldOut: number;
  readonly training: number;
  readonly test: number;
}

export type DoctorProgress =
  | { readonly kind: 'progress'; readonly detail: string; readonly fraction: number | null }
  | { readonly kind: 'report'; readonly report: DoctorReport };

const goal = z.enum(GOALS);

/** What the wizard remembers between two visits. Everything may be missing: a draft is saved at each change. */
export const DraftContent = z.object({
  name: z.string().max(200).optional(),
  /** The step that is open. */
  step: z.enum(['computer', 'goal', 'model', 'data', 'plan', 'sorter']).optional(),
  computerSeen: z.boolean().optional(),
  goal: goal.optional(),
  modelId: id.optional(),
  data: DataChoice.optional(),
  evalPaths: filePaths.optional(),
  /** The file that the doctor's fixes made of the data, and the fixes. */
  mended: z.object({ out: filePath, fixes: z.array(z.string()) }).optional(),
  /** The copy in which the person edited rows, and what it is a copy of. */
  edited: z.object({ out: filePath, from: DataChoice }).optional(),
  prompts: z.array(z.string().max(4000)).max(3).optional(),
  /** What the person wishes of the run: the best that can be had, ready within some hours, or settings of their own. */
  wish: z.enum(['best', 'tonight', 'own']).optional(),
  wishHours: z.number().min(0.1).max(1000).optional(),
  /** Settings of the run that differ from the defaults, by the names of run.json. */
  settings: z.record(z.string(), z.unknown()).optional(),
  /** The run that this one repeats with a change. */
  from: id.optional(),
  /** The sorter that was trained on these rows in seconds, a run. */
  sorterId: id.optional(),
  /** Further columns of the table that the sorter fills. */
  sorterColumns: z.array(z.string().min(1).max(500)).max(20).optional(),
  /** A cell that could hold several categories holds one. */
  sorterSingle: z.boolean().optional(),
});
export type DraftContent = z.output<typeof DraftContent>;

export interface Draft {
  readonly id: string;
  readonly updated: string;
  readonly content: DraftContent;
}

/** What a run would do and take. */
export interface PlanFigures extends RunPlan {
  /** All figures with their ranges and parts; those below are its values. */
  readonly estimate: PlanEstimate;
  /** What must be free: weights, state, working room and the program itself. */
  readonly peakBytes: number;
  readonly freeBytes: number;
  /** The graphics card that computes, with what is free there; null or left out: the processor. */
  readonly card?: {
    readonly name: string;
    readonly freeBytes: number | null;
    /** Whether it takes from the computer's memory. */
    readonly isShared: boolean;
  } | null;
  readonly fit: PlanFit;
  /** Of the whole run; null before the speed is measured. */
  readonly seconds: number | null;
  readonly kwh: number | null;
  readonly cost: number | null;
  /** The same run on each other computer that was named. */
  readonly elsewhere: readonly TargetEstimate[];
  /** The complete configuration that was priced. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A run as it would be started: `config` holds settings by the names of run.json, without `out`. */
export const RunRequest = z.object({
  name: z.string().min(1).max(200),
  modelId: id,
  data: DataChoice,
  evalPaths: filePaths.optional(),
  prompts: z.array(z.string().max(4000)).max(3).default([]),
  settings: z.record(z.string(), z.unknown()).default({}),
  from: id.optional(),
});
export type RunRequest = z.output<typeof RunRequest>;

/** What settings are proposed for: a run with those that the person has set, and what they wish of it. */
export const ProposeRequest = RunRequest.pick({
  modelId: true,
  data: true,
  evalPaths: true,
  prompts: true,
  settings: true,
  from: true,
}).extend({
  goal: goal.optional(),
  wish: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('best') }),
      z.object({ kind: z.literal('tonight'), hours: z.number().min(0.1).max(1000) }),
    ])
    .default({ kind: 'best' }),
});
export type ProposeRequest = z.output<typeof ProposeRequest>;

/** The same for one method: the one that the person looks at. */
export const ChosenRequest = ProposeRequest.extend({
  method: z.enum(['full', 'lora', 'qlora']),
  /** Milliseconds after which settings that fit are told although better ones may fit; left out: the best are waited for. */
  soonMs: z.number().min(0).optional(),
});
export type ChosenRequest = z.output<typeof ChosenRequest>;

/** The first answer of a plan: what is proposed for one method, and what exactly that would take. */
export interface ChosenPlan {
  readonly method: PlanMethod;
  readonly planned: PlannedMethod;
  readonly figures: PlanFigures;
  /** Whether these are the best settings that fit. False only after `soonMs`: the same question without it goes on from there. */
  readonly isBest: boolean;
}

const MOST_EDITS = 10_000;
const turns = z
  .array(z.object({ role: z.string().max(40), content: z.string().max(100_000) }))
  .min(1)
  .max(1000);

/** What the doctor looks at. */
const Checked = z.object({
  data: DataChoice,
  evalPaths: filePaths.optional(),
  modelId: id.optional(),
  newTokens: NewTokens.optional(),
  maxLength: z.int().min(8).optional(),
});

export const data = {
  samples: api.output(gives<readonly SampleSet[]>()),
  look: api.input(DataChoice).output(gives<DataLook>()),
  /** What a run of so many rows holds out: with the person's setting, else with the one that its plan will have. */
  split: api
    .input(z.object({ rows: z.int().min(0), heldOut: z.number().optional(), from: id.optional() }))
    .output(gives<RowSplit>()),
  /** Rows as the model sees them, from the given one on (counted from 0). */
  preview: api
    .input(
      z.object({
        data: DataChoice,
        modelId: id,
        newTokens: NewTokens.optional(),
        maxLength: z.int().min(8).optional(),
        trainOn: z.enum(['answers', 'all']).optional(),
        thinking: z.enum(['train', 'keep', 'leave-out']).optional(),
        from: z.int().min(0).default(0),
        count: z.int().min(1).max(20).default(3),
      }),
    )
    .output(gives<readonly RowPreview[]>()),
  check: api.input(Checked).output(streams<DoctorProgress>()),
  /** What more rows would bring where they are sorted into categories; takes seconds. */
  more: api.input(z.object({ data: DataChoice })).output(gives<CurveResult>()),
  /** Makes fixes into a new file in the data folder; the original stays as it is. */
  fix: api.input(Checked.extend({ fixes: z.array(z.string().min(1)).min(1) })).output(gives<DoctorReport>()),
  /** Rows to edit, from the given one on; with the first ones comes how many there are. `like`: those alone that say the same as one of these. */
  rows: api
    .input(
      z.object({
        data: DataChoice,
        from: z.int().min(0),
        count: z.int().min(1).max(200),
        like: z
          .array(z.object({ text: z.string(), answer: z.string() }))
          .max(200)
          .optional(),
      }),
    )
    .output(gives<EditableRows>()),
  /** Writes a copy with rows changed, left out (null) or added; the data itself stays as it is. */
  edit: api
    .input(
      z.object({
        data: DataChoice,
        changes: z.array(z.object({ row: z.int().min(0), turns: turns.nullable() })).max(MOST_EDITS),
        added: z.array(z.object({ kind: z.enum(['chat', 'completion', 'text']), turns })).max(MOST_EDITS),
      }),
    )
    .output(gives<EditedRows>()),
};

export const drafts = {
  list: api.output(gives<readonly Draft[]>()),
  save: api.input(z.object({ id: id.optional(), content: DraftContent })).output(gives<Draft>()),
  discard: api.input(z.object({ id })).output(gives<void>()),
};

/** Null while none are read, or it is not known yet how long that takes. */
export type PlanReading = {
  readonly doing: string;
  readonly fraction: number;
  readonly secondsLeft: number;
} | null;

export const plan = {
  figures: api.input(RunRequest).output(gives<PlanFigures>()),
  /** Takes three real steps in a process of its own, and gives the figures with what they took. */
  probe: api.input(RunRequest).output(gives<PlanFigures>()),
  /** The first answer to a change: one method alone. The comparison is `propose`, which then asks for nothing twice. */
  chosen: api.input(ChosenRequest).output(gives<ChosenPlan>()),
  propose: api.input(ProposeRequest).output(gives<Proposal>()),
  /** How far the rows of a plan are read, which takes minutes for a million of them. */
  reading: api.output(streams<PlanReading>()),
};
