/** One pass of a step cut at its layers: forward and backward, each layer updated after its gradient. */
import { sum } from '../../../../common/values.ts';
import type { DeviceTensor, Program } from '../../exec/executor.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { Trainable } from '../../nn/parameters.ts';
import { type AdamW, clipFactor } from '../../step/moments.ts';
import type { GradientPart } from '../../step/state-layout.ts';
import { addLosses, type BatchShape } from '../../tasks/feeds.ts';
import type { StepperOptions } from '../../train/run-parts.ts';
import { EMBEDDED, HANDED } from './end-graphs.ts';
import type { CutStep, LayerKind } from './layer-graphs.ts';
import { addRows, LogSumExp, type VocabularyPiece, WIDE, type WideHead } from './wide-head.ts';

export interface Compiled {
  readonly shape: BatchShape;
  readonly cut: CutStep;
  readonly first: Program;
  readonly kinds: readonly Readonly<Record<keyof LayerKind, Program>>[];
  readonly head: HeadPrograms;
  readonly last: Program;
}

export type HeadPrograms =
  | { readonly kind: 'whole'; readonly program: Program }
  | {
      readonly kind: 'wide';
      readonly wide: WideHead;
      readonly top: Program;
      readonly pieces: ReadonlyMap<number, { readonly score: Program; readonly backward: Program }>;
      readonly bottom: Program;
    };

type Tensors = Readonly<Record<string, DeviceTensor>>;
type Feeds = Readonly<Record<string, DeviceTensor | HostArray>>;

/** A micro-batch in its pass through the layers. */
export interface Passage {
  readonly feeds: Readonly<Record<string, HostArray>>;
  readonly labelledCount: number;
  readonly shared: Tensors;
  /**
   * Hidden states by the layer that they enter, and one more. The backward pass overwrites each with a
   * gradient.
   */
  readonly hidden: readonly DeviceTensor[];
}

interface PassOptions extends Pick<StepperOptions, 'executor' | 'state' | 'requireFinite'> {
  readonly norm: RunningNorm;
  readonly labelledTokens: number;
}

export class LayerPass {
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
    await this.#forward();
    const isBelow = new Set(firstTrained);
    const embeddings = this.#gradients(firstTrained);
    const head = this.#gradients(headTrained.filter((one) => !isBelow.has(one)));
    const nll = await this.#headLoss({ ...embeddings.tensors, ...head.tensors });
    requireFinite('loss', nll / this.#options.labelledTokens);
    if (settings) state.beginUpdate();
    await this.#use(head, settings);
    giveBack(head.values);
    const buffer = new Float32Array(this.#largestLayer());
    for (let layer = layers.length - 1; layer >= 0; layer--) {
      const gradients = this.#gradients([...layers[layer]!.trained.values()], buffer);
      await this.#backward(layer, gradients);
      await this.#use(gradients, settings);
    }
    giveBack(buffer);
    await this.#embeddingGradient(embeddings);
    await this.#use(embeddings, settings);
    giveBack(embeddings.values);
    return { nll, gradNorm: norm.end() };
  }

  /** Keeps what comes into each layer, and what comes out of the last one. */
  async #forward(): Promise<void> {
    const { first, kinds, cut } = this.#compiled;
    for (const { feeds, shared, hidden } of this.#passages)
      await run(first, { ...feeds, ...this.#values }, { ...shared, [HANDED.next]: hidden[0]! });
    for (const [i, layer] of cut.layers.entries()) {
      const values = this.#valuesOf(layer.trained);
      for (const { feeds, shared, hidden } of this.#passages) {
        const all = { ...feeds, ...values, ...shared, [HANDED.hidden]: hidden[i]! };
        await run(kinds[layer.kind]!.forward, all, { [HANDED.next]: hidden[i + 1]! });
      }
    }
  }

  /** The loss summed over labelled tokens; the gradient by the last hidden state comes after it. */
  async #headLoss(gradients: Tensors): Promise<number> {
    const { head, cut } = this.#compiled;
    const top = cut.layers.length;
    let sum = 0;
    for (const { feeds, hidden, labelledCount } of this.#passages) {
      const all = { ...feeds, ...this.#values, ...gradients, [HANDED.hidden]: hidden[top]! };
      const into = { ...gradients, [HANDED.below]: hidden[top + 1]! };
      const nll =
        head.kind === 'whole'
          ? (await run(head.program, all, into)).nll!
          : await this.#wideHead(head, all, into);
      sum = addLosses(sum, nll, labelledCount);
    }
    return sum;
  }

  /** As a whole head, in pieces of the vocabulary: the negative log-likelihood of each labelled position. */
  async #wideHead(
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
        [WIDE.rows]: rows!,
        [WIDE.table]: tableOf(piece),
        [WIDE.logSumExp]: logSumExp,
        [WIDE.targets]: targets.map((id) => id - piece.start),
        [WIDE.weights]: weights,
        [WIDE.gradient]: gradient,
        [WIDE.tableGradient]: own,
      };
      await run(pieces.get(piece.size)!.backward, known, {
        [WIDE.gradient]: gradient,
        [WIDE.tableGradient]: own,
      });
    }
    await run(bottom, { ...feeds, [HANDED.gradient]: gradient }, into);
    return logSumExp.map((sum, i) => sum - target![i]!);
  }

  /** The gradient of a layer and that by what came into it, which takes the place of what came out. */
  async #backward(layer: number, { tensors }: Gradients): Promise<void> {
    const { kinds, cut } = this.#compiled;
    const { kind, trained } = cut.layers[layer]!;
    const gradients = Object.fromEntries(
      [...trained].map(([local, { name }]) => [`grad.${local}`, tensors[`grad.${name}`]!]),
    );
    const values = this.#valuesOf(trained);
    for (const { feeds, shared, hidden } of this.#passages) {
      const handed = { [HANDED.hidden]: hidden[layer]!, [HANDED.gradient]: hidden[layer + 2]! };
      const all = { ...feeds, ...values, ...shared, ...gradients, ...handed };
      await run(kinds[kind]!.backward, all, { ...gradients, [HANDED.below]: hidden[layer + 1]! });
    }
  }

  async #embeddingGradient({ tensors, part, values }: Gradients): Promise<void> {
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

  /** Room for the gradients of `trained`, in `buffer` or in new memory; all zero. */
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

/**
 * The norm of a gradient whose parts are used one by one, before all are known. Parts to come count as long, beside the known ones, as in
 * the step before: a gradient changes its length more than its shape (docs/decisions/0035).
 */
export class RunningNorm {
  /** Sum of squares of each part in the step before; null where there was none. */
  #before: readonly number[] | null;
  #now: number[] = [];

  /** `saved`: what `saved` gave at the end of an earlier step. */
  constructor(saved: readonly number[] | null = null) {
    this.#before = saved;
  }

  /** Whether a step was measured yet: before that nothing is known of parts to come. */
  get isKnown(): boolean {
    return this.#before !== null;
  }

  get saved(): readonly number[] | null {
    return this.#before;
  }

  /**
   * The norm of all parts, predicted with the next one, of squared norm `squares`; at least that of the known
   * ones.
   */
  add(squares: number): number {
    this.#now.push(squares);
    const known = sum(this.#now);
    const before = this.#before ?? [];
    const same = sum(before.slice(0, this.#now.length));
    const toCome = sum(before.slice(this.#now.length));
    return Math.sqrt(known + toCome * (same > 0 ? known / same : 1));
  }

  /** Ends a step. Returns the norm of all its parts. */
  end(): number {
    this.#before = this.#now;
    this.#now = [];
    return Math.sqrt(sum(this.#before));
  }
}
