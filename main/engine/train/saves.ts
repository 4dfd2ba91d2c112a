/** The checkpoints of a run that lasts, and which weights it ends with. */
import { readBest, writeCheckpoint } from './checkpoint.ts';
import type { RunningCursor } from './cursor.ts';
import { isClearlyBetter } from './evaluation.ts';
import type { TrainingParts } from './run-parts.ts';
import type { Stepper } from './stepper.ts';

export class Saves {
  readonly #parts: TrainingParts;
  readonly #cursor: RunningCursor;
  readonly #stepper: Stepper;
  #savedAt = performance.now();
  #savedStep: number;

  constructor(parts: TrainingParts, cursor: RunningCursor, stepper: Stepper) {
    this.#parts = parts;
    this.#cursor = cursor;
    this.#stepper = stepper;
    this.#savedStep = parts.cursor?.step ?? -1;
  }

  get isDue(): boolean {
    const { saveEverySteps, saveEveryMinutes } = this.#parts.config;
    const { step } = this.#cursor;
    if (saveEverySteps !== undefined && step > 0 && step % saveEverySteps === 0) return true;
    return saveEveryMinutes > 0 && performance.now() - this.#savedAt >= saveEveryMinutes * 60_000;
  }

  /** A checkpoint of this step, if there is one, does not know of an evaluation that came after it. */
  outdate(): void {
    this.#savedStep = -1;
  }

  /** Writes a checkpoint and gives its path; null where this step has one. */
  async save(): Promise<string | null> {
    const { config, state, emit } = this.#parts;
    const cursor = this.#cursor;
    if (this.#savedStep === cursor.step) return null;
    Object.assign(cursor, this.#stepper.saved);
    const { path, bytes } = await writeCheckpoint(config.out, state, cursor, config.keepCheckpoints);
    this.#savedAt = performance.now();
    this.#savedStep = cursor.step;
    emit({ event: 'checkpoint', step: cursor.step, path, bytes });
    return path;
  }

  /** Puts the weights that the run ends with into the state; gives whether they are those of the best step, and not the last. */
  async takeFinalWeights(): Promise<boolean> {
    const { config, state, emit } = this.#parts;
    const { bestStep, step } = this.#cursor;
    const best = this.#isBestKept() ? await readBest(config.out, bestStep, state) : null;
    if (best === 'damaged') {
      const message = `The best weights, those of step ${bestStep}, are damaged on the disk. The result has those of step ${step}.`;
      emit({ event: 'warning', code: 'checkpoint-damaged', message });
    }
    if (best === 'read') return true;
    await state.fetch(['param']);
    return false;
  }

  #isBestKept(): boolean {
    const { config, data } = this.#parts;
    const { bestLoss, bestStep, step } = this.#cursor;
    if (!config.keepBest || bestLoss === null || bestStep === step) return false;
    const store = data.evalStore ?? data.store;
    const labelled = data.heldOutRows.map((row) => store.labelled[row]!);
    return isClearlyBetter(this.#cursor, labelled, config.seed);
  }
}
