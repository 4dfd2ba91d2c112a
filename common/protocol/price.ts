/** What a run will do and take, as it is computed from its rows and from its graphs. */
import type { TaskKind } from './assess.ts';

/** A matrix product [batch, rows, inner] x [batch, inner, columns]. */
export interface Product {
  /** How many at once (attention's heads); 1: a single one. */
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** The operand that lies transposed in memory, as in the backward pass and in attention; neither where it is left out. */
  readonly transposed?: 'first' | 'second';
  /** In what it is computed; float32 where it is left out. */
  readonly type?: ProductType;
}

/** Products of float32 numbers, or with a weight of 8 or 4 bits. */
export type ProductType = 'float32' | 'int8' | 'int4';

/** What one run of a graph does. */
export interface Work {
  readonly products: readonly (Product & { readonly count: number })[];
  /**
   * Bytes read and written by all else, by the size of the results (a power of two). Strided: what goes through its operand in
   * steps or row by row, such as a transposition, which is slower for each byte.
   */
  readonly moved: readonly {
    readonly operandBytes: number;
    readonly bytes: number;
    readonly strided?: true;
  }[];
  /** Results of exponentials and their like. */
  readonly exponentials: number;
  readonly nodes: number;
  /** Bytes of the results that are handed over or need new memory, and how many programs run for it; missing in older prices. */
  readonly outputBytes?: number;
  readonly runs?: number;
}

/** What a run holds in memory besides the program and the frozen weights, in bytes. */
export interface StepMemory {
  /** Trained values, those of their gradients that exist at once, and what the optimizer keeps of them. */
  readonly trainedBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  /** On a device: new values of what is updated at once, which an update has beside the old ones, as it has moments. Missing in old prices. */
  readonly updateBytes?: number;
  /** Values of a step that are alive at its peak: of the layers, and of the head and its loss. */
  readonly activationBytes: number;
  readonly logitBytes: number;
  /** What the allocator holds beyond them, and the compiled graphs. */
  readonly heapBytes: number;
  readonly sessionBytes: number;
  /** What a large tokenizer takes beyond a usual one, which the program's share has; older prices lack it. */
  readonly tokenizerBytes?: number;
  /** How often the frozen weights are mapped: by training, by evaluation, by the samples. They exist once, but on a graphics card. */
  readonly mappings: number;
}

export interface Checkpoints {
  readonly bytes: number;
  /** null: not by steps. */
  readonly everySteps: number | null;
  /** 0: not by time. */
  readonly everyMinutes: number;
}

/** What a run has to do. */
export interface StepWork {
  /** A micro-batch; the update of all trained values; a batch of held-out rows. */
  readonly gradient: Work;
  readonly update: Work;
  readonly updateRuns: number;
  /** Weights that an update changes. Older prices lack it: there all weights have gradients at once, whose size says it. */
  readonly updatedWeights?: number;
  /** How many times as long an update takes as a plain one of AdamW; 1 where it is left out. */
  readonly updateFactor?: number;
  readonly evaluation: Work | null;
  /** Micro-batches of a step. */
  readonly batchesPerStep: number;
  readonly evaluationBatches: number;
  readonly evaluations: number;
  /** Whether training and evaluation take turns on the device (exec/executor.ts): each is compiled again for its turn. */
  readonly takesTurns?: true;
  /** Tokens of a batch of held-out rows. */
  readonly evaluationTokens: number;
  /** Tokens that the assessment at the end reads, or the like of it, at least and at most. */
  readonly assessmentTokens: readonly [least: number, most: number] | null;
  /** Share of the training's time after which it asks no more; null: it asks all. 1 in older prices. */
  readonly assessmentShare?: number | null;
  /** Bytes that the run writes: its last checkpoint, the best weights, the result. */
  readonly writtenBytes: number;
  /** Bytes of a checkpoint, and how often there is one besides the last; missing in older prices. */
  readonly checkpoints?: Checkpoints;
  /** What frozen layers compute once and the run keeps, where it does: `gradient` and `evaluation` are without it. */
  readonly frozen?: {
    readonly training: Work;
    readonly evaluation: Work | null;
    /** How often the first is done; the other once for each batch of held-out rows. */
    readonly batches: number;
    /** What is kept on the disk. */
    readonly bytes: number;
  };
  /** Answers to the person's own prompts; missing where there are none. */
  readonly samples?: {
    /** Of all rounds, in tokens of a prompt or what costs as much. */
    readonly tokens: number;
    /** Of a micro-batch: what a token costs where no rows are held out. */
    readonly microBatchTokens: number;
  };
}

/** What of a run is priced: all of it, or the training without its evaluations, which is told sooner and needs no more memory than all. */
export type PricedPart = 'all' | 'training';

/** What the textbook reckons the memory of the same training from. */
export interface TextbookFacts {
  readonly method: 'full' | 'lora' | 'qlora';
  /** Of quantised weights; left out where there are none. */
  readonly bits?: 4 | 8;
  readonly parameters: number;
  readonly trained: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Tokens that the model knows; missing in old prices. */
  readonly vocabulary?: number;
  /** Tokens of a packed row. */
  readonly rowLength: number;
  readonly optimizer: 'adamw' | 'adamw-8bit';
  readonly recompute: 'none' | 'attention' | 'third' | 'half' | 'block';
}

/** What a run writes once into the cache before it begins, where the files of its model cannot be mapped as they are. */
export interface Preparation {
  /** Weights that are read and written as they are or in another width, that are quantised to even steps, and to NF4. */
  readonly convertedWeights: number;
  readonly integerWeights: number;
  readonly nf4Weights: number;
  /** Bytes of the new file, those that are free on its disk (null: not known), and where it will lie. */
  readonly writtenBytes: number;
  readonly freeBytes: number | null;
  readonly folder: string;
}

/** A graphics card that an executor has opened. Bytes. */
export interface PricedCard {
  readonly name: string;
  readonly freeBytes: number;
  /** Whether it takes from the processor's memory. */
  readonly isShared: boolean;
}

/** What a run holds and does, from its graphs alone. */
export interface RunPrice {
  readonly executor: string;
  /** `cpu` where it is missing, as in older runs. */
  readonly device?: string;
  /** The graphics card, where the executor has found it by itself and keeps weights and values there. */
  readonly foundCard?: PricedCard;
  /** Whether what is trained stays on that card; in prices without a `foundCard` WebGPU's does. */
  readonly stateOnCard?: boolean;
  readonly threads: number;
  /** Frozen weights in float32, mapped from their files. */
  readonly weightBytes: number;
  readonly memory: StepMemory;
  readonly work: StepWork;
  readonly steps: number;
  /** Of a look at learning rates before them; missing where there is none. */
  readonly lookSteps?: number;
  /** Missing in older prices. */
  readonly textbook?: TextbookFacts;
  /** Missing or null where nothing is to be prepared. Of a model that is not here yet it is what its files will need. */
  readonly preparation?: Preparation | null;
  /** What the general answers cost that the model is asked for before training, in tokens of a prompt; missing where none are. */
  readonly generalTokens?: number;
}

/** A run whose rows are not there: a model, the settings that matter, and rows that are all alike. */
export interface PriceCase {
  /** The contents of a config.json, or where a model lies on this computer; of that only the headers are read. */
  readonly model: { readonly config: Readonly<Record<string, unknown>> } | { readonly path: string };
  /** Of a run, by the names of its configuration; the rest as a run has it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** So many rows of that many tokens each, of which the loss counts some. */
  readonly rows: { readonly count: number; readonly tokens: number; readonly labelled: number };
  /** All where it is left out. */
  readonly part?: PricedPart;
}

/** The price of such a run. */
export interface CasePrice extends RunPrice {
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Packed rows of a micro-batch, and tokens of each. */
  readonly rowsPerBatch: number;
  readonly rowLength: number;
  /** Of the model, as of `RowFacts`. */
  readonly contextLength: number;
  readonly isHalved: boolean;
  readonly isWhole: boolean;
}

/** The rows of a run, before anything is priced. */
export interface RowFacts {
  /** Weights of the model. */
  readonly parameters: number;
  /** Of the model, such as `llama`. */
  readonly family?: string;
  /** What the rows teach, as their answers show. */
  readonly task: TaskKind;
  readonly rows: number;
  readonly heldOutRows: number;
  /** Tokens of an epoch, and those of them that the loss counts. */
  readonly tokens: number;
  readonly labelledTokens: number;
  /** Tokens that the model reads at once. */
  readonly contextLength?: number;
  /** Whether the model's files hold most of its weights in 16 bits. */
  readonly isHalved?: boolean;
  /** Whether they hold most of them as they were trained, in 16 or 32 bits, and not quantised. */
  readonly isWhole?: boolean;
  /** How long the rows are before they are cut; null or missing where that was not counted. */
  readonly lengths?: LengthProfile | null;
  /** What the limit on their length takes from the rows, to the last token. */
  readonly cut?: RowsCut;
  readonly leftOut?: RowsLeftOut;
}

/** Rows of the data that are neither trained on nor held out, by why. */
export interface RowsLeftOut {
  readonly unreadable: number;
  /** All that they teach lies beyond the limit on their length. */
  readonly tooLong: number;
  /** They teach nothing, such as rows without an answer. */
  readonly empty: number;
}

/** What a limit takes from rows; running text is divided and loses nothing. Shares are from 0 to 1, of all tokens and of those that the loss counts. */
export interface RowsCut {
  readonly maxLength: number;
  /** Rows that end at the limit, and those that are left out because all that they teach lies beyond it. */
  readonly truncatedRows: number;
  readonly lostRows: number;
  readonly tokensLost: number;
  readonly labelledLost: number;
}

/** What a run will do and take, before it begins: computed from its rows and from the graph that will run. */
export interface RunPlan extends RunPrice, RowFacts {
  readonly trainableParameters: number;
  /** Packed rows of a micro-batch, and tokens of each. */
  readonly rowsPerBatch: number;
  readonly rowLength: number;
  /** Bytes of what is trained with its optimizer, and of the values of a step at their peak. */
  readonly stateBytes: number;
  readonly workingBytes: number;
  /** Floating point operations of one micro-batch. */
  readonly flopsPerBatch: number;
  /** What to say where it asks for more threads than there are cores. */
  readonly threadsWarning?: string;
  /** What to say where there are too few test rows for a verdict that can be relied on. */
  readonly testRowsWarning?: string;
}

/**
 * How long the rows are that are cut at a limit, by bins of `binTokens`: enough to tell exactly what a limit that is a multiple
 * of it would cut off. Running text is divided and loses nothing, so it is counted apart.
 */
export interface LengthProfile {
  readonly binTokens: number;
  /** Rows by the bin of their last token. */
  readonly rows: readonly number[];
  /** Tokens of all rows by the bin that they stand in, and those of them that the loss counts. */
  readonly tokens: readonly number[];
  readonly labelled: readonly number[];
  readonly longest: number;
  readonly texts: number;
  readonly textTokens: number;
  readonly longestText: number;
}
