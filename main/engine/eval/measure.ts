/**
 * What an evaluation measures: the mean loss over labelled tokens, each row's sum, which tells how sure the mean is, and the model's
 * answers to the person's prompts. No number of the run changes by it.
 */
import type { EngineEvent, ProbedEvaluation } from '../../../common/protocol/protocol.ts';
import type { TaskFigures } from '../../../common/step-figures.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { Message } from '../../rows/messages.ts';
import type { RunConfig } from '../config/config.ts';
import { samplesOf } from '../data/batches/pack.ts';
import { type AskedPrompt, withoutSpace } from '../data/tokens/border.ts';
import { askedPrompt } from '../data/tokens/encode.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { type DeviceTensor, type Program, takeTurns } from '../exec/executor.ts';
import type { LoadedAdapter } from '../load/adapter.ts';
import type { ReadyModel } from '../load/ready-model.ts';
import { weightBytesOf } from '../passes/graph-cost.ts';
import type { Batching } from '../step/batching.ts';
import { evaluationStep } from '../step/step-graphs.ts';
import type { Task } from '../tasks/task.ts';
import { generateAll } from './batch-generator.ts';
import { type DecoderOptions, decoderOf } from './cached-decoder.ts';

export interface Measurement extends TaskFigures {
  readonly labelledTokens: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly rows: RowLosses;
}

/** Sums by row of the store, in ascending order of rows. */
export interface RowLosses {
  /** [n] indices into the store. */
  readonly rows: Uint32Array;
  /** [n] sum of the negative log-likelihood over the row's labelled tokens, in nats; of a pair its loss, which counts once. */
  readonly nll: Float64Array;
  readonly labelled: Uint32Array;
}

interface MeasureOptions extends Omit<DecoderOptions, 'trained'> {
  readonly task: Task;
  readonly batching: Pick<Batching, 'plan' | 'shape' | 'batch'>;
}

/** Measures one set of rows, as often as asked, with one compiled program. */
export class Measure {
  readonly #options: MeasureOptions;
  #program: Promise<Program> | null = null;
  #takesTurns = false;

  constructor(options: MeasureOptions) {
    this.#options = options;
  }

  /** The loss with `trained` in place; ends early with null when `stop` is aborted. */
  async run(
    trained: Readonly<Record<string, DeviceTensor>>,
    stop?: AbortSignal,
    onProgress?: (fraction: number) => void,
  ): Promise<Measurement | null> {
    const { task, batching } = this.#options;
    const program = await this.#compiled();
    const plan = batching.plan(0);
    const started = performance.now();
    const tally = task.tally();
    let [labelledTokens, tokens] = [0, 0];
    for (let index = 0; index < plan.batches; index++) {
      if (stop?.aborted) return null;
      onProgress?.(index / plan.batches);
      const { batch, outputs } = await this.#batch(program, index, trained);
      tally.add(batch, outputs);
      labelledTokens += batch.labelledCount;
      tokens += batch.realTokens;
    }
    const { losses, counts } = tally.samples;
    const samples = samplesOf(plan, 0, plan.batches);
    const order = Uint32Array.from(samples, (_, i) => i).sort((a, b) => samples[a]! - samples[b]!);
    return {
      ...tally.figures,
      labelledTokens,
      tokens,
      seconds: (performance.now() - started) / 1000,
      rows: {
        rows: order.map((i) => samples[i]!),
        nll: Float64Array.from(order, (i) => losses[i]!),
        labelled: order.map((i) => counts[i]!),
      },
    };
  }

  /** What an evaluation takes, from as many of its batches as `seconds` allow; null when stopped. */
  async tryOut(
    trained: Readonly<Record<string, DeviceTensor>>,
    seconds: number,
    stop: AbortSignal,
  ): Promise<ProbedEvaluation | null> {
    const program = await this.#compiled();
    const { batches } = this.#options.batching.plan(0);
    const run = async (index: number) => void (await this.#batch(program, index, trained));
    return await tryBatches(batches, { seconds }, run, stop);
  }

  async #batch(program: Program, index: number, trained: Readonly<Record<string, DeviceTensor>>) {
    const { task, model, batching } = this.#options;
    const batch = await batching.batch(0, index);
    const { outputs } = await program.run({ ...task.feeds(model, batch), ...trained });
    return { batch, outputs };
  }

  /** Gives the program back where another one needs its place; the next measurement compiles it again. */
  async makeRoom(): Promise<void> {
    if (this.#takesTurns) await this.release();
  }

  async release(): Promise<void> {
    await (await this.#program)?.release();
    this.#program = null;
  }

  #compiled(): Promise<Program> {
    const { task, executor, model, method, weights, batching } = this.#options;
    if (this.#program) return this.#program;
    const { graph } = evaluationStep(model, method, batching.shape(0), task.loss);
    this.#takesTurns = takeTurns(executor, weightBytesOf(graph));
    this.#program = executor.compile(graph, { weights });
    return this.#program;
  }
}

/** Measures rows once with `ready` and `adapter`. Throws the reason of `stop` when that is aborted. */
export async function measureRows(
  ready: Omit<ReadyModel, 'tokenizer'>,
  adapter: LoadedAdapter,
  rows: Pick<MeasureOptions, 'task' | 'batching'>,
  stop: AbortSignal,
  onProgress?: (fraction: number) => void,
): Promise<Measurement> {
  const { trained, ...computing } = decoderOf(ready, adapter);
  const measure = new Measure({ ...computing, ...rows });
  try {
    const measured = await measure.run(trained, stop, onProgress);
    if (measured === null) throw stop.reason;
    return measured;
  } finally {
    await measure.release();
  }
}

const now = (): number => performance.now() / 1000;

/** Runs batches and predicts the time of all where `seconds` end before; null when stopped. */
export async function tryBatches(
  batches: number,
  { seconds }: { readonly seconds: number },
  run: (index: number) => Promise<void>,
  stop: AbortSignal,
  clock: () => number = now,
): Promise<ProbedEvaluation | null> {
  const started = clock();
  const ends: number[] = [];
  while (ends.length < batches && (ends.at(-1) ?? 0) < seconds) {
    if (stop.aborted) return null;
    await run(ends.length);
    ends.push(clock() - started);
  }
  const [first = 0, last = 0] = [ends[0], ends.at(-1)];
  // the first one reads the weights, the others find them in memory
  const each = ends.length > 1 ? (last - first) / (ends.length - 1) : first;
  return { seconds: last + each * (batches - ends.length), measuredBatches: ends.length, batches };
}

/** Tokens of an answer at most. */
export const NEW_TOKENS = 64;

export interface Sample {
  readonly prompt: string;
  readonly text: string;
}

interface Asked extends AskedPrompt {
  readonly prompt: string;
}

/** The prompts of a run as tokens: those that are asked, and those that leave no room for an answer. */
export function promptsOf(
  { samplePrompts, system }: Pick<RunConfig, 'samplePrompts' | 'system'>,
  tokenizer: Tokenizer,
  maxPositions: number,
): { readonly asked: readonly Asked[]; readonly tooLong: readonly Asked[] } {
  const opening: Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
  const all = samplePrompts.map((prompt) => ({
    prompt,
    ...askedPrompt(tokenizer, [...opening, { role: 'user', content: prompt }]),
  }));
  const hasRoom = ({ ids }: Asked) => ids.length > 0 && ids.length < maxPositions;
  return { asked: all.filter(hasRoom), tooLong: all.filter((one) => !hasRoom(one)) };
}

export class Samples {
  readonly #asked: readonly Asked[];
  readonly #tokenizer: Tokenizer;
  readonly #emit: (event: EngineEvent) => void;

  /** Takes the prompts of `config`; one that leaves no room for an answer is left out, with a warning. */
  constructor(
    config: Pick<RunConfig, 'samplePrompts' | 'system'>,
    tokenizer: Tokenizer,
    maxPositions: number,
    emit: (event: EngineEvent) => void,
  ) {
    this.#tokenizer = tokenizer;
    this.#emit = emit;
    const { asked, tooLong } = promptsOf(config, tokenizer, maxPositions);
    this.#asked = asked;
    for (const { prompt, ids } of tooLong) {
      const message = say`One of your questions is too long to ask: it has ${number(ids.length)} tokens, and this model reads ${number(maxPositions)}. It begins: ${prompt.slice(0, 40)}`;
      emit({ event: 'warning', code: 'sample-skipped', message });
    }
  }

  /** Prompts that are asked at each evaluation. */
  get count(): number {
    return this.#asked.length;
  }

  /** The answers of what `parts` decode with, at most 64 tokens each; null where `stop` ended it. */
  async take(step: number, parts: DecoderOptions, stop: AbortSignal): Promise<readonly Sample[] | null> {
    if (this.count === 0) return [];
    if (stop.aborted) return null;
    const detail = step === 0 ? say`asking your questions before training` : say`asking your questions`;
    this.#emit({ event: 'phase', phase: 'evaluate', detail });
    const requests = this.#asked.map(({ ids }) => ({ prompt: ids, maxNewTokens: NEW_TOKENS }));
    try {
      const answers = await generateAll(parts, requests, { stopIds: this.#tokenizer.stopIds, stop });
      return answers.map(({ ids }, i) => {
        const { prompt, space } = this.#asked[i]!;
        return { prompt, text: withoutSpace(space)(this.#tokenizer.decode(ids, { skipSpecial: true })) };
      });
    } catch (error) {
      if (stop.aborted) return null;
      throw error;
    }
  }
}
