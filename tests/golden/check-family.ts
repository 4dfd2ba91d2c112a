/**
 * Compares the engine with one folder of reference values: both spellings of the configuration, logits, losses, every
 * gradient, packing, LoRA, the saved adapter, all training traces and greedy generation.
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Batch } from '../../main/engine/data/batches/batch.ts';
import { Generator, likeliest } from '../../main/engine/eval/generator.ts';
import type { Executor, Program } from '../../main/engine/exec/executor.ts';
import { readAdapter } from '../../main/engine/io/peft.ts';
import { type OpenedModel, openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import { isDecayed, type Method, peftName } from '../../main/engine/nn/parameters.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { gradientStep, type StepGraph } from '../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../main/engine/tasks/feeds.ts';
import { learningRateAt } from '../../main/engine/train/run-parts.ts';
import { logitsStep } from '../helpers/graphs.ts';
import {
  type Arrays,
  type Checked,
  openArrays,
  paddedBatch,
  readJson,
  readPacked,
  readPadded,
  WHOLE,
} from './case.ts';
import { checkHalves } from './check-halves.ts';
import {
  difference,
  gradientLine,
  inBfloat16,
  type Line,
  l2,
  lossLines,
  range,
  sumLabelled,
} from './compare.ts';

/** Runs all checks of one case on `executor`, or those that are `wanted`; OpenVINO is allowed what bfloat16 rounds. */
export async function checkFamily(
  folder: string,
  executor: Executor,
  wanted: Checked = WHOLE,
): Promise<Line[]> {
  const lines = await linesOf(folder, executor, wanted);
  return executor.name === 'openvino' ? lines.flatMap((line) => inBfloat16(line) ?? []) : lines;
}

async function linesOf(folder: string, executor: Executor, wanted: Checked): Promise<Line[]> {
  const lines: Line[] = [];
  const itself = { name: 'config.json', folder };
  const keepsHalves = executor.device === 'cpu' && executor.name !== 'openvino';
  for (const variant of [itself, ...(wanted.hasVariants ? await variantsOf(folder) : [])]) {
    try {
      const check = await FamilyCheck.open(variant.folder, folder, executor);
      lines.push(...(await check.forward(variant.name)));
      if (variant === itself) lines.push(...(await check.everythingElse(wanted)));
      await check.close();
      if (variant === itself && keepsHalves && wanted.hasHalves(path.basename(folder)))
        lines.push(...(await checkHalves(folder, executor)));
    } finally {
      if (variant.folder !== folder) await fs.rm(variant.folder, { recursive: true });
    }
  }
  return lines;
}

/** Copies of the case with the other spelling of the configuration or other names of the weights. */
async function variantsOf(folder: string): Promise<{ name: string; folder: string }[]> {
  const variants: { name: string; folder: string }[] = [];
  const copy = async (name: string, files: Readonly<Record<string, string>>) => {
    const to = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-golden-'));
    for (const [from, as] of Object.entries(files))
      await fs.copyFile(path.join(folder, from), path.join(to, as));
    variants.push({ name, folder: to });
  };
  const names = await fs.readdir(folder);
  const weights = names.filter((name) => /^model(-\d+-of-\d+)?\.safetensors(\.index\.json)?$/.test(name));
  if (names.includes('config_legacy.json')) {
    const same = Object.fromEntries(weights.map((name) => [name, name]));
    await copy('config_legacy.json', { 'config_legacy.json': 'config.json', ...same });
  }
  const hub = 'model_hubnames.safetensors';
  if (names.includes(hub)) await copy(hub, { 'config.json': 'config.json', [hub]: 'model.safetensors' });
  return variants;
}

type Trace = {
  lr: number;
  steps: number;
  weight_decay: number;
  betas: [number, number];
  eps: number;
  max_norm: number;
  losses: number[];
  grad_norms: number[];
  lrs: number[];
  micro_batches?: number[][];
  micro_losses?: number[][];
  loss_after: number;
  param_norms_after: { decay: number; no_decay: number };
  sensitivity: { losses: number; grad_norms: number };
};

interface TraceWanted {
  readonly name: string;
  readonly steps: number;
  readonly trace: Trace;
  readonly method: Method;
  readonly initial: Initial;
}

interface TraceRuns {
  readonly state: TrainState;
  readonly labelled: number;
  gradients(): Promise<number[]>;
}

class FamilyCheck {
  readonly #opened: OpenedModel;
  readonly #weights: Weights;
  readonly #cache: string;
  readonly #folder: string;
  readonly #executor: Executor;
  /** Gradient steps by method and shape; a program knows nothing of the state that it is fed. */
  readonly #programs = new Map<string, Promise<Program>>();

  private constructor(
    opened: OpenedModel,
    weights: Weights,
    cache: string,
    folder: string,
    executor: Executor,
  ) {
    this.#opened = opened;
    this.#weights = weights;
    this.#cache = cache;
    this.#folder = folder;
    this.#executor = executor;
  }

  static async open(model: string, folder: string, executor: Executor): Promise<FamilyCheck> {
    const opened = await openModel(model);
    const cache = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-golden-cache-'));
    return new FamilyCheck(opened, await prepareWeights(opened, cache), cache, folder, executor);
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await (await program).release();
    await this.#opened.store.close();
    await fs.rm(this.#cache, { recursive: true });
  }

  async forward(name: string): Promise<Line[]> {
    const padded = await readPadded(this.#folder);
    const expected = await openArrays(path.join(this.#folder, 'expected.safetensors'));
    const batch = paddedBatch(padded, range(padded.rows));
    const worst = await this.#logits(
      { kind: 'frozen' },
      batch,
      padded.mask,
      await expected.floats('logits'),
      {},
    );
    await expected.close();
    return [{ quantity: `${name}: logits`, worst, tolerance: 5e-5 }];
  }

  async everythingElse(wanted: Checked): Promise<Line[]> {
    return [
      ...(await this.#gradients()),
      ...(await this.#packed(wanted)),
      ...(await this.#lora(wanted)),
      ...(await this.#traces(wanted)),
      await this.#generation(wanted),
    ];
  }

  async #gradients(): Promise<Line[]> {
    const padded = await readPadded(this.#folder);
    const expected = await openArrays(path.join(this.#folder, 'expected.safetensors'));
    const batch = paddedBatch(padded, range(padded.rows));
    const { nll, state } = await this.#step({ kind: 'full' }, batch, (name) => this.#weights.read(name));
    const tokenLoss = await expected.floats('token_loss');
    const own = new Float32Array(tokenLoss.length);
    for (let i = 0; i < batch.labelledCount; i++) {
      const row = Math.floor(batch.rows[i]! / padded.time);
      own[row * (padded.time - 1) + (batch.rows[i]! % padded.time)] = nll[i]!;
    }
    const lines = [
      { quantity: 'loss of each token', worst: difference(own, tokenLoss), tolerance: 5e-5 },
      ...lossLines('', nll, batch, await expected.floats('loss'), await expected.ints('loss_count')),
      await gradientLine('gradients', expected, state, batch.labelledCount, 'grad.'),
    ];
    await expected.close();
    return lines;
  }

  async #packed({ hasEveryLogit }: Checked): Promise<Line[]> {
    const { arrays, batch } = await readPacked(this.#folder);
    const everywhere = new Int32Array(batch.tokens.length).fill(1);
    const logits =
      hasEveryLogit &&
      (await this.#logits({ kind: 'frozen' }, batch, everywhere, await arrays.floats('logits'), {}));
    const { nll, state } = await this.#step({ kind: 'full' }, batch, (name) => this.#weights.read(name));
    const norms = new Map(
      state.trainables.map(({ name }) => [name, l2(state.slice('grad', name)) / batch.labelledCount]),
    );
    let worst = 0;
    for (const [name, norm] of norms) {
      const reference = (await arrays.floats(`gradnorm.${name}`))[0]!;
      worst = Math.max(worst, Math.abs(norm - reference) / Math.max(0.1, reference));
    }
    const total = Math.hypot(...norms.values());
    const lines = [
      ...logitsLine('packed', logits),
      ...lossLines('packed: ', nll, batch, await arrays.floats('loss'), await arrays.ints('loss_count')),
      { quantity: 'packed: gradient norms (relative)', worst, tolerance: 1e-4 },
      {
        quantity: 'packed: gradient norm',
        worst: Math.abs(total - (await arrays.floats('grad_norm'))[0]!),
        tolerance: 1e-4 * Math.max(1, total),
      },
    ];
    await arrays.close();
    return lines;
  }

  async #lora({ hasEveryLogit }: Checked): Promise<Line[]> {
    const padded = await readPadded(this.#folder);
    const batch = paddedBatch(padded, range(padded.rows));
    const expected = await openArrays(path.join(this.#folder, 'lora.safetensors'));
    const method = await this.#loraMethod();
    const initial = (name: string) => expected.floats(name);
    const { nll, state } = await this.#step(method, batch, initial);
    const logits =
      hasEveryLogit &&
      (await this.#logits(method, batch, padded.mask, await expected.floats('logits'), state.feeds(false)));
    const lines = [
      ...logitsLine('lora', logits),
      ...lossLines('lora: ', nll, batch, await expected.floats('loss'), null),
      await gradientLine('lora: gradients', expected, state, batch.labelledCount, 'grad.'),
      await this.#adapter(expected),
    ];
    await expected.close();
    return lines;
  }

  /** The saved adapter holds the very A and B. */
  async #adapter(expected: Arrays): Promise<Line> {
    const adapter = await readAdapter(path.join(this.#folder, 'adapter'));
    let worst = 0;
    for (const [module, { a, b }] of adapter.tensors) {
      worst = Math.max(worst, difference(a, await expected.floats(peftName(module, 'A'))));
      worst = Math.max(worst, difference(b, await expected.floats(peftName(module, 'B'))));
    }
    const modules = expected
      .names()
      .filter((name) => name.endsWith('lora_A.weight') && !name.startsWith('grad.')).length;
    return {
      quantity: 'lora: adapter folder',
      worst: adapter.tensors.size === modules ? worst : Number.POSITIVE_INFINITY,
      tolerance: 0,
    };
  }

  async #traces(wanted: Checked): Promise<Line[]> {
    const traces = await readJson<Record<string, Trace>>(this.#folder, 'trace.json');
    const expected = await openArrays(path.join(this.#folder, 'lora.safetensors'));
    const lines: Line[] = [];
    for (const [name, trace] of Object.entries(traces)) {
      const steps = name === 'hyper' ? 0 : Math.min(trace.steps, wanted.steps(name));
      if (steps === 0) continue;
      const lora = name.startsWith('lora');
      const method: Method = lora ? await this.#loraMethod() : { kind: 'full' };
      const initial = lora
        ? async (parameter: string) => (parameter.includes('lora_A') ? expected.floats(parameter) : null)
        : (parameter: string) => this.#weights.read(parameter);
      lines.push(...(await this.#trace({ name, steps, trace, method, initial })));
    }
    await expected.close();
    return lines;
  }

  /** Its first `steps` steps; what is left after the last one is compared where they are all. */
  async #trace({ name, steps, trace, method, initial }: TraceWanted): Promise<Line[]> {
    const padded = await readPadded(this.#folder);
    const groups = trace.micro_batches ?? [range(padded.rows)];
    const runs = await this.#runner(method, padded, groups, initial);
    const worst = { losses: 0, norms: 0, rates: 0, micro: 0 };
    for (let step = 0; step < steps; step++) {
      const rate = learningRateAt(
        { name: 'cosine', peak: trace.lr, warmupSteps: 2, totalSteps: trace.steps },
        step,
      );
      const sums = await runs.gradients();
      const count = runs.labelled;
      const micro = sums.map((sum) => sum / count);
      const norm = await runs.state.update(
        {
          rate,
          weightDecay: trace.weight_decay,
          beta1: trace.betas[0],
          beta2: trace.betas[1],
          eps: trace.eps,
          maxNorm: trace.max_norm,
        },
        count,
      );
      const loss = micro.reduce((a, b) => a + b, 0);
      worst.losses = Math.max(worst.losses, Math.abs(loss - trace.losses[step]!));
      worst.norms = Math.max(worst.norms, Math.abs(norm - trace.grad_norms[step]!));
      worst.rates = Math.max(worst.rates, Math.abs(rate - trace.lrs[step]!));
      (trace.micro_losses?.[step] ?? []).forEach((value, i) => {
        worst.micro = Math.max(worst.micro, Math.abs(value - micro[i]!));
      });
    }
    const lossTolerance = Math.max(1e-4, 10 * trace.sensitivity.losses);
    const after = steps === trace.steps ? await this.#after(name, trace, runs, lossTolerance) : [];
    await runs.release();
    return [
      {
        quantity: `trace ${name}: losses`,
        worst: Math.max(worst.losses, worst.micro),
        tolerance: lossTolerance,
      },
      {
        quantity: `trace ${name}: gradient norms`,
        worst: worst.norms,
        tolerance: Math.max(1e-3, 10 * trace.sensitivity.grad_norms),
      },
      { quantity: `trace ${name}: learning rates`, worst: worst.rates, tolerance: 1e-12 },
      ...after,
    ];
  }

  async #after(name: string, trace: Trace, runs: TraceRuns, lossTolerance: number): Promise<Line[]> {
    const after = (await runs.gradients()).reduce((a, b) => a + b, 0) / runs.labelled;
    await runs.state.fetch(['param']);
    const { decay, no_decay } = trace.param_norms_after;
    const drift = Math.max(
      Math.abs(parameterNorm(runs.state, true) - decay) / decay,
      Math.abs(parameterNorm(runs.state, false) - no_decay) / Math.max(1, no_decay),
    );
    const worst = Math.abs(after - trace.loss_after);
    return [
      { quantity: `trace ${name}: loss after`, worst, tolerance: lossTolerance },
      { quantity: `trace ${name}: parameter norms after (relative)`, worst: drift, tolerance: 1e-4 },
    ];
  }

  async #generation(wanted: Checked): Promise<Line> {
    const {
      prompts,
      outputs,
      max_new_tokens: count,
    } = await readJson<{ prompts: number[][]; outputs: number[][]; max_new_tokens: number }>(
      this.#folder,
      'generate.json',
    );
    const generator = new Generator({
      executor: this.#executor,
      // the reference goes on beyond the positions that a rotary configuration names
      model:
        this.#opened.model.ropes.size > 0
          ? { ...this.#opened.model, maxPositions: Number.POSITIVE_INFINITY }
          : this.#opened.model,
      weights: this.#weights.source,
      method: { kind: 'frozen' },
      trained: {},
    });
    let wrong = 0;
    for (const [i, prompt] of prompts.entries()) {
      generator.reset();
      let next = likeliest(await generator.advance(prompt));
      for (let t = 0; t < Math.min(count, wanted.tokens); t++) {
        if (next !== outputs[i]![t]) wrong++;
        next = likeliest(await generator.advance([next]));
      }
    }
    await generator.release();
    return { quantity: 'greedy generation: wrong tokens', worst: wrong, tolerance: 0 };
  }

  /** The modules, ranks and scales of the saved adapter. */
  async #loraMethod(): Promise<Method> {
    const { tensors } = await readAdapter(path.join(this.#folder, 'adapter'));
    const adapterOf = (module: string) => {
      const found = tensors.get(module);
      return found ? { rank: found.r, scale: found.scale } : null;
    };
    return { kind: 'lora', dropout: 0, adapterOf };
  }

  /** Worst difference of logits where `mask` is 1. */
  async #logits(
    method: Method,
    batch: Batch,
    mask: Int32Array,
    expected: Float32Array,
    trained: ReturnType<TrainState['feeds']>,
  ): Promise<number> {
    const { model } = this.#opened;
    const all = { ...batch, rows: Int32Array.from(batch.tokens, (_, i) => i) };
    const { graph } = logitsStep(model, method, {
      batch: batch.rowCount,
      time: batch.rowLength,
      labels: all.rows.length,
    });
    const program = await this.#executor.compile(graph, { weights: this.#weights.source });
    const feeds = batchFeeds(model, all);
    const { outputs } = await program.run({
      ...feeds,
      ...trained,
      targets: all.rows,
      weights: new Float32Array(all.rows.length),
    });
    await program.release();
    const logits = outputs.logits!;
    let worst = 0;
    mask.forEach((real, i) => {
      for (let v = 0; real && v < model.vocabSize; v++)
        worst = Math.max(
          worst,
          Math.abs(logits[i * model.vocabSize + v]! - expected[i * model.vocabSize + v]!),
        );
    });
    return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst;
  }

  async #step(
    method: Method,
    batch: Batch,
    initial: Initial,
  ): Promise<{ nll: Float32Array; state: TrainState }> {
    const step = this.#gradientStep(method, batch);
    const state = await this.#state(step.trainables, initial);
    const program = await this.#program(method, batch, step.graph, state);
    const { outputs } = await program.run(
      { ...batchFeeds(this.#opened.model, batch), ...state.feeds(true) },
      state.gradientTargets(),
    );
    await state.fetch();
    return { nll: outputs.nll as Float32Array, state };
  }

  #gradientStep(method: Method, { rowCount, rowLength, rows }: Batch): StepGraph {
    const shape = { batch: rowCount, time: rowLength, labels: rows.length };
    return gradientStep(this.#opened.model, method, shape);
  }

  /** The compiled step, which `close` releases; of adapters all checks have the same. */
  #program(method: Method, batch: Batch, graph: StepGraph['graph'], { kept }: TrainState): Promise<Program> {
    const key = [method.kind, batch.rowCount, batch.rowLength, batch.rows.length].join(' ');
    const known =
      this.#programs.get(key) ?? this.#executor.compile(graph, { weights: this.#weights.source, kept });
    this.#programs.set(key, known);
    return known;
  }

  async #state(
    trainables: ReturnType<typeof gradientStep>['trainables'],
    initial: Initial,
  ): Promise<TrainState> {
    const state = TrainState.create(this.#executor, trainables);
    for (const { name } of trainables) {
      const values = await initial(name);
      if (values) state.slice('param', name).set(values);
    }
    await state.commit();
    return state;
  }

  async #runner(
    method: Method,
    padded: Awaited<ReturnType<typeof readPadded>>,
    groups: number[][],
    initial: Initial,
  ) {
    const { model } = this.#opened;
    const batches = groups.map((rows) => paddedBatch(padded, rows));
    const steps = batches.map((batch) => this.#gradientStep(method, batch));
    const state = await this.#state(steps[0]!.trainables, initial);
    const programs = await Promise.all(
      steps.map(({ graph }, i) => this.#program(method, batches[i]!, graph, state)),
    );
    return {
      state,
      labelled: batches.reduce((sum, b) => sum + b.labelledCount, 0),
      /** Accumulates all micro-batches' gradients; gives each one's summed loss. */
      gradients: async () => {
        state.clearGradients();
        const sums: number[] = [];
        for (const [i, batch] of batches.entries()) {
          const { outputs } = await programs[i]!.run(
            { ...batchFeeds(model, batch), ...state.feeds(true) },
            state.gradientTargets(),
          );
          sums.push(sumLabelled(outputs.nll as Float32Array, batch));
        }
        return sums;
      },
      release: () => state.release(),
    };
  }
}

/** None where they were not asked for. */
function logitsLine(of: string, worst: number | false): Line[] {
  return worst === false ? [] : [{ quantity: `${of}: logits`, worst, tolerance: 5e-5 }];
}

type Initial = (name: string) => Promise<Float32Array | null>;

/** L2 norm of the decayed or the undecayed parameters. */
function parameterNorm(state: TrainState, decayed: boolean): number {
  let sum = 0;
  for (const { name, kind } of state.trainables)
    if (isDecayed(kind) === decayed) for (const value of state.values(name)) sum += value ** 2;
  return Math.sqrt(sum);
}
