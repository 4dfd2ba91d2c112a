/**
 * Rotary frequencies with every scaling that Transformers names for the supported families. The tables are made on
 * the host for the positions of each batch, because some scalings depend on the length of the sequence.
 */
export type RopeScaling =
  | { readonly type: 'default' }
  | { readonly type: 'linear'; readonly factor: number }
  | { readonly type: 'dynamic'; readonly factor: number; readonly originalPositions: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFactor: number;
      readonly highFactor: number;
      readonly originalPositions: number;
    }
  | {
      readonly type: 'yarn';
      readonly factor: number;
      readonly originalPositions: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly truncate: boolean;
      readonly attentionFactor: number;
    }
  | {
      readonly type: 'longrope';
      readonly short: readonly number[];
      readonly long: readonly number[];
      readonly originalPositions: number;
      readonly attentionFactor: number;
      /** Whether all tokens are read again when a sequence first passes the original length (Phi-3), so that no key has the short factors. */
      readonly rereads?: boolean;
    }
  /** The first pairs of each head are rotated, the others are not (Gemma 4). */
  | { readonly type: 'proportional'; readonly factor: number; readonly rotatedPairs: number }
  /** Divisors for each frequency, as GGUF files store llama3 scaling. */
  | { readonly type: 'divisors'; readonly divisors: readonly number[] };

export interface Rope {
  /** Dimensions of a head that are rotated. */
  readonly width: number;
  readonly theta: number;
  readonly scaling: RopeScaling;
  /** Of a rotation of queries, which scales them by 1 + beta ln(1 + floor(p / every)) at the position p (Llama 4, Ministral 3). */
  readonly growth?: { readonly beta: number; readonly every: number };
}

/** The rotations of a model by name: layers with local attention may have another one than those that see all. */
export type Ropes = ReadonlyMap<string, Rope>;

/** The name of the only rotation, or of that of the layers that see all. */
export const MAIN_ROPE = 'main';

/** The inputs of a graph that hold the tables of the rotation `name`. */
export function rotationInputs(name: string): { readonly cos: string; readonly sin: string } {
  return name === MAIN_ROPE ? { cos: 'cos', sin: 'sin' } : { cos: `cos.${name}`, sin: `sin.${name}` };
}

/** What `positions` feed to these inputs; `lengths` as for `ropeRows`. */
export function rotationFeeds(
  ropes: Ropes,
  positions: Int32Array,
  lengths?: Int32Array,
): Record<string, Float32Array> {
  const tables = [...ropes].flatMap(([name, rope]) => {
    const inputs = rotationInputs(name);
    const { cos, sin } = ropeRows(rope, positions, lengths);
    return [[inputs.cos, cos] as const, [inputs.sin, sin] as const];
  });
  return Object.fromEntries(tables);
}

/** The length beyond which what was cached of a sequence is read again; null for none. */
export function rereadBeyond(ropes: Ropes): number | null {
  const scaling = ropes.get(MAIN_ROPE)?.scaling;
  return scaling?.type === 'longrope' && scaling.rereads ? scaling.originalPositions : null;
}

/** Whether a token is rotated differently in a longer sequence: such sequences share no beginning. */
export function dependsOnLength({ scaling }: Rope): boolean {
  return scaling.type === 'dynamic' || scaling.type === 'longrope';
}

/**
 * cos and sin for each of `positions`, row-major [positions, width/2]. Some scalings depend on `lengths`, those of the
 * sequences that the positions belong to; by default each is as long as the run of ascending positions in which it stands.
 */
export function ropeRows(
  rope: Rope,
  positions: Int32Array,
  lengths?: Int32Array,
): { cos: Float32Array; sin: Float32Array } {
  const { scaling, growth } = rope;
  const fixed = scaling.type === 'yarn' || scaling.type === 'longrope' ? scaling.attentionFactor : 1;
  const half = rope.width / 2;
  const cos = new Float32Array(positions.length * half);
  const sin = new Float32Array(positions.length * half);
  const lengthAt = dependsOnLength(rope) ? (lengths ?? runLengths(positions)) : null;
  const ofLength = new Map<number, { frequencies: Float32Array; known: Map<number, number> }>();
  positions.forEach((position, row) => {
    const length = lengthAt?.[row] ?? 0;
    const own = ofLength.get(length) ?? { frequencies: ropeFrequencies(rope, length), known: new Map() };
    ofLength.set(length, own);
    const { frequencies, known } = own;
    const seen = known.get(position);
    if (seen !== undefined) {
      cos.copyWithin(row * half, seen * half, (seen + 1) * half);
      sin.copyWithin(row * half, seen * half, (seen + 1) * half);
      return;
    }
    known.set(position, row);
    const factor = growth
      ? fixed * (1 + growth.beta * Math.log(1 + Math.floor(position / growth.every)))
      : fixed;
    for (let i = 0; i < half; i++) {
      // PyTorch multiplies in float32; so does this, for the same angles at long positions
      const angle = Math.fround(position * frequencies[i]!);
      cos[row * half + i] = Math.cos(angle) * factor;
      sin[row * half + i] = Math.sin(angle) * factor;
    }
  });
  return { cos, sin };
}

/** For each of `positions` the length of its sequence, which ends where the next position is not one more. */
function runLengths(positions: Int32Array): Int32Array {
  const lengths = new Int32Array(positions.length);
  let start = 0;
  for (let end = 1; end <= positions.length; end++) {
    if (positions[end] === positions[end - 1]! + 1) continue;
    lengths.fill(positions[end - 1]! + 1, start, end);
    start = end;
  }
  return lengths;
}

/** Angle per position of each pair of dimensions, float32, in a sequence of `length` positions. */
export function ropeFrequencies({ width, theta, scaling }: Rope, length: number): Float32Array {
  const base = scaling.type === 'dynamic' ? dynamicTheta(theta, width, scaling, length) : theta;
  const plain = Float32Array.from({ length: width / 2 }, (_, i) => 1 / base ** ((2 * i) / width));
  switch (scaling.type) {
    case 'linear':
      return plain.map((f) => f / scaling.factor);
    case 'llama3':
      return plain.map((f) => llama3(f, scaling));
    case 'yarn':
      return yarn(plain, width, theta, scaling);
    case 'longrope': {
      const divisors = length > scaling.originalPositions ? scaling.long : scaling.short;
      return plain.map((f, i) => f / divisors[i]!);
    }
    case 'proportional':
      return plain.map((f, i) => (i < scaling.rotatedPairs ? f / scaling.factor : 0));
    case 'divisors':
      return plain.map((f, i) => f / scaling.divisors[i]!);
    default:
      return plain;
  }
}

// NTK-aware base for lengths beyond the original: theta (factor n / orig - (factor - 1))^(d / (d - 2))
function dynamicTheta(
  theta: number,
  width: number,
  scaling: { factor: number; originalPositions: number },
  length: number,
): number {
  const n = Math.max(length, scaling.originalPositions);
  const stretch = (scaling.factor * n) / scaling.originalPositions - (scaling.factor - 1);
  return theta * stretch ** (width / (width - 2));
}

// long wavelengths are divided by the factor, short ones kept, those between interpolated (Llama 3.1)
function llama3(frequency: number, s: Extract<RopeScaling, { type: 'llama3' }>): number {
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < s.originalPositions / s.highFactor) return frequency;
  if (wavelength > s.originalPositions / s.lowFactor) return frequency / s.factor;
  const smooth = (s.originalPositions / wavelength - s.lowFactor) / (s.highFactor - s.lowFactor);
  return ((1 - smooth) * frequency) / s.factor + smooth * frequency;
}

// Peng et al. 2023: dimensions that turn often keep their frequency, those that turn rarely are interpolated
function yarn(
  plain: Float32Array,
  width: number,
  theta: number,
  s: Extract<RopeScaling, { type: 'yarn' }>,
): Float32Array {
  const at = (turns: number) =>
    (width * Math.log(s.originalPositions / (2 * Math.PI * turns))) / (2 * Math.log(theta));
  const [lowRaw, highRaw] = [at(s.betaFast), at(s.betaSlow)];
  const low = Math.max(s.truncate ? Math.floor(lowRaw) : lowRaw, 0);
  let high = Math.min(s.truncate ? Math.ceil(highRaw) : highRaw, width - 1);
  if (low === high) high += 0.001;
  return plain.map((f, i) => {
    const ramp = Math.min(Math.max((i - low) / (high - low), 0), 1);
    return f * (1 - ramp) + (f / s.factor) * ramp;
  });
}
