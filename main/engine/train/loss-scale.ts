/**
 * Dynamic loss scaling for gradients in float16 (Micikevicius et al. 2018): the loss is multiplied with a power of two, so that small
 * gradients do not become zero, and gradients are divided by it in float32. Where one of them is beyond float16's 65,504 and so
 * infinite, the step is computed again with half the scale: nothing of the data is passed over. After many steps without that it is doubled.
 */
import { AppError } from '../../../common/errors.ts';

/** As in PyTorch's GradScaler; the scale is that of a mean over labelled tokens. */
const FIRST = 2 ** 16;
const LARGEST = 2 ** 24;
/** Steps without an overflow after which the scale is doubled. */
export const STEPS_TO_GROW = 2000;

/** What a checkpoint holds of it. */
export interface SavedScale {
  readonly scale: number;
  /** Steps since it was changed. */
  readonly steadySteps: number;
}

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

  /** The factor for the loss of a micro-batch, summed over `labelledTokens`: a power of two, so that it rounds nothing. */
  factorFor(labelledTokens: number): number {
    return this.#scale / 2 ** Math.ceil(Math.log2(Math.max(1, labelledTokens)));
  }

  /** A step has been taken. */
  took(): void {
    this.#steadySteps++;
    if (this.#steadySteps < STEPS_TO_GROW || this.#scale >= LARGEST) return;
    this.#scale *= 2;
    this.#steadySteps = 0;
  }

  /** A gradient of a step was not finite. Throws `AppError('diverged')` where a smaller scale would not help. */
  overflowed(): void {
    this.overflows++;
    if (this.#scale <= 1) throw tooNarrow('gradients go beyond it even where the loss is not scaled');
    this.#scale /= 2;
    this.#steadySteps = 0;
  }
}

/** What ends a run in mixed precision whose numbers float16 cannot hold: `why` completes a sentence. */
export function tooNarrow(why: string): AppError {
  return new AppError(
    'diverged',
    `Float16 is too narrow for this training: ${why}.`,
    'Resume from the newest checkpoint with --resume --precision f32; if it diverges there too, begin a new run with a lower --learning-rate.',
  );
}
