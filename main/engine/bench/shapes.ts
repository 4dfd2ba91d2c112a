/** The products that the benchmark times: their speed depends on their shape by a factor of several. */
import type { MatmulRate } from '../../../common/protocol/protocol.ts';
import type { StepShape } from './lora-step.ts';

export type ProductShape = Omit<MatmulRate, 'flops'>;

/** Inner size and columns of linear layers: of a very small model, of 135 million weights, of 1.7 billion. */
const LAYERS: readonly (readonly [inner: number, columns: number])[] = [
  [256, 256],
  [256, 1024],
  [576, 576],
  [576, 1536],
  [2048, 2048],
];

/** Short micro-batches, and one of the usual size. */
const ROWS = [128, 256, 1024];

export const FLOAT_BYTES = 4;

const one = (rows: number, inner: number, columns: number): ProductShape => ({
  type: 'float32',
  batch: 1,
  rows,
  inner,
  columns,
});

/** A product of middling size: the one figure where only one is wanted. */
export const MIDDLE_PRODUCT: ProductShape = one(1024, 576, 1536);

const forward = ROWS.flatMap((rows) => LAYERS.map(([inner, columns]) => one(rows, inner, columns)));

/** Of the layer [576, 1536], for both numbers of rows: the gradients by its input and by its weight. */
const backward: readonly ProductShape[] = [128, 1024].flatMap((rows): ProductShape[] => [
  { ...one(rows, 1536, 576), transposed: 'second' },
  { ...one(576, rows, 1536), transposed: 'first' },
]);

/** Queries by keys, and what they weigh by the values; heads of 64 channels. */
const attention: readonly ProductShape[] = [
  { ...one(128, 64, 128), batch: 8, transposed: 'second' },
  { ...one(128, 128, 64), batch: 8 },
  { ...one(512, 64, 512), batch: 8, transposed: 'second' },
  { ...one(512, 512, 64), batch: 8 },
  { ...one(512, 512, 64), batch: 8, transposed: 'first' },
  { ...one(512, 64, 1024), batch: 4, transposed: 'second' },
];

/** Adapters of rank 16: down, up, and the gradient of the first matrix. */
const adapters: readonly ProductShape[] = [
  one(1024, 576, 16),
  one(1024, 16, 576),
  { ...one(576, 1024, 16), transposed: 'first' },
];

export const FLOAT_PRODUCTS: readonly ProductShape[] = [
  ...forward,
  one(256, 4096, 4096),
  ...backward,
  ...attention,
  ...adapters,
];

export const QUANTISED_PRODUCTS = (['int8', 'int4'] as const).flatMap((type) => [
  { ...one(1024, 576, 1536), type },
  { ...one(256, 2048, 2048), type },
]);

/** The same as trainings compute them: unpacked to float32 before they are multiplied. */
export const UNPACKED_PRODUCTS: readonly ProductShape[] = QUANTISED_PRODUCTS.map((shape) => ({
  ...shape,
  transposed: 'second',
  isUnpacked: true,
}));

/** Steps of a very small model, of one of 135 million weights, and of one of a billion: few layers are enough for the speed. */
export const LORA_STEPS: readonly StepShape[] = [
  { layers: 4, width: 256, between: 704, heads: 4, keyHeads: 2, vocabulary: 4096, time: 256 },
  { layers: 3, width: 576, between: 1536, heads: 9, keyHeads: 3, vocabulary: 8192, time: 512 },
  { layers: 1, width: 2048, between: 5632, heads: 32, keyHeads: 4, vocabulary: 4096, time: 512 },
];

/** Floating point operations of a product: a multiplication and an addition for each pair. */
export function flopsOf({ batch, rows, inner, columns }: ProductShape): number {
  return 2 * batch * rows * inner * columns;
}
