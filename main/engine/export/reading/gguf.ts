/** A BERT encoder as a GGUF file, whose vectors llama.cpp computes. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { wordPieceEntries } from '../../data/tokens/tokenizer/gguf-word-pieces.ts';
import type { GgufTensorToWrite, GgufWriteType } from '../../io/gguf-write.ts';
import { encoderEntries, ggufNameOf } from '../../models/encoder-gguf.ts';
import type { ModelFacts } from '../export-job.ts';
import { ggufTensorType, writeGgufModel } from '../gguf-tensors.ts';
import type { ReadingModel } from './reading.ts';

/** Writes the file. Throws an AppError where llama.cpp doesn't compute such an encoder. */
export async function writeEncoderGguf(
  file: string,
  { opened, weights }: ReadingModel,
  type: GgufWriteType,
  facts: ModelFacts,
): Promise<void> {
  const { config, outline, encoder, sentences, parts } = opened;
  const { modelType } = encoder;
  if (modelType !== 'bert') throw refused(say`models of the type "${modelType}"`);
  if ((config.hidden_act ?? 'gelu') !== 'gelu')
    throw refused(say`the activation function "${String(config.hidden_act)}"`);
  const entries = encoderEntries(modelType, config, sentences.pooling);
  if (entries === null) throw refused(say`pooling by "${sentences.pooling}"`);
  const tokenizer = wordPieceEntries(parts, encoder.vocabSize);
  if (tokenizer === null) throw refused(say`its tokenizer is not WordPiece`);
  const types = Number(config.type_vocab_size ?? 2);
  const tensors = [...outline.parameters].map(([parameter, { shape }]): GgufTensorToWrite => {
    const name = ggufNameOf(modelType, parameter);
    // llama.cpp adds a row of it to all tokens, in float32 alone
    const written = name === 'token_types.weight' ? 'f32' : ggufTensorType(name, shape, type);
    return {
      name,
      type: written,
      shape,
      pieces: async function* () {
        yield await weights.read(parameter);
      },
    };
  });
  await writeGgufModel(
    file,
    {
      name: 'bert',
      entries: [...entries, ['tokenizer.ggml.token_type_count', { type: 'u32', value: types }]],
      ropeTensors: new Map(),
      notes: [],
    },
    tokenizer,
    tensors,
    { type, facts },
  );
}

function refused(what: string): AppError {
  return new AppError(
    'bad-usage',
    say`llama.cpp doesn't compute this encoder: ${what}.`,
    say`Save it as ONNX, or for sentence-transformers.`,
  );
}
