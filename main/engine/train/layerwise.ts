/**
 * Training layer by layer: the update of each layer right after its gradient, as in LOMO (Lv and others, 2023), with AdamW. The step goes up
 * through the layers, of each of which only the incoming hidden state is kept, and down again: a layer is computed once more, its gradient
 * goes into a buffer that the layer below uses again, and its values are updated. All micro-batches of a step go through a layer
 * before the next one (L2L, Pudipeddi and others, 2020), so gradients of several are summed as ever.
 */
import { AppError } from '../../errors.ts';
import type { RunConfig } from '../config.ts';
import type { Batch } from '../data/batches/batch.ts';
import type { DeviceTensor, Executor, Program, WeightSource } from '../exec/executor.ts';
import type { HostArray } from '../ir/dtype.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../models/model.ts';
import type { Method, Trainable } from '../nn/parameters.ts';
import type { MicroBatches } from './batching.ts';
import { EMBEDDED } from './end-graphs.ts';
import { accumulates, type StepPlace, type StepSums } from './gradients.ts';
import { HANDED, sharedName } from './handed.ts';
import { type CutStep, cutStep, type LayerKind } from './layer-graphs.ts';
import { RunningNorm } from './running-norm.ts';
import { type AdamW, clipFactor, type GradientPart, type TrainState } from './state.ts';
import { type BatchShape, batchFeeds, sameShape } from './step-graphs.ts';
import { addRows, LogSumExp, type VocabularyPiece, WIDE, type WideHead } from './wide-head.ts';

export interface LayerwiseOptions {
  readonly config: Pick<RunConfig, 'gradientAccumulation'>;
  readonly executor: Executor;
  readonly model: Model;
  readonly weights: WeightSource;
  readonly method: Method;
  readonly batching: MicroBatches;
  readonly state: TrainState;
  /** Squares of the gradients' parts in the step before (running-norm.ts); null in a new run. */
  readonly squares: readonly number[] | null;
  /** Tables of more weights are large (end-graphs.ts); the usual number where it is left out. */
  readonly mostWhole?: number;
  /** Called before graphs are compiled, which takes a while. */
  onCompile(): void;
  /** Called with numbers that must be finite before anything is changed with them; throws where one is not. */
  requireFinite(what: 'loss' | 'gradient', value: number): void;
}

/** A step that was taken. */
export interface LayerwiseSums extends StepSums {
  /** L2 norm of the mean's gradient before clipping. */
  readonly gradNorm: number;
}

/** The programs of a step. */
interface Compiled {
  readonly shape: BatchShape;
  readonly cut: CutStep;
  readonly first: Program;
  readonly kinds: readonly Readonly<Record<keyof LayerKind, Program>>[];
  readonly head: HeadPrograms;
  readonly last: Program;
}

type HeadPrograms =
  | { readonly kind: 'whole'; readonly program: Program }
  | {
      readonly kind: 'wide';
      readonly wide: WideHead;
      readonly top: Program;
      readonly pieces: ReadonlyMap<number, { readonly score: Program; readonly back: Program }>;
      readonly bottom: Program;
    };

type Tensors = Readonly<Record<string, DeviceTensor>>;
type Feeds = Readonly<Record<string, DeviceTensor | HostArray>>;

/** A micro-batch on its way through the layers. */
interface Passage {
  readonly feeds: Readonly<Record<string, HostArray>>;
  readonly labelledCount: number;
  readonly shared: Tensors;
  /** Hidden states by the layer that they come into, with room for one more. On the way back each gives its place to the gradient of the one below. */
  readonly hidden: readonly DeviceTensor[];
}

export class Layerwise {
  readonly #options: LayerwiseOptions;
  readonly #norm: RunningNorm;
  #compiled: Compiled | null = null;
  readonly #programs: Program[] = [];
  /** Memory of the micro-batches of a step, used again in the next. */
  #room: Pick<Passage, 'shared' | 'hidden'>[] = [];

  /** An AppError where the executor computes elsewhere than on the processor. */
  constructor(options: LayerwiseOptions) {
    const { executor } = options;
    if (executor.device !== 'cpu' || executor.keeps === 'device') throw notHere(executor);
    this.#options = options;
    this.#norm = new RunningNorm(options.squares);
  }

  /** What a checkpoint holds besides the state. */
  get squares(): readonly number[] | null {
    return this.#norm.saved;
  }

  /** Compiles the programs for the micro-batches of `epoch`, where their shape is another one than before. */
  async prepare(epoch: number): Promise<void> {
    const { batching, model, method, executor, weights, mostWhole, onCompile } = this.#options;
    const shape = batching.shape(epoch);
    if (this.#compiled && sameShape(this.#compiled.shape, shape)) return;
    onCompile();
    await this.release();
    const cut = cutStep(model, method, shape, this.#accumulates, mostWhole);
    const compile = async (graph: Graph) => {
      const program = await executor.compile(graph, { weights });
      this.#programs.push(program);
      return program;
    };
    const kinds = [];
    for (const { there, back } of cut.kinds)
      kinds.push({ there: await compile(there), back: await compile(back) });
    const first = await compile(cut.first);
    const head = await headPrograms(cut.head, compile);
    this.#compiled = { shape, cut, first, kinds, head, last: await compile(cut.last.graph) };
  }

  /** Takes the step at `place`, with the programs that were prepared. */
  async step(place: StepPlace, settings: AdamW): Promise<LayerwiseSums> {
    const compiled = this.#compiled!;
    const batches = await this.#batches(place);
    const passages = batches.map((batch, i) => this.#passage(compiled, batch, i));
    const sumBy = (of: (batch: Batch) => number) => batches.reduce((sum, batch) => sum + of(batch), 0);
    const labelledTokens = sumBy(({ labelledCount }) => labelledCount);
    const pass = new Pass(compiled, passages, {
      ...this.#options,
      accumulates: this.#accumulates,
      norm: this.#norm,
      labelledTokens,
    });
    // nothing is known of a gradient before the first one: it is measured, and then computed once more
    if (Number.isFinite(settings.maxNorm) && !this.#norm.isKnown) await pass.run(null);
    const { nll, gradNorm } = await pass.run(settings);
    return { nll, labelledTokens, tokens: sumBy(({ realTokens }) => realTokens), gradNorm };
  }

  async release(): Promise<void> {
    this.#compiled = null;
    this.#room = [];
    for (const program of this.#programs.splice(0)) await program.release();
  }

  get #accumulates(): boolean {
    const { config, batching, executor } = this.#options;
    return accumulates(config, batching, executor);
  }

  async #batches({ epoch, epochStep }: StepPlace): Promise<readonly Batch[]> {
    const { config, batching } = this.#options;
    const from = epochStep * config.gradientAccumulation;
    const to = Math.min(batching.batches(epoch), from + config.gradientAccumulation);
    const [first, end] = batching.partsOf(epoch, from, to);
    const batches: Batch[] = [];
    for (let part = first; part < end; part++) batches.push(await batching.batch(epoch, part));
    return batches;
  }

  #passage({ cut }: Compiled, batch: Batch, i: number): Passage {
    const { model, executor } = this.#options;
    this.#room[i] ??= {
      shared: Object.fromEntries(
        cut.shared.map(({ dtype, shape }, n) => [sharedName(n), executor.tensor(dtype, shape)]),
      ),
      hidden: Array.from({ length: cut.layers.length + 2 }, () => executor.tensor('f32', cut.hiddenShape)),
    };
    return { ...this.#room[i], feeds: batchFeeds(model, batch), labelledCount: batch.labelledCount };
  }
}

function notHere({ name, device }: Executor): AppError {
  return new AppError(
    'bad-config',
    `--layerwise-update is for the processor, but ${name} computes on ${device}.`,
    'Leave --layerwise-update out, or take --device cpu.',
  );
}

async function headPrograms(
  head: CutStep['head'],
  compile: (graph: Graph) => Promise<Program>,
): Promise<HeadPrograms> {
  if (head.kind === 'whole') return { kind: 'whole', program: await compile(head.graph) };
  const { kind, wide } = head;
  const [top, bottom] = [await compile(head.top), await compile(head.bottom)];
  const pieces = new Map<number, { readonly score: Program; readonly back: Program }>();
  for (const [size, { score, back }] of wide.graphs)
    pieces.set(size, { score: await compile(score), back: await compile(back) });
  return { kind, wide, top, pieces, bottom };
}

interface PassOptions extends LayerwiseOptions {
  readonly accumulates: boolean;
  readonly norm: RunningNorm;
  readonly labelledTokens: number;
}

/** One way up through the layers and down again. */
class Pass {
  readonly #compiled: Compiled;
  readonly #passages: readonly Passage[];
  readonly #options: PassOptions;
  readonly #values: Tensors;

  constructor(compiled: Compiled, passages: readonly Passage[], options: PassOptions) {
    this.#compiled = compiled;
    this.#passages = passages;
    this.#options = options;
    this.#values = options.state.feeds(false);
  }

  /** Changes the weights with `settings`; null only measures the gradient. */
  async run(settings: AdamW | null): Promise<{ readonly nll: number; readonly gradNorm: number }> {
    const { state, norm, requireFinite } = this.#options;
    const { firstTrained, headTrained, layers } = this.#compiled.cut;
    await this.#up();
    const isBelow = new Set(firstTrained);
    const embeddings = this.#gradients(firstTrained);
    const head = this.#gradients(headTrained.filter((one) => !isBelow.has(one)));
    const nll = await this.#head({ ...embeddings.tensors, ...head.tensors });
    requireFinite('loss', nll / this.#options.labelledTokens);
    if (settings) state.beginUpdate();
    await this.#use(head, settings);
    giveBack(head.values);
    const buffer = new Float32Array(this.#largestLayer());
    for (let layer = layers.length - 1; layer >= 0; layer--) {
      const gradients = this.#gradients([...layers[layer]!.trained.values()], buffer);
      await this.#down(layer, gradients);
      await this.#use(gradients, settings);
    }
    giveBack(buffer);
    await this.#last(embeddings);
    await this.#use(embeddings, settings);
    giveBack(embeddings.values);
    return { nll, gradNorm: norm.end() };
  }

  /** Keeps what comes into each layer, and what comes out of the last one. */
  async #up(): Promise<void> {
    const { first, kinds, cut } = this.#compiled;
    for (const { feeds, shared, hidden } of this.#passages)
      await run(first, { ...feeds, ...this.#values }, { ...shared, [HANDED.next]: hidden[0]! });
    for (const [i, layer] of cut.layers.entries()) {
      const values = this.#valuesOf(layer.trained);
      for (const { feeds, shared, hidden } of this.#passages) {
        const all = { ...feeds, ...values, ...shared, [HANDED.hidden]: hidden[i]! };
        await run(kinds[layer.kind]!.there, all, { [HANDED.next]: hidden[i + 1]! });
      }
    }
  }

  /** The loss summed over the labelled tokens; the gradient by the last hidden state comes after it in its passage. */
  async #head(gradients: Tensors): Promise<number> {
    const { head, cut } = this.#compiled;
    const top = cut.layers.length;
    let sum = 0;
    for (const { feeds, hidden, labelledCount } of this.#passages) {
      const all = { ...feeds, ...this.#values, ...gradients, [HANDED.hidden]: hidden[top]! };
      const into = { ...gradients, [HANDED.below]: hidden[top + 1]! };
      const nll =
        head.kind === 'whole' ? (await run(head.program, all, into)).nll! : await this.#wide(head, all, into);
      for (let i = 0; i < labelledCount; i++) sum += nll[i]!;
    }
    return sum;
  }

  /** As a whole head, in pieces of the vocabulary: the negative log-likelihood of each labelled position. */
  async #wide(
    { wide, top, pieces, bottom }: Extract<HeadPrograms, { kind: 'wide' }>,
    feeds: Feeds,
    into: Tensors,
  ): Promise<HostArray> {
    const { name, shape } = wide.table;
    const width = shape[1]!;
    const part = (tensor: DeviceTensor, { start, size }: VocabularyPiece) =>
      tensor.view(start * width, [size, width]);
    const tableOf = (piece: VocabularyPiece) => part(this.#values[name]!, piece);
    const { rows, target } = await run(top, feeds, {});
    const [targets, weights] = [feeds.targets as Int32Array, feeds.weights as Float32Array];
    const all = new LogSumExp(targets.length);
    for (const piece of wide.pieces) {
      const known = { [WIDE.rows]: rows!, [WIDE.table]: tableOf(piece) };
      const scores = await run(pieces.get(piece.size)!.score, known, {});
      all.add(scores[WIDE.largest]!, scores[WIDE.sum]!);
    }
    const logSumExp = all.values();
    const gradient = this.#options.executor.tensor('f32', [targets.length, width]);
    for (const piece of wide.pieces) {
      const own = part(into[`grad.${name}`]!, piece);
      const known = {
        ...{ [WIDE.rows]: rows!, [WIDE.table]: tableOf(piece) },
        ...{ [WIDE.logSumExp]: logSumExp, [WIDE.targets]: targets.map((id) => id - piece.start) },
        ...{ [WIDE.weights]: weights, [WIDE.gradient]: gradient, [WIDE.tableGradient]: own },
      };
      await run(pieces.get(piece.size)!.back, known, {
        [WIDE.gradient]: gradient,
        [WIDE.tableGradient]: own,
      });
    }
    await run(bottom, { ...feeds, [HANDED.gradient]: gradient }, into);
    return logSumExp.map((sum, i) => sum - target![i]!);
  }

  /** The gradient of a layer and that by what came into it, which takes the place of what came out. */
  async #down(layer: number, { tensors }: Gradients): Promise<void> {
    const { kinds, cut } = this.#compiled;
    const { kind, trained } = cut.layers[layer]!;
    const gradients = Object.fromEntries(
      [...trained].map(([local, { name }]) => [`grad.${local}`, tensors[`grad.${name}`]!]),
    );
    const values = this.#valuesOf(trained);
    for (const { feeds, shared, hidden } of this.#passages) {
      const handed = { [HANDED.hidden]: hidden[layer]!, [HANDED.gradient]: hidden[layer + 2]! };
      const all = { ...feeds, ...values, ...shared, ...gradients, ...handed };
      await run(kinds[kind]!.back, all, { ...gradients, [HANDED.below]: hidden[layer + 1]! });
    }
  }

  async #last({ tensors, part, values }: Gradients): Promise<void> {
    const { last, cut } = this.#compiled;
    const { table } = cut.last;
    for (const { feeds, hidden } of this.#passages) {
      const handed = { [HANDED.gradient]: hidden[1]! };
      const outputs = await run(last, { ...feeds, ...this.#values, ...tensors, ...handed }, tensors);
      if (!table) continue;
      const { name, shape } = table.trained;
      const own = values.subarray(part.starts.get(name));
      addRows(own, feeds[table.indices]!, outputs[EMBEDDED]!, shape[1]!);
    }
  }

  /** Measures gradients and updates what they belong to. */
  async #use(gradients: Gradients, settings: AdamW | null): Promise<void> {
    const { state, norm, labelledTokens, requireFinite } = this.#options;
    const { part, values } = gradients;
    const known = norm.add((await state.squaresOf(values)) / labelledTokens ** 2);
    requireFinite('gradient', known);
    if (settings)
      await state.updatePart(part, values, settings, clipFactor(settings, known) / labelledTokens);
  }

  /** Room for the gradients of `trained`, in `buffer` where there is one, else in new memory; all zero where they are added to. */
  #gradients(trained: readonly Trainable[], buffer?: Float32Array<ArrayBuffer>): Gradients {
    const { state, executor } = this.#options;
    const part = state.partOf(trained.map(({ name }) => name));
    // also what lies between them, which the optimizer reads, is zero again
    const values = buffer?.subarray(0, part.size).fill(0) ?? new Float32Array(part.size);
    const whole = executor.tensor('f32', [part.size], values);
    const tensors = trained.map(
      ({ name, shape }) => [`grad.${name}`, whole.view(part.starts.get(name)!, shape)] as const,
    );
    return { part, values, tensors: Object.fromEntries(tensors) };
  }

  #largestLayer(): number {
    const sizes = this.#compiled.cut.layers.map(
      ({ trained }) => this.#options.state.partOf([...trained.values()].map(({ name }) => name)).size,
    );
    return Math.max(...sizes);
  }

  /** What is trained of a layer, by the names that its graphs have for it. */
  #valuesOf(trained: ReadonlyMap<string, Trainable>): Tensors {
    return Object.fromEntries([...trained].map(([local, { name }]) => [local, this.#values[name]!]));
  }
}

/** The gradients of some parameters in one buffer, and as tensors called `grad.<name>`. */
interface Gradients {
  readonly part: GradientPart;
  readonly values: Float32Array<ArrayBuffer>;
  readonly tensors: Tensors;
}

/** Runs `program` with what it needs of `feeds`. */
async function run(
  program: Program,
  feeds: Feeds,
  into: Tensors,
): Promise<Readonly<Record<string, HostArray>>> {
  return (await program.run(feeds, into)).outputs;
}

/** Gives the memory of `values` back at once, without waiting for the collector. */
function giveBack({ buffer }: Float32Array<ArrayBuffer>): void {
  buffer.transfer(0);
}
