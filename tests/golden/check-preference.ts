/**
 * Compares the engine with a folder of the preference format, whose model stands in ../../families/<name> beside it:
 * log-likelihoods of answers, losses and gradients of each objective, and traces of ten steps.
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Batch } from '../../main/engine/data/batches/batch.ts';
import { withOtherAnswer, withSharedPrompt } from '../../main/engine/data/tokens/encode.ts';
import {
  type RowStore,
  type StoredRow,
  storedRow,
  wordsOf,
} from '../../main/engine/data/tokens/token-store.ts';
import type { EncodedRow } from '../../main/engine/data/tokens/tokenizer-types.ts';
import type { DeviceTensor, Executor, Program } from '../../main/engine/exec/executor.ts';
import { readAdapter } from '../../main/engine/io/peft.ts';
import { type OpenedModel, openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import type { Method } from '../../main/engine/nn/parameters.ts';
import { Batching } from '../../main/engine/step/batching.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { evaluationStep, gradientStep } from '../../main/engine/step/step-graphs.ts';
import { taskOf } from '../../main/engine/tasks/registry.ts';
import type { TaskSettings } from '../../main/engine/tasks/task.ts';
import { learningRateAt } from '../../main/engine/train/run-parts.ts';
import { type Arrays, type Checked, openArrays, readJson, WHOLE } from './case.ts';
import { difference, inBfloat16, type Line, l2 } from './compare.ts';

type Name = keyof typeof LOSSES;

/** The losses of the README by their names, as settings of the engine. */
const LOSSES = {
  dpo: { objective: 'dpo', trainOn: 'answers' },
  dpo_smooth: { objective: 'dpo', trainOn: 'answers', labelSmoothing: 0.1 },
  dpo_sft: { objective: 'dpo', trainOn: 'answers', sftWeight: 1 },
  ipo: { objective: 'ipo', trainOn: 'answers' },
  orpo: { objective: 'orpo', trainOn: 'all' },
  orpo_answer: { objective: 'orpo', trainOn: 'answers' },
  simpo: { objective: 'simpo', trainOn: 'answers' },
  kto: { objective: 'kto', trainOn: 'answers' },
  kto_weighted: { objective: 'kto', trainOn: 'answers', badWeight: 0.25 },
} as const satisfies Record<string, TaskSettings>;

/** Tolerances for float32 of the README; gradients against the largest of the loss's gradient. */
const SUM = 2e-4;
const GRADIENT = 1e-4;
const TRACE = 1e-3;
const lossTolerance = (name: Name) => (name === 'ipo' ? 6e-5 : 2e-5);

interface PairIds {
  readonly prompt: number[];
  readonly chosen: number[];
  readonly rejected: number[];
}

interface Trace {
  readonly loss: Name;
  readonly lr: number;
  readonly steps: number;
  readonly weight_decay: number;
  readonly betas: [number, number];
  readonly eps: number;
  readonly max_norm: number;
  readonly warmup_steps: number;
  readonly losses: number[];
  readonly margins: number[];
  readonly accuracies: number[];
  readonly grad_norms: number[];
  readonly lrs: number[];
  readonly after: { readonly loss: number; readonly margins: number; readonly policy_logps: number[] };
}

/** Whether `folder` is one of the preference format. */
export async function isPreference(folder: string): Promise<boolean> {
  return (await fs.readdir(folder)).includes('pairs.json');
}

/** All comparisons of one folder, of the traces as many steps as are `wanted`. */
export async function checkPreference(
  folder: string,
  executor: Executor,
  wanted: Checked = WHOLE,
): Promise<Line[]> {
  const family = path.join(folder, '..', '..', 'families', path.basename(folder));
  const opened = await openModel(family);
  const cache = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-golden-cache-'));
  try {
    const weights = await prepareWeights(opened, cache);
    const pairs = await readJson<PairIds[]>(folder, 'pairs.json');
    const check = new PreferenceCheck({ folder, family, opened, weights, executor, pairs });
    const lines = await check.run(wanted);
    return executor.name === 'openvino' ? lines.flatMap((line) => inBfloat16(line) ?? []) : lines;
  } finally {
    await opened.store.close();
    await fs.rm(cache, { recursive: true });
  }
}

interface Parts {
  readonly folder: string;
  readonly family: string;
  readonly opened: OpenedModel;
  readonly weights: Weights;
  readonly executor: Executor;
  readonly pairs: readonly PairIds[];
}

/** What the model was before training, for a set of samples. */
type References = (sample: number) => readonly [number, number];

class PreferenceCheck {
  readonly #parts: Parts;
  readonly #before: Partial<Record<'better' | 'rated', Promise<Float64Array>>> = {};
  /** Compiled gradient steps by policy and loss; a program knows nothing of the state and the references that it is fed. */
  readonly #programs = new Map<string, Promise<Program>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(wanted: Checked): Promise<Line[]> {
    const { folder } = this.#parts;
    const lines: Line[] = [];
    const adapter = await openArrays(path.join(this.#parts.family, 'lora.safetensors'));
    const lora = {
      name: 'lora',
      method: await this.#lora(),
      initial: (name: string) => adapter.floats(name),
    };
    const full = {
      name: 'full',
      method: { kind: 'full' } as const,
      initial: (name: string) => this.#parts.weights.read(name),
    };
    for (const policy of [lora, full]) {
      const expected = await openArrays(path.join(folder, `${policy.name}.safetensors`));
      lines.push(...(await this.#policy(policy, expected)));
      await expected.close();
    }
    const traces = await readJson<Record<string, Trace>>(folder, 'trace.json');
    for (const [name, trace] of Object.entries(traces)) {
      const steps = 'losses' in trace ? Math.min(trace.steps, wanted.steps(name)) : 0;
      if (steps > 0)
        lines.push(...(await this.#trace(name, trace, steps, name.startsWith('lora') ? lora : full)));
    }
    for (const program of this.#programs.values()) await (await program).release();
    await adapter.close();
    return lines;
  }

  async #lora(): Promise<Method> {
    const { tensors } = await readAdapter(path.join(this.#parts.family, 'adapter'));
    const adapterOf = (module: string) => {
      const found = tensors.get(module);
      return found ? { rank: found.r, scale: found.scale } : null;
    };
    return { kind: 'lora', dropout: 0, adapterOf };
  }

  async #policy(policy: Policy, expected: Arrays): Promise<Line[]> {
    const { name } = policy;
    const own = await this.#sums(policy, 'better');
    const before = await this.#untouched(policy, 'better');
    const lines: Line[] = [
      ...(await this.#sumLines(`${name}: policy`, own, expected, 'policy_logps')),
      ...(await this.#sumLines(`${name}: reference`, before, expected, 'ref_logps')),
    ];
    const others = await this.#untouched(policy, 'rated');
    const ofPairs: References = (pair) => [before[2 * pair]!, before[2 * pair + 1]!];
    const ofRated: References = (row) => [others[2 * row]!, others[2 * row + 1]!];
    for (const loss of Object.keys(LOSSES) as Name[]) {
      const isRated = LOSSES[loss].objective === 'kto';
      lines.push(...(await this.#loss(policy, loss, expected, loss, isRated ? ofRated : ofPairs)));
    }
    if (!expected.has('moved.ref_logps')) return lines;
    const moved = await expected.floats('moved.ref_logps');
    const movedKl = await expected.floats('moved.kl_ref_logps');
    for (const loss of Object.keys(LOSSES) as Name[]) {
      if (!expected.has(`moved.${loss}.loss`)) continue;
      const count = this.#parts.pairs.length;
      const ofMoved: References =
        LOSSES[loss].objective === 'kto'
          ? (row) => [moved[row]!, movedKl[row]!]
          : (pair) => [moved[pair]!, moved[count + pair]!];
      lines.push(...(await this.#loss(policy, loss, expected, `moved.${loss}`, ofMoved)));
    }
    return lines;
  }

  /** Sums of log-likelihoods against those of chosen answers and then rejected ones; their lengths too. */
  async #sumLines(title: string, own: Float64Array, expected: Arrays, name: string): Promise<Line[]> {
    const wanted = await expected.floats(name);
    const count = this.#parts.pairs.length;
    const ordered = Float32Array.from(wanted, (_, i) => own[2 * (i % count) + Math.floor(i / count)]!);
    return [{ quantity: `${title} log-likelihoods`, worst: difference(ordered, wanted), tolerance: SUM }];
  }

  /** One loss with its gradient, for references that are given by sample. */
  async #loss(
    policy: Policy,
    loss: Name,
    expected: Arrays,
    name: string,
    references: References,
  ): Promise<Line[]> {
    const run = await this.#runner(policy, loss, this.#samples(loss, references));
    const { figures, losses } = await run.gradients();
    await run.state.fetch();
    const title = `${policy.name}: ${name}`;
    const lines: Line[] = [];
    const compare = (what: string, worst: number, tolerance: number) =>
      lines.push({ quantity: `${title} ${what}`, worst, tolerance });
    compare(
      'loss',
      Math.abs(figures.loss - (await expected.floats(`${name}.loss`))[0]!),
      lossTolerance(loss),
    );
    const each = await expected.floats(`${name}.each`);
    // with the loss of tokens, each pair's is told apart from it
    const isPlain = !('sftWeight' in LOSSES[loss]) && LOSSES[loss].objective !== 'orpo';
    if (isPlain)
      compare('loss of each', difference(Float32Array.from(losses), each), 4 * lossTolerance(loss));
    const gradients = new Map(
      run.state.trainables.map((one) => [
        one.name,
        run.state.slice('grad', one.name).map((g) => g / run.count),
      ]),
    );
    const total = Math.hypot(...[...gradients.values()].map(l2));
    const norm = (await expected.floats(`${name}.grad_norm`))[0]!;
    compare('gradient norm', Math.abs(total - norm), GRADIENT * Math.max(1, norm));
    let [worst, largest, seen] = [0, 0, 0];
    for (const [parameter, own] of gradients) {
      const rows = `${name}.gradrows.${parameter}`;
      const whole = `${name}.grad.${parameter}`;
      const wanted = expected.has(whole) ? whole : expected.has(rows) ? rows : null;
      if (wanted === null) continue;
      const values = await expected.floats(wanted);
      const shape = run.state.trainables.find((one) => one.name === parameter)!.shape;
      const width = shape.length > 1 ? shape[1]! : 1;
      const compared = wanted === whole ? own : everySeventh(own, width);
      worst = Math.max(worst, difference(compared, values));
      largest = own.reduce((most, g) => Math.max(most, Math.abs(g)), largest);
      seen++;
    }
    if (seen > 0) compare(`gradients (${seen} tensors)`, worst / largest, GRADIENT);
    await run.release();
    return lines;
  }

  async #trace(name: string, trace: Trace, steps: number, policy: Policy): Promise<Line[]> {
    const before = await this.#untouched(policy, 'better');
    const references: References = (pair) => [before[2 * pair]!, before[2 * pair + 1]!];
    const run = await this.#runner(policy, trace.loss, this.#samples(trace.loss, references));
    const worst = { losses: 0, margins: 0, norms: 0, rates: 0, accuracies: 0 };
    const note = (what: keyof typeof worst, own: number, wanted: number, relative = 1) => {
      worst[what] = Math.max(worst[what], Math.abs(own - wanted) / Math.max(1, relative * Math.abs(wanted)));
    };
    for (let step = 0; step < steps; step++) {
      const schedule = { peak: trace.lr, warmupSteps: trace.warmup_steps, totalSteps: trace.steps };
      const rate = learningRateAt({ name: 'cosine', ...schedule }, step);
      const { figures } = await run.gradients();
      const norm = await run.state.update(
        {
          rate,
          weightDecay: trace.weight_decay,
          beta1: trace.betas[0],
          beta2: trace.betas[1],
          eps: trace.eps,
          maxNorm: trace.max_norm,
        },
        run.count,
      );
      note('losses', figures.loss, trace.losses[step]!);
      note('margins', figures.preference!.margin, trace.margins[step]!);
      note('norms', norm, trace.grad_norms[step]!);
      note('rates', rate, trace.lrs[step]!);
      // where the model is still its own reference, which one is larger is chance
      if (name !== 'full_dpo' || step > 1)
        note('accuracies', figures.preference!.accuracy, trace.accuracies[step]!);
    }
    let after: number | null = null;
    if (steps === trace.steps) {
      const { figures } = await run.gradients();
      after = Math.abs(figures.loss - trace.after.loss) / Math.max(1, trace.after.loss);
    }
    await run.release();
    const line = (what: string, value: number, tolerance: number) => ({
      quantity: `trace ${name}: ${what}`,
      worst: value,
      tolerance,
    });
    return [
      line('losses', worst.losses, TRACE),
      line('margins', worst.margins, TRACE),
      line('accuracies', worst.accuracies, 1e-6),
      line('gradient norms', worst.norms, TRACE),
      line('learning rates', worst.rates, 1e-12),
      ...(after === null ? [] : [line('loss after', after, TRACE)]),
    ];
  }

  /** The samples that an objective learns from, as they are read from a store. */
  #samples(loss: Name | 'better' | 'rated', references?: References): StoredRow[] {
    const { pairs } = this.#parts;
    const all = loss === 'orpo';
    const encoded = (prompt: number[], answer: number[]): EncodedRow => ({
      ids: [...prompt, ...answer],
      labels: [...prompt.map(() => -100), ...answer],
    });
    const isRated = loss === 'rated' || (loss in LOSSES && LOSSES[loss as Name].objective === 'kto');
    const rows: EncodedRow[] = isRated ? ratedRows(pairs, encoded) : [];
    for (const { prompt, chosen, rejected } of isRated ? [] : pairs) {
      const first = encoded(prompt, chosen);
      const second = encoded(prompt, rejected);
      rows.push({
        ids: [...first.ids, ...second.ids],
        labels: [...(all ? first.ids : first.labels), ...second.labels],
        second: first.ids.length,
        ...(all && { promptEnd: prompt.length }),
      });
    }
    // every other prompt stands there once for both answers, as in a store
    return rows.map((row, sample) => ({
      ...storedRow(wordsOf(sample % 2 === 0 ? withSharedPrompt(row) : row)),
      ...(references && { reference: references(sample) }),
    }));
  }

  #batching(samples: readonly StoredRow[]): Batching {
    const lengths = Uint32Array.from(samples, ({ ids }) => ids.length);
    const store: RowStore = {
      count: samples.length,
      lengths,
      labelled: Uint32Array.from(samples, ({ trained }) => trained.filter((one) => one > 0).length),
      row: (index) => Promise.resolve(samples[index]!),
    };
    // two pairs in a row, so that they lie side by side
    const rowLength = 2 * Math.max(...lengths);
    const rows = Uint32Array.from(samples, (_, i) => i);
    const shape = { rowLength, rowsPerBatch: samples.length, pack: true, shuffle: false, seed: 1 };
    return new Batching({ store, rows, ...shape, samples: 'pairs' });
  }

  /** `#sums` of the model before training, computed once. */
  #untouched(policy: Policy, kind: 'better' | 'rated'): Promise<Float64Array> {
    this.#before[kind] ??= this.#sums({ ...policy, method: { kind: 'frozen' } }, kind);
    return this.#before[kind];
  }

  /** Log-likelihoods of both answers of each sample. */
  async #sums(policy: Policy, kind: 'better' | 'rated'): Promise<Float64Array> {
    const { opened, executor, weights } = this.#parts;
    const samples = this.#samples(kind);
    const batching = this.#batching(samples);
    const batch = await batching.batch(0, 0);
    const task = taskOf(LOSSES.simpo);
    const { graph, trainables } = evaluationStep(opened.model, policy.method, batching.shape(0), task.loss);
    const feeds: Record<string, DeviceTensor> = {};
    for (const { name, shape } of trainables)
      feeds[name] = executor.tensor('f32', shape, await policy.initial(name));
    const program = await executor.compile(graph, { weights: weights.source });
    const { outputs } = await program.run({ ...task.feeds(opened.model, batch), ...feeds });
    await program.release();
    const sums = new Float64Array(2 * samples.length);
    const order = batching.plan(0).samples.toArray();
    for (let i = 0; i < batch.labelledCount; i++) {
      const answer = batch.pairs!.answers[i]!;
      sums[2 * order[answer >> 1]! + (answer % 2)]! -= outputs.nll![i]!;
    }
    return sums;
  }

  async #runner(policy: Policy, loss: Name, samples: readonly StoredRow[]) {
    const { opened, executor, weights } = this.#parts;
    const task = taskOf(LOSSES[loss]);
    const batching = this.#batching(samples);
    const batch: Batch = await batching.batch(0, 0);
    const { graph, trainables } = gradientStep(
      opened.model,
      policy.method,
      batching.shape(0),
      'none',
      true,
      task.loss,
    );
    const state = TrainState.create(executor, trainables);
    for (const { name } of trainables) state.slice('param', name).set(await policy.initial(name));
    await state.commit();
    const key = `${policy.name} ${loss}`;
    const compiled =
      this.#programs.get(key) ?? executor.compile(graph, { weights: weights.source, kept: state.kept });
    this.#programs.set(key, compiled);
    const program = await compiled;
    const order = batching.plan(0).samples.toArray();
    return {
      state,
      count: task.countOf(batch),
      gradients: async () => {
        state.clearGradients();
        const feeds = { ...task.feeds(opened.model, batch), ...state.feeds(true) };
        const { outputs } = await program.run(feeds, state.gradientTargets());
        const tally = task.tally();
        tally.add(batch, outputs);
        const losses = new Array<number>(order.length);
        for (const [i, sample] of order.entries()) losses[sample] = tally.samples.losses[i]!;
        return { figures: tally.figures, losses };
      },
      release: () => state.release(),
    };
  }
}

interface Policy {
  readonly name: string;
  readonly method: Method;
  initial(name: string): Promise<Float32Array>;
}

/** Chosen answers as good ones, then rejected ones as bad; each beside its prompt with the answer of the row before it. */
function ratedRows(
  pairs: readonly PairIds[],
  encoded: (prompt: number[], answer: number[]) => EncodedRow,
): EncodedRow[] {
  const rows = [
    ...pairs.map(({ prompt, chosen }) => encoded(prompt, chosen)),
    ...pairs.map(({ prompt, rejected }) => ({ ...encoded(prompt, rejected), bad: true as const })),
  ];
  return rows.map((row, i) => withOtherAnswer(row, rows.at(i - 1)!));
}

/** Rows 0, 7, 14, … of a tensor whose rows have `width` elements. */
function everySeventh(values: Float32Array, width: number): Float32Array {
  const rows = Array.from({ length: Math.ceil(values.length / width / 7) }, (_, i) =>
    values.subarray(7 * i * width, (7 * i + 1) * width),
  );
  return Float32Array.from(rows.flatMap((row) => [...row]));
}
