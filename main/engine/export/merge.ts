/**
 * A model's parameters with its adapter merged in: W + scale B A, with DoRA's rows brought to their
 * magnitudes. One tensor at a time is in memory; sums are float64, rounded to float32 once.
 */
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { LARGEST_HALF } from '../io/convert.ts';
import type { LoraAdapter } from '../io/peft.ts';
import { checkNewTokens } from '../load/adapter.ts';
import { addProduct } from '../load/adapter-product.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { parameterPieces, tablePieces, wholeParameter } from '../load/parameter-pieces.ts';
import { SORTING_HEAD } from '../models/sorting.ts';

/** A parameter's values in Transformers' layout, in pieces; each is valid until the next is asked for. */
export type ParameterReader = (parameter: string) => AsyncGenerator<Float32Array>;

/** Reads the parameters of `opened`, merged with `adapter`. Throws AppError for a foreign adapter. */
export function mergedParameters(opened: OpenedModel, adapter: LoraAdapter | null): ParameterReader {
  if (adapter) checkFits(opened, adapter);
  return async function* (parameter) {
    if (adapter?.head && parameter === SORTING_HEAD) return yield adapter.head.weights;
    const rows = adapter?.newTokens?.rows.get(parameter.replace(/\.weight$/, ''));
    if (rows) return yield* tablePieces(opened.added!, parameter, rows);
    const module = adapter?.tensors.get(parameter.replace(/\.weight$/, ''));
    if (!module || !parameter.endsWith('.weight')) return yield* parameterPieces(opened, parameter);
    const weight = await wholeParameter(opened, parameter, parameterPieces(opened, parameter));
    addProduct(weight, module, opened.model.transposedLinears);
    if (module.magnitude) setLengths(weight, module.magnitude, opened.model.transposedLinears);
    yield weight;
  };
}

function checkFits(opened: OpenedModel, { tensors, newTokens }: LoraAdapter): void {
  const { outline, path } = opened;
  checkNewTokens(path, opened, newTokens ?? null);
  for (const [module, { a, b, r }] of tensors) {
    const linear = outline.linears.get(module);
    if (linear && a.length === r * linear.inputs && b.length === r * linear.outputs) continue;
    const there = `[${b.length / r}, ${a.length / r}]`;
    const here = linear ? `[${linear.outputs}, ${linear.inputs}]` : say`missing`;
    throw new AppError(
      'adapter-invalid',
      say`The adapter doesn't fit the model ${path}: ${module} is ${there} there and ${here} here.`,
      say`Choose the model that the adapter was trained on.`,
    );
  }
}

/** Scales each output's weights, a row of [out,in] or a column where `transposed`, to its magnitude. */
function setLengths(weight: Float32Array, magnitude: Float32Array, transposed: boolean): void {
  const outputs = magnitude.length;
  const inputs = weight.length / outputs;
  const [stepOut, stepIn] = transposed ? [1, outputs] : [inputs, 1];
  for (let out = 0; out < outputs; out++) {
    let squares = 0;
    for (let i = 0; i < inputs; i++) squares += weight[out * stepOut + i * stepIn]! ** 2;
    const gain = squares > 0 ? magnitude[out]! / Math.sqrt(squares) : 0;
    for (let i = 0; i < inputs; i++) weight[out * stepOut + i * stepIn]! *= gain;
  }
}

/**
 * The values of `read`; throws `AppError('bad-model-weights')` for what is no number, `unsupported-type`
 * beyond f16.
 */
export function checkedParameters(read: ParameterReader, type: string, stop: AbortSignal): ParameterReader {
  const limit = type === 'f16' ? LARGEST_HALF : Number.MAX_VALUE;
  return async function* (parameter) {
    for await (const piece of read(parameter)) {
      stop.throwIfAborted();
      for (const value of piece) if (!(Math.abs(value) <= limit)) throw tooLarge(parameter, value, type);
      yield piece;
    }
  };
}

function tooLarge(parameter: string, value: number, type: string): AppError {
  if (!Number.isFinite(value)) {
    return new AppError(
      'bad-model-weights',
      say`${parameter} has the invalid value ${value}.`,
      say`The model or the adapter is damaged. Train or download it again.`,
    );
  }
  return new AppError(
    'unsupported-type',
    say`${parameter} has the value ${value.toPrecision(6)}, too large for ${type} (at most ${LARGEST_HALF}).`,
    say`Choose bf16 or f32 as the type of weights.`,
  );
}
