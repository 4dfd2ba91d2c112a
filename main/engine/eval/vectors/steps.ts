/** The steps of an encoder's training: which texts each has, and what their batches feed beside their tokens. */
import { Rng, streamSeed } from '../../../rows/rng.ts';
import type { TextShape } from '../../step/encoder-steps.ts';
import type { Batch } from './share-rows.ts';

interface Plan {
  readonly passes: number;
  /** Texts of a step. */
  readonly batch: number;
}

/** Hidden states below the trained layers, computed once for each text: [tokens, H]. */
export type Kept = readonly Float32Array[];

/** The texts of each step: those of a pass in a drawn order. */
export function planSteps(texts: number, { passes, batch }: Plan, seed: number): number[][] {
  const steps: number[][] = [];
  for (let pass = 0; pass < passes; pass++) {
    const all = Uint32Array.from({ length: texts }, (_, text) => text);
    const order = [...Rng.fromSeed(streamSeed(seed, 'encoder', String(pass))).shuffle(all)];
    for (let start = 0; start < order.length; start += batch) steps.push(order.slice(start, start + batch));
  }
  return steps;
}

/** Of each part the labels of a batch's texts; a text whose label is -1 has no weight. */
export function targetFeeds({ texts }: Batch, shape: TextShape, targets: readonly Int32Array[]) {
  const each = targets.flatMap((of, part) => {
    const [own, weights] = [new Int32Array(shape.texts), new Float32Array(shape.texts)];
    for (const [i, { text }] of texts.entries()) {
      own[i] = Math.max(0, of[text]!);
      weights[i] = of[text]! < 0 ? 0 : 1;
    }
    return [[`targets-${part}`, own] as const, [`weights-${part}`, weights] as const];
  });
  return Object.fromEntries<Int32Array | Float32Array>(each);
}

export function keptFeed({ texts }: Batch, { rows, rowLength }: TextShape, kept: Kept, width: number) {
  const all = new Float32Array(rows * rowLength * width);
  for (const { text, row, start } of texts) all.set(kept[text]!, (row * rowLength + start) * width);
  return all;
}
