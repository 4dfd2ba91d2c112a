/** Where the time of training steps goes, as a trace and as a table of operations. */
import fs from 'node:fs/promises';
import type {
  DoneEvent,
  EngineEvent,
  ProfileResult,
  ProfileRow,
  StepEvent,
  StoppedEvent,
} from '../../../common/protocol/protocol.ts';
import type { ProgramTimes, Span, TimedKernel } from '../exec/executor.ts';
import type { Node } from '../ir/graph.ts';
import { costOfNode } from '../passes/graph-cost.ts';
import { isBackward, layerOf } from '../passes/layer-scopes.ts';

/** A step as its event told it. */
interface TimedStep extends Span {
  readonly tokens: number;
}

export class StepProfile {
  readonly #file: string;
  readonly #programs: ProgramTimes[] = [];
  readonly #steps: TimedStep[] = [];

  /** `file` gets the trace. */
  constructor(file: string) {
    this.#file = file;
  }

  readonly add = (times: ProgramTimes): void => void this.#programs.push(times);

  /** Notes the steps among the events on their way to `emit`. */
  watching(emit: (event: EngineEvent) => void): (event: EngineEvent) => void {
    return (event) => {
      if (event.event === 'step') this.#steps.push(stepOf(event));
      emit(event);
    };
  }

  /** Writes the trace of a run that was tried out, and joins `end` with the profile. */
  async joined(end: DoneEvent | StoppedEvent): Promise<DoneEvent | StoppedEvent> {
    if (end.event === 'stopped' || !end.probe) return end;
    await fs.writeFile(this.#file, `${JSON.stringify(traceOf(this.#steps, this.#programs))}\n`);
    return { ...end, probe: { ...end.probe, profile: profileOf(this.#steps, this.#programs) } };
  }
}

/** An event comes right after its step. */
function stepOf({ stepMs: ms, tokens }: StepEvent): TimedStep {
  return { startMs: performance.now() - ms, ms, tokens };
}

/** The figures of one step: means over all but the first one. */
export function profileOf(steps: readonly TimedStep[], programs: readonly ProgramTimes[]): ProfileResult {
  const counted = steps.length > 1 ? steps.slice(1) : steps;
  const isCounted = ({ startMs, ms }: Span) => counted.some((step) => isWithin(startMs + ms / 2, step));
  const kernels = programs.flatMap((program) => program.kernels.filter(isCounted));
  const runs = programs.flatMap((program) => program.runs.filter(isCounted));
  const each = <T>(all: readonly T[], of: (one: T) => number) =>
    all.reduce((sum, one) => sum + of(one), 0) / Math.max(1, counted.length);
  const timed = programs.flatMap(({ runs, kernels }) => {
    const times = runs.filter(isCounted).length / Math.max(1, counted.length);
    return [...Map.groupBy(kernels.filter(isCounted), ({ node }) => node)].map(([node, own]) => ({
      node,
      times,
      kernels: own,
      ms: each(own, ({ ms }) => ms),
    }));
  });
  const rows = [...Map.groupBy(timed, ({ node }) => Object.values(placeOf(node)).join())].map(
    ([, places]): ProfileRow => ({
      ...placeOf(places[0]!.node),
      kernels: [...new Set(places.flatMap(({ kernels }) => kernels.map(({ kernel }) => kernel)))],
      count: places.length,
      ms: places.reduce((sum, { ms }) => sum + ms, 0),
      ...costOfAll(places),
    }),
  );
  return {
    steps: counted.length,
    stepMs: each(counted, ({ ms }) => ms),
    tokens: each(counted, ({ tokens }) => tokens),
    graphMs: each(runs, ({ ms }) => ms),
    kernelMs: each(kernels, ({ ms }) => ms),
    rows: rows.toSorted((a, b) => b.ms - a.ms),
  };
}

const isWithin = (atMs: number, { startMs, ms }: Span) => startMs <= atMs && atMs <= startMs + ms;

/** What `places` cost in a step, each as often as its program runs in it. */
function costOfAll(places: readonly { readonly node: Node | null; readonly times: number }[]) {
  let [flops, bytes] = [0, 0];
  for (const { node, times } of places) {
    if (!node) continue;
    const cost = costOfNode(node);
    flops += times * cost.flops;
    bytes += times * cost.bytes;
  }
  return { flops, bytes };
}

function placeOf(node: Node | null): Pick<ProfileRow, 'operation' | 'module' | 'layer' | 'pass'> {
  if (!node) return { operation: '', module: '', layer: null, pass: 'forward' };
  const { op, scope } = node;
  const isGradient = isBackward(scope) || scope.startsWith('accumulate');
  return {
    operation: op,
    module: moduleOf(scope),
    layer: layerOf(scope),
    pass: isGradient ? 'backward' : 'forward',
  };
}

/** `model.layers.3.mlp.up_proj'` -> `mlp.up_proj`. */
function moduleOf(scope: string): string {
  return scope.replaceAll("'", '').replace(/^.*?\.\d+(\.|$)/, '');
}

/** Steps, runs of graphs and kernels as rows of a trace in Chrome's format; microseconds. */
export function traceOf(steps: readonly TimedStep[], programs: readonly ProgramTimes[]) {
  const tracks = ['steps', 'graphs', 'operations'];
  const event = (track: number, name: string, { startMs, ms }: Span, args: object = {}) => ({
    ph: 'X',
    pid: 1,
    tid: track,
    name,
    ts: 1000 * startMs,
    dur: 1000 * ms,
    args,
  });
  return {
    displayTimeUnit: 'ms',
    traceEvents: [
      ...tracks.map((name, tid) => ({ ph: 'M', pid: 1, tid, name: 'thread_name', args: { name } })),
      ...steps.map((step, i) => event(0, `step ${i + 1}`, step, { tokens: step.tokens })),
      ...programs.flatMap(({ runs }, i) => runs.map((run) => event(1, `graph ${i + 1}`, run))),
      ...programs.flatMap(({ kernels }) => kernels.map((one) => event(2, nameOf(one), one, argsOf(one)))),
    ],
  };
}

const nameOf = ({ node, kernel }: TimedKernel) => (node ? `${node.op} ${node.scope}` : kernel);

function argsOf({ node, kernel, ms }: TimedKernel) {
  if (!node) return { kernel };
  const { flops, bytes } = costOfNode(node);
  const shapes = [...node.inputs, node.output].map(({ dtype, shape }) => `${dtype}[${shape.join(',')}]`);
  const result = shapes.pop();
  return {
    kernel,
    ...placeOf(node),
    operands: shapes.join(' '),
    result,
    flops,
    bytes,
    gigaflopsPerSecond: flops / ms / 1e6,
  };
}
