/** The lessons: their calculators, and the experiment with the practice model. Bytes, seconds, floating point operations. */
import { z } from 'zod';
import { api, gives } from '../../api/base.ts';
import type { Accelerator, AcceleratorTime, TextbookPart } from '../../api/plan.ts';
import type { Job, RunRow } from '../../api/runs.ts';
import type { AbilityScore, Estimate } from '../../protocol/protocol.ts';
import type { Course } from './course.ts';
import { CourseStep, JudgeQuestion, SheetPdf } from './course-calls.ts';

const count = (max: number) => z.int().min(1).max(max);

/** What the memory of a training depends on; every field has the value of the textbook case. */
export const MemoryQuestion = z.object({
  /** A model of the catalog, `owner/name`: its size and shape win over `parameters`. */
  repo: z.string().min(3).max(200).optional(),
  parameters: z.number().min(1e5).max(1e14).default(7e9),
  /** Of the weights. */
  format: z.enum(['fp32', 'fp16', 'bf16', 'int8', 'int4']).default('fp16'),
  method: z.enum(['full', 'lora', 'qlora']).default('full'),
  optimizer: z.enum(['adamw', 'adamw-8bit', 'sgd-momentum', 'sgd']).default('adamw'),
  /** Mixed precision: a second copy of the weights in FP32 is what the optimizer changes. */
  masterWeights: z.boolean().default(false),
  rank: count(4096).default(16),
  targets: z.enum(['all', 'attention', 'query-value']).default('all'),
  /** Rows that go through the model at once; 0 leaves the activations out. */
  batch: z.int().min(0).max(65_536).default(0),
  /** Tokens of a row. */
  length: count(1_048_576).default(1024),
  /** Which activations are recomputed instead of kept. */
  recompute: z.enum(['none', 'selective', 'full']).default('none'),
});
export type MemoryQuestion = z.output<typeof MemoryQuestion>;

/** The textbook's answer; the parts sum up to the total. */
export interface MemoryAnswer {
  readonly parameters: number;
  readonly trainedParameters: number;
  /** Of which model the number of layers and their width are. */
  readonly shapeOf: string;
  readonly layers: number;
  readonly width: number;
  readonly parts: readonly { readonly part: TextbookPart; readonly bytes: number }[];
  readonly totalBytes: number;
  /** Without activations, for each parameter of the model. */
  readonly bytesPerParameter: number;
}

/**
 * What a run of Fettle cannot have as the textbook's question has it, so that it was priced with this: AdamW instead of SGD, numbers of
 * four bytes instead of two, rows that the model reads at once instead of longer ones.
 */
export type Otherwise = 'adamw' | 'fp32-weights' | 'fp32-gradients' | 'fp32-moments' | 'shorter-rows';

/** What Fettle's own graph says for the same model, or for one of about that size, from the same computation as the plan of a run. */
export interface GraphMemory {
  readonly model: string;
  readonly parameters: number;
  /** Packed rows of a micro-batch and tokens of each, as the planner would choose them. */
  readonly rows: number;
  readonly rowLength: number;
  readonly trainableParameters: number;
  readonly weightBytes: number;
  /** What is trained, with gradients and the optimizer's two values. */
  readonly stateBytes: number;
  readonly workingBytes: number;
  readonly programBytes: number;
  readonly totalBytes: number;
  /** What was priced otherwise than it was asked. */
  readonly otherwise: readonly Otherwise[];
}

/** Why there is no graph beside the textbook: not asked for or no model of that size, or not known. */
export type NoGraph = 'not-asked' | 'not-here';

export interface MemoryLesson {
  readonly textbook: MemoryAnswer;
  readonly graph: GraphMemory | null;
  readonly noGraph: NoGraph | null;
}

export const TimeQuestion = z.object({
  repo: z.string().min(3).max(200).optional(),
  parameters: z.number().min(1e5).max(1e14).default(7e9),
  method: z.enum(['full', 'lora', 'qlora']).default('full'),
  rank: count(4096).default(16),
  targets: z.enum(['all', 'attention', 'query-value']).default('all'),
  rows: count(1e9).default(10_000),
  tokensPerRow: count(1_048_576).default(500),
  epochs: z.number().min(0.001).max(10_000).default(3),
  /** Share of the published peak that a training reaches. */
  utilisation: z.number().min(0.01).max(1).default(0.4),
  /** Whether the forward pass is computed twice to save memory. */
  recompute: z.boolean().default(false),
  /** Prices an hour that the person has set, by the id of the graphics card. */
  prices: z.record(z.string().max(40), z.number().min(0).max(10_000)).default({}),
  /** Power of this computer and price of a kWh, in its currency; those of the settings where they are left out. */
  watts: z.number().min(1).max(10_000).optional(),
  pricePerKwh: z.number().min(0).max(100).optional(),
});
export type TimeQuestion = z.output<typeof TimeQuestion>;

/** The training on this computer, by its measured speed; what is not known is null. */
export interface TimeHere {
  readonly processor: string;
  readonly flops: number;
  readonly seconds: number;
  readonly kwh: number | null;
  readonly cost: number | null;
  readonly currency: string;
  /** All of its memory, and the textbook's memory for one row at a time in FP32, in which it computes. */
  readonly memoryBytes: number;
  readonly neededBytes: number;
  readonly fits: boolean;
}

export interface TimeAnswer {
  readonly parameters: number;
  readonly adapterParameters: number;
  readonly tokens: number;
  /** Operations for each token: reading it, finding out how each value and each weight has to change, computing again. */
  readonly perToken: {
    readonly forward: number;
    readonly valueGradients: number;
    readonly weightGradients: number;
    readonly recompute: number;
  };
  readonly flops: number;
  /** Memory that was compared with that of the cards: in 16 bits. */
  readonly neededBytes: number;
  readonly machines: readonly AcceleratorTime[];
  readonly currency: string;
  /** Month in which the prices were written down (YYYY-MM). They are assumptions. */
  readonly pricesFrom: string;
}

export interface TimeLesson extends TimeAnswer {
  readonly here: TimeHere | null;
}

/** Large models on several cards; every field has a value to begin with. */
export const ClusterQuestion = z.object({
  method: z.enum(['full', 'lora', 'qlora']).default('full'),
  /** The id of a card; the first of the answer's where it is not known. */
  card: z.string().max(40).default(''),
  leastCards: count(100_000).default(1),
  rows: count(1e9).default(10_000),
  tokensPerRow: count(1_048_576).default(500),
  epochs: z.number().min(0.001).max(10_000).default(3),
  /** Rows that a card computes at once. */
  rowsPerCard: count(4096).default(4),
  recompute: z.boolean().default(true),
  /** Share of the published peak that a training reaches. */
  utilisation: z.number().min(0.01).max(1).default(0.4),
  /** Share of a card's memory that stays free, for buffers and what lies between blocks. */
  reserve: z.number().min(0).max(0.9).default(0.1),
  /** Between computers of eight cards, bytes a second for each card: 200 Gbit/s. */
  networkBandwidth: z.number().min(1e6).max(1e13).default(25e9),
  pricePerHour: z.number().min(0).max(10_000).optional(),
  watts: z.number().min(1).max(10_000).optional(),
  /** What the room draws for each watt of a card. */
  surroundings: z.number().min(1).max(5).default(1.1),
  /** Experiments of a series. */
  experiments: count(10_000).default(10),
});
export type ClusterQuestion = z.output<typeof ClusterQuestion>;
export type ClusterMethod = ClusterQuestion['method'];

/** A card that people rent. Bytes and bytes a second, watts; the price is an assumption. */
export interface RentedCard extends Accelerator {
  readonly linkBandwidth: number;
  readonly pricePerHour: number;
  readonly watts: number;
}

/** A model on as many cards as its training takes. */
export interface ClusterModel {
  readonly name: string;
  readonly parameters: number;
  readonly trained: number;
  /** Weights, gradients, copies and moments of all cards together, and their sum. */
  readonly parts: MemoryAnswer['parts'];
  readonly stateBytes: number;
  /** On each card: of its rows, and two layers' weights while others hold them. */
  readonly activationBytes: number;
  readonly layerBytes: number;
  /** Null, and no figures, where not even the rows of a card find room on it. */
  readonly cards: number | null;
  readonly figures: {
    readonly bytesOfACard: number;
    readonly operations: number;
    readonly steps: number;
    /** Of a step: computing, and what a card receives from others at the speed of the slowest link. The longer counts. */
    readonly computeSeconds: number;
    readonly trafficBytes: number;
    readonly link: number;
    readonly trafficSeconds: number;
    readonly seconds: number;
    readonly cardHours: number;
    readonly cost: number;
    readonly kwh: number;
  } | null;
}

export interface ClusterAnswer {
  /** With what was left out filled in. */
  readonly question: ClusterQuestion & { readonly pricePerHour: number; readonly watts: number };
  readonly card: RentedCard;
  readonly cards: readonly RentedCard[];
  readonly models: readonly ClusterModel[];
  readonly currency: string;
  readonly pricesFrom: string;
}

export interface AdapterSize {
  readonly matrix: number;
  readonly adapter: number;
}

const LessonVariant = z.enum([
  'too-hard',
  'lora',
  'replay',
  'lower-rate',
  'rows-100',
  'rows-30',
  'one-topic',
]);
export type LessonVariant = z.output<typeof LessonVariant>;

/** One of the trainings of the experiment on forgetting, and what the newest run of it came to. */
export interface LessonRun {
  readonly variant: LessonVariant;
  /** Trained too hard, with something against that, or on less data than the remedy with the lower rate. */
  readonly part: 'hard' | 'remedy' | 'data';
  readonly settings: {
    readonly method: 'full' | 'lora';
    readonly learningRate: number;
    readonly epochs: number;
    readonly replay: number;
    /** Rows to learn from, and how many of the shop's desks they are for. */
    readonly rows: number;
    readonly topics: number;
  };
  readonly run: RunRow | null;
  /** From the run's assessment; null until there is one. Shares from 0 to 1. */
  readonly result: {
    readonly quizItems: number;
    readonly quizBefore: number;
    readonly quizAfter: number;
    /** Of the task: held-out rows answered right. */
    readonly taskBefore: number;
    readonly taskAfter: number;
    readonly taskRows: number;
    /** By ability; none in older runs. */
    readonly abilities: readonly Pick<AbilityScore, 'name' | 'before' | 'after'>[];
    readonly broke: { readonly question: string; readonly before: string; readonly after: string } | null;
  } | null;
}

export const learn = {
  /** The memory of a training by the textbook; with `graph`, also what Fettle's own graph says. */
  memory: api
    .input(MemoryQuestion.extend({ graph: z.boolean().default(false) }))
    .output(gives<MemoryLesson>()),
  time: api.input(TimeQuestion).output(gives<TimeLesson>()),
  /** Large models on several cards. */
  cluster: api.input(ClusterQuestion).output(gives<ClusterAnswer>()),
  /** Weights of a matrix and of its adapter. */
  adapter: api
    .input(z.object({ inputs: count(1e6), outputs: count(1e6), rank: count(4096) }))
    .output(gives<AdapterSize>()),
  /** The experiment on forgetting, as far as it was made. */
  lesson: api.output(gives<readonly LessonRun[]>()),
  /** Puts trainings of the experiment into the queue; they are ordinary runs with the tag "lesson". */
  startLesson: api
    .input(z.object({ variants: z.array(LessonVariant).min(1).max(LessonVariant.options.length) }))
    .output(gives<readonly Job[]>()),
  /** The course: what a person has done of it, and the figures of its lessons. */
  course: api.output(gives<Course>()),
  courseStep: api.input(CourseStep).output(gives<Course>()),
  /** Forgets what was done of the course; the experiment's runs stay. */
  restartCourse: api.output(gives<Course>()),
  /** Within which rates luck leaves so many right rows. */
  judge: api.input(JudgeQuestion).output(gives<Estimate>()),
  /** Writes a sheet as PDF; only where `HostInfo.dialogs`, since a browser prints it itself. */
  sheetPdf: api.input(SheetPdf).output(gives<{ readonly path: string }>()),
};
