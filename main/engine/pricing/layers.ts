/**
 * A deep model is priced from two shallow copies: each layer adds the same nodes, work and values. Which peak is higher, before or after
 * the step's turn, decides what is recomputed; it is told by the full depth's figures.
 */

import { internal } from '../../../common/errors.ts';
import { isRecord } from '../../../common/values.ts';
import type { RunConfig } from '../config/config.ts';
import type { Executor } from '../exec/executor.ts';
import * as ways from '../extras/step-prices.ts';
import { bytesOf, type Graph } from '../ir/graph.ts';
import { sizeOfAll } from '../ir/shape.ts';
import { type Model, outline } from '../models/model.ts';
import type { Halves, Method, Trainable } from '../nn/parameters.ts';
import { peaksOf } from '../passes/graph-cost.ts';
import { simplify } from '../passes/index.ts';
import { PERIOD, type Recompute, recompute } from '../passes/recompute.ts';
import { scheduled } from '../passes/schedule.ts';
import { evaluationStep, frozenStep, gradientStep, type StepGraph } from '../step/step-graphs.ts';
import type { BatchShape, Loss } from '../tasks/feeds.ts';
import type { Task } from '../tasks/task.ts';
import {
  counted,
  donatedShare,
  type GraphFigures,
  largestBytesOf,
  type StepWayPrice,
  type TrainingFigures,
  trainedBytesOf,
} from './graph-figures.ts';
import { lengthened, repeated } from './lengthen.ts';

/** Layers of a copy at least: with fewer the first and the last, which differ, are too near to each other. */
const FEWEST = 3;

/** Layers of both copies: where recompute treats every second or third layer differently, they grow by two or three. */
function shallowLayers(layers: number, recompute: Recompute = 'none'): readonly [number, number] {
  const period = PERIOD[recompute];
  const shallow = FEWEST + ((layers - FEWEST) % period);
  return [shallow, shallow + period];
}
/** Up to so many layers the whole graph takes no longer than the copies. */
const WHOLE_UP_TO = 8;

/** The shape of a micro-batch and its recompute. `accumulates`: whether its gradient is added to that of others; default true. */
interface TrainingShape extends BatchShape {
  readonly recompute?: Recompute;
  readonly accumulates?: boolean;
  /** Of an extra's way of taking a step: its name, and the micro-batches of a step. */
  readonly way?: { readonly name: string; readonly parts: number };
}

/** The shapes of micro-batches, and of the batches that measure the held-out rows where there are any. */
export interface PricedShapes {
  /** Of next tokens where it is left out. */
  readonly task?: Pick<Task, 'name' | 'loss'>;
  readonly training: TrainingShape;
  readonly evaluation: BatchShape | null;
}

export interface StepFigures extends TrainingFigures {
  readonly evaluation: GraphFigures | null;
  /** Of what frozen layers compute once where that is kept: for rows to train on, and for held-out rows. */
  readonly frozen?: readonly [training: GraphFigures, evaluation: GraphFigures | null];
}

const WAYS: Readonly<Record<string, StepWayPrice>> = ways;

/** The way of taking a step that a run asks for; null for a whole one. */
export function wayOf(config: RunConfig, model: Model): string | null {
  return Object.keys(WAYS).find((name) => WAYS[name]!.isFor(config, model)) ?? null;
}

/** The figures of a training step: from shallow copies of a model that is deep and has like layers. */
export function trainingFigures(
  model: Model,
  method: Method,
  shape: TrainingShape,
  executor: Executor,
  copies = copiesOf(model, method, shape.recompute),
  loss?: Loss,
): TrainingFigures {
  if (shape.way) {
    const { name, parts } = shape.way;
    return WAYS[name]!.figures(model, method, { ...shape, parts }, executor, loss);
  }
  const atDepth = atDepthOf(model.layers, copies);
  const build = (copy: Model) => gradientStep(copy, method, shape, shape.recompute, shape.accumulates, loss);
  const steps = simpleSteps(copies, build, executor);
  return {
    parameters: atDepth(steps.map(({ trainables }) => sizeOfAll(trainables))),
    trainedBytes: atDepth(steps.map(({ trainables }) => trainedBytesOf(trainables))),
    largestBytes: largestBytesOf(steps[0]!.trainables),
    gradient: graphFigures(steps, atDepth, executor),
  };
}

/** Those of the batch that measures the held-out rows. */
export function evaluationFigures(
  model: Model,
  method: Method,
  shape: BatchShape,
  executor: Executor,
  copies = copiesOf(model, method),
  loss?: Loss,
): GraphFigures {
  const steps = simpleSteps(copies, (copy) => evaluationStep(copy, method, shape, loss), executor);
  return graphFigures(steps, atDepthOf(model.layers, copies), executor);
}

/** Those of what frozen layers compute once for a micro-batch; `weightBytes` are of weights that the other layers don't read. */
export function frozenFigures(
  model: Model,
  method: Method,
  shape: BatchShape,
  executor: Executor,
): GraphFigures {
  const build = () => ({ graph: frozenStep(model, method, shape), trainables: [] });
  const steps = simpleSteps([model], build, executor);
  const others = evaluationStep(model, method, shape).graph.weights;
  const own = [...build().graph.weights].filter(([name]) => !others.has(name));
  const weightBytes = own.reduce((sum, [, value]) => sum + bytesOf(value), 0);
  return { ...graphFigures(steps, (of) => of[0]!, executor), weightBytes };
}

type SimpleStep = Pick<StepGraph, 'graph'> & { readonly trainables: readonly Omit<Trainable, 'value'>[] };

/** The steps of each copy; that of the deeper one is made of the other's where that is possible. */
function simpleSteps(
  copies: Copies,
  build: (copy: Model) => StepGraph,
  { fusedOperations, rewritten = (graph) => graph }: Executor,
): readonly SimpleStep[] {
  const simple = (copy: Model): SimpleStep => {
    const { graph, trainables } = build(copy);
    return { graph: simplify(rewritten(graph), fusedOperations), trainables };
  };
  const [shallow, deeper] = copies;
  const first = simple(shallow);
  return deeper ? [first, longer(first, shallow.layers, deeper.layers) ?? simple(deeper)] : [first];
}

function longer({ graph, trainables }: SimpleStep, shallow: number, deeper: number): SimpleStep | null {
  const period = deeper - shallow;
  const long = shallow === period + 2 ? lengthened(graph, period) : null;
  return long && { graph: long, trainables: repeated(trainables, period) };
}

function copiesOf(model: Model, method: Method, recompute?: Recompute): Copies {
  return (model.layers > WHOLE_UP_TO ? shallowCopies(model, method, recompute) : null) ?? [model];
}

/** Two copies of `model` with few layers; null where its layers, or what is trained of them, differ. */
export function shallowCopies(
  model: Model,
  method: Method,
  recompute?: Recompute,
): readonly [shallow: Model, deeper: Model] | null {
  const [one, other] = shallowLayers(model.layers, recompute).map((layers) => copyOf(model, layers));
  if (!one || !other) return null;
  if (method.kind === 'lora' && !hasLikeAdapters(one, model.layers, method.adapterOf)) return null;
  if (method.kind === 'lora' && method.halves && !hasLikeTypes(one, model.layers, method.halves)) return null;
  return [one.model, other.model];
}

interface Copy {
  readonly model: Model;
  /** The linear modules and the parameters of its first layer. */
  readonly linears: readonly string[];
  readonly parameters: readonly string[];
}

const copies = new WeakMap<Model, Map<number, Copy | null>>();

function copyOf(model: Model, layers: number): Copy | null {
  const known = copies.get(model) ?? new Map<number, Copy | null>();
  copies.set(model, known);
  const found = known.get(layers);
  if (found !== undefined) return found;
  const copy = model.withLayers(layers);
  const made = copy && withNames(copy);
  known.set(layers, made);
  return made;
}

function withNames(model: Model): Copy {
  const { linears, parameters } = outline(model);
  const ofFirst = (names: Iterable<string>) => [...names].filter((name) => name.includes('.0.'));
  return { model, linears: ofFirst(linears.keys()), parameters: ofFirst(parameters.keys()) };
}

type Adapters = Extract<Method, { kind: 'lora' }>['adapterOf'];

function hasLikeAdapters({ linears }: Copy, layers: number, adapterOf: Adapters): boolean {
  return linears.every((module) => {
    const shape = adapterOf(module);
    const text = JSON.stringify(shape);
    return ofAllLayers(module, layers).every((like) => {
      const other = adapterOf(like);
      return other === shape || JSON.stringify(other) === text;
    });
  });
}

/** Whether each layer rests in as many bits as the first. */
function hasLikeTypes({ parameters }: Copy, layers: number, halves: Halves): boolean {
  return parameters.every((name) =>
    ofAllLayers(name, layers).every((like) => halves.has(like) === halves.has(name)),
  );
}

function ofAllLayers(name: string, layers: number): string[] {
  return Array.from({ length: layers }, (_, layer) => name.replace('.0.', `.${layer}.`));
}

type Copies = readonly [shallow: Model, deeper?: Model];
/** From the figures of each copy those of the full depth. */
type AtDepth = <T>(ofCopies: readonly T[]) => T;

function atDepthOf(layers: number, copies: Copies): AtDepth {
  const [shallow, deeper] = copies;
  return <T>(values: readonly T[]) =>
    deeper ? affine([values[0]!, values[1]!], [shallow.layers, deeper.layers], layers) : values[0]!;
}

const NOTHING: ReadonlySet<string> = new Set();
/** What the gradients are called among the outputs of a step (step-graphs.ts); they are written elsewhere. */
const GRADIENT = 'grad.';

function graphFigures(steps: readonly SimpleStep[], atDepth: AtDepth, executor: Executor): GraphFigures {
  const simple = steps.map(({ graph }) => graph);
  const orders = simple.map((graph) => scheduled(graph));
  const peaks = simple.map((graph, i) => peaksOf(graph, NOTHING, orders[i]!));
  const [turn, after] = [
    atDepth(peaks.map((peak) => peak.turn.bytes)),
    atDepth(peaks.map((peak) => peak.after.bytes)),
  ];
  const side = after > turn ? 'after' : 'turn';
  const notes = new Map<object, unknown>();
  const all = simple.map((graph, i) =>
    counted(recompute(graph, peaks[i]![side].node, orders[i]), gradientsOf(graph), executor, notes),
  );
  const counts = atDepth(all.map((one) => one.counts));
  const share = donatedShare(counts);
  const heaps = all.map(({ heapAt }) => heapAt(share));
  // where no layer leaves anything behind, two heaps differ only in how their holes happen to fit
  const grows = all.some((one) => one.counts.turnBytes !== counts.turnBytes);
  return { ...counts, heapBytes: grows ? atDepth(heaps) : heaps.at(-1)! };
}

function gradientsOf({ outputs }: Graph): ReadonlySet<string> {
  return new Set([...outputs.keys()].filter((name) => name.startsWith(GRADIENT)));
}

/** The figures at `depth` from those at two others: numbers lie on a line, all else must be equal. */
export function affine<T>(values: readonly [T, T], depths: readonly [number, number], depth: number): T {
  const [low, high] = depths;
  const share = (depth - low) / (high - low);
  return along(values, share) as T;
}

function along([a, b]: readonly [unknown, unknown], share: number): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + (b - a) * share;
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.map((item, i) => along([item, b[i]], share));
  if (isRecord(a) && isRecord(b) && sameKeys(a, b))
    return Object.fromEntries(Object.keys(a).map((key) => [key, along([a[key], b[key]], share)]));
  if (Object.is(a, b)) return a;
  throw internal(`figures of two depths do not match: ${JSON.stringify(a)} and ${JSON.stringify(b)}`);
}

const sameKeys = (a: object, b: object): boolean => Object.keys(a).join() === Object.keys(b).join();
