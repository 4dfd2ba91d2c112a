/**
 * A gradient step cut at its layers: a graph for the first hidden state, two for each kind of layer, and those of its ends. Operations and
 * operands are those of a whole step in which each block is recomputed.
 */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { ComputeDType } from '../../ir/dtype.ts';
import { type Graph, printGraph, type Value } from '../../ir/graph.ts';
import type { Shape } from '../../ir/shape.ts';
import type { Model } from '../../models/model.ts';
import { headLoss } from '../../nn/loss.ts';
import type { Method, Trainable } from '../../nn/parameters.ts';
import { gather } from '../../ops/functions.ts';
import { layerBorders, pieceOf } from '../../passes/rewrite.ts';
import { forward, multiplied } from '../../step/step-graphs.ts';
import type { BatchShape, Loss } from '../../tasks/feeds.ts';
import {
  type CutEmbedding,
  type CutHead,
  cutEmbedding,
  cutHead,
  HANDED,
  sharedName,
  writeBackward,
} from './end-graphs.ts';

export interface LayerKind {
  /** (hidden, shared, the layer's values) -> next. */
  readonly forward: Graph;
  /** (hidden, gradient by `next`, shared, values) -> below (gradient by `hidden`), `grad.<name>`. */
  readonly backward: Graph;
}

export interface Layer {
  readonly kind: number;
  /** What is trained of it, by the names that the graphs of its kind have for them. */
  readonly trained: ReadonlyMap<string, Trainable>;
}

export interface CutStep {
  /** (batch, embedding) -> next, and the shared values. */
  readonly first: Graph;
  readonly kinds: readonly LayerKind[];
  readonly layers: readonly Layer[];
  readonly head: CutHead;
  /** What is trained above the layers; a head that is the embedding is among `firstTrained` and here. */
  readonly headTrained: readonly Trainable[];
  readonly last: CutEmbedding;
  readonly firstTrained: readonly Trainable[];
  readonly hiddenShape: Shape;
  readonly shared: readonly { readonly dtype: ComputeDType; readonly shape: Shape }[];
}

/** Weights of a table that is treated as any other matrix at most: 64 MiB of gradients. */
export const MOST_WHOLE = 2 ** 24;

/** The graphs of a step of `method` full; with `accumulates` gradients are added to those that are there. AppError for layers that read each other. */
export function cutStep(
  model: Model,
  method: Method,
  shape: BatchShape,
  accumulates: boolean,
  mostWhole = MOST_WHOLE,
  lossOf: Loss = headLoss,
): CutStep {
  if (!model.separateLayers) throw notSeparate();
  const { graph, p, hidden, inputs } = forward(model, method, shape, true);
  const rows = gather(hidden, inputs.rows);
  const { rows: head, cap } = model.head(p);
  const trained = [...p.trainables.values()];
  const borders = layerBorders(
    graph,
    trained.map(({ name }) => graph.inputs.get(name)!),
  );
  const [lowest, top] = [borders.hidden[0]!, borders.hidden.at(-1)!];
  const shared = new Map(borders.shared.map((value, i) => [value, sharedName(i)]));

  const first = pieceOf(graph, [lowest, ...borders.shared], new Map());
  first.graph.output(HANDED.next, first.at(lowest));
  for (const [value, name] of shared) first.graph.output(name, first.at(value));
  const firstTrained = trained.filter(({ value }) => first.find(value) !== null);

  const ends = { accumulates, mostWhole, cap, lossOf, shape };
  const { targets, weights } = inputs;
  const above = cutHead(graph, { top, rows, head, targets, weights }, trained, ends);
  const tied = new Set(above.headTrained);
  const { kinds, layers } = cutLayers(graph, { hidden: borders.hidden, shared }, trained, accumulates);
  return {
    first: first.graph,
    firstTrained,
    kinds: kinds.map(({ forward: up, backward }) => ({
      forward: multiplied(up, method),
      backward: multiplied(backward, method),
    })),
    layers,
    ...above,
    last: cutEmbedding(graph, lowest, firstTrained, { ...ends, tied }),
    hiddenShape: lowest.shape,
    shared: borders.shared.map(({ dtype, shape: of }) => ({ dtype, shape: of })),
  };
}

function notSeparate(): AppError {
  return new AppError(
    'bad-config',
    say`This model can't be updated layer by layer, because its layers share keys, values or an embedding.`,
    say`Switch that setting off, or train adapters.`,
  );
}

function cutLayers(
  graph: Graph,
  { hidden, shared }: { readonly hidden: readonly Value[]; readonly shared: ReadonlyMap<Value, string> },
  trained: readonly Trainable[],
  accumulates: boolean,
): Pick<CutStep, 'kinds' | 'layers'> {
  const kinds: LayerKind[] = [];
  const known = new Map<string, number>();
  const layers = hidden.slice(1).map((next, layer): Layer => {
    const before = hidden[layer]!;
    const localName = (name: string) => name.replace(`.${layer}.`, '.*.');
    const piece = () => pieceOf(graph, [next], new Map([...shared, [before, HANDED.hidden]]), localName);
    const whole = piece();
    whole.graph.output(HANDED.next, whole.at(next));
    const own = trained.filter(({ value }) => whole.find(value) !== null);
    const key = kindOf(whole.graph);
    const kind = known.get(key) ?? kinds.length;
    if (kind === kinds.length) {
      const { graph: backward, at } = piece();
      const values = own.map((one) => ({ ...one, value: at(one.value) }));
      writeBackward(
        backward,
        { value: at(next), below: at(before) },
        { trained: values, accumulates },
        ({ name }) => localName(name),
      );
      kinds.push({ forward: whole.graph, backward });
      known.set(key, kind);
    }
    return { kind, trained: new Map(own.map((one) => [localName(one.name), one])) };
  });
  return { kinds, layers };
}

/** A text that is the same for two layers that differ in nothing but their number. */
function kindOf(graph: Graph): string {
  const lines = printGraph(graph)
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  // the printer leaves out what constants hold
  const constants = graph.nodes.flatMap(({ inputs }) =>
    inputs.flatMap(({ source }) => (source.kind === 'constant' ? [source.data.join()] : [])),
  );
  return [...lines, ...constants].join('\n');
}
