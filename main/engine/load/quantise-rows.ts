/** Quantises rows of float32 weights to 8 or 4 bits, block by block, and the scales of a row, too. */
import {
  CODE_BITS,
  type CodeType,
  type MatrixFormat,
  NF4_IN_WORD,
  NF4_STEPS,
  type QuantisedRows,
  ZERO_STEPS,
} from '../nn/quantised.ts';

export type { QuantisedRows } from '../nn/quantised.ts';

/** The largest code of a scale, and the largest weight's of 8 bits. */
const MOST_CODE_8 = 127;

/** Scales and zeros of the blocks of a row while its codes are not chosen yet. */
interface Fits {
  readonly scales: Float64Array;
  readonly zeros: Uint8Array;
  /** What weights are multiplied by before the nearest code is taken. */
  readonly inverses: Float64Array;
}

/** Rounds `values`, whole rows of `columns` weights. */
export function quantiseRows(values: Float32Array, columns: number, format: MatrixFormat): QuantisedRows {
  const { type, block, isDouble } = format;
  const [rows, blocks] = [values.length / columns, columns / block];
  const out = emptyRows(rows, columns, format);
  const fits: Fits = {
    scales: new Float64Array(blocks),
    zeros: new Uint8Array(blocks),
    inverses: new Float64Array(blocks),
  };
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < blocks; i++) FITS[type](values, row * columns + i * block, block, fits, i);
    if (isDouble)
      out.steps![row] = codeScales(fits.scales, out.scales as Int8Array, row * blocks, type === 'int8');
    for (let i = 0, at = row * blocks; i < blocks; i++, at++) {
      if (isDouble) fits.scales[i] = Math.fround(out.steps![row]! * out.scales[at]!);
      else out.scales[at] = fits.scales[i]!;
      // where the scale was found again as a code, the codes follow it
      if (isDouble) fits.inverses[i] = fits.scales[i] === 0 ? 0 : 1 / fits.scales[i]!;
      if (out.zeros) out.zeros[at] = fits.zeros[i]!;
      ROUND[type](values, row * columns + i * block, block, fits, i, out.codes, at);
    }
  }
  return out;
}

export function emptyRows(
  rows: number,
  columns: number,
  { type, block, isDouble }: MatrixFormat,
): QuantisedRows {
  const blocks = (rows * columns) / block;
  const bytes = (rows * columns * CODE_BITS[type]) / 8;
  return {
    codes:
      type === 'int8'
        ? new Int8Array(bytes)
        : type === 'int4'
          ? new Uint8Array(bytes)
          : new Uint16Array(bytes / 2),
    scales: isDouble ? new Int8Array(blocks) : new Float32Array(blocks),
    zeros: type === 'int4' ? new Uint8Array(blocks) : null,
    steps: isDouble ? new Float32Array(rows) : null,
  };
}

/**
 * Puts codes of a row's scales at `codes[at]`, the largest 127 or -127; gives their step. None becomes zero,
 * and with `up` none shrinks, so that no weight is beyond the largest code.
 */
export function codeScales(scales: ArrayLike<number>, codes: Int8Array, at: number, up = false): number {
  let most = 0;
  for (let i = 0; i < scales.length; i++) most = Math.max(most, Math.abs(scales[i]!));
  if (most === 0) return 0;
  const step = Math.fround(most / MOST_CODE_8);
  for (let i = 0; i < scales.length; i++) {
    const size = Math.abs(scales[i]!) / step;
    const code = Math.min(
      MOST_CODE_8,
      up ? Math.ceil(size - 1e-6) : Math.max(size > 0 ? 1 : 0, Math.round(size)),
    );
    codes[at + i] = scales[i]! < 0 ? -code : code;
  }
  return step;
}

/** Finds scale, zero and inverse of the block that begins at `values[start]`. */
type Fit = (values: Float32Array, start: number, block: number, fits: Fits, at: number) => void;

const FITS: Readonly<Record<CodeType, Fit>> = { int8: fit8, int4: fit4, nf4: fitNf4 };

function largestOf(values: Float32Array, start: number, block: number): number {
  let most = 0;
  for (let i = start; i < start + block; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/** The largest weight becomes 127 or -127. */
function fit8(
  values: Float32Array,
  start: number,
  block: number,
  { scales, inverses }: Fits,
  at: number,
): void {
  const most = largestOf(values, start, block);
  // the scale as it is kept, in float32, decides which code is nearest
  scales[at] = Math.fround(most / MOST_CODE_8);
  inverses[at] = most === 0 ? 0 : 1 / scales[at]!;
}

/** Shares of the least and largest weight between which the 16 codes lie: less cuts more off there. */
const ENDS = [1, 0.92, 0.84].flatMap((low, _, all) => all.map((high) => [low, high] as const));
const MOST_CODE_4 = 15;

/**
 * A weight is (16 code - zero) scale. The candidate of `ENDS` with the least squared error: for steps c the
 * best scale is sum(w c) / sum(c^2), the error sum(w^2) - sum(w c)^2 / sum(c^2), as in llama.cpp's K blocks.
 */
function fit4(values: Float32Array, start: number, block: number, fits: Fits, at: number): void {
  let [low, high] = [0, 0];
  for (let i = start; i < start + block; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  let [scale, inverse, zero, best] = [0, 0, 0, -1];
  for (const [lowShare, highShare] of high > low ? ENDS : []) {
    const perStep = (ZERO_STEPS * MOST_CODE_4) / (high * highShare - low * lowShare);
    const middle = Math.round(-low * lowShare * perStep);
    let [products, squares] = [0, 0];
    for (let i = start; i < start + block; i++) {
      const steps = ZERO_STEPS * codeOf(values[i]! * perStep + middle) - middle;
      products += values[i]! * steps;
      squares += steps * steps;
    }
    const explained = squares > 0 ? (products * products) / squares : 0;
    if (explained > best) [scale, inverse, zero, best] = [products / squares, perStep, middle, explained];
  }
  [fits.scales[at], fits.inverses[at], fits.zeros[at]] = [scale, inverse, zero];
}

/** The nearest of the codes 0 to 15 to so many sixteenths of a code. */
function codeOf(sixteenths: number): number {
  const code = (sixteenths / ZERO_STEPS + 0.5) | 0;
  return Math.max(0, Math.min(MOST_CODE_4, code));
}

/** What of the largest weight NF4's largest value stands for; its values differ by sign: both are tried. */
const SHARES = [1.02, 0.96, 0.9, 0.84, 0.78].flatMap((share) => [share, -share]);
/** The code whose value is nearest, by the place of a number from -128 to 128 in steps of a fourth. */
const FINE = 4;
const MIDDLE = 128 * FINE;
const NEAREST = Uint8Array.from({ length: 2 * MIDDLE + 1 }, (_, i) => nearestTo((i - MIDDLE) / FINE));
/** What those codes stand for. */
const NEAREST_STEPS = Int8Array.from(NEAREST, (code) => NF4_STEPS[code]!);

function nearestTo(value: number): number {
  let best = 0;
  for (let code = 1; code < NF4_STEPS.length; code++)
    if (Math.abs(NF4_STEPS[code]! - value) < Math.abs(NF4_STEPS[best]! - value)) best = code;
  return best;
}

/** The place in `NEAREST`. In whole numbers: floating-point bounds made this search half as long again. */
function placeOf(steps: number): number {
  const at = (Math.round(steps * FINE) | 0) + MIDDLE;
  return Math.max(0, Math.min(2 * MIDDLE, at));
}

/** The published way takes the largest weight for 1; the least squared error is a tenth less. */
function fitNf4(values: Float32Array, start: number, block: number, fits: Fits, at: number): void {
  const most = largestOf(values, start, block);
  let [scale, inverse, best] = [0, 0, -1];
  for (const share of most > 0 ? SHARES : []) {
    const perStep = MOST_CODE_8 / (most * share);
    let [products, squares] = [0, 0];
    for (let i = start; i < start + block; i++) {
      const steps = NEAREST_STEPS[placeOf(values[i]! * perStep)]!;
      products += values[i]! * steps;
      squares += steps * steps;
    }
    const explained = squares > 0 ? (products * products) / squares : 0;
    if (explained > best) [scale, inverse, best] = [products / squares, perStep, explained];
  }
  [fits.scales[at], fits.inverses[at]] = [scale, inverse];
}

/** Puts the codes of the block that begins at `values[start]` in the place of block `to`. */
type Round = (
  values: Float32Array,
  start: number,
  block: number,
  fits: Fits,
  at: number,
  codes: QuantisedRows['codes'],
  to: number,
) => void;

const ROUND: Readonly<Record<CodeType, Round>> = {
  int8(values, start, block, { scales }, at, codes, to) {
    const scale = scales[at]!;
    if (scale === 0) return;
    for (let i = 0; i < block; i++) codes[to * block + i] = Math.round(values[start + i]! / scale);
  },
  int4(values, start, block, { inverses, zeros }, at, codes, to) {
    const [half, inverse, zero] = [block / 2, inverses[at]!, zeros[at]!];
    for (let i = 0; i < half; i++) {
      const [first, second] = [values[start + i]! * inverse, values[start + half + i]! * inverse];
      codes[to * half + i] = codeOf(first + zero) | (codeOf(second + zero) << 4);
    }
  },
  nf4(values, start, block, { inverses }, at, codes, to) {
    const inverse = inverses[at]!;
    for (let i = 0; i < block; i += NF4_IN_WORD) {
      let word = 0;
      for (let j = 0; j < NF4_IN_WORD; j++)
        word |= NEAREST[placeOf(values[start + i + j]! * inverse)]! << (4 * j);
      codes[(to * block + i) / NF4_IN_WORD] = word;
    }
  },
};
