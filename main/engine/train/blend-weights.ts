/**
 * The weights between a model before and after its training: before + s (after - before), s being the strength. In between a fine-tuned
 * model keeps more of what it could do, for some of what it learned: Wortsman and others 2022, "Robust fine-tuning of zero-shot
 * models" (WiSE-FT, arXiv 2109.01903). Of adapters the result is an adapter again, so that no second copy of the model is needed.
 */
import { AppError } from '../../../common/errors.ts';
import { writeModelFolder, writeTokenizerOf } from '../export/write-model.ts';
import {
  type AdapterTokens,
  type LoraAdapter,
  type LoraModule,
  readAdapter,
  writeAdapter,
} from '../io/peft.ts';
import { onDevice } from '../load/adapter.ts';
import { gainsOf } from '../load/dora.ts';
import { type OpenedModel, openModel } from '../load/open-model.ts';
import { readParameter } from '../load/parameter-pieces.ts';
import type { ReadyModel } from '../load/ready-model.ts';

type Computing = Omit<ReadyModel, 'tokenizer'>;

/** (1 - s) before + s after, rounded to float32 once; to the bit `before` at 0 and `after` at 1. */
export function between(before: Float32Array, after: Float32Array, strength: number): Float32Array {
  if (strength === 0) return before;
  if (strength === 1) return after;
  return after.map((value, i) => (1 - strength) * before[i]! + strength * value);
}

/** Writes the model between the untouched `before` and the trained one in `trainedFolder` into `out`. */
export async function blendModels(
  before: OpenedModel,
  trainedFolder: string,
  strength: number,
  out: string,
): Promise<void> {
  const after = await openModel(trainedFolder);
  try {
    for (const [name, { shape }] of before.outline.parameters) {
      const found = after.outline.parameters.get(name)?.shape;
      if (found?.join() !== shape.join()) throw foreign(trainedFolder, name, found, shape);
    }
    await writeModelFolder(out, before, async (name) =>
      between(await readParameter(before, name), await readParameter(after, name), strength),
    );
  } finally {
    await after.store.close();
  }
}

function foreign(
  folder: string,
  name: string,
  found: readonly number[] | undefined,
  wanted: readonly number[],
): AppError {
  return new AppError(
    'bad-model-weights',
    `${folder} was not trained from this model: ${name} is [${found ?? 'missing'}] there and [${wanted}] in the untouched model.`,
    'Name the model that the run was trained from with --model.',
  );
}

/** Writes the adapter in `trainedFolder` at `strength` into `out`, for the weights that are `ready`. */
export async function blendAdapter(
  trainedFolder: string,
  strength: number,
  out: string,
  ready: Computing,
): Promise<void> {
  const adapter = await readAdapter(trainedFolder);
  const tensors = await adapterAt(adapter, strength, ready, trainedFolder);
  const { opened } = ready;
  await writeAdapter(out, adapter.config, tensors, 'f32', await tokensAt(adapter, strength, opened));
  if (opened.added) await writeTokenizerOf(out, opened);
}

/** The rows of new tokens, between those that they began with and the trained ones. */
async function tokensAt(
  { newTokens }: LoraAdapter,
  strength: number,
  { added }: OpenedModel,
): Promise<AdapterTokens | null> {
  if (!newTokens || !added) return null;
  const rows = new Map<string, Float32Array>();
  for (const [table, trained] of newTokens.rows)
    rows.set(table, between(await added.firstRows(`${table}.weight`), trained, strength));
  return { ...newTokens, rows };
}

/**
 * The modules of `adapter` at `strength`. LoRA: W + s (B A) is had by s B. DoRA: each row of W + s (g (W + B A) - W), where g is the
 * gain of the row, is (1 - s + s g) times that of W + B' A with B' = s g B / (1 - s + s g), and its length is the new magnitude.
 */
export async function adapterAt(
  { tensors, newTokens }: Pick<LoraAdapter, 'tensors' | 'newTokens'>,
  strength: number,
  ready: Computing,
  folder: string,
): Promise<Map<string, LoraModule>> {
  const trained = onDevice({ tensors, newTokens: newTokens ?? null }, folder, ready);
  if (strength === 1) return new Map(tensors);
  const gains = await gainsOf(trained, ready);
  const factors = new Map(
    [...gains].map(([module, gain]) => [
      module,
      Float64Array.from(gain, (g) => nonZero(1 - strength + strength * g)),
    ]),
  );
  const scaled = new Map<string, LoraModule>();
  for (const [module, one] of tensors) {
    const [gain, factor] = [gains.get(module), factors.get(module)];
    const b = one.b.map((value, i) => {
      const row = Math.floor(i / one.r);
      return value * (gain && factor ? (strength * gain[row]!) / factor[row]! : strength);
    });
    scaled.set(module, { ...one, b, ...(one.magnitude && { magnitude: one.magnitude.map(() => 1) }) });
  }
  // with magnitudes of 1, a gain is one over the length of the row
  const lengths = await gainsOf(
    onDevice({ tensors: scaled, newTokens: newTokens ?? null }, folder, ready),
    ready,
  );
  for (const [module, inverse] of lengths) {
    const factor = factors.get(module)!;
    scaled.set(module, { ...scaled.get(module)!, magnitude: inverse.map((value, i) => factor[i]! / value) });
  }
  return scaled;
}

/** A row of which nothing but B A is left keeps a trace of W, because DoRA can say nothing else. */
const nonZero = (factor: number): number => (factor === 0 ? Number.EPSILON : factor);
