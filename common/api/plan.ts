/**
 * What a run will take, with ranges and parts, and what Fettle proposes for it. Bytes, seconds, kWh, and money in the person's currency.
 */
import type { Nearest, Why, WhyKey, WhyNumbers } from '../settings/reasons.ts';
import type { PlanField, PlanSettings } from '../settings/table.ts';
import type { GgmlCard } from './hardware.ts';

/** What a figure rests on, from the weakest to the strongest. */
export type RestsOn = 'formula' | 'benchmark' | 'runs' | 'probe';

/** What is usual, and how far down and up it goes. */
export interface Span {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A figure and the range in which the true one is expected nine times out of ten. */
export interface RangedFigure extends Span {
  readonly restsOn: RestsOn;
}

export type MemoryPart =
  | 'program'
  | 'weights'
  | 'adapters'
  | 'gradients'
  | 'optimizer'
  | 'activations'
  | 'logits'
  | 'working'
  /** Weights that a second session has mapped: counted again by the system, but not needed again. */
  | 'mapped-again';
export type TimePart = 'start' | 'look' | 'steps' | 'evaluation' | 'samples' | 'checkpoints' | 'assessment';

/** A graphics card with what its maker publishes. */
export interface Accelerator {
  readonly id: string;
  readonly name: string;
  readonly kind: 'data-centre' | 'consumer';
  readonly memoryBytes: number;
  /** Dense matrix products of 16-bit numbers added up in 32 bits, operations a second. */
  readonly peakFlops: number;
  readonly source: string;
}

/** The training on one graphics card. */
export interface AcceleratorTime extends Accelerator {
  readonly seconds: number;
  readonly pricePerHour: number;
  /** Whether the price is ours, and not one that the person has set. */
  readonly assumedPrice: boolean;
  readonly cost: number;
  /** Whether the textbook's memory for one row at a time fits, in 16 bits. */
  readonly fits: boolean;
}

export type TextbookPart = 'weights' | 'adapters' | 'gradients' | 'master' | 'moments' | 'activations';

/**
 * The same run on a graphics card that is not here, computed in 16 bits as trainings on such cards do: its operations over what the maker
 * publishes, and no less than what handing them over takes. Ranges are those of the share of it that trainings reach, and of that floor.
 */
export interface IfYouHad {
  readonly id: string;
  readonly name: string;
  /** Floating point operations of the whole run. */
  readonly operations: number;
  /** Share of the published rate, from 0 to 1; a high one makes a short time. */
  readonly utilisation: Span;
  /** Whether the card waits for its work most of the time, as it does with small models. */
  readonly waits: boolean;
  readonly seconds: Span;
  readonly cost: Span;
  readonly currency: string;
  /** What an hour costs: the person's own price, or an assumption of `pricesFrom` (YYYY-MM). */
  readonly pricePerHour: number;
  readonly assumedPrice: boolean;
  readonly pricesFrom: string;
  readonly memoryBytes: number;
  /** The textbook's memory of the same training in 16 bits, one row at a time, as in the lesson on time. */
  readonly neededBytes: number;
  /** Whether that fits. */
  readonly fits: boolean;
  /** Operations a second, and who says so. */
  readonly peakFlops: number;
  readonly source: string;
  readonly restsOn: 'published';
}

/** The peak of a run, in parts that sum up to it. */
export interface PlanEstimate {
  /** Resident memory of the whole process. */
  readonly peakRamBytes: RangedFigure;
  /** What must be free for it: weights that are mapped twice counted once. */
  readonly neededBytes: RangedFigure;
  /** null where no graphics card computes. */
  readonly peakVramBytes: RangedFigure | null;
  /** Parts of `peakRamBytes`. */
  readonly memoryParts: readonly { readonly part: MemoryPart; readonly bytes: number }[];
  /** Parts that sum up to `peakVramBytes`; empty where no graphics card computes. */
  readonly vramParts: readonly { readonly part: MemoryPart; readonly bytes: number }[];
  /** null while the speed of this computer is not known. */
  readonly stepSeconds: RangedFigure | null;
  readonly totalSeconds: RangedFigure | null;
  readonly timeParts: readonly { readonly part: TimePart; readonly seconds: number }[];
  /** What trying the run out (`plan.probe`) will take; null while the speed is not known. */
  readonly probeSeconds: number | null;
  readonly kwh: RangedFigure | null;
  readonly cost: RangedFigure | null;
  /** On cards that people rent, for comparison. */
  readonly ifYouHad: readonly IfYouHad[];
}

export type { Nearest, PlanField, PlanSettings, Why, WhyKey, WhyNumbers };

export type PlanMethod = PlanSettings['method'];

/** Activations that are recomputed, not kept: none, scores and probabilities of each attention, all inside every third or second block too, or all inside each block. */
export type PlanRecompute = PlanSettings['recompute'];

/** What a run can be computed on, as `--device` calls it. */
export type PlanDevice = PlanSettings['device'];

/** A device with what computes on it, and what speaks for or against it here. */
export interface DeviceOffer {
  readonly device: PlanDevice;
  readonly executor: string;
  /** The graphics card; null for the processor, and where none is there. */
  readonly card: string | null;
  /** Where it sees several cards, all of them, the one first that it takes by itself: the setting `card` names one. */
  readonly cards?: readonly GgmlCard[];
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

/** What the planner proposes for a method on this computer as it is now, for the example rows: the lightest settings where none fit. */
export interface MethodFit {
  readonly fits: PlanFit;
  /** Of the computer's memory. */
  readonly peakBytes: RangedFigure;
  /** Of a graphics card's own; null where the processor computes. */
  readonly vramBytes: RangedFigure | null;
  /** Of the whole run; null before the speed is measured. */
  readonly seconds: RangedFigure | null;
  /** What computes, where that is not the processor: "RTX 4090 through WebGPU". */
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
