/**
 * A program on a card whose first run is compared with the processor's: a driver that computes wrong numbers says nothing. What stays in
 * given tensors, such as gradients, isn't compared, so the processor computes a forward pass.
 */
import { AppError } from '../../../../common/errors.ts';
import { percent } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { DeviceTensor, Program, RunResult } from '../executor.ts';
import type { Inputs } from './lowering.ts';

/** Of the size of an output. The processor rounds activations to 8 bits beside quantised weights, which changes losses by up to 1%. */
const MOST_ERROR = 0.02;

export class CheckedProgram implements Program {
  readonly #program: Program;
  /** The same outputs on the processor; null once they were compared. */
  #onProcessor: (() => Promise<Program>) | null;
  readonly #card: string;

  constructor(program: Program, onProcessor: () => Promise<Program>, card: string) {
    this.#program = program;
    this.#onProcessor = onProcessor;
    this.#card = card;
  }

  async run(inputs: Inputs, into: Readonly<Record<string, DeviceTensor>> = {}): Promise<RunResult> {
    const open = this.#onProcessor;
    this.#onProcessor = null;
    if (open === null) return await this.#program.run(inputs, into);
    const usual = await open();
    // before the card writes into what may also be an input
    const wanted = await usual.run(await onHost(inputs)).finally(() => usual.release());
    const got = await this.#program.run(inputs, into);
    for (const [name, values] of Object.entries(wanted.outputs)) this.#compare(values, got.outputs[name]);
    return got;
  }

  #compare(wanted: HostArray, got: HostArray | undefined): void {
    if (!got) return;
    const error = errorOf(got, wanted);
    if (error <= MOST_ERROR) return;
    throw new AppError(
      'device-failed',
      say`${this.#card} computes wrong numbers: they differ from the processor’s by ${percent(error)}.`,
      say`Install the newest driver from the card’s maker, or compute on the processor.`,
    );
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}

/** Copies of what lies on the card. */
async function onHost(inputs: Inputs): Promise<Inputs> {
  const own: Record<string, HostArray> = {};
  for (const [name, given] of Object.entries(inputs))
    own[name] = ArrayBuffer.isView(given) ? given : await given.read();
  return own;
}

/** The size of the difference as a share of what was wanted; infinite where a number is none. */
function errorOf(got: HostArray, wanted: HostArray): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    difference += (got[i]! - wanted[i]!) ** 2;
    size += wanted[i]! ** 2;
  }
  const error = Math.sqrt(difference / (size || 1));
  return Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
}
