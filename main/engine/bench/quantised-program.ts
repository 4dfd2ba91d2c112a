/**
 * Products with weights in 8 and 4 bits as QLoRA has them: codes are unpacked to float32 and multiplied. The
 * weights lie in a file, as a model's do; those in memory would be sent to a card at each run.
 */
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Executor, TimedProgram, WeightLocation } from '../exec/executor.ts';
import { type CodeType, DTYPE_BYTES } from '../ir/dtype.ts';
import { Graph } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import { type QuantisedPart, quantisedParts, WEIGHT_BLOCK } from '../nn/quantised.ts';
import { dequantise, matmul } from '../ops/functions.ts';
import { joined, numbers, weightsOf } from './programs.ts';
import type { ProductShape } from './shapes.ts';

/** External weights begin where a page does. */
const PAGE = 4096;
/** Scales small enough for sums of a few thousand products to stay ordinary numbers. */
const SCALE = 1e-3;

/**
 * `weightsOf(shape)` products of [rows, inner] with unpacked [columns, inner], whose codes lie in a file in
 * `folder` until release; rejects with the system's error where it cannot be written.
 */
export async function quantisedProgram(
  executor: Executor,
  shape: ProductShape,
  folder: string,
): Promise<TimedProgram> {
  const { rows, inner, columns } = shape;
  const type = shape.type as CodeType;
  const graph = new Graph();
  const x = graph.input('x', 'f32', [rows, inner]);
  const file = new CodesFile(folder);
  const leaf = (part: QuantisedPart) => {
    file.add(part);
    return graph.weight(part.name, part.shape, part.dtype);
  };
  const products = Array.from({ length: weightsOf(shape) }, (_, i) => {
    const parts = quantisedParts(`w${i}`, [columns, inner], { type, block: WEIGHT_BLOCK, isDouble: false });
    const [codes, scales] = [leaf(parts.codes), leaf(parts.scales)];
    const quantised = { codes, scales, zeros: parts.zeros && leaf(parts.zeros) };
    return matmul(x, dequantise(quantised, type, WEIGHT_BLOCK), { transB: true });
  });
  const out = joined(products);
  graph.output('out', out);
  try {
    await file.write();
    const program = await executor.compile(graph, { weights: (name) => file.at(name) });
    const feed = executor.tensor('f32', [rows, inner], numbers(rows * inner));
    const into = executor.keeps === 'host' ? { out: executor.tensor('f32', out.shape) } : {};
    return {
      run: () => program.run({ x: feed }, into),
      async release() {
        await program.release();
        feed.release();
        await file.remove();
      },
    };
  } catch (error) {
    await file.remove();
    throw error;
  }
}

/** A file of codes and scales, part behind part. */
class CodesFile {
  /** A name that the measurement of the disk also removes, where a killed process left it behind. */
  readonly #file: string;
  readonly #places = new Map<string, { offset: number; part: QuantisedPart }>();
  #end = 0;

  constructor(folder: string) {
    this.#file = path.join(folder, `.fettle-disk-${randomBytes(6).toString('hex')}.tmp`);
  }

  add(part: QuantisedPart): void {
    this.#places.set(part.name, { offset: this.#end, part });
    this.#end += Math.ceil(bytesOf(part) / PAGE) * PAGE;
  }

  at(name: string): WeightLocation {
    const { offset, part } = this.#places.get(name)!;
    return { kind: 'file', file: this.#file, offset, bytes: bytesOf(part) };
  }

  async write(): Promise<void> {
    const all = new Uint8Array(this.#end);
    for (const { offset, part } of this.#places.values()) {
      if (part.dtype === 'f32') new Float32Array(all.buffer, offset, sizeOf(part.shape)).fill(SCALE);
      // every code, and zeros from 0 to 15
      else
        for (let i = 0; i < bytesOf(part); i++)
          all[offset + i] = (Math.imul(i + 1, 2654435761) >>> 24) & codeMask(part);
    }
    await writeFile(this.#file, all);
  }

  remove(): Promise<void> {
    return rm(this.#file, { force: true }).catch(() => {});
  }
}

const codeMask = ({ name }: QuantisedPart) => (name.endsWith('.zeros') ? 0x0f : 0xff);

function bytesOf({ dtype, shape }: QuantisedPart): number {
  return sizeOf(shape) * DTYPE_BYTES[dtype];
}
