/**
 * A LoRA adapter as llama.cpp reads it beside its base model. The file has one alpha for all modules, and a module's scale
 * is alpha / rank: where an adapter scales otherwise, its B carries the difference. B's rows of query and key projections
 * are in GGUF's order, like the rows of the matrices they add to.
 */

import type { FloatType } from '../io/float-types.ts';
import type { GgufEntry } from '../io/gguf-types.ts';
import type { GgufTensorToWrite } from '../io/gguf-write.ts';
import type { LoraAdapter } from '../io/peft.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { interleaved } from '../models/gguf-layout.ts';
import type { ModelFacts } from './model-card.ts';
import { baseModelEntries } from './write-gguf.ts';

/** The metadata of an adapter for a model of `architecture`. */
export function adapterMetadata(
  architecture: string,
  { config }: LoraAdapter,
  facts: ModelFacts,
): ReadonlyMap<string, GgufEntry> {
  return new Map<string, GgufEntry>([
    ['general.architecture', { type: 'string', value: architecture }],
    ['general.type', { type: 'string', value: 'adapter' }],
    ['general.name', { type: 'string', value: facts.name }],
    ...baseModelEntries(facts),
    ['adapter.type', { type: 'string', value: 'lora' }],
    ['adapter.lora.alpha', { type: 'f32', value: config.loraAlpha }],
  ]);
}

/** A and B of every module; shapes [r,in] and [out,r]. */
export function adapterTensors(
  { model }: OpenedModel,
  { config, tensors }: LoraAdapter,
  type: FloatType,
): GgufTensorToWrite[] {
  return [...tensors].flatMap(([module, { a, b, r, scale }]): GgufTensorToWrite[] => {
    const { name, transform } = model.ggufSource(`${module}.weight`);
    const outputs = b.length / r;
    const share = (scale * r) / config.loraAlpha;
    const rows = transform.kind === 'unpermute' ? interleaved(b, outputs, transform.heads) : b;
    const scaled = share === 1 ? rows : rows.map((value) => value * share);
    return [
      { name: `${name}.lora_a`, type, shape: [r, a.length / r], pieces: () => [a] },
      { name: `${name}.lora_b`, type, shape: [outputs, r], pieces: () => [scaled] },
    ];
  });
}
