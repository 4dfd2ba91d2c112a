/**
 * llama.cpp through node-llama-cpp, on the CPU: GGUF files are proved by what most people run them with. Its
 * key-value cache is float32, so that differences are the file's. Nothing is built or downloaded.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Llama, LlamaContextSequence, LlamaModel, LlamaOptions as Options, Token } from 'node-llama-cpp';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { besideArchive } from '../../paths.ts';
import { withoutSpace } from '../data/tokens/border.ts';
import { askedPrompt } from '../data/tokens/encode.ts';
import type { Answers } from '../eval/generator.ts';
import { tokenizerOf, withOpened } from '../load/open-model.ts';

export interface LlamaOptions {
  readonly file: string;
  readonly threads: number;
  /** Tokens of prompt and answer together; 0 loads the tokenizer alone. */
  readonly contextSize: number;
  readonly adapter?: string;
  readonly stopIds?: readonly number[];
}

export interface LlamaFile extends Answers {
  /** Ids of `text`, special tokens matched, nothing added. */
  tokenize(text: string): number[];
  close(): Promise<void>;
}

/**
 * Loads a GGUF file. Throws `AppError('llama-missing')` where llama.cpp does not run on this machine and
 * `AppError('gguf-refused')` where it does not accept the file.
 */
export async function openLlama(options: LlamaOptions): Promise<LlamaFile> {
  return withLlamaOf(options, async (llama) => {
    const vocabOnly = options.contextSize === 0;
    const model = await llama.loadModel({ modelPath: options.file, gpuLayers: 0, vocabOnly });
    const sequence = vocabOnly ? null : await openSequence(model, options);
    return {
      tokenize: (text) => [...model.tokenize(text, true)],
      steps: (prompt, most) => steps(sequence, options.stopIds ?? [], prompt, most),
      close: () => llama.dispose(),
    };
  });
}

/** What `open` makes of a llama.cpp that was started for a file; it is ended where the file is not accepted. */
export async function withLlamaOf<Result>(
  { file, threads }: Pick<LlamaOptions, 'file' | 'threads'>,
  open: (llama: Llama) => Promise<Result>,
): Promise<Result> {
  const log: string[] = [];
  const llama = await startLlama(threads, log);
  try {
    return await open(llama);
  } catch (cause) {
    await llama.dispose();
    const reason = [(cause as Error).message, ...log.slice(-3)].join(' ').trim();
    throw new AppError(
      'gguf-refused',
      say`llama.cpp doesn't accept ${file}: ${reason}`,
      say`Save the full model as safetensors instead, and report this.`,
      { cause },
    );
  }
}

/** Whether `getLlama` has tried the binding from this process, which takes it half a second each time. */
let isTried = false;

async function startLlama(threads: number, log: string[]) {
  try {
    const library = await import('node-llama-cpp');
    const options: Options = {
      maxThreads: threads,
      logLevel: library.LlamaLogLevel.error,
      logger: (_level, message) => log.push(message.trim()),
    };
    if (process.platform === 'linux' && (isTried || 'parentPort' in process))
      return await startUntried(library.Llama, options);
    const llama = await library.getLlama({
      ...options,
      gpu: false,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
    });
    isTried = true;
    return llama;
  } catch (cause) {
    throw new AppError(
      'llama-missing',
      say`llama.cpp doesn't run on this computer: ${(cause as Error).message}`,
      say`Install Fettle again.`,
      { cause },
    );
  }
}

/** What `getLlama` ends with; its types leave this out. */
interface Internals {
  _create(options: Options & Readonly<Record<string, unknown>>): Promise<Llama>;
}

/**
 * Loads the CPU binding without the trial run that `getLlama` forks on Linux: in a packaged Electron it would
 * be a second Fettle (docs/decisions/0041), and one trial of a process tells all.
 */
function startUntried(library: unknown, options: Options): Promise<Llama> {
  const require = createRequire(createRequire(import.meta.url).resolve('node-llama-cpp'));
  const system = `linux-${process.arch}`;
  const entry = require.resolve(`@node-llama-cpp/${system}`);
  const folder = path.join(besideArchive(path.dirname(entry)), '..', 'bins', system);
  const bindingPath = path.join(folder, 'llama-addon.node');
  // a module keeps the logger of the Llama that it was loaded for
  delete require.cache[bindingPath];
  return (library as Internals)._create({
    ...options,
    bindings: require(bindingPath),
    bindingPath,
    buildType: 'prebuilt',
    buildMetadata: JSON.parse(readFileSync(path.join(folder, '_nlcBuildMetadata.json'), 'utf8')),
    // as much as `getLlama` leaves free
    ramPadding: (total: number) => Math.min(total / 4, 2 ** 30),
  });
}

const BATCH = 128;

async function openSequence(model: LlamaModel, options: LlamaOptions): Promise<LlamaContextSequence> {
  const { contextSize, threads, adapter } = options;
  const context = await model.createContext({
    contextSize: Math.min(contextSize, model.trainContextSize),
    batchSize: BATCH,
    sequences: 1,
    threads,
    flashAttention: false,
    experimentalKvCacheKeyType: 'F32',
    experimentalKvCacheValueType: 'F32',
    ...(adapter !== undefined && { lora: { adapters: [{ filePath: adapter }] } }),
  });
  return context.getSequence();
}

async function* steps(
  sequence: LlamaContextSequence | null,
  stopIds: readonly number[],
  prompt: readonly number[],
  most: number,
) {
  if (!sequence) return;
  await sequence.clearHistory();
  let next = prompt as readonly Token[];
  for (let count = 1; count <= most; count++) {
    const [id, logProbs] = await advance(sequence, next);
    yield { id, logProbs };
    if (stopIds.includes(id)) return;
    next = [id];
  }
}

/** Reads `ids` and gives the likeliest next token, and the log-probabilities of all. */
async function advance(
  sequence: LlamaContextSequence,
  ids: readonly Token[],
): Promise<[Token, Float32Array]> {
  const last = [ids.at(-1)!, { generateNext: { token: true, probabilities: true } }] as const;
  const outputs = await sequence.controlledEvaluate([...ids.slice(0, -1), [...last]]);
  const { token, probabilities } = outputs.at(-1)?.next ?? {};
  if (token === undefined || token === null || !probabilities)
    throw new Error('llama.cpp gave no next token');
  const logProbs = new Float32Array(probabilities.size);
  for (const [id, probability] of probabilities) logProbs[id] = Math.log(probability);
  return [token, logProbs];
}

export interface GgufQuestion {
  readonly file: string;
  /** What the rows that the model was trained on begin with, if they do. */
  readonly system?: string | undefined;
  readonly prompt: string;
  readonly threads: number;
  readonly maxNewTokens: number;
}

/** The greedy answer of the model in `file`, computed by llama.cpp; throws like `openLlama`. */
export async function askGguf({
  file,
  system,
  prompt,
  threads,
  maxNewTokens,
}: GgufQuestion): Promise<string> {
  const tokenizer = await withOpened(file, tokenizerOf);
  const preamble = system === undefined ? [] : [{ role: 'system' as const, content: system }];
  const { ids, space } = askedPrompt(tokenizer, [...preamble, { role: 'user', content: prompt }]);
  const contextSize = ids.length + maxNewTokens;
  const llama = await openLlama({ file, threads, contextSize, stopIds: tokenizer.stopIds });
  try {
    const answer: number[] = [];
    for await (const { id } of llama.steps(ids, maxNewTokens)) {
      if (tokenizer.stopIds.includes(id)) break;
      answer.push(id);
    }
    return withoutSpace(space)(tokenizer.decode(answer));
  } finally {
    await llama.close();
  }
}
