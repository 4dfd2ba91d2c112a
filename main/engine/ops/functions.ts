/** Everything that builds graphs, in one import for layers and models. */
export { ACTIVATIONS, activationOf, gelu, geluTanh, relu, silu } from './fused/activation.ts';
export { attention, type Chunk, chunksOf, foldHeads, longAttention, softmax } from './fused/attention.ts';
export { gatherQuantised } from './fused/gather-quantised.ts';
export {
  columnsAt,
  matmulInt8,
  outlierColumns,
  type RowCodes,
  rowScales,
  withoutColumns,
} from './fused/int8.ts';
export { linearScan, unitLowerInverse } from './fused/linear-scan.ts';
export { layerNorm, rmsNorm } from './fused/norm.ts';
export { rope } from './fused/rope.ts';
export { shortConvolution } from './fused/short-convolution.ts';
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
export { reduceMax } from './primitives/reduce.ts';
export { gather, scatterAdd } from './primitives/rows.ts';
export { after } from './primitives/schedule.ts';
export {
  broadcastTo,
  concat,
  pad,
  reduceSum,
  reshape,
  scalar,
  slice,
  sumToShape,
  transpose,
} from './primitives/shape.ts';
export { narrow, widen } from './primitives/widen.ts';
