/**
 * The weighted sum of adapters as one adapter. W + Σ wᵢ sᵢ Bᵢ Aᵢ is exact with ranks side by side: A is [A₁; A₂; …], and B is [w₁ s₁ B₁ |
 * w₂ s₂ B₂ | …] at a scale of 1, each number rounded to float32 once.
 */
import { AppError } from '../../../../common/errors.ts';
import type { MergeResult } from '../../../../common/extras/blend/merge-result.ts';
import { say } from '../../../../common/words/language.ts';
import {
  type LoraAdapter,
  type LoraAdapterConfig,
  type LoraModule,
  readAdapter,
  writeAdapter,
} from '../../io/peft.ts';

/** An adapter with its share. */
interface Weighed {
  /** Its folder, for errors. */
  readonly folder: string;
  readonly adapter: LoraAdapter;
  readonly weight: number;
}

/** The one adapter that does what all of `parts` do, each as strongly as its weight says. Throws an AppError where there is none. */
function sumOfAdapters(parts: readonly Weighed[]): LoraAdapter {
  for (const part of parts) refuseUnsummable(part, parts[0]!);
  const names = new Set(parts.flatMap(({ adapter }) => [...adapter.tensors.keys()]));
  const tensors = new Map([...names].map((module) => [module, summedModule(parts, module)]));
  return { config: configOf(parts, tensors), tensors, newTokens: null };
}

/** Reads adapters, sums them and writes the result into the folder `out` as PEFT has it. */
export async function mergeAdapters(
  folders: readonly string[],
  weights: readonly number[],
  out: string,
): Promise<MergeResult> {
  const parts: Weighed[] = [];
  for (const [i, folder] of folders.entries())
    parts.push({ folder, adapter: await readAdapter(folder), weight: weights[i]! });
  const { config, tensors } = sumOfAdapters(parts);
  await writeAdapter(out, config, tensors);
  const ranks = [...tensors.values()].map(({ r }) => r);
  return {
    adapters: folders.map((folder, i) => ({ folder, weight: weights[i]! })),
    modules: tensors.size,
    rank: Math.max(...ranks),
    out,
  };
}

function summedModule(parts: readonly Weighed[], module: string): LoraModule {
  const found = parts.flatMap(({ adapter, weight, folder }) => {
    const one = adapter.tensors.get(module);
    return one ? [{ ...one, folder, factor: weight * one.scale }] : [];
  });
  const r = found.reduce((sum, one) => sum + one.r, 0);
  const [inputs, outputs] = [found[0]!.a.length / found[0]!.r, found[0]!.b.length / found[0]!.r];
  const a = new Float32Array(r * inputs);
  const b = new Float32Array(outputs * r);
  let start = 0;
  for (const one of found) {
    if (one.a.length !== one.r * inputs || one.b.length !== one.r * outputs)
      throw mismatch(one.folder, found[0]!.folder, say`${module} has another size`);
    a.set(one.a, start * inputs);
    for (let row = 0; row < outputs; row++)
      for (let i = 0; i < one.r; i++) b[row * r + start + i] = one.factor * one.b[row * one.r + i]!;
    start += one.r;
  }
  return { a, b, r, scale: 1 };
}

/** Whole names, so that a module which only some of them have stays without an adapter elsewhere. */
function configOf(parts: readonly Weighed[], tensors: ReadonlyMap<string, LoraModule>): LoraAdapterConfig {
  const configs = parts.map(({ adapter }) => adapter.config);
  const [first] = configs as [LoraAdapterConfig];
  const same = (of: (config: LoraAdapterConfig) => unknown) =>
    configs.every((config) => JSON.stringify(of(config)) === JSON.stringify(of(first)));
  const r = [...tensors.values()][0]!.r;
  const others = [...tensors].filter(([, module]) => module.r !== r);
  return {
    ...first,
    r,
    loraAlpha: r,
    loraDropout: 0,
    useRslora: false,
    rankPattern: {},
    alphaPattern: Object.fromEntries(others.map(([name, module]) => [`^${name}`, module.r])),
    inWrapper: isInWrapper(first),
    ...(!(same(({ targetModules }) => targetModules) && same(({ layers }) => layers ?? null)) && {
      targetModules: [...tensors.keys()],
      layers: null,
    }),
  };
}

/** Whether its modules have the names of a multimodal class, which reading takes away. */
const isInWrapper = ({ targetModules }: LoraAdapterConfig) =>
  targetModules.some((name) => /(^|\.)language_model\./.test(name));

function refuseUnsummable({ folder, adapter }: Weighed, { folder: other, adapter: first }: Weighed): void {
  const { config, newTokens, head } = adapter;
  if (config.useDora)
    throw new AppError(
      'adapter-unsupported',
      say`${folder} is a DoRA adapter: it sets the lengths of whole rows, which can't be added up.`,
      say`Train with plain LoRA, or export the adapter merged into its model.`,
    );
  if (newTokens)
    throw new AppError(
      'adapter-unsupported',
      say`${folder} brings new tokens, which can't be added up.`,
      say`Use adapters without new tokens.`,
    );
  if (head)
    throw new AppError(
      'adapter-unsupported',
      say`${folder} brings a head for categories, which can't be added up.`,
      say`Use adapters that answer.`,
    );
  if (config.fanInFanOut !== first.config.fanInFanOut || isInWrapper(config) !== isInWrapper(first.config))
    throw mismatch(folder, other, say`it belongs to another kind of model`);
  if (nameOf(config) !== nameOf(first.config))
    throw mismatch(
      folder,
      other,
      say`its model is ${nameOf(config)}, and the other one's ${nameOf(first.config)}`,
    );
  if ((config.base ?? null) !== (first.config.base ?? null))
    throw mismatch(folder, other, say`its model was kept in another number of bits`);
}

/** Where a model lies differs from computer to computer; what it is called does not. */
const nameOf = ({ baseModel }: LoraAdapterConfig) =>
  (baseModel ?? '')
    .replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1)!;

function mismatch(folder: string, other: string, why: string): AppError {
  return new AppError(
    'adapter-invalid',
    say`${folder} and ${other} can't be added up: ${why}.`,
    say`Choose adapters of the same model.`,
  );
}
