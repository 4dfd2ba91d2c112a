/** An encoder of BERT's kind as a GGUF file, whose vectors, or scores of pairs, llama.cpp computes. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { encoderTokenizerEntries } from '../../data/tokens/tokenizer/gguf-encoders.ts';
import type { GgufTensorToWrite, GgufWriteType } from '../../io/gguf-write.ts';
import { encoderEntries, ggufNameOf } from '../../models/encoder-gguf.ts';
import { pairHeadOutline } from '../../models/pair-heads.ts';
import type { ModelFacts } from '../export-job.ts';
import { ggufTensorType, writeGgufModel } from '../gguf-tensors.ts';
import type { ReadingModel } from './reading.ts';

/** llama.cpp's name of BERT, RoBERTa and XLM-RoBERTa. */
const BERT = 'bert';
const BERTS: ReadonlySet<string> = new Set([BERT, 'roberta', 'xlm-roberta']);
const POSITIONS = 'embeddings.position_embeddings.weight';
const TYPES = 'embeddings.token_type_embeddings.weight';

/** Writes the file. Throws an AppError where llama.cpp doesn't compute such an encoder. */
export async function writeEncoderGguf(
  file: string,
  model: ReadingModel,
  type: GgufWriteType,
  facts: ModelFacts,
): Promise<void> {
  const { opened, pairs } = model;
  const { config, encoder, sentences, parts } = opened;
  const { modelType } = encoder;
  if (!BERTS.has(modelType)) throw refused(say`models of the type "${modelType}"`);
  if ((config.hidden_act ?? 'gelu') !== 'gelu')
    throw refused(say`the activation function "${String(config.hidden_act)}"`);
  // RoBERTa's first positions are those of padding, which the file has none of
  const places = { ...config, max_position_embeddings: encoder.maxTokens };
  const entries = encoderEntries(BERT, places, pairs ? 'rank' : sentences.pooling);
  if (entries === null) throw refused(say`pooling by "${sentences.pooling}"`);
  const tokenizer = encoderTokenizerEntries(parts, encoder.vocabSize);
  if (tokenizer === null) throw refused(say`its tokenizer`);
  if (pairs?.head.hasTypes && (await differByType(model)))
    throw refused(say`it tells both texts apart by their types`);
  const types = typesOf(model);
  await writeGgufModel(
    file,
    {
      name: BERT,
      entries: [...entries, ['tokenizer.ggml.token_type_count', { type: 'u32', value: types }]],
      ropeTensors: new Map(),
      notes: [],
    },
    tokenizer,
    tensorsOf(model, type),
    { type, facts },
  );
}

/** Types of tokens in the file; RoBERTa's kind has one, however many rows it brings. */
const typesOf = ({ opened }: ReadingModel) =>
  opened.encoder.modelType === BERT ? Number(opened.config.type_vocab_size ?? 2) : 1;

/** The rows of a table that the file has, from and to. */
const ROWS: Readonly<Record<string, (model: ReadingModel, rows: number) => [number, number]>> = {
  // those of padding come first
  [POSITIONS]: ({ opened: { encoder } }, rows) => [encoder.positionsOf([encoder.vocabSize - 1])[0]!, rows],
  [TYPES]: (model) => [0, typesOf(model)],
};

function tensorsOf(model: ReadingModel, type: GgufWriteType): GgufTensorToWrite[] {
  const { opened, weights, pairs } = model;
  const { encoder, outline } = opened;
  const tensor = (parameter: string, shape: readonly number[], read: () => Promise<Float32Array>) => {
    const name = ggufNameOf(BERT, parameter);
    return {
      name,
      shape,
      // llama.cpp adds a row of types to all tokens, in float32 alone; a score is one row
      type: name === 'token_types.weight' || shape[0] === 1 ? 'f32' : ggufTensorType(name, shape, type),
      pieces: async function* () {
        yield await read();
      },
    } as const;
  };
  const head = pairs ? [...pairHeadOutline(pairs.head, encoder.hiddenSize)] : [];
  return [
    ...[...outline.parameters].map(([parameter, { shape }]) => {
      const [rows, width] = shape as [number, number];
      const kept = ROWS[parameter]?.(model, rows) ?? [0, rows];
      return tensor(parameter, shape.length < 2 ? shape : [kept[1] - kept[0], width], async () => {
        const all = await weights.read(parameter);
        return shape.length < 2 ? all : all.subarray(kept[0] * width, kept[1] * width);
      });
    }),
    ...head.map(([parameter, { shape }]) =>
      tensor(parameter, shape, async () => pairs!.values.get(parameter)!),
    ),
  ];
}

/** llama.cpp reads all tokens as those of the first text. */
async function differByType({ opened, weights }: ReadingModel): Promise<boolean> {
  const width = opened.encoder.hiddenSize;
  const rows = await weights.read(TYPES);
  return rows.subarray(0, width).some((value, i) => value !== rows[width + i]);
}

function refused(what: string): AppError {
  return new AppError(
    'bad-usage',
    say`llama.cpp doesn't compute this encoder: ${what}.`,
    say`Save it as ONNX, or for sentence-transformers.`,
  );
}
