/**
 * The operations in one import: the functions that build graphs, and the registry: a closed set of primitives, and the fused operations
 * that decompose into them.
 */

import { internal } from '../../../common/errors.ts';
import type { OpDef } from './define.ts';
import { attentionOp, longAttentionOp, softmaxOp } from './fused/attention.ts';
import { gatherQuantisedOp } from './fused/gather-quantised.ts';
import {
  columnsAtOp,
  matmulInt8Op,
  outlierColumnsOp,
  rowCodesOp,
  rowScalesOp,
  withoutColumnsOp,
} from './fused/int8.ts';
import { geluOp, geluTanhOp, layerNormOp, reluOp, rmsNormOp, ropeOp, siluOp } from './fused/layer.ts';
import { linearScanOp, shortConvolutionOp, unitLowerInverseOp } from './fused/without-attention.ts';
import { dequantiseOp } from './primitives/dequantise.ts';
import * as elementwise from './primitives/elementwise.ts';
import { andOp, castOp, equalOp, lessEqualOp, whereOp } from './primitives/logic.ts';
import { matmulOp } from './primitives/matmul.ts';
import { randomUniformOp } from './primitives/random.ts';
import { gatherOp, scatterAddOp } from './primitives/rows.ts';
import { afterOp } from './primitives/schedule.ts';
import * as shape from './primitives/shape.ts';
import { narrowOp, widenOp } from './primitives/widen.ts';

export { attention, type Chunk, chunksOf, foldHeads, longAttention, softmax } from './fused/attention.ts';
export { gatherQuantised } from './fused/gather-quantised.ts';
export {
  columnsAt,
  matmulInt8,
  outlierColumns,
  type RowCodes,
  rowCodes,
  rowScales,
  withoutColumns,
} from './fused/int8.ts';
// what builds graphs, for layers and models
export {
  ACTIVATIONS,
  activationOf,
  gelu,
  geluTanh,
  layerNorm,
  relu,
  rmsNorm,
  rope,
  silu,
} from './fused/layer.ts';
export { linearScan, shortConvolution, unitLowerInverse } from './fused/without-attention.ts';
export {
  CODE_BITS,
  type Codes,
  type CodeType,
  codesOf,
  dequantise,
  NF4_IN_WORD,
  NF4_STEPS,
  partsOf,
  ZERO_STEPS,
} from './primitives/dequantise.ts';
export {
  add,
  div,
  erf,
  exp,
  log,
  maximum,
  mul,
  neg,
  reciprocal,
  sigmoid,
  sqrt,
  sub,
  tanh,
} from './primitives/elementwise.ts';
export { and, cast, equal, lessEqual, where } from './primitives/logic.ts';
export { matmul } from './primitives/matmul.ts';
export { randomUniform } from './primitives/random.ts';
export { gather, scatterAdd } from './primitives/rows.ts';
export { after } from './primitives/schedule.ts';
export {
  broadcastTo,
  concat,
  pad,
  reduceMax,
  reduceSum,
  reshape,
  scalar,
  slice,
  sumToShape,
  transpose,
} from './primitives/shape.ts';
export { narrow, widen } from './primitives/widen.ts';

/** Operations that every executor implements. */
export const PRIMITIVES = {
  neg: elementwise.negOp,
  exp: elementwise.expOp,
  log: elementwise.logOp,
  sqrt: elementwise.sqrtOp,
  reciprocal: elementwise.reciprocalOp,
  tanh: elementwise.tanhOp,
  sigmoid: elementwise.sigmoidOp,
  erf: elementwise.erfOp,
  add: elementwise.addOp,
  sub: elementwise.subOp,
  mul: elementwise.mulOp,
  div: elementwise.divOp,
  maximum: elementwise.maximumOp,
  equal: equalOp,
  lessEqual: lessEqualOp,
  and: andOp,
  where: whereOp,
  cast: castOp,
  reshape: shape.reshapeOp,
  transpose: shape.transposeOp,
  broadcastTo: shape.broadcastToOp,
  slice: shape.sliceOp,
  pad: shape.padOp,
  concat: shape.concatOp,
  reduceSum: shape.reduceSumOp,
  reduceMax: shape.reduceMaxOp,
  matmul: matmulOp,
  dequantise: dequantiseOp,
  widen: widenOp,
  narrow: narrowOp,
  gather: gatherOp,
  scatterAdd: scatterAddOp,
  randomUniform: randomUniformOp,
  after: afterOp,
} as const;

/** Operations that an executor may implement; elsewhere they decompose. */
export const FUSED = {
  softmax: softmaxOp,
  rmsNorm: rmsNormOp,
  layerNorm: layerNormOp,
  silu: siluOp,
  gelu: geluOp,
  geluTanh: geluTanhOp,
  relu: reluOp,
  rope: ropeOp,
  gatherQuantised: gatherQuantisedOp,
  rowScales: rowScalesOp,
  rowCodes: rowCodesOp,
  matmulInt8: matmulInt8Op,
  outlierColumns: outlierColumnsOp,
  columnsAt: columnsAtOp,
  withoutColumns: withoutColumnsOp,
  attention: attentionOp,
  longAttention: longAttentionOp,
  shortConvolution: shortConvolutionOp,
  linearScan: linearScanOp,
  unitLowerInverse: unitLowerInverseOp,
} as const;

export type PrimitiveName = keyof typeof PRIMITIVES;
export type FusedName = keyof typeof FUSED;
export type OpName = PrimitiveName | FusedName;

/** Every operation by name. */
export const OPS = { ...PRIMITIVES, ...FUSED } as unknown as Readonly<Record<OpName, OpDef>>;

/** The definition of the operation called `name`. */
export function opOf(name: string): OpDef {
  const def = (OPS as Readonly<Record<string, OpDef>>)[name];
  if (!def) throw internal(`no operation is called ${name}`);
  return def;
}
