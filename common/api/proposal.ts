/**
 * What Fettle proposes for a run: for each method the best settings that fit, what they would take, and why each value is what it
 * is. Reasons are data, a key with numbers; common/words/plan-why.ts puts them into words, for the pages and the command line alike.
 */
import type { RangedFigure } from './plan.ts';

export type PlanMethod = 'full' | 'lora' | 'qlora';

/** What a step computes again in place of keeping it: nothing, scores and probabilities of each attention, all inside every third or second block too, or all inside each block. */
export type PlanRecompute = 'none' | 'attention' | 'third' | 'half' | 'block';

/** What updates the weights: AdamW, or the same with its two moments in 8 bits. */
export type PlanOptimizer = 'adamw' | 'adamw-8bit';

/** How codes of 4 bits are spaced: in even steps, or as the 16 values of NF4. */
export type PlanQuant = 'int' | 'nf4';

/** Numbers that products of matrices are computed in. */
export type PlanPrecision = 'f32' | 'f16';

/** What a run can be computed on, as `--device` calls it. */
export type PlanDevice = 'cpu' | 'webgpu' | 'cuda' | 'dml';

/** A device with what computes on it, and what speaks for or against it here. */
export interface DeviceOffer {
  readonly device: PlanDevice;
  readonly executor: string;
  /** The graphics card; null for the processor, and where none is there. */
  readonly card: string | null;
  /** Whether a run can be started there. */
  readonly usable: boolean;
  /** Whether it can be measured and was not: then nobody knows whether it is faster. */
  readonly mayMeasure: boolean;
  /** Why it is chosen or not, and what would change that: for people. */
  readonly reason: string;
}

/** On what a run is computed, why in a sentence, and what is said of each device: the processor first. */
export interface DeviceChoice {
  readonly device: PlanDevice;
  readonly executor: string;
  readonly reason: string;
  readonly offers: readonly DeviceOffer[];
}

/** The settings that are proposed, complete. */
export interface PlanSettings {
  readonly method: PlanMethod;
  readonly device: PlanDevice;
  readonly executor: string;
  /** Rank of the adapters; null where every weight is trained. */
  readonly rank: number | null;
  readonly maxLength: number;
  readonly tokensPerMicroBatch: number;
  readonly gradientAccumulation: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmupRatio: number;
  /** Steps of warm-up in place of the share, and the most steps of the run: only where the person has set them. */
  readonly warmupSteps?: number;
  readonly maxSteps?: number;
  /** A share up to 0.9, or a number of rows; null where a file of its own is measured on. */
  readonly heldOut: number | null;
  readonly recompute: PlanRecompute;
  readonly optimizer: PlanOptimizer;
  /** 4 or 8: frozen weights are rounded (QLoRA). 16: they stay in the 16 bits of the model's files (LoRA). Null: float32, or all are trained. */
  readonly bits: 4 | 8 | 16 | null;
  /** Null where there are no codes of 4 bits. */
  readonly quant: PlanQuant | null;
  readonly precision: PlanPrecision;
  /** 16: all weights are trained and kept in 16 bits. Null: in float32. */
  readonly masterBits: 16 | null;
  /** Whether each layer is updated right after its gradient, so that only one layer has gradients at a time. */
  readonly layerwiseUpdate: boolean;
}

/** The rows of a plan's list; `warmupSteps` and `maxSteps` are told in those of what they overrule. */
export type PlanField = Exclude<keyof PlanSettings, 'warmupSteps' | 'maxSteps'>;

/** The numbers of each reason. Shares are from 0 to 1. */
export interface WhyNumbers {
  /** The value was set by the person. */
  own: Record<never, never>;
  /** The run repeats another one and keeps its settings. */
  'of-run': Record<never, never>;

  // why a method is recommended
  'tiny-model': { parameters: number };
  'adapter-enough': { rows: number };
  'much-data': { labelledTokens: number; capacityTokens: number };
  'lightest-fits': { peakBytes: number; freeBytes: number };
  'smaller-weights': Record<never, never>;
  'fastest-here': { seconds: number; wishSeconds: number };
  // why a method is not
  'too-big': { peakBytes: number; freeBytes: number };
  tight: { peakBytes: number; freeBytes: number };
  'too-slow': { seconds: number; wishSeconds: number };
  'forgets-more': Record<never, never>;
  'adapter-learned-less': { parameters: number };
  'holds-less': { labelledTokens: number; capacityTokens: number };
  'not-needed': Record<never, never>;

  // why a value is what it is
  /** The reason is a sentence: that of the choice among this computer's devices. */
  'device-choice': { reason: string };
  'executor-usual': Record<never, never>;
  'rank-usual': { rank: number };
  'rank-few-rows': { rank: number; rows: number };
  'rank-knowledge': { rank: number };
  'rank-holds': { rank: number; labelledTokens: number };
  'rank-memory': { rank: number; usual: number };
  'rank-none': Record<never, never>;
  'length-all': { maxLength: number; longest: number };
  'length-most': { maxLength: number; rowsCut: number; labelledLost: number };
  'length-limit': { maxLength: number; rowsCut: number; labelledLost: number };
  'length-text': { maxLength: number };
  'length-usual': { maxLength: number };
  'length-memory': { maxLength: number; usual: number; labelledLost: number };
  'length-time': { maxLength: number; usual: number; labelledLost: number };
  'micro-usual': { tokens: number };
  'micro-longest': { tokens: number; maxLength: number };
  'micro-memory': { tokens: number; usual: number };
  'accumulation-one': { batchTokens: number; steps: number };
  'accumulation-batch': { accumulation: number; batchTokens: number; steps: number };
  'epochs-rows': { epochs: number; rows: number };
  'epochs-tiny': { epochs: number; rows: number };
  'epochs-time': { epochs: number; usual: number; wishSeconds: number };
  'rate-tiny': { rate: number };
  'rate-adapter': { rate: number; parameters: number };
  'rate-full': { rate: number; parameters: number };
  'decay-adapter': { decay: number };
  'decay-full': { decay: number };
  'decay-tiny': { decay: number };
  'warmup-usual': { ratio: number; steps: number };
  'warmup-short': { ratio: number; steps: number };
  'held-out-tenth': { rows: number };
  'held-out-fifth': { rows: number };
  'held-out-most': { rows: number; of: number };
  'held-out-file': Record<never, never>;
  'recompute-attention': Record<never, never>;
  'recompute-third': Record<never, never>;
  'recompute-half': Record<never, never>;
  'recompute-block': Record<never, never>;
  'recompute-not-needed': Record<never, never>;
  'optimizer-usual': Record<never, never>;
  'optimizer-adapters': Record<never, never>;
  'optimizer-memory': Record<never, never>;
  'bits-memory': Record<never, never>;
  'bits-not-needed': Record<never, never>;
  'bits-none': Record<never, never>;
  'bits-full': Record<never, never>;
  'bits-rounded': Record<never, never>;
  'quant-usual': Record<never, never>;
  'quant-kept': Record<never, never>;
  'quant-memory': Record<never, never>;
  'quant-none': Record<never, never>;
  'precision-exact': Record<never, never>;
  'masters-usual': Record<never, never>;
  'masters-adapters': Record<never, never>;
  'masters-memory': Record<never, never>;
  'layerwise-not-needed': Record<never, never>;
  'layerwise-adapters': Record<never, never>;
  'layerwise-memory': Record<never, never>;
}

export type WhyKey = keyof WhyNumbers;

/** A reason: its key, and the numbers that its sentence names. */
export type Why = {
  readonly [Key in WhyKey]: { readonly key: Key; readonly numbers: WhyNumbers[Key] };
}[WhyKey];

/** What settings would take. */
export interface PlanPrice {
  readonly peakBytes: RangedFigure;
  /** Of a graphics card's memory; left out or null where the processor computes. */
  readonly peakVramBytes?: RangedFigure | null;
  /** null while the speed of this computer is not known. */
  readonly totalSeconds: RangedFigure | null;
  readonly trainableParameters?: number;
}

/** comfortable: at most three quarters of the free memory; tight: not more than there is. */
export type PlanFit = 'comfortable' | 'tight' | 'too-big';

/** What the planner comes to for a method on this computer as it is now, for the example rows: the lightest settings where none fit. */
export interface MethodFit {
  readonly fits: PlanFit;
  /** Of the computer's memory. */
  readonly peakBytes: RangedFigure;
  /** Of a graphics card's own; null where the processor computes. */
  readonly vramBytes: RangedFigure | null;
  /** Of the whole run; null before the speed is measured. */
  readonly seconds: RangedFigure | null;
  /** What computes, where that is not the processor: "RTX 4090 through CUDA". */
  readonly place: string | null;
  /** Why settings are lighter than usual, in the search's order; empty where the usual ones fit comfortably. */
  readonly lighter: readonly Why[];
}

/** The best settings for a method that fit, or the lightest ones where none do. */
export interface PlannedMethod {
  readonly fit: PlanFit;
  /** Whether it ends within the wish; null without such a wish or while the speed is not known. */
  readonly inTime: boolean | null;
  readonly settings: PlanSettings;
  /** The same by the names of run.json, as a run would be asked for. */
  readonly runSettings: Readonly<Record<string, unknown>>;
  readonly whys: Readonly<Record<PlanField, Why>>;
  /** What a run of this method can be computed on. */
  readonly devices: readonly DeviceOffer[];
  readonly price: PlanPrice;
  /** Highest learning rate and epochs that are usual here, whatever the person has set. */
  readonly usual: { readonly learningRate: number; readonly epochs: number };
}

/** A method beside the others. */
export interface MethodPlan {
  readonly method: PlanMethod;
  readonly recommended: boolean;
  /** Why it is recommended, or why it is not. */
  readonly why: Why;
  readonly planned: PlannedMethod;
}

/** A limit on the tokens of a row, and what is lost by it. */
export interface LengthChoice {
  readonly maxLength: number;
  /** Rows that are longer, and their share. */
  readonly rowsCut: number;
  readonly rowsCutShare: number;
  /** Shares of all tokens, and of those that the loss counts, that lie beyond it. */
  readonly tokensLost: number;
  readonly labelledLost: number;
}

export interface LengthChoices {
  readonly rows: number;
  readonly longest: number;
  /** Running texts are divided at the limit and lose nothing; they are not among `rows`. */
  readonly texts: number;
  /** From the shortest limit to the longest. */
  readonly choices: readonly LengthChoice[];
  readonly proposed: number;
  readonly why: Why;
}

/** Where nothing fits: one change after which it would. */
export type Nearest =
  | { readonly kind: 'close-programs'; readonly bytes: number }
  | { readonly kind: 'method'; readonly method: PlanMethod; readonly peakBytes: number }
  | {
      readonly kind: 'length';
      readonly maxLength: number;
      readonly labelledLost: number;
      readonly peakBytes: number;
    }
  | { readonly kind: 'micro-batch'; readonly tokens: number; readonly peakBytes: number }
  | { readonly kind: 'rank'; readonly rank: number; readonly peakBytes: number }
  | {
      readonly kind: 'model';
      readonly name: string;
      readonly repo: string;
      /** The model on this computer, where it is there already. */
      readonly localId: string | null;
      readonly parameters: number;
      readonly method: PlanMethod;
      readonly peakBytes: number;
    };

/** What a person wants of the run: no limit, or to have it within some hours. */
export type PlanWish = { readonly kind: 'best' } | { readonly kind: 'tonight'; readonly hours: number };

export interface Proposal {
  readonly wish: PlanWish;
  readonly freeBytes: number;
  /** The recommended method; null where none fits. */
  readonly recommended: PlanMethod | null;
  /** Full, LoRA, QLoRA, in this order. */
  readonly methods: readonly MethodPlan[];
  readonly lengths: LengthChoices | null;
  /** Empty where something fits; nearest first. */
  readonly nearest: readonly Nearest[];
}
