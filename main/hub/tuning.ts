/** How hard Fettle pulls, and how long it waits. Tests give their own; nothing here is for people to set. */

export interface Tuning {
  readonly filesAtOnce: number;
  /** Of one file. */
  readonly rangesAtOnce: number;
  readonly rangeBytes: number;
  /** Failures in a row, without a byte between, after which a request is given up. */
  readonly tries: number;
  /** First wait; each further one is twice as long, at most a minute. */
  readonly backOffMs: number;
  /** Without a byte for so long, a connection counts as cut. */
  readonly stallMs: number;
  /** Between two records of what has arrived. */
  readonly recordMs: number;
  /** Between two reports to whoever watches. */
  readonly reportMs: number;
  /** Room that stays free on the disk. */
  readonly spareBytes: number;
}

export const TUNING: Tuning = {
  filesAtOnce: 3,
  rangesAtOnce: 4,
  rangeBytes: 64 * 2 ** 20,
  tries: 7,
  backOffMs: 1000,
  stallMs: 30_000,
  recordMs: 3000,
  reportMs: 250,
  spareBytes: 256 * 2 ** 20,
};
