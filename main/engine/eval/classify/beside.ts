/**
 * Scores of answers side by side: a row holds a tree of prompts with all answers behind each. What prompts begin with, and what answers do,
 * is computed once, and nothing is cached.
 */
import { sum } from '../../../../common/values.ts';
import { type Batch, emptyLayout } from '../../data/batches/batch.ts';
import type { Program } from '../../exec/executor.ts';
import { type Model, mayContinue } from '../../models/model.ts';
import { evaluationStep } from '../../step/step-graphs.ts';
import { batchFeeds } from '../../tasks/feeds.ts';
import type { DecoderOptions } from '../cached-decoder.ts';
import { byTokens, commonLength, PrefixTree } from './prefix-tree.ts';
import type { Ids } from './readings.ts';

/** Places of all rows that go through the model together: the most that a prompt with all answers may have. */
export const PLACES = 1024;
/** Rows have multiples of so many places. */
const LENGTH_STEP = 64;
/** Programs have multiples of so many places for labels. */
const LABEL_STEP = 64;
/** So many prompts are ordered by their tokens, no more: what is done before a stop counts up to the first that is missing. */
const WINDOW = 16;
/** A program that is there is used where another shape would save less than this. */
const NEARLY = 1.2;

/** Whether rows of `model` may be read so, where the longest has so many tokens. */
export function readsBeside(model: Pick<Model, 'attendsOnly' | 'ropes'>, longest: number): boolean {
  return mayContinue(model) && longest <= PLACES;
}

/** Tokens that are read behind a prompt for all of `answers`: the last of each is only asked for. */
export function answersSize(answers: readonly Ids[]): number {
  return treeOf([], answers).tree.size;
}

/** A figure of each of several lists of answers; prompts that have the same list share it. */
export function perList(
  lists: readonly (readonly Ids[])[],
  figureOf: (answers: readonly Ids[]) => number,
): number[] {
  const known = new Map([...new Set(lists)].map((answers) => [answers, figureOf(answers)]));
  return lists.map((answers) => known.get(answers)!);
}

interface Answered {
  readonly tree: PrefixTree;
  /** Of each answer the nodes that its tokens follow. */
  readonly paths: readonly (readonly number[])[];
}

/** A tree that begins with `prompt`, added to `tree`. */
function treeOf(prompt: Ids, answers: readonly Ids[], tree = new PrefixTree()): Answered {
  const paths = new Array<readonly number[]>(answers.length);
  const order = [...answers.keys()].sort((a, b) => byTokens(answers[a]!, answers[b]!));
  for (const place of order)
    paths[place] = tree
      .add([...prompt, ...answers[place]!.slice(0, -1)])
      .slice(Math.max(0, prompt.length - 1));
  return { tree, paths };
}

/** Rows have so many places, and so many are computed together. */
interface Shape {
  readonly time: number;
  readonly rows: number;
}

/** A program with the places for labels of all its rows. */
interface Compiled extends Shape {
  readonly labels: number;
  readonly program: Program;
}

type Row = readonly number[];

export class SideBySide {
  readonly #options: DecoderOptions;
  /** For the last shape: each program maps all weights, so those of earlier shapes are given back. */
  #compiled: Compiled | null = null;
  #shape: Shape | null = null;

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  /**
   * Log-likelihoods of the whole answers of each of `prompts`; `onRows` hears how many are done, and ends it with false: then some are
   * missing.
   */
  async score(
    prompts: readonly Ids[],
    answers: readonly (readonly Ids[])[],
    onRows: (done: number) => boolean,
  ): Promise<(number[] | undefined)[]> {
    const scores = new Array<number[] | undefined>(prompts.length).fill(undefined);
    const windowOf = (prompt: number) => Math.floor(prompt / WINDOW);
    const order = [...prompts.keys()].sort(
      (a, b) => windowOf(a) - windowOf(b) || byTokens(prompts[a]!, prompts[b]!),
    );
    const { shape, rows } = this.#arranged(order, prompts, perList(answers, answersSize));
    const labelsFor = perList(answers, labelsOf);
    const batches = Array.from({ length: Math.ceil(rows.length / shape.rows) }, (_, batch) =>
      rows.slice(batch * shape.rows, (batch + 1) * shape.rows),
    );
    if (batches.length === 0) return scores;
    const labels = batches.map((batch) => sum(batch.flat().map((prompt) => labelsFor[prompt]!)));
    const compiled = await this.#compile(shape, Math.max(...labels));
    let done = 0;
    for (const together of batches) {
      const found = await this.#scoreRows(compiled, together, prompts, answers);
      for (const [prompt, score] of found) scores[prompt] = score;
      done += found.size;
      if (!onRows(done)) break;
    }
    return scores;
  }

  /** The program that is there, where it is for `shape` and has places for `wanted` labels and not many more: each costs a product with the whole vocabulary. */
  async #compile({ time, rows }: Shape, wanted: number): Promise<Compiled> {
    const there = this.#compiled;
    const labels = LABEL_STEP * Math.ceil(wanted / LABEL_STEP);
    const isEnough = there && there.labels >= labels && there.labels <= NEARLY * labels;
    if (isEnough && there.time === time && there.rows === rows) return there;
    await this.release();
    const { executor, model, method, weights } = this.#options;
    const { graph } = evaluationStep(model, method, { batch: rows, time, labels, shared: 1 });
    this.#compiled = { time, rows, labels, program: await executor.compile(graph, { weights }) };
    return this.#compiled;
  }

  async release(): Promise<void> {
    await this.#compiled?.program.release();
    this.#compiled = null;
  }

  /** The cheapest rows for `order`, in the shape before where that is nearly as cheap. */
  #arranged(
    order: Row,
    prompts: readonly Ids[],
    answered: readonly number[],
  ): { shape: Shape; rows: readonly Row[] } {
    const { model } = this.#options;
    const sizes = order.map((prompt, i) => {
      const before = prompts[order[i - 1] ?? -1] ?? [];
      return {
        prompt,
        alone: prompts[prompt]!.length + answered[prompt]!,
        shared: commonLength(before, prompts[prompt]!),
      };
    });
    const longest = Math.max(0, ...sizes.map(({ alone }) => alone));
    const arranged = (shape: Shape) => {
      const rows = rowsOf(sizes, shape.time);
      return { shape, rows, cost: Math.ceil(rows.length / shape.rows) * costOf(model, shape) };
    };
    const lengths = Array.from({ length: PLACES / LENGTH_STEP }, (_, i) => LENGTH_STEP * (i + 1));
    const found = lengths
      .filter((time) => time >= longest)
      .map((time) => arranged({ time, rows: Math.floor(PLACES / time) }));
    const best = found.reduce((least, one) => (one.cost < least.cost ? one : least));
    const kept = this.#shape && this.#shape.time >= longest ? arranged(this.#shape) : null;
    const isNear = kept !== null && (kept.cost <= NEARLY * best.cost || kept.rows.length <= kept.shape.rows);
    const chosen = isNear ? kept : best;
    this.#shape = chosen.shape;
    return chosen;
  }

  async #scoreRows(
    compiled: Compiled,
    rows: readonly Row[],
    prompts: readonly Ids[],
    answers: readonly (readonly Ids[])[],
  ): Promise<ReadonlyMap<number, number[]>> {
    const { model, trained } = this.#options;
    const { batch, asked } = batchOf(compiled, rows, prompts, answers);
    const { outputs } = await compiled.program.run({ ...batchFeeds(model, batch), ...trained });
    const nll = outputs.nll as Float32Array;
    const scoreOf = (labels: readonly number[]) => labels.reduce((sum, label) => sum - nll[label]!, 0);
    return new Map([...asked].map(([prompt, each]) => [prompt, each.map(scoreOf)]));
  }
}

interface Sized {
  readonly prompt: number;
  /** Tokens with all answers, and how many of them the one before begins with. */
  readonly alone: number;
  readonly shared: number;
}

/** The prompts in rows of `time` places, in their order. */
function rowsOf(sizes: readonly Sized[], time: number): number[][] {
  const rows: number[][] = [];
  let used = 0;
  for (const { prompt, alone, shared } of sizes) {
    const row = rows.at(-1);
    const fits = row !== undefined && used + alone - shared <= time;
    used = fits ? used + alone - shared : alone;
    if (fits) row.push(prompt);
    else rows.push([prompt]);
  }
  return rows;
}

/** What rows of a shape cost: about 12 products of the hidden size with itself a token and layer, and attention to earlier places. */
function costOf({ hiddenSize, heads, headDim }: Model, { time, rows }: Shape): number {
  return rows * time * (6 * hiddenSize ** 2 + heads * headDim * time);
}

interface Asked {
  readonly batch: Batch;
  /** For each prompt and answer the places of its labels in the batch. */
  readonly asked: ReadonlyMap<number, readonly (readonly number[])[]>;
}

/** `rows` as a batch; each token of an answer is a label, one for all answers that begin alike. */
function batchOf(
  { time, rows: rowCount, labels: capacity }: Omit<Compiled, 'program'>,
  rows: readonly Row[],
  prompts: readonly Ids[],
  answers: readonly (readonly Ids[])[],
): Asked {
  const layout = emptyLayout(rowCount, time, { continues: true });
  const labels = new Map<string, { readonly at: number; readonly id: number; readonly place: number }>();
  const asked = new Map<number, readonly (readonly number[])[]>();
  for (const [row, held] of rows.entries()) {
    const tree = new PrefixTree();
    for (const prompt of held) {
      const { paths } = treeOf(prompts[prompt]!, answers[prompt]!, tree);
      const placeOf = (node: number, id: number) => {
        const at = row * time + node;
        const key = `${at} ${id}`;
        const label = labels.get(key) ?? { at, id, place: labels.size };
        labels.set(key, label);
        return label.place;
      };
      asked.set(
        prompt,
        answers[prompt]!.map((ids, answer) => ids.map((id, t) => placeOf(paths[answer]![t]!, id))),
      );
    }
    tree.place(layout, row * time);
  }
  const list = (value: (label: { readonly at: number; readonly id: number }) => number) => {
    const all = new Int32Array(capacity);
    for (const label of labels.values()) all[label.place] = value(label);
    return all;
  };
  const { tokens, positions, segments, until } = layout;
  const batch = {
    rowCount,
    rowLength: time,
    tokens,
    positions,
    segments,
    until: until!,
    rows: list(({ at }) => at),
    targets: list(({ id }) => id),
    weights: new Float32Array(capacity).fill(1, 0, labels.size),
    labelledCount: labels.size,
    realTokens: segments.reduce((sum, segment) => sum + (segment < 0 ? 0 : 1), 0),
  };
  return { asked, batch };
}

/** Labels of a prompt: a token behind what answers begin with. */
function labelsOf(answers: readonly Ids[]): number {
  return new Set(answers.flatMap((ids) => ids.map((_, t) => ids.slice(0, t + 1).join(' ')))).size;
}
