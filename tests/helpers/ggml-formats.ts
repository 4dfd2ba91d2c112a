/**
 * How far ggml is from the definitions by the format in which weights lie on the device: all operations on their samples, and products with
 * one matrix, forward and backward, and the reference values of every family. The tests hold it
 * against `MOST`; scripts/ggml-deviations.ts writes it into docs/devices.md.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Executor } from '../../main/engine/exec/executor.ts';
import { packed } from '../../main/engine/exec/ggml/codes.ts';
import { openGguf } from '../../main/engine/io/gguf.ts';
import { dequantizerOf } from '../../main/engine/io/gguf-blocks.ts';
import { LAYOUT_OF } from '../../main/engine/io/gguf-types.ts';
import type { HostArray } from '../../main/engine/ir/dtype.ts';
import { Graph, type Value } from '../../main/engine/ir/graph.ts';
import { ownBlocks } from '../../main/engine/load/quantised-weights.ts';
import { matrixFormat } from '../../main/engine/nn/quantised.ts';
import {
  type CodeType,
  codesOf,
  dequantise,
  matmul,
  OPS,
  transpose,
  widen,
} from '../../main/engine/ops/functions.ts';
import { halfOfNumber } from '../../main/engine/ops/primitives/widen.ts';
import { referenceCases } from '../golden/case.ts';
import { checkFamily } from '../golden/check-family.ts';
import { ONCE } from '../golden/checked.ts';
import { seeded } from './random.ts';
import { expectedOf, sampleCase } from './samples.ts';

const [ROWS, COLUMNS, TOKENS] = [48, 128, 9];

export type Data = Readonly<Record<string, HostArray>>;

/** A matrix as weights of a graph, its numbers as the graph has them, and what these should be where they aren't exactly that. */
export interface Matrix {
  readonly value: Value;
  readonly data: Data;
  readonly exact?: Float32Array;
}

/** Parts of a matrix in few bits as weights, and their data. */
export function codedMatrix(graph: Graph, type: CodeType, block: number, zero?: number) {
  const blocks = COLUMNS / block;
  const { dtype, shape } = codesOf(type, ROWS, blocks, block);
  const random = seeded(5);
  const size = shape.reduce((a, b) => a * b, 1);
  const bytes = Uint16Array.from({ length: size }, () => Math.floor(random() * 65536));
  const codes: HostArray =
    dtype === 'u16' ? bytes : dtype === 'i8' ? Int8Array.from(bytes) : Uint8Array.from(bytes);
  const scales = Float32Array.from({ length: ROWS * blocks }, () => 0.001 + 0.01 * random());
  const data: Record<string, HostArray> = { codes, scales };
  const parts = {
    codes: graph.weight('codes', shape, dtype),
    scales: graph.weight('scales', [ROWS, blocks, 1]),
    ...(type === 'int4' && { zeros: graph.weight('zeros', [ROWS, blocks, 1], 'u8') }),
  };
  if (type === 'int4')
    data.zeros = Uint8Array.from({ length: ROWS * blocks }, () => zero ?? Math.floor(random() * 256));
  return { parts, data };
}

interface Format {
  /** As ggml has it; of a file, what that has. */
  readonly name: string;
  readonly from: string;
  make(graph: Graph): Promise<Matrix>;
}

const floats = () => {
  const random = seeded(5);
  return Float32Array.from({ length: ROWS * COLUMNS }, () => 2 * random() - 1);
};

const plain = async (graph: Graph): Promise<Matrix> => ({
  value: graph.weight('w', [ROWS, COLUMNS]),
  data: { w: floats() },
});

const halved =
  (dtype: 'f16' | 'bf16') =>
  async (graph: Graph): Promise<Matrix> => {
    const bits = new Uint32Array(floats().buffer);
    const w =
      dtype === 'f16' ? Uint16Array.from(floats(), halfOfNumber) : Uint16Array.from(bits, (x) => x >>> 16);
    return { value: widen(graph.weight('w', [ROWS, COLUMNS], dtype)), data: { w } };
  };

const coded =
  (stored: string, type: CodeType, block: number, zero?: number) =>
  async (graph: Graph): Promise<Matrix> => {
    const { parts, data } = codedMatrix(graph, type, block, zero);
    const values = Object.values(parts);
    const found = packed({
      values,
      data: Object.keys(parts).map((key) => data[key]!),
      attrs: { type, block },
    });
    if (found.type !== stored) throw new Error(`codes of ${type} became ${found.type} and not ${stored}`);
    return { value: dequantise(parts, type, block), data };
  };

const KEPT = path.join(import.meta.dirname, '..', 'golden', 'data', 'gguf', 'q4_k_m.gguf');

/** A matrix that llama.cpp has quantised, taken over in 4 bits as QLoRA does. */
async function fromFile(graph: Graph): Promise<Matrix> {
  const file = await openGguf(KEPT);
  const name = 'blk.0.ffn_gate.weight';
  const { bytes, shape, dtype } = file.tensors.get(name)!;
  const { blockBytes, blockSize } = LAYOUT_OF.get(dtype)!;
  const raw = await file.readBlocks(name, 0, bytes / blockBytes);
  await file.close();
  const exact = new Float32Array((bytes / blockBytes) * blockSize);
  dequantizerOf(dtype as 'Q4_K')(raw, bytes / blockBytes, exact, 0);
  const format = matrixFormat('int4', shape)!;
  const { codes, scales, zeros } = ownBlocks(dtype, format)!.take(raw, shape[1]!);
  const [rows, blocks] = [shape[0]!, shape[1]! / format.block];
  const own = codesOf('int4', rows, blocks, format.block);
  const parts = {
    codes: graph.weight('codes', own.shape, own.dtype),
    scales: graph.weight('scales', [rows, blocks, 1]),
    zeros: graph.weight('zeros', [rows, blocks, 1], 'u8'),
  };
  return { value: dequantise(parts, 'int4', format.block), data: { codes, scales, zeros: zeros! }, exact };
}

export const FORMATS: readonly Format[] = [
  { name: 'f32', from: 'float32', make: plain },
  { name: 'f16', from: 'float16', make: halved('f16') },
  { name: 'bf16', from: 'bfloat16', make: halved('bf16') },
  { name: 'q8_0', from: '8 bits', make: coded('q8_0', 'int8', 32) },
  { name: 'q8_0', from: '8 bits, blocks of 64', make: coded('q8_0', 'int8', 64) },
  { name: 'q8_0', from: '8 bits, one scale a row', make: coded('q8_0', 'int8', COLUMNS) },
  { name: 'q8_0', from: 'NF4', make: coded('q8_0', 'nf4', 64) },
  { name: 'q4_0', from: '4 bits around zero', make: coded('q4_0', 'int4', 32, 128) },
  { name: 'q4_1', from: '4 bits', make: coded('q4_1', 'int4', 64) },
  { name: 'q4_1', from: 'Q4_K of a GGUF file', make: fromFile },
];

/** What the matrix is used for; a shape where it is multiplied with something. */
const USES = {
  forward: (graph: Graph, w: Value) =>
    matmul(graph.input('x', 'f32', [TOKENS, w.shape[1]!]), w, { transB: true }),
  backward: (graph: Graph, w: Value) => matmul(graph.input('x', 'f32', [TOKENS, w.shape[0]!]), w),
  unpacked: (_: Graph, w: Value) => transpose(w, [1, 0]),
} as const;
export type Use = keyof typeof USES;
export const USE_NAMES = Object.keys(USES) as readonly Use[];

/** The size of the difference as a share of what was wanted. */
export function shareOf(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const exact = Array.from(wanted, Number);
  return Math.hypot(...exact.map((value, i) => value - got[i]!)) / Math.hypot(...exact);
}

/** The output `y` of a graph on an executor. */
export async function computedBy(executor: Executor, graph: Graph, data: Data): Promise<ArrayLike<number>> {
  const program = await executor.compile(graph, {
    weights: (name) => ({ kind: 'memory', data: data[name]! }),
  });
  try {
    return (await program.run(data)).outputs.y as Float32Array;
  } finally {
    await program.release();
  }
}

/** How far the use of a matrix in a format is from the same with the numbers that the codes, or the file's blocks, stand for. */
export async function deviationOf(executor: Executor, { make }: Format, use: Use): Promise<number> {
  const graph = new Graph();
  const { value, data, exact } = await make(graph);
  graph.output('y', USES[use](graph, value));
  const random = seeded(9);
  const size = graph.inputs.get('x')?.shape.reduce((a, b) => a * b, 1) ?? 0;
  const given = { ...data, x: Float32Array.from({ length: size }, () => 2 * random() - 1) };
  return shareOf(
    await computedBy(executor, graph, given),
    exact ? asExact(exact, value, use, given) : expected(graph, given),
  );
}

const expected = (graph: Graph, data: Data) => Array.from(expectedOf(graph, data), Number);

function asExact(w: Float32Array, { shape }: Value, use: Use, data: Data) {
  const graph = new Graph();
  graph.output('y', USES[use](graph, graph.weight('w', shape)));
  return expected(graph, { ...data, w });
}

/** Formats of the operands of samples. */
const NARROW = ['f16', 'bf16'] as const;

/** Each operation's largest difference on its samples, relative above 1, by the narrowest format of their operands. */
export async function* operationsOf(executor: Executor) {
  for (const def of Object.values(OPS))
    for (const sample of def.samples) {
      const format = NARROW.find((one) => sample.inputs.some(({ dtype }) => dtype === one)) ?? 'f32';
      const { graph, data } = sampleCase(def, sample as never);
      const got = await computedBy(executor, graph, data);
      const far = expected(graph, data).map(
        (value, i) => Math.abs(got[i]! - value) / Math.max(1, Math.abs(value)),
      );
      yield { operation: def.name, format, worst: Math.max(0, ...far) };
    }
}

export type Backend = 'processor' | 'Vulkan';

/**
 * What the tests allow. The processor's kernels round the other operand of a forward product with quantised weights to 8 bits.
 */
export const MOST: Readonly<
  Record<Backend, Readonly<Record<'operations' | Use, (name: string, from: string) => number>>>
> = {
  processor: {
    operations: () => 2e-6,
    forward: (name) => (name.startsWith('q') ? 0.02 : 1e-6),
    backward: unpackedMost,
    unpacked: unpackedMost,
  },
  Vulkan: {
    operations: () => 2e-5,
    forward: unpackedMost,
    backward: unpackedMost,
    unpacked: unpackedMost,
  },
};

/** Scales become float16; the offsets of Q4_K go to the nearest sixteenth of a step. */
function unpackedMost(name: string, from: string): number {
  if (from.startsWith('Q4_K')) return 0.01;
  return name.startsWith('q') ? 0.001 : 1e-6;
}

/** What scripts/ggml-deviations.ts has measured. */
export const DEVIATIONS_FILE = path.join(import.meta.dirname, '..', 'bench', 'data', 'ggml-deviations.json');

/** Of a quantity in all families, the one nearest to what is allowed. */
export interface FamilyDeviation {
  readonly quantity: string;
  readonly family: string;
  readonly worst: number;
  readonly tolerance: number;
}

export type KeptDeviations = Readonly<
  Record<
    Backend,
    {
      readonly device: string;
      readonly cases: number;
      readonly families: readonly FamilyDeviation[];
      readonly operations: Readonly<
        Record<string, { readonly operation: string; readonly worst: number; readonly samples: number }>
      >;
      readonly products: readonly ({ readonly name: string; readonly from: string } & Readonly<
        Record<Use, number>
      >)[];
    }
  >
>;

export const keptDeviations = (): KeptDeviations => JSON.parse(fs.readFileSync(DEVIATIONS_FILE, 'utf8'));

/** The reference values of all families on an executor, of each quantity the line nearest to its tolerance. */
export async function familiesOf(executor: () => Promise<Executor>) {
  const nearest = new Map<string, FamilyDeviation>();
  const cases = referenceCases();
  for (const [family, folder] of cases)
    for (const line of await checkFamily(folder, await executor(), ONCE)) {
      const quantity = line.quantity.replace(/^config\.json: | \(.*\)$/g, '');
      const before = nearest.get(quantity);
      if (!before || shareUsed(line) > shareUsed(before))
        nearest.set(quantity, { ...line, quantity, family });
    }
  return { cases: cases.length, families: [...nearest.values()] };
}

const shareUsed = ({ worst, tolerance }: Pick<FamilyDeviation, 'worst' | 'tolerance'>) =>
  tolerance === 0 ? (worst === 0 ? 0 : Number.POSITIVE_INFINITY) : worst / tolerance;

/** Rows of the table by quantity: the worst of any family on each backend, and what is allowed there. */
export function familyRows(): {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const { processor, Vulkan } = keptDeviations();
  const cell = ({ worst, tolerance, family }: FamilyDeviation) =>
    worst === 0 ? '0' : `${share(worst)} of ${share(tolerance)} (${family})`;
  const rows = processor.families.map((own) => {
    const other = Vulkan.families.find(({ quantity }) => quantity === own.quantity)!;
    return [own.quantity, cell(own), cell(other)];
  });
  return { head: [`of ${Vulkan.cases} cases`, 'processor', "Mesa's Vulkan"], rows };
}

const share = (value: number) => (value === 0 ? '0' : value.toExponential(1));

/** Rows of the table by format: how far each use is on each backend, and what the tests allow. */
export function deviationRows(): {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const { processor, Vulkan } = keptDeviations();
  const products = processor.products.map((own, i) => {
    const other = Vulkan.products[i]!;
    const cells = USE_NAMES.map((use) => `${share(own[use])}, ${share(other[use])}`);
    const allowed = (backend: Backend) => MOST[backend].forward(own.name, own.from);
    return [own.name, own.from, ...cells, `${share(allowed('processor'))}, ${share(allowed('Vulkan'))}`];
  });
  const operations = Object.entries(processor.operations).map(([format, own]) => {
    const other = Vulkan.operations[format]!;
    const worst = (one: typeof own) => (one.worst === 0 ? '0' : `${share(one.worst)} (\`${one.operation}\`)`);
    return [
      format,
      `operations, ${own.samples} samples`,
      `${worst(own)}, ${worst(other)}`,
      ...['', ''],
      `${share(MOST.processor.operations('', ''))}, ${share(MOST.Vulkan.operations('', ''))}`,
    ];
  });
  const head = ['in ggml', 'from', 'forward product', 'backward product', 'unpacked', 'allowed forward'];
  return { head, rows: [...operations, ...products] };
}
