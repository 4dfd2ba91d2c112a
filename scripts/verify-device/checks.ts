/** What is checked of a device. Each check says what it finds piece by piece, so that a crash leaves what came before. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DeviceBench } from '../../main/engine/bench/device.ts';
import { parseRunConfig } from '../../main/engine/config/config.ts';
import type { ProgramTimes, TimedKernel } from '../../main/engine/exec/executor.ts';
import { ggmlCards } from '../../main/engine/exec/ggml/library.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { allocate, type HostArray } from '../../main/engine/ir/dtype.ts';
import type { Graph } from '../../main/engine/ir/graph.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import { allHalved } from '../../main/engine/load/halved-weights.ts';
import { openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { onBase, type Precision } from '../../main/engine/nn/parameters.ts';
import { OPS } from '../../main/engine/ops/functions.ts';
import { train } from '../../main/engine/session/session.ts';
import { gradientStep } from '../../main/engine/step/step-graphs.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { WHOLE } from '../../tests/golden/case.ts';
import { checkFamily } from '../../tests/golden/check-family.ts';
import { checkedOn, ONCE } from '../../tests/golden/checked.ts';
import { expectedOf, sampleCase } from '../../tests/helpers/samples.ts';
import { type Clock, NO_TIME } from './clock.ts';
import { type Asked, type Emit, EXTRA_CHECKS, type Part } from './facts.ts';
import { ggmlMemory, isSlowDriver, SLOW_DRIVER } from './ggml-memory.ts';

const GOLDEN = path.join(import.meta.dirname, '..', '..', 'tests', 'golden', 'data');
/** Of the processor's kernels; on other devices functions such as tanh are computed with other formulas. */
const OP_TOLERANCE = { cpu: 2e-6, other: 2e-5, bfloat16: 0.03 };
/** What the first two steps leave is left by all, so a third is looked at. */
const LEAK_STEPS = { least: 3, most: 4 };

export const CHECKS: Readonly<Record<Part, (asked: Asked, emit: Emit, clock: Clock) => Promise<void>>> = {
  conformance,
  golden,
  placement,
  train: trainSome,
  half: trainHalf,
  leaks,
  memory: ({ threads }, emit, clock) => ggmlMemory(threads, emit, clock),
  bench,
};

const inWords = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 1000);

/** Tells which of several things had no time. */
function tellLeft(emit: Emit, what: string, names: readonly string[], total: number): void {
  if (names.length > 0)
    emit({ kind: 'skipped', what: `${names.length} of ${total} ${what}: ${names.join(', ')}`, why: NO_TIME });
}

/** Every operation on its samples against its definition. */
async function conformance({ executor: name, device, ops }: Asked, emit: Emit, clock: Clock): Promise<void> {
  const kind =
    name === 'openvino'
      ? 'bfloat16'
      : device === 'cpu' && !(name === 'ggml' && ggmlCards().length > 0)
        ? 'cpu'
        : 'other';
  const tolerance = OP_TOLERANCE[kind];
  const wanted = Object.values(OPS).filter((def) => ops === null || ops.includes(def.name));
  const left = await clock.each(wanted, async (def) => {
    for (const [sample, content] of def.samples.entries()) {
      // bfloat16 is the processor's alone
      if (device !== 'cpu' && content.inputs.some(({ dtype }) => dtype === 'bf16')) continue;
      const about = { kind: 'op', op: def.name, sample, tolerance } as const;
      try {
        const { graph, data } = sampleCase(def, content as never);
        const placed = new Kernels();
        const executor = await openExecutor(name, { threads: 1, device, ...placed });
        const weights = (name: string) => ({ kind: 'memory', data: data[name]! }) as const;
        const program = await executor.compile(graph, { weights });
        const { outputs } = await program.run(data);
        await program.release();
        const worst = difference(outputs.y!, expectedOf(graph, data));
        emit({ ...about, worst, placed: countBy(placed.kernels, 'provider') });
      } catch (error) {
        emit({ ...about, worst: null, placed: {}, error: inWords(error) });
      }
    }
  });
  tellLeft(
    emit,
    'operations',
    left.map((def) => def.name),
    wanted.length,
  );
}

/** Options of an executor that notes which of its parts ran what. */
class Kernels {
  readonly kernels: TimedKernel[] = [];
  readonly profile = (times: ProgramTimes): void => void this.kernels.push(...times.kernels);
}

/** How many kernels have each value of `key`. */
function countBy(kernels: readonly TimedKernel[], key: 'kernel' | 'provider'): Record<string, number> {
  const groups = Map.groupBy(kernels, (one) => one[key]);
  return Object.fromEntries([...groups].map(([name, own]) => [name, own.length]));
}

/** Relative above 1, absolute below; a value that is no number anywhere counts as infinitely far. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number | bigint>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const far = Math.abs(Number(found[i]) - Number(expected[i])) / Math.max(1, Math.abs(Number(expected[i])));
    worst = Math.max(worst, Number.isNaN(far) ? Number.POSITIVE_INFINITY : far);
  }
  return worst;
}

/** The reference values of every family: logits, losses, gradients, traces of training, generation. */
async function golden(
  { executor, device, threads, families }: Asked,
  emit: Emit,
  clock: Clock,
): Promise<void> {
  const open = () => openExecutor(executor, { threads, device });
  const isSlow = isSlowDriver(await open());
  if (isSlow) emit({ kind: 'skipped', what: 'reference traces beyond one update', why: SLOW_DRIVER });
  const wanted = isSlow ? ONCE : executor === 'ggml' ? checkedOn('ggml') : WHOLE;
  const cases = goldenCases().filter(([family]) => families === null || families.includes(family));
  const left = await clock.each(cases, async ([family, folder]) => {
    try {
      for (const line of await checkFamily(folder, await open(), wanted))
        emit({ kind: 'golden', family, ...line });
    } catch (error) {
      emit({ kind: 'golden', family, quantity: 'all', worst: null, tolerance: 0, error: inWords(error) });
    }
  });
  tellLeft(
    emit,
    'reference cases',
    left.map(([family]) => family),
    cases.length,
  );
}

/** Names and folders of the reference cases. */
export function goldenCases(): (readonly [string, string])[] {
  return ['families', 'variations'].flatMap((group) =>
    fs
      .readdirSync(path.join(GOLDEN, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => [name, path.join(GOLDEN, group, name)] as const),
  );
}

const PRACTICE = () => path.join(resourcesFolder(), 'practice-model');
const LORA = { kind: 'lora' as const, dropout: 0, adapterOf: () => ({ rank: 8, scale: 2 }) };

/** Where the nodes of a whole training step run. What is fed are zeros: values do not decide about places. */
async function placement(asked: Asked, emit: Emit): Promise<void> {
  try {
    const nodes = await placedNodes(asked, 'f32');
    const byOperation: Record<string, Readonly<Record<string, number>>> = {};
    for (const provider of new Set(nodes.map((node) => node.provider)))
      byOperation[provider] = countBy(
        nodes.filter((node) => node.provider === provider),
        'kernel',
      );
    emit({ kind: 'placement', nodes: countBy(nodes, 'provider'), byOperation });
  } catch (error) {
    emit({ kind: 'placement', nodes: {}, byOperation: {}, error: inWords(error) });
  }
}

async function placedNodes(
  { device, threads }: Asked,
  precision: Precision,
): Promise<readonly TimedKernel[]> {
  const found = await openModel(PRACTICE());
  const halves = precision === 'f16' ? allHalved(found.outline) : new Map();
  const opened = { ...found, halves };
  const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-verify-'));
  try {
    const bits = precision === 'f16' ? 16 : null;
    const weights = await prepareWeights(opened, cache, undefined, bits);
    const method = onBase({ ...LORA, precision }, bits, halves);
    const { graph } = gradientStep(opened.model, method, { batch: 2, time: 128, labels: 128 });
    const placed = new Kernels();
    const executor = await openExecutor('ort', { threads, device, ...placed });
    const program = await executor.compile(graph, { weights: weights.source });
    await program.run(zerosFor(graph));
    await program.release();
    return placed.kernels;
  } finally {
    await opened.store.close();
    fs.rmSync(cache, { recursive: true });
  }
}

function zerosFor(graph: Graph): Record<string, HostArray> {
  return Object.fromEntries(
    [...graph.inputs].map(([name, { dtype, shape }]) => [name, allocate(dtype, sizeOf(shape))]),
  );
}

/** Tokens of a micro-batch, and steps at most where the driver is slow. */
const USUAL = { tokens: 1024, steps: Number.POSITIVE_INFINITY };
const SLOW = { tokens: 128, steps: 3 };

/** The same fine-tuning of the practice model on the device and on the processor, some steps of each. */
async function trainSome(asked: Asked, emit: Emit, clock: Clock): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-verify-'));
  const inBfloat16 = asked.executor === 'openvino';
  const size = isSlowDriver(await openExecutor(asked.executor, asked)) ? SLOW : USUAL;
  const count = Math.min(asked.steps, size.steps);
  const about = { kind: 'train', tokens: size.tokens, ...(inBfloat16 && { inBfloat16 }) } as const;
  try {
    const usual = { executor: 'ort', device: 'cpu', threads: asked.threads } as const;
    const same = { count, tokens: size.tokens };
    const processor = await steps(path.join(folder, 'processor'), usual, { ...same, ms: clock.leftMs / 2 });
    const isUsual = asked.device === usual.device && asked.executor === usual.executor;
    const found = isUsual
      ? processor
      : await steps(path.join(folder, 'device'), asked, { ...same, ms: clock.leftMs });
    const made = bothMade(found, processor);
    emit({
      ...about,
      steps: made,
      losses: found.losses.slice(0, made),
      tokensPerSecond: found.tokensPerSecond,
      processorLosses: processor.losses.slice(0, made),
      processorTokensPerSecond: processor.tokensPerSecond,
    });
    if (count < asked.steps)
      emit({ kind: 'skipped', what: `${asked.steps - count} of ${asked.steps} steps`, why: SLOW_DRIVER });
    if (made < count) emit({ kind: 'skipped', what: `${count - made} of ${count} steps`, why: NO_TIME });
  } catch (error) {
    const nothing = { losses: [], processorLosses: [], tokensPerSecond: 0, processorTokensPerSecond: 0 };
    emit({ ...about, steps: count, ...nothing, error: inWords(error) });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** How many steps both have made before their time was up. */
function bothMade(...trainings: readonly { readonly losses: readonly number[] }[]): number {
  const made = Math.min(...trainings.map(({ losses }) => losses.length));
  if (made === 0) throw new Error('No step ended in time.');
  return made;
}

/** The fine-tuning in mixed precision and in float32, both on the device. */
async function trainHalf(asked: Asked, emit: Emit, clock: Clock): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-verify-'));
  const about = { kind: 'half', steps: asked.steps } as const;
  try {
    const same = { count: asked.steps, tokens: USUAL.tokens };
    const own = await steps(path.join(folder, 'half'), asked, { ...same, ms: clock.leftMs / 2 }, 'f16');
    const float = await steps(path.join(folder, 'float'), asked, { ...same, ms: clock.leftMs });
    const made = bothMade(own, float);
    if (made < asked.steps)
      emit({
        kind: 'skipped',
        what: `${asked.steps - made} of ${asked.steps} steps in float16`,
        why: NO_TIME,
      });
    emit({
      ...about,
      steps: made,
      losses: own.losses.slice(0, made),
      tokensPerSecond: own.tokensPerSecond,
      overflows: own.overflows,
      floatLosses: float.losses.slice(0, made),
      floatTokensPerSecond: float.tokensPerSecond,
      nodes: countBy(await placedNodes(asked, 'f16'), 'provider'),
    });
  } catch (error) {
    const nothing = { losses: [], floatLosses: [], tokensPerSecond: 0, floatTokensPerSecond: 0 };
    emit({ ...about, ...nothing, overflows: 0, nodes: {}, error: inWords(error) });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Trains `count` steps, or as many as begin within `ms`. */
async function steps(
  out: string,
  { executor, device, threads }: Pick<Asked, 'executor' | 'device' | 'threads'>,
  { count, tokens, ms }: { readonly count: number; readonly tokens: number; readonly ms: number },
  precision: Precision = 'f32',
) {
  const ends = performance.now() + ms;
  const stop = new AbortController();
  const losses: number[] = [];
  const paces: number[] = [];
  let overflows = 0;
  const config = parseRunConfig({
    model: PRACTICE(),
    out,
    executor,
    device,
    threads,
    precision,
    seed: 1,
    maxSteps: count,
    assess: false,
    data: path.join(resourcesFolder(), 'samples', 'formal-tone.jsonl'),
    tokensPerMicroBatch: tokens,
    heldOut: 0,
  });
  await train(config, {
    stop: stop.signal,
    emit: (event) => {
      if (event.event === 'warning' && event.code === 'loss-scale') overflows++;
      if (event.event !== 'step') return;
      losses.push(event.loss);
      paces.push(event.tokensPerSecond);
      if (performance.now() > ends) stop.abort();
    },
  } as Parameters<typeof train>[1]);
  // the first steps warm up
  return { losses, tokensPerSecond: paces.at(-1) ?? 0, overflows };
}

/** Whether whole trainings keep no tensor. */
async function leaks({ executor, steps: asked }: Asked, emit: Emit, clock: Clock): Promise<void> {
  const check = EXTRA_CHECKS[executor];
  const count = Math.max(LEAK_STEPS.least, Math.min(LEAK_STEPS.most, asked));
  const left = await clock.each(check?.trainings ?? [], async (method) => {
    const about = { kind: 'leaks', method, steps: count } as const;
    try {
      const { afterSteps, afterEnd } = await check!.leaksOfTraining(method, count);
      emit({ ...about, moreAfterSteps: Math.max(...afterSteps), leftAtEnd: afterEnd });
    } catch (error) {
      emit({ ...about, moreAfterSteps: null, leftAtEnd: null, error: inWords(error) });
    }
  });
  tellLeft(emit, 'trainings', left, check?.trainings.length ?? 0);
}

/** What the benchmark measures of the device. */
async function bench({ device, threads }: Asked, emit: Emit, clock: Clock): Promise<void> {
  try {
    const own = new DeviceBench(
      await openExecutor('ort', { threads, device }),
      { device, threads },
      os.tmpdir(),
    );
    const stop = new AbortController().signal;
    const left = await clock.each(own.items, ({ measure }) => measure({ stop, patience: 1 }));
    emit({ kind: 'bench', rates: own.rates });
    tellLeft(
      emit,
      'measurements',
      left.map(({ doing }) => doing),
      own.items.length,
    );
  } catch (error) {
    emit({ kind: 'bench', rates: null, error: inWords(error) });
  }
}
