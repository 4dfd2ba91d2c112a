/**
 * A step from all gradients: its micro-batches run through one graph, then one update. In mixed precision a step whose gradients overflow
 * is retried with a smaller loss scale.
 */

import { AppError } from '../../../common/errors.ts';
import { figuresFor } from '../../../common/step-figures.ts';
import { say } from '../../../common/words/language.ts';
import { streamSeed } from '../../rows/rng.ts';
import { type Program, takeTurns } from '../exec/executor.ts';
import { weightBytesOf } from '../passes/graph-cost.ts';
import { accumulates } from '../step/batching.ts';
import type { AdamW } from '../step/moments.ts';
import { gradientStep, SCALE_INPUTS } from '../step/step-graphs.ts';
import { type BatchShape, sameShape } from '../tasks/feeds.ts';
import type { SavedScale } from './cursor.ts';
import {
  batchesOfStep,
  type StepPlace,
  type Stepper,
  type StepperOptions,
  type StepResult,
} from './run-parts.ts';

/** Overflows of gradients in float16 after which it is said again. */
const OVERFLOWS_TOLD = 20;

export class WholeStep implements Stepper {
  readonly #options: StepperOptions;
  /** Of gradients in float16; null in float32. */
  readonly #lossScale: LossScale | null;
  readonly #accumulates: boolean;
  #compiled: { shape: BatchShape; program: Program; takesTurns: boolean } | null = null;

  constructor(options: StepperOptions) {
    this.#options = options;
    this.#lossScale = options.config.precision === 'f16' ? new LossScale(options.saved?.lossScale) : null;
    this.#accumulates = accumulates(options);
  }

  get saved(): Stepper['saved'] {
    return this.#lossScale ? { lossScale: this.#lossScale.saved } : {};
  }

  async prepare(epoch: number): Promise<void> {
    const { task, config, batching, model, method, executor, weights, state, emit } = this.#options;
    const shape = batching.shape(epoch);
    if (this.#compiled && sameShape(this.#compiled.shape, shape)) return;
    emit({ event: 'phase', phase: 'compile' });
    await this.release();
    const { graph } = gradientStep(model, method, shape, config.recompute, this.#accumulates, task.loss);
    const program = await executor.compile(graph, { weights, kept: state.kept });
    this.#compiled = { shape, program, takesTurns: takeTurns(executor, weightBytesOf(graph)) };
  }

  async step(place: StepPlace, settings: AdamW): Promise<StepResult> {
    const { state, requireFinite } = this.#options;
    const lossScale = this.#lossScale;
    while (true) {
      const { count, tokens, ...figures } = await this.#gradients(place);
      const { loss } = figures;
      if (lossScale && !Number.isFinite(loss)) throw tooNarrow(say`the loss of a step is ${loss}`);
      requireFinite('loss', loss);
      const gradNorm = await state.update(settings, count);
      if (!lossScale || Number.isFinite(gradNorm)) {
        requireFinite('gradient', gradNorm);
        lossScale?.took();
        return { ...figures, gradNorm, tokens };
      }
      this.#scaleDown(lossScale, place);
    }
  }

  async makeRoom(): Promise<void> {
    if (this.#compiled?.takesTurns) await this.release();
  }

  async release(): Promise<void> {
    await this.#compiled?.program.release();
    this.#compiled = null;
  }

  /** Leaves the gradient of the summed loss in the state's accumulators. */
  async #gradients(place: StepPlace) {
    const { task, model, state } = this.#options;
    const { program } = this.#compiled!;
    state.clearGradients();
    const tally = task.tally();
    let [count, tokens] = [0, 0];
    const batches = await batchesOfStep(this.#options, place);
    for (const [part, batch] of batches.entries()) {
      const feeds = {
        ...task.feeds(model, batch, batches),
        ...state.feeds(this.#accumulates),
        ...this.#dropoutFeed(place.step, part),
        ...this.#scaleFeed(task.countOf(batch)),
      };
      const { outputs } = await program.run(feeds, state.gradientTargets());
      tally.add(batch, outputs);
      count += task.countOf(batch);
      tokens += batch.realTokens;
    }
    return { ...figuresFor('step', tally.figures), count, tokens };
  }

  #scaleDown(lossScale: LossScale, { step }: StepPlace): void {
    const { scale } = lossScale.saved;
    lossScale.overflowed();
    const { overflows } = lossScale;
    // the first steps find the scale; what comes later is worth a line once and when it goes on
    if (overflows !== 1 && overflows % OVERFLOWS_TOLD !== 0) return;
    const message =
      overflows === 1
        ? say`Step ${step + 1} was too large for half precision and is repeated at a smaller scale (${scale / 2}).`
        : say`Step ${step + 1} was too large for half precision and is repeated at a smaller scale (${scale / 2}); ${overflows} times so far.`;
    this.#options.emit({ event: 'warning', code: 'loss-scale', message });
  }

  #scaleFeed(count: number): Record<string, Float32Array> {
    if (!this.#lossScale) return {};
    const factor = this.#lossScale.factorFor(count);
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

/** As in PyTorch's GradScaler; the scale is that of a mean over labelled tokens. */
const FIRST = 2 ** 16;
const LARGEST = 2 ** 24;
/** Steps without an overflow after which the scale is doubled. */
export const STEPS_TO_GROW = 2000;

export class LossScale {
  #scale: number;
  #steadySteps: number;
  /** Overflows since the run was started or resumed. */
  overflows = 0;

  constructor({ scale, steadySteps }: SavedScale = { scale: FIRST, steadySteps: 0 }) {
    this.#scale = scale;
    this.#steadySteps = steadySteps;
  }

  get saved(): SavedScale {
    return { scale: this.#scale, steadySteps: this.#steadySteps };
  }

  /** The factor for a loss summed over `count` tokens or pairs: a power of two, which rounds nothing. */
  factorFor(count: number): number {
    return this.#scale / 2 ** Math.ceil(Math.log2(Math.max(1, count)));
  }

  took(): void {
    this.#steadySteps++;
    if (this.#steadySteps < STEPS_TO_GROW || this.#scale >= LARGEST) return;
    this.#scale *= 2;
    this.#steadySteps = 0;
  }

  /** A gradient was not finite. Throws `AppError('diverged')` where a smaller scale would not help. */
  overflowed(): void {
    this.overflows++;
    if (this.#scale <= 1) throw tooNarrow(say`gradients are too large for it`);
    this.#scale /= 2;
    this.#steadySteps = 0;
  }
}

/** What ends a run in mixed precision whose numbers float16 cannot hold: `why` completes a sentence. */
function tooNarrow(why: string): AppError {
  return new AppError(
    'diverged',
    say`Half precision (float16) is too coarse for this training: ${why}.`,
    say`Resume with full precision (float32). If it becomes unstable again, start a new run with a lower learning rate.`,
  );
}
