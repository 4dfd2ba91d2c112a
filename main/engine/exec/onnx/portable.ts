/**
 * ONNX models for other programs: standard operations alone, weights inside, and any number of texts of any length. The graph is built for
 * two prime sizes, so that each dimension tells which of them it is made of; shapes are then computed from those of the input.
 */
import { internal } from '../../../../common/errors.ts';
import type { Graph, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { simplify } from '../../passes/index.ts';
import { OPEN, type PortableInputs, type PortableOptions } from '../foreign.ts';
import { type Emitter, type Lowering, ON_CPU, type Row, withRows } from './lower.ts';
import { TYPE_CODES } from './onnx.ts';
import { GraphWriter } from './onnx-export.ts';

/** Operations of one vendor, and those on codes, which no portable graph has. */
const LACKS = ['rope', 'silu', 'rmsNorm', 'gatherQuantised', 'rowScales', 'rowCodes', 'matmulInt8'] as const;

/** The file of `graph`, whose outputs keep their names. */
export function portableOnnx(
  graph: Graph,
  { weights, rounded, inputs, hasTypes = false }: PortableOptions,
): Uint8Array {
  const known: Known = { tables: new Map(), turned: new Set(), sizes: { batch: '', time: '' } };
  const dialect = withRows(ON_CPU, rowsOf(known), LACKS);
  const ready = simplify(graph, dialect.fused);
  const writer = new GraphWriter(dialect);
  const given = declareInputs(writer, hasTypes);
  Object.assign(known.sizes, { batch: given.batch, time: given.time });
  const made = inputs(given);
  for (const [name, value] of ready.inputs) writer.declareComputed(value, made[name]!);
  for (const [name, value] of ready.weights) {
    const data = weights.get(name);
    if (data?.length !== sizeOf(value.shape)) throw internal(`no values for the weight ${name}`);
    if (value.shape.some((size) => isOpen(factors(size)))) throw internal(`${name} has the size of an input`);
    if (isOnlyTransposed(ready, value)) known.turned.add(value);
    if (rounded.has(name)) declareRounded(writer, { name, value, data }, known);
    else declareWhole(writer, { name, value, data }, known);
  }
  const nameOfSize = (size: number) =>
    size === OPEN.batch ? 'batch_size' : size === OPEN.time ? 'sequence_length' : size;
  return writer.written(ready, {
    nameOf: (name) => name,
    shapeOf: ({ shape }) => shape.map(nameOfSize),
  });
}

/** What rows of the table need to know of the model. */
interface Known {
  /** Tables of which rows are read, as codes and scales. */
  readonly tables: Map<Value, { readonly codes: string; readonly scales: string }>;
  /** Matrices that the file holds transposed, as products want them. */
  readonly turned: Set<Value>;
  readonly sizes: { readonly batch: string; readonly time: string };
}

function declareInputs(writer: GraphWriter, hasTypes: boolean): PortableInputs {
  const emit = writer.emitter;
  const cast = (name: string, to: 'i32' | 'f32') => emit.node('Cast', [name], { to: TYPE_CODES[to] });
  const given = (name: string) => {
    writer.declareOwnInput(name, 'i64', ['batch_size', 'sequence_length']);
    return cast(name, 'i32');
  };
  const [ids, mask] = [given('input_ids'), given('attention_mask')];
  const types = hasTypes ? given('token_type_ids') : null;
  const shape = emit.node('Shape', ['input_ids']);
  const size = (axis: number) => emit.node('Gather', [shape, emit.i64([axis])], { axis: 0 });
  return {
    node: (type, inputs, attrs) => emit.node(type, inputs, attrs),
    i64: (values) => emit.i64(values),
    i32: (value, of) => emit.i32(Int32Array.of(value), of),
    f32: (value) => emit.f32(value),
    cast,
    ids,
    mask,
    types,
    batch: size(0),
    time: size(1),
  };
}

interface Weight {
  readonly name: string;
  readonly value: Value;
  readonly data: Float32Array;
}

function declareWhole(writer: GraphWriter, { name, value, data }: Weight, { turned }: Known): void {
  const { shape } = value;
  const isTurned = turned.has(value);
  const [rows, columns] = shape as [number, number];
  writer.declareOwn(
    name,
    'f32',
    isTurned ? [columns, rows] : shape,
    isTurned ? transposed(data, rows, columns, new Float32Array(data.length)) : data,
  );
  writer.declareComputed(value, name);
}

const MOST_CODE = 127;
/** Weights of a row that share a scale; all of them where rows don't divide into blocks. */
const BLOCK = 32;

/** As codes and their scales; a matrix becomes numbers again where it is multiplied with, a table where its rows are read. */
function declareRounded(writer: GraphWriter, { name, value, data }: Weight, { tables, turned }: Known): void {
  const [rows, columns] = value.shape as [number, number];
  const isTurned = turned.has(value);
  const block = isTurned && columns % BLOCK === 0 ? BLOCK : columns;
  const inRow = columns / block;
  const scales = new Float32Array(rows * inRow).fill(1);
  const codes = new Int8Array(data.length);
  for (let i = 0; i < scales.length; i++) {
    const values = data.subarray(i * block, (i + 1) * block);
    const most = values.reduce((largest, one) => Math.max(largest, Math.abs(one)), 0);
    if (most > 0) scales[i] = most / MOST_CODE;
    codes.set(
      values.map((one) => Math.round(one / scales[i]!)),
      i * block,
    );
  }
  const names = { codes: `${name}:codes`, scales: `${name}:scales` };
  if (!isTurned) {
    writer.declareOwn(names.codes, 'i8', [rows, columns], codes);
    writer.declareOwn(names.scales, 'f32', [rows, 1], scales);
    tables.set(value, names);
    writer.declareComputed(value, names.codes);
    return;
  }
  const kept = transposed(codes, rows, columns, new Int8Array(codes.length));
  const ofBlocks = transposed(scales, rows, inRow, new Float32Array(scales.length));
  writer.declareOwn(names.codes, 'i8', [columns, rows], kept);
  writer.declareOwn(names.scales, 'f32', inRow === 1 ? [rows] : [inRow, rows], ofBlocks);
  const attrs = inRow === 1 ? { axis: 1 } : { axis: 0, block_size: block };
  const inputs = [names.codes, names.scales];
  writer.declareComputed(value, writer.emitter.node('DequantizeLinear', inputs, attrs));
}

function transposed<Data extends Float32Array | Int8Array>(
  data: Data,
  rows: number,
  columns: number,
  into: Data,
): Data {
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      into[column * rows + row] = data[row * columns + column]!;
  return into;
}

/** Whether all that reads a weight is products with its transpose. */
function isOnlyTransposed(graph: Graph, value: Value): boolean {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(value));
  return (
    value.shape.length === 2 &&
    readers.every(
      ({ op, inputs, attrs }) =>
        op === 'matmul' && attrs.transB === true && inputs[1] === value && inputs[0] !== value,
    )
  );
}

/** Rows of the table of operations that differ: shapes of sizes that are open, and no operation of one vendor. */
function rowsOf({ tables, turned, sizes }: Known): Readonly<Record<string, Row>> {
  const own: Readonly<Record<string, (l: Lowering<string>) => string>> = {
    reshape: ({ emit, inputs, attrs }) =>
      emit.node('Reshape', [inputs[0]!, shapeOf(emit, attrs.shape as number[], sizes, true)]),
    broadcastTo: ({ emit, inputs, attrs }) =>
      emit.node('Expand', [inputs[0]!, shapeOf(emit, attrs.shape as number[], sizes, false)]),
    gather({ emit, inputs, values }) {
      const table = tables.get(values[0]!);
      if (!table) return emit.node('Gather', inputs, { axis: 0 });
      const [codes, scales] = [table.codes, table.scales].map((part) =>
        emit.node('Gather', [part, inputs[1]!], { axis: 0 }),
      ) as [string, string];
      return emit.node('Mul', [emit.node('Cast', [codes], { to: TYPE_CODES.f32 }), scales]);
    },
    matmul({ emit, inputs, values, attrs }) {
      const swapped = (x: string, { shape }: Value) => {
        const perm = shape.map((_, axis) => axis);
        [perm[perm.length - 1], perm[perm.length - 2]] = [perm.length - 2, perm.length - 1];
        return emit.node('Transpose', [x], { perm });
      };
      const [a, b] = values as [Value, Value];
      const left = attrs.transA ? swapped(inputs[0]!, a) : inputs[0]!;
      const right = attrs.transB && !turned.has(b) ? swapped(inputs[1]!, b) : inputs[1]!;
      const product = emit.node('MatMul', [left, right]);
      return attrs.alpha === 1 ? product : emit.node('Mul', [product, emit.f32(attrs.alpha as number)]);
    },
  };
  // tensors are names here, as everywhere where a file is written
  return own as unknown as Readonly<Record<string, Row>>;
}

/** How often each size of an input is in a dimension, and what is left. */
function factors(size: number): { readonly batch: number; readonly time: number; readonly rest: number } {
  const found = { batch: 0, time: 0, rest: size };
  for (const name of ['batch', 'time'] as const)
    for (; found.rest > 0 && found.rest % OPEN[name] === 0; found.rest /= OPEN[name]) found[name]++;
  return found;
}

const isOpen = ({ batch, time }: { readonly batch: number; readonly time: number }) => batch + time > 0;

/** The shape as a list of int64; where `mayInfer` the one open dimension is left to the operation. */
function shapeOf(
  emit: Emitter<string>,
  shape: readonly number[],
  sizes: Known['sizes'],
  mayInfer: boolean,
): string {
  const all = shape.map(factors);
  const open = all.filter(isOpen).length;
  if (open === 0) return emit.i64(shape);
  if (open === 1 && mayInfer) return emit.i64(all.map((one) => (isOpen(one) ? -1 : one.rest)));
  const parts = all.map(({ batch, time, rest }) => {
    const of = [...Array<string>(batch).fill(sizes.batch), ...Array<string>(time).fill(sizes.time)];
    if (of.length === 0 || rest !== 1) of.push(emit.i64([rest]));
    return of.reduce((product, one) => emit.node('Mul', [product, one]));
  });
  return emit.node('Concat', parts, { axis: 0 });
}
