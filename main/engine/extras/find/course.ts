/** The course of a training: its price before the first step, its losses, and what it took. */
import { REREAD, type TrainingPrice, type VectorsTrained } from '../../../../common/extras/find/vectors.ts';
import { sum } from '../../../../common/values.ts';
import { say } from '../../../../common/words/language.ts';
import { EnergyMeter, wattHours } from '../../../energy.ts';
import { peakResidentBytes } from '../../../processes.ts';
import { arrange } from '../../eval/vectors/arrange.ts';
import type { TrainingPlan, VectorTrainingIo } from '../../eval/vectors/train-vectors.ts';
import type { Executor } from '../../exec/executor.ts';
import { sizeOf } from '../../ir/shape.ts';
import { simplify } from '../../passes/index.ts';
import { counted, donatedShare } from '../../pricing/graph-figures.ts';
import type { CallIo } from '../../session/call-row.ts';
import { ends } from './rows-asked.ts';

/** Tokens that tell how fast an encoder reads: about a second of a small one. */
const SAMPLE_TOKENS = 1024;
/** Parameters, gradients and AdamW's two moments, in float32. */
const STATE_BYTES = 4 * 4;

/** What is read here, and how: the numbers are texts or pairs. */
interface Reading {
  /** Tokens of each. */
  readonly lengths: readonly number[];
  read(numbers: readonly number[]): Promise<unknown>;
  /** Tokens that are read to measure what was learned. */
  readonly measuredTokens: number;
}

export class Course {
  readonly #io: CallIo;
  readonly #began = performance.now();
  readonly #energy = new EnergyMeter();
  readonly #losses: number[] = [];
  #plannedSteps = 0;
  #tokens = 0;
  #price: TrainingPrice = { seconds: 0, measuringSeconds: 0, bytes: 0, tokensPerSecond: 0 };
  #firstStep: number | null = null;
  #steps = { from: 0, to: 0 };

  constructor(io: CallIo) {
    this.#io = io;
  }

  /** Hears the plan and the steps of a training. */
  listeners(executor: Executor, reading: Reading): Required<Pick<VectorTrainingIo, 'onPlan' | 'onStep'>> {
    return {
      onPlan: async (plan) => {
        this.#price = await this.#priced(plan, executor, reading);
        this.#io.emit({ priced: this.#price });
        this.#steps = { from: performance.now(), to: performance.now() };
      },
      onStep: (step, steps, loss, tokens) => {
        this.#losses.push(loss);
        this.#plannedSteps = steps;
        this.#tokens += tokens;
        this.#steps.to = performance.now();
        this.#firstStep ??= this.#seconds();
        // its counters start over
        this.#energy.used();
        this.#io.emit({ event: 'phase', phase: 'evaluate', fraction: step / steps, detail: say`Training` });
      },
    };
  }

  #seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  async #priced(plan: TrainingPlan, executor: Executor, reading: Reading): Promise<TrainingPrice> {
    const perSecond = await speedOf(reading);
    return {
      seconds: (plan.places * plan.reads) / perSecond,
      measuringSeconds: reading.measuredTokens / perSecond,
      bytes: process.memoryUsage.rss() + bytesOf(plan, executor),
      tokensPerSecond: perSecond,
    };
  }

  /** What the result says of it. */
  result(): Pick<VectorsTrained, 'seconds' | 'steps' | 'plannedSteps' | 'losses' | 'took'> {
    const energy = this.#energy.used();
    return {
      seconds: this.#seconds(),
      steps: this.#losses.length,
      plannedSteps: this.#plannedSteps,
      losses: ends(this.#losses),
      took: {
        price: this.#price,
        tokens: this.#tokens,
        secondsToFirstStep: this.#firstStep,
        stepSeconds: (this.#steps.to - this.#steps.from) / 1000,
        peakBytes: peakResidentBytes(),
        energy: { wattHours: wattHours(energy), isMeasured: energy.isMeasured },
      },
    };
  }
}

/** Tokens a second, those of empty places included: the first time programs are compiled. */
async function speedOf({ lengths, read }: Reading): Promise<number> {
  const sample: number[] = [];
  for (let tokens = 0; sample.length < lengths.length && tokens < SAMPLE_TOKENS; ) {
    tokens += lengths[sample.length]!;
    sample.push(sample.length);
  }
  await read(sample);
  const started = performance.now();
  await read(sample);
  const seconds = (performance.now() - started) / 1000;
  const arranged = arrange(sample.map((one) => lengths[one]!));
  const places = sum(arranged.map(({ rows, rowLength }) => rows * rowLength));
  return Math.max(1, places) / seconds;
}

/** What the steps take beside what is held already: the state, and the values of the largest graph. */
function bytesOf({ graphs, trainables }: TrainingPlan, executor: Executor): number {
  const { fusedOperations, rewritten = (graph) => graph } = executor;
  const values = graphs.map((graph) => {
    const donated = new Set([...graph.outputs.keys()].filter((name) => name !== 'losses'));
    const { counts, heapAt } = counted(simplify(rewritten(graph), fusedOperations), donated, executor);
    return { heap: heapAt(donatedShare(counts)), session: counts.sessionBytes };
  });
  return (
    STATE_BYTES * sum(trainables.map(({ shape }) => sizeOf(shape))) +
    Math.max(0, ...values.map(({ heap }) => heap)) +
    sum(values.map(({ session }) => session))
  );
}

/** Tokens of what a reranker reads for `asked` queries, where query and passage have so many. */
export function rereadTokens(asked: number, lengths: readonly number[]): number {
  return asked * 2 * REREAD * meanLength(lengths);
}

export function meanLength(lengths: readonly number[]): number {
  return sum(lengths) / Math.max(1, lengths.length);
}
