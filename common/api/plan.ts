/** What a run will take: figures with their ranges, and their parts. Bytes, seconds, kWh, and money in the person's currency. */

/** What a figure rests on, from the weakest to the strongest. */
export type RestsOn = 'formula' | 'benchmark' | 'runs' | 'probe';

/** A figure and the range in which the true one is expected nine times of ten. */
export interface RangedFigure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
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
export type TimePart = 'start' | 'steps' | 'evaluation' | 'samples' | 'checkpoints' | 'assessment';

/**
 * The same run on a graphics card that is not here, computed in 16 bits as trainings on such cards do: its operations over what the
 * maker publishes. Ranges are those of the share of it that trainings reach.
 */
export interface IfYouHad {
  readonly id: string;
  readonly name: string;
  /** Floating point operations of the whole run. */
  readonly operations: number;
  /** Share of the published rate, from 0 to 1; a high one makes a short time. */
  readonly utilisation: Span;
  readonly seconds: Span;
  readonly cost: Span;
  readonly currency: string;
  /** What an hour on a rented card is assumed to cost, and since when (YYYY-MM). */
  readonly pricePerHour: number;
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

/** What is usual, and how far down and up it goes. */
export interface Span {
  readonly value: number;
  readonly low: number;
  readonly high: number;
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
