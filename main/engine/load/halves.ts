/** Which parameters of a model rest in 16 bits: by its files, or by its configuration before there are any. */
import { elementCount } from '../io/stored-shape.ts';
import type { TensorStore } from '../io/tensor-store.ts';
import type { HalfType } from '../ir/dtype.ts';
import type { JsonObject } from '../models/config-reader.ts';
import type { ModelOutline } from '../models/model.ts';
import type { Halves } from '../nn/parameters.ts';

interface Stored {
  readonly store: Pick<TensorStore, 'tensors'>;
  /** Where each parameter is stored. */
  readonly sources: ReadonlyMap<string, { readonly stored: string }>;
}

/** The parameters that the files hold as float16 or bfloat16. */
export function halvesIn({ sources, store }: Stored): Halves {
  const found = new Map<string, HalfType>();
  for (const [name, { stored }] of sources) {
    const { dtype } = store.tensors.get(stored)!;
    if (dtype === 'f16' || dtype === 'bf16') found.set(name, dtype);
  }
  return found;
}

/** All parameters as float16, for products in mixed precision, whatever the files hold. */
export function allHalved({ parameters }: Pick<ModelOutline, 'parameters'>): Halves {
  return new Map([...parameters.keys()].map((name) => [name, 'f16']));
}

/** Whether most of the weights of a model rest in 16 bits. */
export function isMostlyHalved({ outline, halves }: { outline: ModelOutline; halves: Halves }): boolean {
  const sizes = [...outline.parameters].map(([name, { shape }]) =>
    halves.has(name) ? elementCount(shape) : 0,
  );
  return 2 * sizes.reduce((sum, size) => sum + size, 0) > outline.parameterCount;
}

const WHOLE = new Set<string>(['f32', 'f16', 'bf16']);

/** Whether most of the weights of a model lie in its files as they were trained, in 16 or 32 bits, and not rounded to fewer. */
export function isMostlyWhole({
  outline,
  sources,
  store,
}: Stored & { readonly outline: ModelOutline }): boolean {
  let size = 0;
  for (const [name, { shape }] of outline.parameters) {
    const source = sources.get(name);
    const tensor = source && store.tensors.get(source.stored);
    if (tensor && WHOLE.has(tensor.dtype)) size += elementCount(shape);
  }
  return 2 * size > outline.parameterCount;
}

const TYPES: Readonly<Record<string, HalfType>> = { float16: 'f16', bfloat16: 'bf16' };

/** What the files will hold, as a config.json promises it (`torch_dtype`, newer `dtype`): all parameters or none. */
export function halvesPromised(config: JsonObject, { parameters }: ModelOutline): Halves {
  const type = TYPES[String(config.dtype ?? config.torch_dtype)];
  return new Map(type ? [...parameters.keys()].map((name) => [name, type]) : []);
}
