/**
 * The tensors of a GGUF file: names and layouts as llama.cpp expects them (the inverse of what `load/weights.ts` undoes),
 * and the format of each. What llama.cpp needs exact stays float32; in files of 4 and 5 bits the embedding and the output
 * head keep 8, because errors there reach every token.
 */

import type { GgufWriteType } from '../io/gguf-quantise.ts';
import { LAYOUT_OF } from '../io/gguf-types.ts';
import type { GgufTensorToWrite } from '../io/gguf-write.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { type GgufTransform, layoutShape, toGguf } from '../models/gguf-layout.ts';
import { type ParameterReader, wholeParameter } from './merge.ts';

/** All parameters of `opened` as tensors to write, their values from `read`. */
export function ggufTensors(
  opened: OpenedModel,
  read: ParameterReader,
  type: GgufWriteType,
  ropeDivisors: Float32Array | null,
): GgufTensorToWrite[] {
  const tensors = [...opened.outline.parameters].map(([parameter, { shape }]): GgufTensorToWrite => {
    const { name, transform } = opened.model.ggufSource(parameter);
    const stored = layoutShape(shape, transform);
    return {
      name,
      type: ggufTensorType(name, stored, type),
      shape: stored,
      pieces: () => ggufLayout(opened, parameter, transform, read),
    };
  });
  if (!ropeDivisors) return tensors;
  const divisors: GgufTensorToWrite = {
    name: 'rope_freqs.weight',
    type: 'f32',
    shape: [ropeDivisors.length],
    pieces: () => [ropeDivisors],
  };
  return [divisors, ...tensors];
}

const ENDS: ReadonlySet<string> = new Set(['token_embd.weight', 'output.weight']);
const COARSE: ReadonlySet<GgufWriteType> = new Set(['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1']);

/** The format in which a tensor is stored in a file of the given type. */
export function ggufTensorType(name: string, shape: readonly number[], type: GgufWriteType): GgufWriteType {
  if (shape.length < 2 || name === 'position_embd.weight') return 'f32';
  const wanted = ENDS.has(name) && COARSE.has(type) ? 'Q8_0' : type;
  // rows that do not divide into blocks are stored as float16, as llama.cpp does
  return shape.at(-1)! % LAYOUT_OF.get(wanted)!.blockSize === 0 ? wanted : 'f16';
}

/** One parameter's values as GGUF lays them out. */
export async function* ggufLayout(
  opened: OpenedModel,
  parameter: string,
  transform: GgufTransform,
  read: ParameterReader,
): AsyncGenerator<Float32Array> {
  if (transform.kind === 'none') return yield* read(parameter);
  const whole = await wholeParameter(opened, parameter, read(parameter));
  yield toGguf(whole, opened.outline.parameters.get(parameter)!.shape, transform);
}
