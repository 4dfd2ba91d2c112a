/**
 * How each operation is computed with TensorFlow.js. The table has a row for every primitive (a missing one is a compile error)
 * and rows for the fused operations that TensorFlow.js has kernels for. A row gives a new tensor, also where it shares memory.
 */

import { internal } from '../../../../common/errors.ts';
import { allocate, type HostArray } from '../../ir/dtype.ts';
import type { Attrs, Node, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { type FusedName, opOf, type PrimitiveName } from '../../ops/functions.ts';
import type { MatmulAttrs } from '../../ops/primitives/matmul.ts';
import {
  type Backend,
  type DequantiseAttrs,
  isCodes,
  type RunValue,
  type Tensor,
  type TensorFlow,
} from './backend.ts';

interface Step {
  readonly backend: Backend;
  readonly tf: TensorFlow;
  readonly x: readonly Tensor[];
  readonly held: readonly RunValue[];
  readonly attrs: Attrs;
  readonly node: Node;
}

type Row = (step: Step) => Tensor;

const list = (value: unknown) => value as number[];

type Unary = 'neg' | 'exp' | 'log' | 'sqrt' | 'reciprocal' | 'tanh' | 'sigmoid' | 'erf' | 'relu' | 'softmax';
type Binary = 'add' | 'sub' | 'mul' | 'maximum' | 'equal' | 'lessEqual' | 'logicalAnd';
const unary =
  (name: Unary): Row =>
  ({ tf, x }) =>
    tf[name](x[0]!);
const binary =
  (name: Binary): Row =>
  ({ tf, x }) =>
    tf[name](x[0]!, x[1]!);

const PRIMITIVE_ROWS: Readonly<Record<PrimitiveName, Row>> = {
  neg: unary('neg'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),
  reciprocal: unary('reciprocal'),
  tanh: unary('tanh'),
  sigmoid: unary('sigmoid'),
  erf: unary('erf'),
  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  // whole numbers are cut towards zero here and rounded down by TensorFlow.js
  div: (step) => (step.x[0]!.dtype === 'int32' ? onHost(step) : step.tf.div(step.x[0]!, step.x[1]!)),
  maximum: binary('maximum'),
  equal: binary('equal'),
  lessEqual: binary('lessEqual'),
  and: binary('logicalAnd'),
  where: ({ tf, x }) => tf.where(x[0]!, x[1]!, x[2]!),
  cast: castRow,
  reshape: ({ tf, x, attrs }) => tf.reshape(x[0]!, list(attrs.shape)),
  transpose: ({ tf, x, attrs }) => tf.transpose(x[0]!, list(attrs.perm)),
  broadcastTo: ({ tf, x, attrs }) => tf.broadcastTo(x[0]!, list(attrs.shape)),
  slice: sliceRow,
  pad: ({ tf, x, attrs }) => {
    const own: [number, number] = [attrs.before as number, attrs.after as number];
    return tf.pad(
      x[0]!,
      x[0]!.shape.map((_, axis) => (axis === attrs.axis ? own : [0, 0])),
    );
  },
  concat: ({ tf, x, attrs }) => tf.concat([...x], attrs.axis as number),
  reduceSum: ({ tf, x, attrs }) => tf.sum(x[0]!, list(attrs.axes), attrs.keepDims as boolean),
  reduceMax: ({ tf, x, attrs }) => tf.max(x[0]!, list(attrs.axes), attrs.keepDims as boolean),
  matmul: ({ backend, x, attrs }) => backend.matmul(x[0]!, x[1]!, attrs as unknown as MatmulAttrs),
  dequantise: ({ backend, held, attrs, node }) => {
    const [codes, scales, ...rest] = held as [RunValue, RunValue, ...RunValue[]];
    const steps = isCodes(scales) ? (rest.pop() as Tensor) : null;
    const [zeros = null] = rest;
    if (!isCodes(codes) || (zeros && !isCodes(zeros)))
      throw internal('dequantise got a tensor for its codes');
    const parts = { codes, scales, zeros, steps };
    return backend.dequantise(parts, attrs as unknown as DequantiseAttrs, node.output.shape);
  },
  // what rests in 16 bits was widened when it was read
  widen: ({ tf, x, attrs, node }) =>
    tf.slice(x[0]!, [attrs.start as number, ...node.output.shape.slice(1).fill(0)], [...node.output.shape]),
  // it has no floats of 16 bits: numbers stay as they are
  narrow: ({ tf, x }) => tf.clone(x[0]!),
  gather: ({ tf, x }) => tf.gather(x[0]!, x[1]!),
  scatterAdd: scatterAddRow,
  // neither backend has all the integer operations that it takes, and both would round its products
  randomUniform: onHost,
  after: ({ tf, x }) => tf.clone(x[0]!),
};

const FUSED_ROWS: Readonly<Partial<Record<FusedName, Row>>> = {
  softmax: unary('softmax'),
  relu: unary('relu'),
};

const ROWS: Readonly<Record<string, Row>> = { ...PRIMITIVE_ROWS, ...FUSED_ROWS };

/** Fused operations that need no decomposition for TensorFlow.js. */
export const NATIVE_FUSED: ReadonlySet<string> = new Set(Object.keys(FUSED_ROWS));

/** Computes `node` from its operands; whatever it makes on the way is disposed of. */
export function computeNode(backend: Backend, node: Node, held: readonly RunValue[]): Tensor {
  const row = ROWS[node.op];
  if (!row) throw internal(`TensorFlow.js has no row for ${node.op}`);
  const { tf } = backend;
  // a row that reads codes as a tensor would fail at once: they have no dtype
  const x = held as readonly Tensor[];
  return tf.tidy(() => row({ backend, tf, x, held, attrs: node.attrs, node }));
}

function castRow({ tf, x: [x], attrs }: Step): Tensor {
  // conversion to booleans keeps the lowest byte on one of the backends
  if (attrs.to === 'bool') return tf.notEqual(x!, tf.scalar(0, x!.dtype));
  return tf.cast(x!, attrs.to === 'i32' ? 'int32' : 'float32');
}

function sliceRow({ tf, x: [x], attrs, node }: Step): Tensor {
  const begin = x!.shape.map((_, axis) => (axis === attrs.axis ? (attrs.start as number) : 0));
  return tf.slice(x!, begin, [...node.output.shape]);
}

// rows with the same index add up; the wasm backend lacks the sum by segments, which says the same
function scatterAddRow({ tf, x, node }: Step): Tensor {
  const [updates, indices] = node.inputs as [Value, Value];
  const count = sizeOf(indices.shape);
  const tail = updates.shape.slice(indices.shape.length);
  return tf.scatterND(tf.reshape(x[1]!, [count, 1]), tf.reshape(x[0]!, [count, ...tail]), [
    ...node.output.shape,
  ]);
}

/** The operation by its definition, on the host: exact, and a copy there and back. */
function onHost({ backend, tf, x, attrs, node }: Step): Tensor {
  const { dtype, shape } = node.output;
  const def = opOf(node.op);
  if (!def.reference) throw internal(`${node.op} was not decomposed`);
  const operands = node.inputs.map((value, i) => {
    const data: HostArray = allocate(value.dtype, sizeOf(value.shape));
    backend.download(x[i]!, data);
    return { dtype: value.dtype, shape: value.shape, data };
  });
  const data = allocate(dtype, sizeOf(shape));
  def.reference(operands, attrs, { dtype, shape, data });
  return tf.clone(backend.upload(data, node.output) as Tensor);
}
