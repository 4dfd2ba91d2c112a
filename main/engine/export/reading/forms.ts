/** The forms in which a model that reads is saved: what each writes, and who loads it back for the proof. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { resourcesFolder } from '../../../paths.ts';
import { openLlamaVectors } from '../../chat/llama-vectors.ts';
import type { TextVectors } from '../../eval/vectors/vectors.ts';
import { openTextVectors } from '../../eval/vectors/vectors.ts';
import { openForeign } from '../../exec/registry.ts';
import type { GgufWriteType } from '../../io/gguf-write.ts';
import { writeReranker } from '../../load/write-encoder.ts';
import type { ExportType, ModelFacts } from '../export-job.ts';
import { SMALL } from '../prove.ts';
import { copyOwnFiles, SMALL_FILES, writeSentenceFolder } from './folder.ts';
import { writeEncoderGguf } from './gguf.ts';
import { encoderOnnx } from './onnx.ts';
import { maxTokensOf, type ReadingModel } from './reading.ts';

export interface WrittenReading {
  readonly model: ReadingModel;
  readonly folder: string;
  readonly type: ExportType;
  readonly facts: ModelFacts;
  /** The GGUF file's name. */
  readonly gguf: string;
}

/** What was loaded back. */
interface Loaded {
  /** The vectors of texts without what stands before them, and the probabilities [answers] where the file gives them, those of further columns beside. */
  of(
    texts: readonly string[],
  ): Promise<readonly { vector: Float32Array; chances?: Float32Array; others?: readonly Float32Array[] }[]>;
  close(): Promise<void>;
}

interface ReadingForm {
  /** The recommended one first; empty where weights stay as they are. */
  readonly types: readonly ExportType[];
  readonly by: 'fettle' | 'onnxruntime' | 'llama.cpp';
  /** Bytes that writing takes. */
  bytes(weights: number, type: ExportType): number;
  write(written: WrittenReading): Promise<void>;
  /** `own`: the encoder as it was, for its tokenizer. */
  load(written: WrittenReading, own: TextVectors, threads: number): Promise<Loaded>;
}

/** Where Transformers.js looks for a model, by the type of its weights. */
export const ONNX_FILES: Readonly<Partial<Record<ExportType, string>>> = {
  f32: 'onnx/model.onnx',
  int8: 'onnx/model_quantized.onnx',
};
/** Protobuf's limit, with room for all that is no weight. */
const MOST_ONNX_WEIGHTS = 4.9e8;

export const READING_FORMS: Readonly<Record<'safetensors' | 'onnx' | 'gguf', ReadingForm>> = {
  safetensors: {
    types: [],
    by: 'fettle',
    bytes: (weights) => 4 * weights,
    async write({ model: { opened, pairs, ...model }, folder }) {
      if (!pairs) return await writeSentenceFolder({ opened, ...model }, folder);
      if (opened.kind === 'folder') return await copyOwnFiles(opened, folder);
      await writeReranker(opened.path, folder, { ...pairs, maxTokens: maxTokensOf(opened) });
    },
    async load({ folder, model }, _, threads) {
      const vectors = await openTextVectors(folder, threads);
      return {
        of: async (texts) =>
          (await vectors.of(texts, { prompt: model.prompt })).map((vector) => ({ vector })),
        close: () => vectors.close(),
      };
    },
  },
  onnx: {
    types: ['f32', 'int8'],
    by: 'onnxruntime',
    bytes: (weights, type) => (type === 'int8' ? 1.2 : 4) * weights,
    async write({ model, folder, type }) {
      const { opened } = model;
      if (opened.outline.parameterCount > MOST_ONNX_WEIGHTS)
        throw new AppError(
          'bad-usage',
          say`An ONNX file has no room for so large a model.`,
          say`Save it for sentence-transformers.`,
        );
      await copyOwnFiles(opened, folder, SMALL_FILES);
      await writeConfigs(model, folder);
      await writeColumns(model, folder);
      await fs.mkdir(path.join(folder, 'onnx'));
      await fs.writeFile(
        path.join(folder, ONNX_FILES[type]!),
        await encoderOnnx(model, type as 'f32' | 'int8'),
      );
    },
    async load({ model, folder, type }, own, threads) {
      const { width } = own;
      const session = await openForeign(path.join(folder, ONNX_FILES[type]!), threads);
      return {
        async of(texts) {
          const outputs = await session.run(texts.map((text) => own.idsOf(text, { prompt: model.prompt })));
          const { sentence_embedding: vectors, probabilities: chances } = outputs;
          const ofText = (all: Float32Array, i: number) => {
            const count = all.length / texts.length;
            return all.slice(i * count, (i + 1) * count);
          };
          return texts.map((_, i) => ({
            vector: vectors!.slice(i * width, (i + 1) * width),
            ...(chances && { chances: ofText(chances, i) }),
            ...(model.columns && {
              others: model.columns.others.map(({ output }) => ofText(outputs[output]!, i)),
            }),
          }));
        },
        close: () => session.close(),
      };
    },
  },
  gguf: {
    types: ['f16', 'q8_0', 'f32'],
    by: 'llama.cpp',
    bytes: (weights, type) => (type === 'f32' ? 4 : type === 'f16' ? 2 : 1.1) * weights,
    write: ({ model, folder, type, gguf, facts }) =>
      writeEncoderGguf(path.join(folder, gguf), model, ggufType(type), facts),
    async load({ model, folder, gguf }, own, threads) {
      const most = maxTokensOf(model.opened);
      const llama = await openLlamaVectors({
        file: path.join(folder, gguf),
        contextSize: most + 1,
        threads: model.opened.outline.parameterCount < SMALL ? 1 : threads,
      });
      return {
        async of(texts) {
          const found = [];
          for (const text of texts) {
            const ids = own.idsOf(text, { prompt: model.prompt });
            // it refuses what is longer, which others cut; node-llama-cpp encloses texts of BERT alone
            const enclosed = () => [ids[0]!, ...llama.tokenize(model.prompt + text), ids.at(-1)!];
            const asked = ids.length >= most ? ids : enclosed();
            const vector = await llama.of(asked);
            // its server gives vectors of the length one, its library does not
            found.push({ vector: model.opened.sentences.isUnit ? unit(vector) : vector });
          }
          return found;
        },
        close: () => llama.close(),
      };
    },
  },
};

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

function ggufType(type: ExportType): GgufWriteType {
  return type === 'q8_0' ? 'Q8_0' : (type as GgufWriteType);
}

/** The length that vectors are made of, and the categories by their numbers, where Transformers.js looks for them. */
async function writeConfigs({ opened, head }: ReadingModel, folder: string): Promise<void> {
  const { config } = opened;
  const sorts = head && {
    architectures: [`${ARCHITECTURES[opened.encoder.modelType] ?? 'Bert'}ForSequenceClassification`],
    id2label: Object.fromEntries(head.answers.map((answer, i) => [i, answer])),
    label2id: Object.fromEntries(head.answers.map((answer, i) => [answer, i])),
    // with it Transformers.js decides each category by itself
    ...(head.from && {
      problem_type: 'multi_label_classification',
      given_from: Object.fromEntries(head.answers.map((answer, i) => [answer, head.from![i]!])),
    }),
  };
  const write = (name: string, value: object) =>
    writeFileAtomic(path.join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
  await write('config.json', { ...config, ...sorts });
  const text = await fs.readFile(path.join(folder, 'tokenizer_config.json'), 'utf8').catch(() => '{}');
  await write('tokenizer_config.json', { ...JSON.parse(text), model_max_length: maxTokensOf(opened) });
}

/** What each output of the file fills, and programs that ask it; nothing where there is one column. */
async function writeColumns({ opened, head, columns, prompt }: ReadingModel, folder: string): Promise<void> {
  if (!columns || !head) return;
  const own = { name: columns.first, output: 'probabilities', head };
  const filled = [own, ...columns.others].map(({ name, output, head: { answers, from } }) => ({
    name,
    output,
    categories: answers,
    ...(from && { from }),
  }));
  const about = { prompt, maxTokens: maxTokensOf(opened), columns: filled };
  await writeFileAtomic(path.join(folder, 'outputs.json'), `${JSON.stringify(about, null, 2)}\n`);
  for (const name of ['sort.mjs', 'sort.py'])
    await fs.copyFile(path.join(resourcesFolder(), 'onnx-columns', name), path.join(folder, name));
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  bert: 'Bert',
  roberta: 'Roberta',
  'xlm-roberta': 'XLMRoberta',
  modernbert: 'ModernBert',
};
