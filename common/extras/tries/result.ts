/** What two short tries of a run say about more rows. */
import type { RowForecast, ScoreName } from '../../protocol/protocol.ts';

/** What was measured after learning from so many rows. */
export interface TriedPart {
  readonly rows: number;
  readonly score: number;
}

export interface TriesResult {
  readonly score: ScoreName;
  /** Test rows, the same for each. */
  readonly asked: number;
  /** A quarter, half and all of the rows. */
  readonly points: readonly TriedPart[];
  readonly forecasts: readonly [now: RowForecast, twice: RowForecast, fourfold: RowForecast];
  /** What the tries took, and asking all three. */
  readonly seconds: number;
}

/** What the tries learn from, and how long they likely take. */
export interface TriesPrice {
  readonly rows: readonly [quarter: number, half: number];
  readonly asked: number;
  /** Of what is left; null where the training of the run is not known. */
  readonly seconds: number | null;
}

/** What asking the test rows takes, as a share of the run's training. */
const ASKING = 0.1;
/** What learning from a part and asking take, as shares of the run's training, in their order. */
export const TRIES_SHARES = { quarter: 1 / 4 + ASKING, half: 1 / 2 + ASKING, all: ASKING } as const;

/** In the run's folder: what the tries said, and what is done of them. */
export const TRIES_FILES = { folder: 'tries', forecast: 'forecast.json', kept: 'kept.json' } as const;

declare module '../../protocol/protocol.ts' {
  interface CallNews {
    readonly tries: { readonly tries: TriesPrice };
  }
}
