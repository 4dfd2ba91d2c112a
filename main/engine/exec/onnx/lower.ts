/**
 * How each operation becomes ONNX nodes. The table has a row for every primitive (a missing one is a compile error) and
 * rows for the fused operations that onnxruntime has kernels for.
 */
import type { Attrs, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import type { FusedName, PrimitiveName } from '../../ops/functions.ts';
import { LEAST, MOST_CODE, stepOfSample, ZERO_CODE } from '../../ops/fused/int8.ts';
import { type CodeType, NF4_IN_WORD, NF4_STEPS, partsOf } from '../../ops/primitives/dequantise.ts';
import { GOLDEN, MIX_1, MIX_2, mix } from '../../ops/primitives/random.ts';
import { type OnnxAttr, type OnnxType, TYPE_CODES } from './onnx.ts';

/** What a row of the table may do: append nodes and constants. Tensors are names where a file is written (export.ts) and numbers where steps are counted (trace.ts). */
export interface Emitter<Tensor> {
  node(
    type: string,
    inputs: readonly Tensor[],
    attrs?: Readonly<Record<string, OnnxAttr>>,
    domain?: string,
  ): Tensor;
  /** The second of a node's two results. */
  second(type: string, inputs: readonly Tensor[], attrs: Readonly<Record<string, OnnxAttr>>): Tensor;
  i64(values: readonly number[]): Tensor;
  i32(values: Int32Array, shape: readonly number[]): Tensor;
  u32(value: number): Tensor;
  /** So many of the same value, or a scalar. */
  u8(value: number, shape?: readonly number[]): Tensor;
  i8(values: Int8Array, shape: readonly number[]): Tensor;
  f32(value: number): Tensor;
  /** Rows [start, end) of a weight, as a weight of their own that lies where they lie; null where `value` is none. */
  piece(value: Value, start: number, end: number): Tensor | null;
  /** A weight of bytes as words of 32 bits without a sign, [rows, bytes of a row / 4]; null where `value` is none, or not made of words. */
  words(value: Value): Tensor | null;
}

export interface Lowering<Tensor> {
  readonly emit: Emitter<Tensor>;
  readonly inputs: readonly Tensor[];
  readonly values: readonly Value[];
  readonly output: Value;
  readonly attrs: Attrs;
}

export type Row = <Tensor>(l: Lowering<Tensor>) => Tensor;

const MS = 'com.microsoft';

const direct =
  (type: string): Row =>
  ({ emit, inputs }) =>
    emit.node(type, inputs);
const list = (value: unknown) => value as readonly number[];

const PRIMITIVE_ROWS: Readonly<Record<PrimitiveName, Row>> = {
  neg: direct('Neg'),
  exp: direct('Exp'),
  log: direct('Log'),
  sqrt: direct('Sqrt'),
  reciprocal: direct('Reciprocal'),
  tanh: direct('Tanh'),
  sigmoid: direct('Sigmoid'),
  erf: direct('Erf'),
  add: direct('Add'),
  sub: direct('Sub'),
  mul: direct('Mul'),
  div: direct('Div'),
  maximum: direct('Max'),
  equal: direct('Equal'),
  lessEqual: direct('LessOrEqual'),
  and: direct('And'),
  where: direct('Where'),
  cast: ({ emit, inputs, attrs }) => emit.node('Cast', inputs, { to: TYPE_CODES[attrs.to as OnnxType] }),
  reshape: ({ emit, inputs, attrs }) => emit.node('Reshape', [inputs[0]!, emit.i64(list(attrs.shape))]),
  transpose: ({ emit, inputs, attrs }) => emit.node('Transpose', inputs, { perm: list(attrs.perm) }),
  broadcastTo: ({ emit, inputs, attrs }) => emit.node('Expand', [inputs[0]!, emit.i64(list(attrs.shape))]),
  slice: ({ emit, inputs, attrs }) =>
    sliced(emit, inputs[0]!, attrs.start as number, attrs.end as number, attrs.axis as number),
  pad: lowerPad,
  concat: ({ emit, inputs, attrs }) => emit.node('Concat', inputs, { axis: attrs.axis as number }),
  reduceSum: reduction('ReduceSum'),
  reduceMax: reduction('ReduceMax'),
  matmul: lowerMatmul,
  dequantise: lowerDequantise,
  widen: lowerWiden,
  narrow: ({ emit, inputs }) => emit.node('Cast', inputs, { to: TYPE_CODES.f16 }),
  gather: ({ emit, inputs }) => emit.node('Gather', inputs, { axis: 0 }),
  scatterAdd: lowerScatterAdd,
  randomUniform: randomBy(xorShifted, topBits),
  after: ({ emit, inputs, values }) => {
    const first = emit.node('Reshape', [inputs[1]!, emit.i64([-1])]);
    const one =
      values[1]!.shape.length === 0 ? inputs[1]! : emit.node('Slice', [first, emit.i64([0]), emit.i64([1])]);
    const nothing = emit.node('Mul', [emit.node('Squeeze', [one]), emit.f32(0)]);
    const { dtype } = values[0]!;
    const added = dtype === 'f32' ? nothing : emit.node('Cast', [nothing], { to: TYPE_CODES[dtype] });
    return emit.node('Add', [inputs[0]!, added]);
  },
};

const FUSED_ROWS: Readonly<Partial<Record<FusedName, Row>>> = {
  softmax: ({ emit, inputs }) => emit.node('Softmax', inputs, { axis: -1 }),
  rmsNorm: ({ emit, inputs, attrs }) =>
    emit.node('SimplifiedLayerNormalization', inputs, {
      axis: -1,
      epsilon: { float: attrs.eps as number },
      stash_type: 1,
    }),
  layerNorm: ({ emit, inputs, attrs }) =>
    emit.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: attrs.eps as number } }),
  silu: ({ emit, inputs }) => emit.node('QuickGelu', inputs, { alpha: { float: 1 } }, MS),
  gelu: ({ emit, inputs }) => emit.node('Gelu', inputs, { approximate: 'none' }),
  geluTanh: ({ emit, inputs }) => emit.node('Gelu', inputs, { approximate: 'tanh' }),
  relu: direct('Relu'),
  rope: lowerRope,
  gatherQuantised: lowerGatherQuantised,
  rowScales: lowerRowScales,
  rowCodes: lowerRowCodes,
  matmulInt8: lowerMatmulInt8,
  outlierColumns: lowerOutlierColumns,
  columnsAt: ({ emit, inputs, values }) => emit.node('Gather', inputs, { axis: values[0]!.shape.length - 1 }),
  withoutColumns: lowerWithoutColumns,
};

/** Products in whole numbers; where their kernels have not been measured, matrices are unpacked. */
export const INT8_OPERATIONS: readonly FusedName[] = [
  ...(['rowScales', 'rowCodes', 'matmulInt8'] as const),
  ...(['outlierColumns', 'columnsAt', 'withoutColumns'] as const),
];

/** The rows that suit the kernels of a provider. */
export interface Dialect {
  /** By the names of operations. */
  readonly rows: Readonly<Record<string, Row>>;
  /** Fused operations that need no decomposition. */
  readonly fused: ReadonlySet<string>;
}

/** For the provider that computes on the processor. */
export const ON_CPU: Dialect = dialect(PRIMITIVE_ROWS, FUSED_ROWS);

/** Fused operations that need no decomposition there. */
export const NATIVE_FUSED: ReadonlySet<string> = ON_CPU.fused;

/** `base` with other rows for some of its operations, and without kernels for those fused ones that `lacks` names. */
export function withRows(
  base: Dialect,
  rows: Readonly<Record<string, Row>>,
  lacks: readonly FusedName[] = [],
): Dialect {
  const fused = [...base.fused].filter((name) => !lacks.some((one) => one === name));
  return { rows: { ...base.rows, ...rows }, fused: new Set(fused) };
}

function dialect(
  primitives: Readonly<Record<PrimitiveName, Row>>,
  fused: Readonly<Partial<Record<FusedName, Row>>>,
): Dialect {
  return { rows: { ...primitives, ...fused }, fused: new Set(Object.keys(fused)) };
}

/** Elements [start, end) of an axis. */
export function sliced<Tensor>(
  emit: Emitter<Tensor>,
  x: Tensor,
  start: number,
  end: number,
  axis: number,
): Tensor {
  return emit.node('Slice', [x, ...[start, end, axis].map((n) => emit.i64([n]))]);
}

function reduction(type: string): Row {
  return ({ emit, inputs, attrs }) =>
    emit.node(type, [inputs[0]!, emit.i64(list(attrs.axes))], {
      keepdims: attrs.keepDims ? 1 : 0,
      noop_with_empty_axes: 0,
    });
}

function lowerRope<Tensor>({ emit, inputs: [x, positions, cos, sin], values }: Lowering<Tensor>): Tensor {
  const [, heads, , width] = values[0]!.shape;
  const rotated = 2 * values[2]!.shape[1]!;
  const partial = rotated < width! ? { rotary_embedding_dim: rotated, num_heads: heads! } : {};
  const ids = emit.node('Cast', [positions!], { to: TYPE_CODES.i64 });
  return emit.node('RotaryEmbedding', [x!, ids, cos!, sin!], { interleaved: 0, ...partial }, MS);
}

function lowerPad<Tensor>({ emit, inputs, values, attrs }: Lowering<Tensor>): Tensor {
  const rank = values[0]!.shape.length;
  const pads = new Array<number>(2 * rank).fill(0);
  pads[attrs.axis as number] = attrs.before as number;
  pads[rank + (attrs.axis as number)] = attrs.after as number;
  return emit.node('Pad', [inputs[0]!, emit.i64(pads)], { mode: 'constant' });
}

function lowerMatmul<Tensor>({ emit, inputs, attrs }: Lowering<Tensor>): Tensor {
  if (!attrs.transA && !attrs.transB && attrs.alpha === 1) return emit.node('MatMul', inputs);
  const fused = {
    transA: attrs.transA ? 1 : 0,
    transB: attrs.transB ? 1 : 0,
    alpha: { float: attrs.alpha as number },
  };
  return emit.node('FusedMatMul', inputs, fused, MS);
}

function lowerDequantise<Tensor>({ emit, inputs, values, attrs, output }: Lowering<Tensor>): Tensor {
  const [start, end] = [attrs.start as number, attrs.end as number];
  const isWhole = start === 0 && end === values[0]!.shape[0];
  const parts = isWhole ? inputs : inputs.map((x) => sliced(emit, x, start, end, 0));
  return unpacked(emit, partsNamed(values, parts), attrs, output);
}

function lowerWiden<Tensor>({ emit, inputs, values: [x], attrs }: Lowering<Tensor>): Tensor {
  const [start, end] = [attrs.start as number, attrs.end as number];
  const isWhole = start === 0 && end === x!.shape[0];
  const rows = isWhole ? inputs[0]! : sliced(emit, inputs[0]!, start, end, 0);
  return emit.node('Cast', [rows], { to: TYPE_CODES.f32 });
}

function lowerGatherQuantised<Tensor>({
  emit,
  inputs: [indices, ...parts],
  values,
  attrs,
  output,
}: Lowering<Tensor>): Tensor {
  const rows = parts.map((part) => emit.node('Gather', [part, indices!], { axis: 0 }));
  return unpacked(emit, partsNamed(values.slice(1), rows), attrs, output);
}

// largest and smallest element are each found in one pass that writes nothing, which `Abs` before would
function lowerRowScales<Tensor>({ emit, inputs: [x] }: Lowering<Tensor>): Tensor {
  const reduced = (type: string) => emit.node(type, [x!, emit.i64([1])], { keepdims: 1 });
  const largest = emit.node('Max', [reduced('ReduceMax'), emit.node('Neg', [reduced('ReduceMin')])]);
  const bounded = emit.node('Max', [largest, emit.f32(LEAST)]);
  return emit.node('Mul', [bounded, emit.f32(1 / MOST_CODE)]);
}

function lowerRowCodes<Tensor>({ emit, inputs: [x, scales], values }: Lowering<Tensor>): Tensor {
  const [rows, columns] = values[0]!.shape as [number, number];
  const codes = emit.node('QuantizeLinear', [x!, scales!], {
    axis: 1,
    block_size: columns,
    output_dtype: TYPE_CODES.i8,
  });
  return emit.node('Reshape', [codes, emit.i64([rows, 1, columns])]);
}

/**
 * The left operand in one pass as bytes around 128, the product with its columns' scales in another. onnxruntime packs the matrix in each
 * run: keeping it packed makes a product an eighth quicker and takes its memory again, in each session (docs/decisions/0055).
 */
function lowerMatmulInt8<Tensor>({ emit, inputs, values, attrs }: Lowering<Tensor>): Tensor {
  const [x, rowScales, codes, scales] = inputs as [Tensor, Tensor, Tensor, Tensor?];
  const [rows, inner] = values[0]!.shape as [number, number];
  const [outputs, , columns] = values[2]!.shape as [number, number, number];
  const zeros = emit.u8(ZERO_CODE, [rows, 1]);
  const bytes = emit.node('QuantizeLinear', [x, rowScales, zeros], { axis: 1, block_size: inner });
  const flat = emit.node('Reshape', [codes, emit.i64([outputs, columns])]);
  const matrix = attrs.transB ? emit.node('Transpose', [flat], { perm: [1, 0] }) : flat;
  const ofColumns = scales === undefined ? emit.f32(1) : emit.node('Reshape', [scales, emit.i64([outputs])]);
  const operands = [bytes, matrix, emit.f32(1), ofColumns, emit.u8(ZERO_CODE)];
  return emit.node('Mul', [emit.node('MatMulIntegerToFloat', operands, {}, MS), rowScales]);
}

function lowerOutlierColumns<Tensor>({ emit, inputs: [x], values, attrs }: Lowering<Tensor>): Tensor {
  const [rows] = values[0]!.shape as [number];
  const ends = [0, rows, 0, stepOfSample(rows)].map((n) => emit.i64([n]));
  const sampled = emit.node('Slice', [x!, ...ends]);
  const scores = emit.node('ReduceSumSquare', [sampled, emit.i64([0])], { keepdims: 0 });
  const found = emit.second('TopK', [scores, emit.i64([attrs.count as number])], { axis: 0 });
  return emit.node('Cast', [found], { to: TYPE_CODES.i32 });
}

function lowerWithoutColumns<Tensor>({ emit, inputs, values }: Lowering<Tensor>): Tensor {
  const [x, columns] = inputs as [Tensor, Tensor];
  const expanded = (value: number, size: number) => emit.node('Expand', [emit.f32(value), emit.i64([size])]);
  const [ones, zeros] = [expanded(1, values[0]!.shape[1]!), expanded(0, values[1]!.shape[0]!)];
  return emit.node('Mul', [x, emit.node('ScatterElements', [ones, columns, zeros], { axis: 0 })]);
}

type Named<Tensor> = {
  readonly dtype: Value['dtype'];
  readonly shape: Value['shape'];
  readonly name: Tensor;
};

/** The parts of a matrix of codes by what they are, each with the name of the tensor that holds the rows which are wanted. */
export function partsNamed<Tensor>(values: readonly Value[], names: readonly Tensor[]) {
  return partsOf<Named<Tensor>>(values.map(({ dtype, shape }, i) => ({ dtype, shape, name: names[i]! })));
}

// one scale for each row of [blocks, block]: ten times as fast as the kernels for blocks, and one buffer where casts and products take two
function unpacked<Tensor>(
  emit: Emitter<Tensor>,
  { codes, scales, zeros, steps }: ReturnType<typeof partsNamed<Tensor>>,
  attrs: Attrs,
  output: Value,
): Tensor {
  const { type, block } = attrs as { type: CodeType; block: number };
  const blocks = sizeOf(output.shape) / block;
  const dequantised = (x: Tensor, ...ofRows: Tensor[]) =>
    emit.node('DequantizeLinear', [x, ...ofRows], { axis: 0 });
  const shaped = (x: Tensor, ...shape: number[]) => emit.node('Reshape', [x, emit.i64(shape)]);
  const inRow = scales.shape[1]!;
  const rows = blocks / inRow;
  const float = steps ? dequantised(shaped(scales.name, rows, inRow), shaped(steps.name, rows)) : scales.name;
  const ofBlocks = [float, ...(zeros ? [zeros.name] : [])].map((x) => shaped(x, blocks));
  const flat = shaped(codes.name, blocks, codes.shape[2]!);
  const numbers =
    type === 'int8'
      ? flat
      : type === 'int4'
        ? nibbles(emit, flat)
        : shaped(lookedUp(emit, flat), blocks, block);
  return shaped(dequantised(numbers, ...ofBlocks), ...output.shape);
}

/** Words [N, B/4] of four codes of the type nf4 as what they stand for, [N, B/4, 4]. */
function lookedUp<Tensor>(emit: Emitter<Tensor>, words: Tensor): Tensor {
  const index = emit.node('Cast', [words], { to: TYPE_CODES.i32 });
  nf4Words ??= Int8Array.from(
    { length: 2 ** 16 * NF4_IN_WORD },
    (_, i) => NF4_STEPS[((i >> 2) >> (4 * (i & 3))) & 15]!,
  );
  return emit.node('Gather', [emit.i8(nf4Words, [2 ** 16, NF4_IN_WORD]), index], { axis: 0 });
}

/** What each word of four codes stands for, 256 KiB: looking words up is nearly twice as quick as bytes. Made when it is first needed. */
let nf4Words: Int8Array | null = null;

/** Bytes [N, B/2] as 16 times their codes of 4 bits [N, B]: the low halves of a block's bytes come first. */
function nibbles<Tensor>(emit: Emitter<Tensor>, codes: Tensor): Tensor {
  const low = emit.node('BitShift', [codes, emit.u8(4)], { direction: 'LEFT' });
  const high = emit.node('BitwiseAnd', [codes, emit.u8(240)]);
  return emit.node('Concat', [low, high], { axis: 1 });
}

// ScatterElements adds in file order on one thread, so that repeated indices give the same sum in every run
function lowerScatterAdd<Tensor>({ emit, inputs, values, output }: Lowering<Tensor>): Tensor {
  const [updates, indices] = values as [Value, Value];
  const count = sizeOf(indices.shape);
  const tail = output.shape.slice(1);
  const flat = emit.node('Reshape', [inputs[0]!, emit.i64([count, ...tail])]);
  const ids = emit.node('Reshape', [
    emit.node('Cast', [inputs[1]!], { to: TYPE_CODES.i64 }),
    emit.i64([count, ...tail.map(() => 1)]),
  ]);
  const wide = emit.node('Expand', [ids, emit.i64([count, ...tail])]);
  const zeros = emit.node('Expand', [
    updates.dtype === 'i32' ? emit.i32(Int32Array.of(0), []) : emit.f32(0),
    emit.i64(output.shape),
  ]);
  return emit.node('ScatterElements', [zeros, wide, flat], { axis: 0, reduction: 'add' });
}

type Shift = <Tensor>(emit: Emitter<Tensor>, x: Tensor, bits: number) => Tensor;

/** The formula of ops/primitives/random.ts in wrapping int32; `xorShift` is x ^ (x >>> bits), and `shift` x >>> bits as any integers. */
export function randomBy(xorShift: Shift, shift: Shift): Row {
  return ({ emit, inputs, output, attrs }) => {
    const size = sizeOf(output.shape);
    const int = (value: number) => emit.i32(Int32Array.of(value), []);
    const mixed = (x: (typeof inputs)[number]) => {
      const once = emit.node('Mul', [xorShift(emit, x, 16), int(MIX_1 | 0)]);
      return xorShift(emit, emit.node('Mul', [xorShift(emit, once, 15), int(MIX_2 | 0)]), 16);
    };
    const seed = emit.node('BitwiseXor', [
      emit.node('Reshape', [inputs[0]!, emit.i64([1])]),
      emit.i32(Int32Array.of(mix(attrs.stream as number)), [1]),
    ]);
    const range = emit.node('Range', [int(1), int(size + 1), int(1)]);
    const counter = emit.node('Add', [emit.node('Mul', [range, int(GOLDEN | 0)]), mixed(seed)]);
    const top = emit.node('Cast', [shift(emit, mixed(counter), 8)], { to: TYPE_CODES.f32 });
    return emit.node('Reshape', [emit.node('Mul', [top, emit.f32(2 ** -24)]), emit.i64(output.shape)]);
  };
}

function xorShifted<Tensor>(emit: Emitter<Tensor>, x: Tensor, bits: number): Tensor {
  const word = emit.node('Cast', [x], { to: TYPE_CODES.u32 });
  const shifted = emit.node('BitShift', [word, emit.u32(bits)], { direction: 'RIGHT' });
  return emit.node('Cast', [emit.node('BitwiseXor', [word, shifted])], { to: TYPE_CODES.i32 });
}

function topBits<Tensor>(emit: Emitter<Tensor>, x: Tensor, bits: number): Tensor {
  const word = emit.node('Cast', [x], { to: TYPE_CODES.u32 });
  return emit.node('BitShift', [word, emit.u32(bits)], { direction: 'RIGHT' });
}
