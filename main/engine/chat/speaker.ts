/** A model that answers several clients at once: llama.cpp with its own settings, quicker than those of a proof. */
import os from 'node:os';
import type {
  LlamaContextSequence,
  LlamaGrammar,
  LlamaModel,
  SequenceEvaluateOptions,
  Token,
} from 'node-llama-cpp';
import { ENDPOINT } from '../../../common/settings/computing.ts';
import { FreeThreads } from './free-threads.ts';
import { type LlamaOptions, withLlamaOf } from './llama.ts';
import { SharedSteps } from './shared-steps.ts';

export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  /** Default 40, as llama.cpp has it; 0: of all tokens. */
  readonly topK?: number;
  readonly minP?: number;
  /** Without one every answer is another. */
  readonly seed?: number;
  readonly penalties?: Penalties;
  /** What is added to the logits of tokens. */
  readonly bias?: ReadonlyMap<number, number>;
  /** What the answer has to follow. */
  readonly grammar?: LlamaGrammar;
}

/** What tokens lose that were there before. */
export interface Penalties {
  readonly repeat: number;
  readonly presence: number;
  readonly frequency: number;
  /** Tokens that count, those of the prompt included; null: all of the answer, and none of the prompt. */
  readonly last: number | null;
}

/** How likely a token was, and the likeliest in its place, best first. */
export interface Score {
  readonly logProb: number;
  readonly top: readonly { readonly id: number; readonly logProb: number }[];
}

export interface Speaker {
  /** Whether it answers; one that doesn't makes embeddings alone. */
  readonly writes: boolean;
  /** Tokens of a prompt and its answer together. */
  readonly contextSize: number;
  /** Numbers of an embedding. */
  readonly embeddingSize: number;
  /** As GGUF files name it. */
  readonly architecture: string;
  /** In which form its weights are. */
  readonly weights: string;
  /** The tokens that follow `prompt`, until `onToken` says that it has enough; throws the reason of `gone`. */
  speak(
    prompt: readonly number[],
    sampling: Sampling,
    gone: AbortSignal,
    onToken: (id: number) => boolean,
  ): Promise<void>;
  /** How likely the model itself finds each of `ids` from `from` on, sampling and grammar aside; `from` is at least 1. */
  score(ids: readonly number[], from: number, top: number, gone: AbortSignal): Promise<readonly Score[]>;
  /** A grammar of the answers that a JSON Schema allows; any JSON for null. Throws for what llama.cpp does not know of schemas. */
  grammar(schema: object | null): Promise<LlamaGrammar>;
  /** Whether a token ends answers, which a bias cannot change. */
  endsAnswers(id: number): boolean;
  /** The embedding of a text, as llama.cpp pools it for this model, of length 1. */
  embed(ids: readonly number[], gone: AbortSignal): Promise<readonly number[]>;
  close(): Promise<void>;
}

interface SpeakerOptions extends Omit<LlamaOptions, 'adapter' | 'stopIds'> {
  /** Answers at once, at most; each takes memory for its context. */
  readonly atOnce?: number;
}

/** Places that are made at the start: most people ask with one program, or with an editor that asks for two things. */
const FIRST = 2;
/** Of the memory that is free what further places may take. */
const SHARE_OF_FREE = 1 / 4;
/** Tokens scored at once: each gives the probabilities of all tokens there are. */
const SCORED_AT_ONCE = 8;
/** As OpenAI's API says "impossible": JSON has no infinity. */
const IMPOSSIBLE = -9999;

/** Loads a GGUF file for answers that nobody compares. Throws like `openLlama`. */
export function openSpeaker(options: SpeakerOptions): Promise<Speaker> {
  return withLlamaOf(options, async (llama) => {
    const { threads, file, atOnce = ENDPOINT.atOnce } = options;
    const { LlamaGrammarEvaluationState, TokenBias } = await import('node-llama-cpp');
    const free = new FreeThreads(threads);
    const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
    const contextSize = Math.min(options.contextSize, model.trainContextSize);
    const open = async (sequences: number) => {
      if (sequences === 0) return [];
      const context = await model.createContext({ contextSize, sequences, threads });
      return Array.from({ length: sequences }, () => context.getSequence());
    };
    const useFree = () => {
      llama.maxThreads = free.count();
    };
    const first = Math.min(FIRST, atOnce);
    const steps = new SharedSteps(
      await open(first),
      async () => open(await affordable(model, contextSize, atOnce - first)),
      useFree,
    );
    let embedder: ReturnType<LlamaModel['createEmbeddingContext']> | null = null;
    let embedding: Promise<unknown> = Promise.resolve();

    const optionsOf = (prompt: readonly Token[], said: readonly Token[], sampling: Sampling) => {
      const { grammar, bias, penalties, ...plain } = sampling;
      const biases = new TokenBias(model.tokenizer);
      for (const [id, logit] of bias ?? []) biases.set(id as Token, { logit });
      return {
        ...plain,
        yieldEogToken: true,
        ...(bias && { tokenBias: biases }),
        ...(penalties && { repeatPenalty: penaltyOf(penalties, prompt, said, contextSize) }),
        ...(grammar && { grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }) }),
      } satisfies SequenceEvaluateOptions;
    };

    return {
      writes: true,
      contextSize,
      embeddingSize: model.embeddingVectorSize,
      architecture: model.fileInfo.metadata.general.architecture,
      // "llama 256M Q4_1": a family, a size of which few are known, and this
      weights: model.typeDescription.split(' ').slice(2).join(' '),
      endsAnswers: (id) => model.isEogToken(id as Token),
      speak(prompt, sampling, gone, onToken) {
        const ids = prompt as readonly Token[];
        return steps.take(worthFor(ids), gone, async function* (place, room) {
          for await (const _ of read(place, ids.slice(0, -1), room)) yield;
          const said: Token[] = [];
          for await (const id of place.evaluate(ids.slice(-1), optionsOf(ids, said, sampling))) {
            said.push(id);
            if (!onToken(id)) return;
            yield;
          }
        });
      },
      async score(given, from, top, gone) {
        const ids = given as readonly Token[];
        const scores: Score[] = [];
        await steps.take(worthFor(ids), gone, async function* (place, room) {
          for await (const _ of read(place, ids.slice(0, from - 1), room)) yield;
          for (let at = from - 1; at < ids.length - 1; at += SCORED_AT_ONCE) {
            const asked = ids.slice(at, Math.min(at + SCORED_AT_ONCE, ids.length - 1));
            const found = await place.controlledEvaluate(
              asked.map((id) => [id, { generateNext: { probabilities: true } }]),
            );
            for (const [i, output] of found.entries())
              scores.push(scoreOf(ids[at + i + 1]!, output?.next.probabilities, top));
            yield;
          }
        });
        return scores;
      },
      // the library types a grammar by its schema, which here is known only when it runs
      grammar: (schema) =>
        schema === null ? llama.getGrammarFor('json') : llama.createGrammarForJsonSchema(schema as never),
      async embed(ids, gone) {
        const turn = embedding.then(async () => {
          gone.throwIfAborted();
          useFree();
          embedder ??= model.createEmbeddingContext({ contextSize, threads });
          return ofLengthOne((await (await embedder).getEmbeddingFor([...ids] as Token[])).vector);
        });
        embedding = turn.catch(() => {});
        return turn;
      },
      close: () => llama.dispose(),
    };
  });
}

/** How many further places the free memory has room for. */
async function affordable(model: LlamaModel, contextSize: number, most: number): Promise<number> {
  const room = Math.min(os.freemem(), process.availableMemory()) * SHARE_OF_FREE;
  for (let sequences = most; sequences > 0; sequences = Math.floor(sequences / 2)) {
    const asked = { contextSize, sequences, modelGpuLayers: 0 };
    const { cpuRam } = await model.fileInsights.estimateContextResourceRequirementsV2(asked);
    if (cpuRam <= room) return sequences;
  }
  return 0;
}

/** Tokens that a place would not have to read again, less those that it would forget: conversations keep what they have. */
const worthFor = (ids: readonly Token[]) => (place: LlamaContextSequence) => {
  const shared = place.compareContextTokens([...ids]).firstDifferentIndex;
  return 2 * shared - place.nextTokenIndex;
};

/** Has a place hold `ids`, and nothing else. */
async function* read(
  place: LlamaContextSequence,
  ids: readonly Token[],
  room: (wanted: number) => number,
): AsyncGenerator<void> {
  await place.adaptStateToTokens([...ids], false);
  for (let at = place.nextTokenIndex; at < ids.length; ) {
    const block = ids.slice(at, at + room(ids.length - at));
    if (block.length > 0) await place.evaluateWithoutGeneratingNewTokens([...block]);
    at += block.length;
    yield;
  }
}

function penaltyOf(
  { repeat, presence, frequency, last }: Penalties,
  prompt: readonly Token[],
  said: readonly Token[],
  contextSize: number,
) {
  return {
    penalty: repeat,
    presencePenalty: presence,
    frequencyPenalty: frequency,
    maxPunishTokens: last ?? contextSize,
    punishTokens: () => {
      if (last === null) return [...said];
      return last === 0 ? [] : [...prompt, ...said].slice(-last);
    },
  };
}

function scoreOf(id: Token, probabilities: ReadonlyMap<Token, number> | undefined, most: number): Score {
  if (probabilities === undefined) throw new Error('llama.cpp gave no probabilities');
  const logOf = (probability = 0) => Math.max(IMPOSSIBLE, Math.log(probability));
  // the likeliest come first; a list of all would be made a hundred thousand times
  const top: { readonly id: number; readonly logProb: number }[] = [];
  for (const [other, probability] of probabilities) {
    if (top.length === most) break;
    top.push({ id: other, logProb: logOf(probability) });
  }
  return { logProb: logOf(probabilities.get(id)), top };
}

/** Embeddings are compared by their products, as OpenAI's are. */
export function ofLengthOne(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
