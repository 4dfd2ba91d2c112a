/**
 * The two ends of a step that is cut at its layers: the head with its loss, and the gradient of the
 * embeddings. Of a large table nothing exists besides its values and its gradient (wide-head.ts).
 */
import { internal } from '../../../../common/errors.ts';
import { backward } from '../../autodiff/backward.ts';
import type { Graph, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { headLoss } from '../../nn/loss.ts';
import type { Trainable } from '../../nn/parameters.ts';
import { pieceOf, trimmed } from '../../passes/rewrite.ts';
import { writeGradient, writeLoss } from '../../step/step-graphs.ts';
import type { BatchShape, Loss } from '../../tasks/feeds.ts';
import { targetLogits, WIDE, type WideHead, wideHead } from './wide-head.ts';

/** What the graphs of a cut step hand on: hidden states [B*T,H] in and out, and the gradients by both. */
export const HANDED = { hidden: 'hidden', next: 'next', gradient: 'gradient', below: 'below' } as const;

/** The name of shared value `i`, such as a mask, that the first graph makes for all layers. */
export const sharedName = (i: number): string => `shared.${i}`;

export type CutHead =
  /** (batch, hidden, norm, head) -> nll [labels], below, and `grad.<name>`. */
  | { readonly kind: 'whole'; readonly graph: Graph }
  | {
      readonly kind: 'wide';
      /** (batch, hidden, norm, head) -> rows, target. */
      readonly top: Graph;
      readonly wide: WideHead;
      /** (batch, hidden, gradient by the rows, norm) -> below, and `grad.<name>` of the norm. */
      readonly bottom: Graph;
    };

export interface CutEmbedding {
  /** (batch, gradient, embeddings, and the gradients that are added to) -> `grad.<name>`, or `embedded`. */
  readonly graph: Graph;
  /**
   * A table of which the graph gives the gradients of the rows read, `embedded` [B,T,H], and the input of
   * their indices.
   */
  readonly table: { readonly trained: Trainable; readonly indices: string } | null;
}

/** The gradient by the rows of a large embedding, as an output. */
export const EMBEDDED = 'embedded';

interface HeadValues {
  /** What comes out of the last layer, and those of its rows that are labelled, after the last norm. */
  readonly top: Value;
  readonly rows: Value;
  readonly head: Value;
  readonly targets: Value;
  readonly weights: Value;
}

interface EndOptions {
  readonly accumulates: boolean;
  /** Tables of more weights are large. */
  readonly mostWhole: number;
  /** What the head's logits stay below, where they are soft-capped. */
  readonly cap?: number | undefined;
  readonly lossOf: Loss;
  readonly shape: BatchShape;
}

/** Cuts the head off `graph`; of the `trained` values it returns those above the layers. */
export function cutHead(
  graph: Graph,
  values: HeadValues,
  trained: readonly Trainable[],
  { accumulates, mostWhole, cap, lossOf, shape }: EndOptions,
): { readonly head: CutHead; readonly headTrained: readonly Trainable[] } {
  const { top, rows, head, targets, weights } = values;
  const known = new Map([[top, HANDED.hidden]]);
  const whole = pieceOf(graph, [rows, head, targets, weights], known);
  const { at } = whole;
  const headTrained = trained.filter(({ value }) => whole.find(value) !== null);
  const table = headTrained.find(({ value }) => value === head);
  if (!table) throw internal('the head is no trained parameter');
  // only the cross-entropy over the vocabulary is known to come in pieces
  if (sizeOf(table.shape) <= mostWhole || lossOf !== headLoss) {
    writeHeadLoss(
      whole.graph,
      { top: at(top), rows: at(rows), head: at(head), targets: at(targets), weights: at(weights) },
      {
        trained: headTrained.map((one) => ({ ...one, value: at(one.value) })),
        accumulates,
        cap,
        lossOf,
        shape,
      },
    );
    return { head: { kind: 'whole', graph: whole.graph }, headTrained };
  }
  const above = pieceOf(graph, [rows, head, targets], known);
  above.graph.output(WIDE.rows, above.at(rows));
  above.graph.output(
    WIDE.target,
    above.graph.scoped('loss', () => targetLogits(above.at(rows), above.at(head), above.at(targets), cap)),
  );
  const below = pieceOf(graph, [rows], known);
  const others = headTrained.filter((one) => one !== table);
  writeBackward(
    below.graph,
    { value: below.at(rows), below: below.at(top) },
    {
      trained: others.map((one) => ({ ...one, value: below.at(one.value) })),
      accumulates,
    },
  );
  const wide = wideHead(table, rows.shape[0]!, accumulates, cap);
  return { head: { kind: 'wide', top: above.graph, wide, bottom: below.graph }, headTrained };
}

interface Trained {
  /** With their values in the graph that is written. */
  readonly trained: readonly Trainable[];
  readonly accumulates: boolean;
}

/** The loss, and the backward pass to the hidden state that comes out of the last layer. */
function writeHeadLoss(
  graph: Graph,
  { top, rows, ...values }: HeadValues,
  { trained, accumulates, cap, lossOf, shape }: Trained & Pick<EndOptions, 'cap' | 'lossOf' | 'shape'>,
): void {
  const wanted = { hidden: true, head: true };
  const loss = writeLoss(graph, () => lossOf({ hidden: rows, ...values, cap }, wanted, shape));
  const seeds = [
    { value: rows, grad: loss.gradHidden! },
    { value: values.head, grad: loss.gradHead! },
  ];
  const [below, ...grads] = backward(seeds, [top, ...trained.map(({ value }) => value)]);
  trained.forEach((one, i) => {
    writeGradient(graph, one, grads[i], accumulates);
  });
  graph.output(HANDED.below, below!);
}

/**
 * The backward pass from the gradient by `value`, an input, to those by `below` and by what is trained
 * between.
 */
export function writeBackward(
  graph: Graph,
  { value, below }: { readonly value: Value; readonly below: Value },
  { trained, accumulates }: Trained,
  nameOf: (one: Trainable) => string = ({ name }) => name,
): void {
  const seed = { value, grad: graph.input(HANDED.gradient, 'f32', value.shape) };
  const [gradient, ...grads] = backward([seed], [below, ...trained.map((one) => one.value)]);
  // the last ones first, in the order of the backward pass
  for (let i = trained.length - 1; i >= 0; i--)
    writeGradient(graph, { ...trained[i]!, name: nameOf(trained[i]!) }, grads[i], accumulates);
  graph.output(HANDED.below, gradient!);
}

/**
 * Cuts off what is below the first layer, whose hidden state is `lowest`; `tied` is the embedding that is
 * also the head.
 */
export function cutEmbedding(
  graph: Graph,
  lowest: Value,
  trained: readonly Trainable[],
  { accumulates, mostWhole, tied }: EndOptions & { readonly tied: ReadonlySet<Trainable> },
): CutEmbedding {
  const large = trained.find(({ shape }) => sizeOf(shape) > mostWhole);
  const read = large ? onlyReading(graph, large) : null;
  const known: ReadonlyMap<Value, string> = new Map(read ? [[read.rows, EMBEDDED]] : []);
  const { graph: piece, at } = pieceOf(graph, [lowest], known);
  const others = trained.filter((one) => !read || one !== large);
  const seed = { value: at(lowest), grad: piece.input(HANDED.gradient, 'f32', lowest.shape) };
  const wanted = [...others.map(({ value }) => value), ...(read ? [read.rows] : [])];
  const grads = backward([seed], wanted.map(at));
  others.forEach((one, i) => {
    writeGradient(piece, one, grads[i], accumulates || tied.has(one));
  });
  if (!read || !large) return { graph: trimmed(piece), table: null };
  piece.output(EMBEDDED, grads.at(-1)!);
  return { graph: trimmed(piece), table: { trained: large, indices: read.indices } };
}

/** Where rows of a table are gathered by an input, if nothing else reads the table below the first layer. */
function onlyReading(
  graph: Graph,
  { value }: Trainable,
): { readonly rows: Value; readonly indices: string } | null {
  const readings = graph.nodes.filter(({ op, inputs }) => op === 'gather' && inputs[0] === value);
  const indices = readings[0]?.inputs[1]?.source;
  const isOne = readings.length === 1 && indices?.kind === 'input';
  return isOne ? { rows: readings[0]!.output, indices: indices.name } : null;
}
