/**
 * Some configurations say that the output head is the embedding while the files hold a head of their own. Transformers
 * then believes the files: heads that differ are not tied. So does this.
 */

import { elementCount } from '../io/stored-shape.ts';
import type { TensorStore } from '../io/tensor-store.ts';
import type { Model } from '../models/model.ts';

const HEAD = 'lm_head.weight';
/** Elements compared at a time, 4 MB. */
const PIECE = 1 << 20;

/** Whether `store` holds an output head that differs from the embedding; equal copies are read to the end. */
export async function hasOwnHead(model: Model, store: TensorStore): Promise<boolean> {
  const head = store.tensors.get(HEAD);
  const embedding = embeddingNames(model).find((name) => store.tensors.has(name));
  if (!head || embedding === undefined) return false;
  const size = elementCount(head.shape);
  if (head.shape.join() !== store.tensors.get(embedding)!.shape.join()) return true;
  for (let start = 0; start < size; start += PIECE) {
    const range = { start, end: Math.min(size, start + PIECE) };
    const [a, b] = [await store.readF32(HEAD, range), await store.readF32(embedding, range)];
    if (a.some((value, i) => value !== b[i])) return true;
  }
  return false;
}

function embeddingNames(model: Model): readonly string[] {
  return model.storedNames(model.embedding).filter((name) => name !== HEAD);
}
