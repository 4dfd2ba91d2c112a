/**
 * What Fettle proposes for a run: for each method the best settings that fit, what they would take, and why each value is what it
 * is. Reasons are data, a key with numbers; common/settings/reasons.ts puts them into words, for the pages and the command line alike.
 */
import type { Nearest, Why, WhyKey, WhyNumbers } from '../settings/reasons.ts';
import type { PlanField, PlanSettings } from '../settings/table.ts';
import type { RangedFigure } from './plan.ts';

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
