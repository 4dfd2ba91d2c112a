/**
 * Layer by layer: AdamW updates each layer right after its gradient, as in LOMO (Lv and others, 2023), and the backward pass recomputes a
 * layer from its input. All micro-batches of a step pass a layer before the next (L2L, Pudipeddi and others, 2020).
 */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Batch } from '../../data/batches/batch.ts';
import type { Executor, Program } from '../../exec/executor.ts';
import type { Graph } from '../../ir/graph.ts';
import { accumulates } from '../../step/batching.ts';
import type { AdamW } from '../../step/moments.ts';
import { sameShape } from '../../tasks/feeds.ts';
import {
  batchesOfStep,
  type StepPlace,
  type Stepper,
  type StepperOptions,
  type StepResult,
  type StepWay,
} from '../../train/run-parts.ts';
import { type CutHead, sharedName } from './end-graphs.ts';
import { cutStep } from './layer-graphs.ts';
import { type Compiled, type HeadPrograms, LayerPass, type Passage, RunningNorm } from './layer-pass.ts';

interface LayerwiseOptions extends StepperOptions {
  /** Tables of more weights are large (end-graphs.ts); the usual number where it is left out. */
  readonly mostWhole?: number;
}

export const way: StepWay = {
  isFor: ({ layerwiseUpdate }) => layerwiseUpdate === true,
  open: (options) => new Layerwise(options),
};

export class Layerwise implements Stepper {
  readonly #options: LayerwiseOptions;
  readonly #accumulates: boolean;
  readonly #norm: RunningNorm;
  #compiled: Compiled | null = null;
  readonly #programs: Program[] = [];
  /** Memory of the micro-batches of a step, used again in the next. */
  #room: Pick<Passage, 'shared' | 'hidden'>[] = [];

  /** An AppError where the executor computes elsewhere than on the processor. */
  constructor(options: LayerwiseOptions) {
    const { executor, saved } = options;
    if (executor.device !== 'cpu' || executor.keeps === 'device') throw notHere(executor);
    this.#options = options;
    this.#accumulates = accumulates(options);
    this.#norm = new RunningNorm(saved?.squares);
  }

  get saved(): Stepper['saved'] {
    const { saved } = this.#norm;
    return saved ? { squares: saved } : {};
  }

  async prepare(epoch: number): Promise<void> {
    const { task, batching, model, method, executor, weights, mostWhole, emit } = this.#options;
    const shape = batching.shape(epoch);
    if (this.#compiled && sameShape(this.#compiled.shape, shape)) return;
    emit({ event: 'phase', phase: 'compile' });
    await this.release();
    const cut = cutStep(model, method, shape, this.#accumulates, mostWhole, task.loss);
    const compile = async (graph: Graph) => {
      const program = await executor.compile(graph, { weights });
      this.#programs.push(program);
      return program;
    };
    const kinds = [];
    for (const { forward, backward } of cut.kinds)
      kinds.push({ forward: await compile(forward), backward: await compile(backward) });
    const first = await compile(cut.first);
    const head = await headPrograms(cut.head, compile);
    this.#compiled = { shape, cut, first, kinds, head, last: await compile(cut.last.graph) };
  }

  async step(place: StepPlace, settings: AdamW): Promise<StepResult> {
    const { executor, state, requireFinite } = this.#options;
    const compiled = this.#compiled!;
    const batches = await batchesOfStep(this.#options, place);
    const passages = batches.map((batch, i) => this.#passage(compiled, batch, i));
    const sumBy = (of: (batch: Batch) => number) => batches.reduce((sum, batch) => sum + of(batch), 0);
    const labelledTokens = sumBy(({ labelledCount }) => labelledCount);
    const pass = new LayerPass(compiled, passages, {
      executor,
      state,
      requireFinite,
      norm: this.#norm,
      labelledTokens,
    });
    // nothing is known of a gradient before the first one: it is measured, and then computed once more
    if (Number.isFinite(settings.maxNorm) && !this.#norm.isKnown) await pass.run(null);
    const { nll, gradNorm } = await pass.run(settings);
    return { loss: nll / labelledTokens, gradNorm, tokens: sumBy(({ realTokens }) => realTokens) };
  }

  /** Its programs share their place with others. */
  async makeRoom(): Promise<void> {}

  async release(): Promise<void> {
    this.#compiled = null;
    this.#room = [];
    for (const program of this.#programs.splice(0)) await program.release();
  }

  #passage({ cut }: Compiled, batch: Batch, i: number): Passage {
    const { task, model, executor } = this.#options;
    this.#room[i] ??= {
      shared: Object.fromEntries(
        cut.shared.map(({ dtype, shape }, n) => [sharedName(n), executor.tensor(dtype, shape)]),
      ),
      hidden: Array.from({ length: cut.layers.length + 2 }, () => executor.tensor('f32', cut.hiddenShape)),
    };
    return { ...this.#room[i], feeds: task.feeds(model, batch), labelledCount: batch.labelledCount };
  }
}

function notHere({ name, device }: Executor): AppError {
  return new AppError(
    'bad-config',
    say`Updating layer by layer works only on the processor, but ${name} computes on ${device}.`,
    say`Switch that setting off, or train on the processor.`,
  );
}

async function headPrograms(
  head: CutHead,
  compile: (graph: Graph) => Promise<Program>,
): Promise<HeadPrograms> {
  if (head.kind === 'whole') return { kind: 'whole', program: await compile(head.graph) };
  const { kind, wide } = head;
  const [top, bottom] = [await compile(head.top), await compile(head.bottom)];
  const pieces = new Map<number, { readonly score: Program; readonly backward: Program }>();
  for (const [size, { score, backward }] of wide.graphs)
    pieces.set(size, { score: await compile(score), backward: await compile(backward) });
  return { kind, wide, top, pieces, bottom };
}
