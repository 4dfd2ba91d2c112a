/**
 * The tensors and metadata of a GGUF file as llama.cpp expects them. What it needs exact stays float32; in files of 4 and 5 bits embedding
 * and head keep 8, because errors there reach every token.
 */

import { copyGgufTokenizer, ggufTokenizer } from '../data/tokens/tokenizer/gguf-write.ts';
import type { TokenizerParts } from '../data/tokens/tokenizer/parts.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { type GgufEntry, LAYOUT_OF } from '../io/gguf-types.ts';
import { type GgufTensorToWrite, type GgufWriteType, ggufTensorBytes, writeGguf } from '../io/gguf-write.ts';
import { elementCount } from '../io/tensor-store.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { wholeParameter } from '../load/parameter-pieces.ts';
import { type GgufTransform, layoutShape, toGguf } from '../models/gguf-layout.ts';
import type { ggufArchitecture } from '../models/registry.ts';
import type { ModelFacts } from './export-job.ts';
import type { ParameterReader } from './merge.ts';

/** All parameters of `opened` as tensors to write, their values from `read`. */
export function ggufTensors(
  opened: OpenedModel,
  read: ParameterReader,
  type: GgufWriteType,
  ropeTensors: ReadonlyMap<string, Float32Array>,
): GgufTensorToWrite[] {
  const tensors = [...opened.outline.parameters].flatMap(([parameter, { shape }]): GgufTensorToWrite[] => {
    const { name, transform, parts } = opened.model.ggufSource(parameter);
    const stored = layoutShape(shape, transform);
    const pieces = () => ggufLayout(opened, parameter, transform, read);
    if (!parts) return [{ name, type: ggufTensorType(name, stored, type), shape: stored, pieces }];
    const own = [stored[0]! / parts.length, ...stored.slice(1)];
    return parts.map((part, i) => ({
      name: part,
      type: ggufTensorType(part, own, type),
      shape: own,
      async *pieces() {
        const whole = await wholeParameter(opened, parameter, pieces());
        const size = elementCount(own);
        yield whole.subarray(i * size, (i + 1) * size);
      },
    }));
  });
  const rotary = [...ropeTensors].map(([name, values]): GgufTensorToWrite => {
    return { name, type: 'f32', shape: [values.length], pieces: () => [values] };
  });
  return [...rotary, ...tensors];
}

const ENDS: ReadonlySet<string> = new Set(['token_embd.weight', 'output.weight']);
const COARSE: ReadonlySet<GgufWriteType> = new Set(['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1']);

/** What llama.cpp reads in float32 alone: learned positions, and the filters of convolutions. */
const EXACT = /^position_embd\.weight$|\.(ssm_conv1d|shortconv\.conv)\.weight$/;

/** The format in which a tensor is stored in a file of the given type. */
export function ggufTensorType(name: string, shape: readonly number[], type: GgufWriteType): GgufWriteType {
  if (shape.length < 2 || EXACT.test(name)) return 'f32';
  const wanted = ENDS.has(name) && COARSE.has(type) ? 'Q8_0' : type;
  // rows that do not divide into blocks are stored as float16, as llama.cpp does
  return shape.at(-1)! % LAYOUT_OF.get(wanted)!.blockSize === 0 ? wanted : 'f16';
}

async function* ggufLayout(
  opened: OpenedModel,
  parameter: string,
  transform: GgufTransform,
  read: ParameterReader,
): AsyncGenerator<Float32Array> {
  if (transform.kind === 'none') return yield* read(parameter);
  const whole = await wholeParameter(opened, parameter, read(parameter));
  yield toGguf(whole, opened.outline.parameters.get(parameter)!.shape, transform);
}

type Entries = readonly (readonly [string, GgufEntry])[];

/** `general.file_type`: llama.cpp's number for files that are mostly of one format. */
const FILE_TYPES: Readonly<Record<GgufWriteType, number>> = {
  f32: 0,
  f16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q8_0: 7,
  Q5_0: 8,
  Q5_1: 9,
  bf16: 32,
};

/** The version of the block formats, stated by every file that has some. */
const QUANTISATION_VERSION = 2;

/** Metadata that a file of `type` states about where it comes from. */
function generalEntries(architecture: string, type: GgufWriteType, facts: ModelFacts): Entries {
  const text = (key: string, value: string | null): Entries =>
    value === null ? [] : [[key, { type: 'string', value }]];
  return [
    ['general.architecture', { type: 'string', value: architecture }],
    ['general.type', { type: 'string', value: 'model' }],
    ['general.name', { type: 'string', value: facts.name }],
    ...text('general.license', facts.licence),
    ['general.tags', { type: 'strings', value: facts.tags }],
    ...baseModelEntries(facts),
    ['general.file_type', { type: 'u32', value: FILE_TYPES[type] }],
    ['general.quantization_version', { type: 'u32', value: QUANTISATION_VERSION }],
  ];
}

/** What names the model that was trained, where it is known. */
export function baseModelEntries({ baseModel }: ModelFacts): Entries {
  if (baseModel === null) return [];
  return [
    ['general.base_model.count', { type: 'u32', value: 1 }],
    ['general.base_model.0.name', { type: 'string', value: baseModel }],
  ];
}

/**
 * The tokenizer's metadata. llama.cpp puts BOS before a chat where the file says so: it does where the template writes it, as in training.
 */
export function tokenizerEntries(opened: OpenedModel, parts: TokenizerParts, tokenizer: Tokenizer): Entries {
  const own = opened.kind === 'gguf' && parts.where === opened.path;
  const entries = own
    ? copyGgufTokenizer(opened.store.metadata, opened.added)
    : ggufTokenizer(parts, opened.model.vocabSize);
  if (beginsWithBos(tokenizer) !== false) return entries;
  return entries.map(([key, entry]) =>
    key === 'tokenizer.ggml.add_bos_token' ? [key, { type: 'bool', value: false }] : [key, entry],
  );
}

/** Whether a tokenizer's metadata lets the runtime put BOS before a prompt. */
export function addsBos(tokenizer: Entries): boolean {
  return tokenizer.some(([key, entry]) => key === 'tokenizer.ggml.add_bos_token' && entry.value === true);
}

/** Whether the chat template writes BOS first; null without one, or where it rejects a plain greeting. */
function beginsWithBos({ chat, special, decode }: Tokenizer): boolean | null {
  if (!chat || special.bos === null) return null;
  try {
    return chat.render([{ role: 'user', content: 'Hello' }]).startsWith(decode([special.bos]));
  } catch {
    return null;
  }
}

/** Writes the file; gives its size in bytes. */
export function writeGgufModel(
  file: string,
  { name, entries }: ReturnType<typeof ggufArchitecture>,
  tokenizer: Entries,
  tensors: readonly GgufTensorToWrite[],
  { type, facts }: { readonly type: GgufWriteType; readonly facts: ModelFacts },
): Promise<number> {
  const size: Entries = [['general.size_label', { type: 'string', value: sizeLabel(tensors) }]];
  const named = { ...facts, name: nameFor(facts.name, tokenizer) };
  const metadata = new Map([...generalEntries(name, type, named), ...size, ...entries, ...tokenizer]);
  return writeGguf(file, metadata, tensors);
}

/** Tokens that llama.cpp expects of every model whose name says Phi-3, and without which it does not load. */
const PHI3_TOKENS = ['</s>', '<unk>', '<s>', '<|endoftext|>'];

function nameFor(name: string, tokenizer: Entries): string {
  const tokens = tokenizer.find(([key]) => key === 'tokenizer.ggml.tokens')?.[1].value;
  const hasAll = Array.isArray(tokens) && PHI3_TOKENS.every((token) => tokens.includes(token));
  return hasAll ? name : name.replaceAll(/phi-?3/gi, 'Phi 3');
}

/** The number of weights as model names have it: `135M`, `1.7B`. */
function sizeLabel(tensors: readonly Pick<GgufTensorToWrite, 'shape'>[]): string {
  const weights = tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const [scaled, unit] =
    weights >= 1e9 ? [weights / 1e9, 'B'] : weights >= 1e6 ? [weights / 1e6, 'M'] : [weights / 1e3, 'K'];
  return `${scaled < 10 ? Number(scaled.toFixed(1)) : Math.round(scaled)}${unit}`;
}

export function tensorBytes(tensors: readonly GgufTensorToWrite[]): number {
  return tensors.reduce((sum, { type, shape }) => sum + ggufTensorBytes(type, shape) + 32, 0);
}
