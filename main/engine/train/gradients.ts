/** The gradients of an optimizer step: its micro-batches run through one compiled graph, summed in the state. */
import type { RunConfig } from '../config.ts';
import { streamSeed } from '../data/rows/rng.ts';
import type { Executor, Program, WeightSource } from '../exec/executor.ts';
import { takeTurns, weightBytesOf } from '../exec/turns.ts';
import type { Model } from '../models/model.ts';
import type { Method } from '../nn/parameters.ts';
import type { MicroBatches } from './batching.ts';
import type { LossScale } from './loss-scale.ts';
import type { TrainState } from './state.ts';
import { type BatchShape, batchFeeds, gradientStep, SCALE_INPUTS, sameShape } from './step-graphs.ts';

export interface GradientsOptions {
  readonly config: Pick<RunConfig, 'seed' | 'gradientAccumulation' | 'recompute'>;
  readonly executor: Executor;
  readonly model: Model;
  readonly weights: WeightSource;
  readonly method: Method;
  readonly batching: MicroBatches;
  readonly state: TrainState;
  /** Of gradients in float16; null in float32. */
  readonly lossScale: LossScale | null;
  /** Called before a graph is compiled, which takes a while. */
  onCompile(): void;
}

/** Which optimizer step: counted over the run, and its place in the data. */
export interface StepPlace {
  readonly step: number;
  readonly epoch: number;
  readonly epochStep: number;
}

export interface StepSums {
  /** Negative log-likelihood summed over the labelled tokens, in nats. */
  readonly nll: number;
  readonly labelledTokens: number;
  readonly tokens: number;
}

/** Whether the gradient of a step is a sum over several runs of its graph, or lives where it must be one. */
export function accumulates(
  { gradientAccumulation }: Pick<RunConfig, 'gradientAccumulation'>,
  { isSplit }: Pick<MicroBatches, 'isSplit'>,
  { keeps }: Pick<Executor, 'keeps'>,
): boolean {
  return gradientAccumulation > 1 || isSplit || keeps === 'device';
}

export class Gradients {
  readonly #options: GradientsOptions;
  #compiled: { shape: BatchShape; program: Program; takesTurns: boolean } | null = null;

  constructor(options: GradientsOptions) {
    this.#options = options;
  }

  get #accumulates(): boolean {
    const { config, batching, executor } = this.#options;
    return accumulates(config, batching, executor);
  }

  /** The program for the micro-batches of `epoch`; it is compiled anew only where their shape changes. */
  async program(epoch: number): Promise<Program> {
    const { config, batching, model, method, executor, weights, onCompile } = this.#options;
    const shape = batching.shape(epoch);
    if (this.#compiled && sameShape(this.#compiled.shape, shape)) return this.#compiled.program;
    onCompile();
    await this.release();
    const { graph } = gradientStep(model, method, shape, config.recompute, this.#accumulates);
    const program = await executor.compile(graph, { weights, kept: this.#options.state.kept });
    this.#compiled = { shape, program, takesTurns: takeTurns(executor, weightBytesOf(graph)) };
    return program;
  }

  /** Leaves the gradient of the summed loss of the step at `place` in the state's accumulators. */
  async compute(program: Program, { step, epoch, epochStep }: StepPlace): Promise<StepSums> {
    const { config, model, batching, state } = this.#options;
    const from = epochStep * config.gradientAccumulation;
    const to = Math.min(batching.batches(epoch), from + config.gradientAccumulation);
    const [first, end] = batching.partsOf(epoch, from, to);
    state.clearGradients();
    let [nll, labelledTokens, tokens] = [0, 0, 0];
    for (let part = first; part < end; part++) {
      const batch = await batching.batch(epoch, part);
      const feeds = {
        ...batchFeeds(model, batch),
        ...state.feeds(this.#accumulates),
        ...this.#dropoutFeed(step, part - first),
        ...this.#scaleFeed(batch.labelledCount),
      };
      const { outputs } = await program.run(feeds, state.gradientTargets());
      for (let i = 0; i < batch.labelledCount; i++) nll += outputs.nll![i]!;
      labelledTokens += batch.labelledCount;
      tokens += batch.realTokens;
    }
    return { nll, labelledTokens, tokens };
  }

  /** Gives the program back where another one needs its place; the next step compiles it anew. */
  async makeRoom(): Promise<void> {
    if (this.#compiled?.takesTurns) await this.release();
  }

  async release(): Promise<void> {
    await this.#compiled?.program.release();
    this.#compiled = null;
  }

  #scaleFeed(labelledTokens: number): Record<string, Float32Array> {
    const { lossScale } = this.#options;
    if (!lossScale) return {};
    const factor = lossScale.factorFor(labelledTokens);
    return {
      [SCALE_INPUTS.scale]: Float32Array.of(factor),
      [SCALE_INPUTS.unscale]: Float32Array.of(1 / factor),
    };
  }

  #dropoutFeed(step: number, micro: number): Record<string, Int32Array> {
    const { method, config } = this.#options;
    if (method.kind !== 'lora' || method.dropout === 0) return {};
    return { dropoutSeed: Int32Array.of(streamSeed(config.seed, 'dropout', step, micro) & 0x7fffffff) };
  }
}
