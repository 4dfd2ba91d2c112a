/**
 * The figures of a layerwise step: its graphs run one after the other, those of a kind of layers once for
 * each, and share the allocator; only part of the gradients exists at a time.
 */

import type { Work } from '../../../../common/protocol/protocol.ts';
import type { Executor, Phase } from '../../exec/executor.ts';
import { DTYPE_BYTES } from '../../ir/dtype.ts';
import type { Graph } from '../../ir/graph.ts';
import { sizeOf, sizeOfAll } from '../../ir/shape.ts';
import type { Model } from '../../models/model.ts';
import type { Method, Trainable } from '../../nn/parameters.ts';
import { optimise } from '../../passes/index.ts';
import {
  counted,
  type GraphCounts,
  type StepWayPrice,
  type TrainingFigures,
  trainedBytesOf,
  type WayShape,
} from '../../pricing/graph-figures.ts';
import type { Loss } from '../../tasks/feeds.ts';
import { HANDED } from './end-graphs.ts';
import { type CutStep, cutStep } from './layer-graphs.ts';
import { WIDE } from './wide-head.ts';

const FLOAT_BYTES = 4;

/** A graph of the step, its runs for a micro-batch, and the bytes of gradients that exist by its end. */
interface Priced extends Phase {
  readonly times: number;
  readonly gradientBytes: number;
  readonly counts: GraphCounts;
  readonly heapBytes: number;
}

export const price: StepWayPrice = {
  // a model whose layers read each other is refused when it is trained; until then it saves nothing
  isFor: ({ layerwiseUpdate }, { separateLayers }) => layerwiseUpdate === true && separateLayers,
  figures,
};

/** The figures of a step with `shape`: work for each micro-batch, memory for all of them; all micro-batches go through a layer before the next one. */
function figures(
  model: Model,
  method: Method,
  shape: WayShape,
  executor: Executor,
  loss?: Loss,
): Required<Omit<TrainingFigures, 'largestBytes'>> {
  const cut = cutStep(model, method, shape, shape.accumulates ?? true, undefined, loss);
  const phases = phasesOf(cut, shape.accumulates ?? true).map((phase) => pricedOn(executor, phase));
  const trained = [...new Set([...cut.firstTrained, ...cut.headTrained, ...cut.layers.flatMap(trainedOf)])];
  const room = shape.parts * roomBytes(cut);
  const largest = phases.reduce((most, one) => (bytesAt(one) > bytesAt(most) ? one : most));
  const heap =
    executor.heapInTurn?.(phases) ?? Math.max(...phases.map((one) => one.heapBytes + one.gradientBytes));
  const { counts, gradientBytes } = largest;
  const kept = (bytes: number) => bytes + room;
  return {
    parameters: sizeOfAll(trained),
    trainedBytes: trainedBytesOf(trained),
    gradientBytes,
    gradient: {
      work: phases.reduce<Work>((sum, one) => plus(sum, one.counts.work, one.times), NO_WORK),
      flops: phases.reduce((sum, one) => sum + one.times * one.counts.flops, 0),
      weightBytes: 0,
      turn: { ...counts.turn, bytes: kept(counts.turn.bytes) },
      after: { ...counts.after, bytes: kept(counts.after.bytes) },
      turnBytes: kept(counts.turnBytes),
      afterBytes: kept(counts.afterBytes),
      donatedBytes: 0,
      sessionBytes: phases.reduce((sum, one) => sum + one.counts.sessionBytes, 0),
      heapBytes: kept(heap - gradientBytes),
    },
  };
}

type Unpriced = Omit<Priced, 'counts' | 'heapBytes'>;

function phasesOf(cut: CutStep, accumulates: boolean): Unpriced[] {
  const { first, kinds, layers, head, headTrained, last, firstTrained } = cut;
  const isTied = headTrained.some((one) => firstTrained.includes(one));
  const below = gradientBytes(firstTrained);
  const above = gradientBytes(headTrained.filter((one) => !firstTrained.includes(one)));
  const held = isTied ? below : 0;
  const layer = Math.max(...layers.map((one) => gradientBytes(trainedOf(one))));
  const timesOf = (kind: number) => layers.filter((one) => one.kind === kind).length;
  /** `isThere`: whether the gradients have their memory already. */
  const phase = (graph: Graph, times: number, bytes: number, isThere: boolean): Unpriced => ({
    graph,
    times,
    gradientBytes: bytes,
    besideBytes: isThere ? bytes : 0,
    donated: new Set(
      [...graph.outputs.keys()].filter((name) => isHanded(name) || (isThere && name.startsWith('grad.'))),
    ),
  });
  const ofHead = (): Unpriced[] => {
    const bytes = held + above;
    if (head.kind === 'whole') return [phase(head.graph, 1, bytes, accumulates)];
    const { pieces, graphs } = head.wide;
    const sizes = [...graphs].map(([size, own]) => ({
      ...own,
      times: pieces.filter((one) => one.size === size).length,
    }));
    return [
      phase(head.top, 1, bytes, accumulates),
      ...sizes.map(({ score, times }) => phase(score, times, bytes, accumulates)),
      ...sizes.map(({ backward, times }) => phase(backward, times, bytes, true)),
      phase(head.bottom, 1, bytes, true),
    ];
  };
  return [
    phase(first, 1, 0, true),
    ...kinds.map(({ forward }, kind) => phase(forward, timesOf(kind), 0, true)),
    ...ofHead(),
    ...kinds.map(({ backward }, kind) => phase(backward, timesOf(kind), held + layer, true)),
    phase(last.graph, 1, below, accumulates || isTied || last.table !== null),
  ];
}

/** Hidden states, and what is shared by layers: they have memory that stays. */
function isHanded(output: string): boolean {
  const handed: readonly string[] = [HANDED.next, HANDED.below, WIDE.gradient];
  return handed.includes(output) || output.startsWith('shared.');
}

function pricedOn(executor: Executor, phase: Unpriced): Priced {
  const graph = optimise(executor.rewritten?.(phase.graph) ?? phase.graph, executor.fusedOperations);
  const isWritten = (name: string) => isHanded(name) || name.startsWith('grad.');
  const written = new Set([...graph.outputs.keys()].filter(isWritten));
  const { counts, heapAt } = counted(graph, written, executor);
  return { ...phase, graph, counts, heapBytes: heapAt(0) };
}

function bytesAt({ counts, gradientBytes: bytes }: Priced): number {
  return bytes + Math.max(counts.turnBytes, counts.afterBytes);
}

/** Hidden states of a micro-batch with room for one more, and what is shared by layers. */
function roomBytes({ layers, hiddenShape, shared }: CutStep): number {
  const hidden = FLOAT_BYTES * sizeOf(hiddenShape) * (layers.length + 2);
  return shared.reduce((sum, { dtype, shape }) => sum + DTYPE_BYTES[dtype] * sizeOf(shape), hidden);
}

function trainedOf({ trained }: CutStep['layers'][number]): Trainable[] {
  return [...trained.values()];
}

function gradientBytes(trained: readonly Trainable[]): number {
  return FLOAT_BYTES * sizeOfAll(trained);
}

const NO_WORK: Work = { products: [], moved: [], exponentials: 0, nodes: 0, outputBytes: 0, runs: 0 };

/** The work of `one` and `times` that of another graph. */
function plus(one: Work, other: Work, times: number): Work {
  return {
    products: [
      ...one.products,
      ...other.products.map((product) => ({ ...product, count: times * product.count })),
    ],
    moved: [...one.moved, ...other.moved.map((move) => ({ ...move, bytes: times * move.bytes }))],
    exponentials: one.exponentials + times * other.exponentials,
    nodes: one.nodes + times * other.nodes,
    outputBytes: (one.outputBytes ?? 0) + times * (other.outputBytes ?? 0),
    runs: (one.runs ?? 0) + times * (other.runs ?? 0),
  };
}
