/** Proves an export: loaded as its users will load it, it is compared with the trained model. */

import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { ExportProof } from '../../../common/protocol/protocol.ts';
import { said, say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { openLlama } from '../chat/llama.ts';
import { AWKWARD_TEXTS } from '../data/tokens/tokenizer/gguf-write.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { decoderOf } from '../eval/cached-decoder.ts';
import { type Sorter, sorterOf } from '../eval/classify/sorter.ts';
import { type Answers, answersOf, Generator, type GreedyStep, likeliest } from '../eval/generator.ts';
import type { Executor } from '../exec/executor.ts';
import { type LoadedAdapter, NO_ADAPTER } from '../load/adapter.ts';
import { type OpenedModel, tokenizerOf, withOpened } from '../load/open-model.ts';
import { prepareWeights, type Weights } from '../load/weights.ts';

/** Prompts as token ids, and where they are from. */
export interface ProofPrompts {
  readonly source: ExportProof['promptSource'];
  readonly prompts: readonly (readonly number[])[];
  /** Whether they are texts to sort. */
  readonly sorts?: true;
}

/** The trained model's side of a proof. */
export interface TrainedSide {
  /** Weights of the model. */
  readonly parameters: number;
  readonly tokenizer: Tokenizer;
  readonly prompts: ProofPrompts;
  readonly answers: readonly (readonly GreedyStep[])[];
}

export interface ProofIo {
  readonly executor: Executor;
  readonly threads: number;
  readonly stop: AbortSignal;
  /** From 0 to 1 within the work of `detail`. */
  onProgress(detail: string, fraction: number): void;
}

/** llama.cpp's threads spin while they wait: on a busy computer two make small models many times slower. */
export const SMALL = 3e8;

/** New tokens of an answer. */
export const ANSWER_TOKENS = 24;

interface EngineModel {
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  readonly weights: Weights;
  readonly adapter: LoadedAdapter;
}

/** Lets the trained model answer `prompts`. */
export async function trainedSide(
  model: EngineModel,
  prompts: ProofPrompts,
  io: ProofIo,
): Promise<TrainedSide> {
  const { opened, tokenizer } = model;
  const answers = await withAnswers(model, tokenizer.stopIds, io, (given) =>
    collectAnswers(prompts.prompts, given, settings(io, say`asking the trained model`)),
  );
  return { parameters: opened.outline.parameterCount, tokenizer, prompts, answers };
}

async function withAnswers<T>(
  { opened, weights, adapter, tokenizer }: EngineModel,
  stopIds: readonly number[],
  { executor }: ProofIo,
  work: (answers: Answers) => Promise<T>,
): Promise<T> {
  const options = decoderOf({ opened, executor, weights }, adapter);
  if (opened.model.categories) {
    const sorter = sorterOf(options, tokenizer, opened.model.categories);
    try {
      return await work(categoriesOf(sorter));
    } finally {
      await sorter.release();
    }
  }
  const generator = new Generator(options);
  try {
    return await work(answersOf(generator, stopIds));
  } finally {
    await generator.release();
  }
}

/** The category of a text as its answer, of one step. */
function categoriesOf(sorter: Sorter): Answers {
  return {
    async *steps(prompt) {
      const [scores] = await sorter.score([{ ids: [...prompt], space: '' }]);
      yield { id: likeliest(scores!), logProbs: Float32Array.from(scores!) };
    },
  };
}

function settings({ stop, onProgress }: ProofIo, detail: string) {
  return { most: ANSWER_TOKENS, stop, onProgress: (fraction: number) => onProgress(detail, fraction) };
}

type Found = Omit<ExportProof, 'tensors'>;

/** Proves a model with Fettle's own engine: a folder, or a GGUF file where llama.cpp does not run. */
export async function proveWithEngine(model: EngineModel, trained: TrainedSide, io: ProofIo): Promise<Found> {
  const asking = settings(io, say`asking the export`);
  return await withAnswers(model, trained.tokenizer.stopIds, io, (given) =>
    compared('fettle', trained, given, (text) => model.tokenizer.encode(text), asking),
  );
}

/** Opens the model that was written to `where` and proves it; `scratch` is for converted weights. */
export async function proveWritten(
  where: string,
  scratch: string,
  trained: TrainedSide,
  io: ProofIo,
): Promise<Found> {
  return await withOpened(where, async (opened) => {
    const weights = await prepareWeights(opened, scratch);
    const tokenizer = await tokenizerOf(opened);
    return await proveWithEngine({ opened, weights, tokenizer, adapter: NO_ADAPTER }, trained, io);
  });
}

/** Proves a GGUF file, with an adapter where one is given, by llama.cpp. Throws what `openLlama` throws. */
export async function proveWithLlama(
  files: { readonly file: string; readonly adapter?: string },
  trained: TrainedSide,
  io: ProofIo,
): Promise<Found> {
  const longest = Math.max(...trained.prompts.prompts.map((prompt) => prompt.length));
  const llama = await openLlama({
    ...files,
    threads: trained.parameters < SMALL ? 1 : io.threads,
    contextSize: longest + ANSWER_TOKENS,
    stopIds: trained.tokenizer.stopIds,
  });
  try {
    const asking = settings(io, say`asking the export in llama.cpp`);
    return await compared('llama.cpp', trained, llama, (text) => llama.tokenize(text), asking);
  } finally {
    await llama.close();
  }
}

async function compared(
  by: Found['by'],
  { prompts, answers, tokenizer }: TrainedSide,
  given: Answers,
  tokenize: (text: string) => readonly number[],
  asking: AnswerSettings,
): Promise<Found> {
  const figures = await compareAnswers(prompts.prompts, answers, given, asking);
  const sorts = prompts.sorts && { sorts: prompts.sorts };
  return { by, promptSource: prompts.source, ...sorts, ...figures, ...countAgreeing(tokenizer, tokenize) };
}

/** A GGUF file's proof by llama.cpp, or by Fettle's engine and a note where llama.cpp does not run here. */
export async function proveGguf(
  file: string,
  trained: TrainedSide,
  io: ProofIo,
): Promise<{ found: Found; notes: readonly string[] }> {
  try {
    return { found: await proveWithLlama({ file }, trained, io), notes: [] };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'llama-missing') throw error;
    const found = await proveWritten(file, path.join(path.dirname(file), SCRATCH), trained, io);
    return { found, notes: [say`${error.message} The file was checked by Fettle itself instead.`] };
  }
}

/** Folder for what a proof needs on the disk, inside the export while it is under way. */
export const SCRATCH = '.scratch';

function countAgreeing(
  tokenizer: Tokenizer,
  tokenize: (text: string) => readonly number[],
): { tokenizerTexts: number; tokenizerAgrees: number } {
  const stops = tokenizer.stopIds.map((id) => tokenizer.decode([id])).join('');
  const texts = [...AWKWARD_TEXTS.slice(0, -1), `${stops}${AWKWARD_TEXTS.at(-1)}${stops}`];
  const agreeing = texts.filter((text) => tokenize(text).join() === tokenizer.encode(text).join());
  return { tokenizerTexts: texts.length, tokenizerAgrees: agreeing.length };
}

/** A proof in a few sentences; `type` is that of the weights. */
export function proofInWords(proof: ExportProof, type: string): string {
  const { by, prompts, equalAnswers, firstDifference, tensors, promptSource, tokens } = proof;
  const loader = by === 'fettle' ? 'Fettle' : 'llama.cpp';
  const texts =
    proof.tokenizerAgrees === proof.tokenizerTexts
      ? say`All ${proof.tokenizerTexts} difficult texts give the same tokens.`
      : say`${proof.tokenizerAgrees} of ${proof.tokenizerTexts} difficult texts give the same tokens.`;
  return [
    proof.sorts
      ? say`${equalAnswers} of ${prompts} texts get the trained model's category: loaded back by ${loader}, with ${said(SOURCES[promptSource])}.`
      : say`${equalAnswers} of ${prompts} answers equal the trained model's, token by token: loaded back by ${loader}, with ${said(SOURCES[promptSource])} (${tokens} tokens).`,
    ...(firstDifference === null || proof.sorts
      ? []
      : [say`The weight type ${type} causes this. The first difference is at token ${firstDifference}.`]),
    `${driftInWords(proof.maxLogProbDrift)}${marks().gap}${texts}${marks().gap}${say`All ${tensors} tensors were read back unchanged.`}`,
  ].join(marks().gap);
}

/** Eight bits move likely tokens by a factor of up to 2 in models that bear them well (docs/decisions/0009-exports.md). */
const FAR_DRIFT = Math.log(3);

/** The type to choose instead, where rounding moves likely tokens far; null where it does not, or nothing rounds less. */
export function betterType(
  { maxLogProbDrift }: Pick<ExportProof, 'maxLogProbDrift'>,
  type: string,
): string | null {
  if (maxLogProbDrift <= FAR_DRIFT || type === 'f32') return null;
  if (type === 'q8_0') return 'f16';
  return type.startsWith('q') ? 'q8_0' : 'f32';
}

export const SOURCES: Readonly<Record<ExportProof['promptSource'], string>> = {
  'held-out rows': 'questions of test rows',
  rows: 'questions of training rows',
  'neutral texts': 'neutral questions',
};

function driftInWords(drift: number): string {
  const change = Math.expm1(drift);
  if (change < 1e-3) return say`Probabilities of likely tokens differ by less than 0.1%.`;
  const most =
    change < 1 ? `${(100 * change).toPrecision(2)}%` : say`a factor of ${(1 + change).toPrecision(2)}`;
  return say`Probabilities of likely tokens differ by up to ${most}.`;
}

interface Comparison {
  readonly prompts: number;
  readonly equalAnswers: number;
  /** The earliest new token, counted from 1, at which an answer parts; null where none does. */
  readonly firstDifference: number | null;
  /** Largest difference of the log-probabilities of next tokens that the trained model holds likely. */
  readonly maxLogProbDrift: number;
  /** New tokens that were compared. */
  readonly tokens: number;
}

interface AnswerSettings {
  /** New tokens of an answer at most. */
  readonly most: number;
  readonly stop: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

/** Less likely tokens are never chosen, and rounding moves their logarithms far. */
const LIKELY = Math.log(1e-3);

/** The answers of the trained model, kept to compare with. */
export async function collectAnswers(
  prompts: readonly (readonly number[])[],
  answers: Answers,
  { most, stop, onProgress }: AnswerSettings,
): Promise<GreedyStep[][]> {
  const all: GreedyStep[][] = [];
  for (const prompt of prompts) {
    onProgress?.(all.length / prompts.length);
    const steps: GreedyStep[] = [];
    for await (const step of answers.steps(prompt, most)) {
      stop.throwIfAborted();
      steps.push(step);
    }
    all.push(steps);
  }
  return all;
}

/** Compares `answers` with the trained model's; each is followed up to the token at which it parts. */
export async function compareAnswers(
  prompts: readonly (readonly number[])[],
  trained: readonly (readonly GreedyStep[])[],
  answers: Answers,
  { most, stop, onProgress }: AnswerSettings,
): Promise<Comparison> {
  let [equalAnswers, drift, tokens] = [0, 0, 0];
  let firstDifference: number | null = null;
  for (const [i, prompt] of prompts.entries()) {
    onProgress?.(i / prompts.length);
    let at = 0;
    let parted = false;
    for await (const step of answers.steps(prompt, most)) {
      stop.throwIfAborted();
      const expected = trained[i]![at];
      at++;
      parted = step.id !== expected?.id;
      if (expected) drift = Math.max(drift, driftOf(expected.logProbs, step.logProbs));
      tokens++;
      if (parted) break;
    }
    if (!parted && at === trained[i]!.length) equalAnswers++;
    else firstDifference = Math.min(firstDifference ?? Number.POSITIVE_INFINITY, parted ? at : at + 1);
  }
  return { prompts: prompts.length, equalAnswers, firstDifference, maxLogProbDrift: drift, tokens };
}

function driftOf(trained: Float32Array, exported: Float32Array): number {
  let most = 0;
  for (let id = 0; id < trained.length; id++) {
    if (trained[id]! >= LIKELY) most = Math.max(most, Math.abs(trained[id]! - exported[id]!));
  }
  return most;
}
