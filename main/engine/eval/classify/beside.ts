/**
 * Scores of answers side by side: a row holds a prompt and behind it all answers, each of which goes on from the prompt and sees no other
 * one. Nothing is cached, so each token is computed once, and rows of several prompts go through the model together.
 */
import type { Batch } from '../../data/batches/batch.ts';
import type { Program } from '../../exec/executor.ts';
import { Programs } from '../../exec/programs.ts';
import { type Model, mayContinue } from '../../models/model.ts';
import { evaluationStep } from '../../step/step-graphs.ts';
import { batchFeeds } from '../../tasks/feeds.ts';
import type { DecoderOptions } from '../cached-decoder.ts';
import type { Ids, Readings } from './readings.ts';

/** Rows that go through the model together, and the most places of all of them. */
const ROWS = 8;
const PLACES = 1024;
/** Programs are compiled for rows of multiples of so many tokens. */
const LENGTH_STEP = 64;
/** A token whose probability is asked for: that of `id` behind the one at place `at` of a row. */
interface Asked {
  readonly at: number;
  readonly id: number;
}

interface Row {
  readonly prompt: Ids;
  readonly length: number;
}

/** Whether rows of `model` may be read so, where the longest has so many tokens. */
export function readsBeside(model: Pick<Model, 'attendsOnly' | 'ropes'>, longest: number): boolean {
  return mayContinue(model) && longest <= PLACES;
}

/** Tokens of a row with a prompt of so many. */
export function rowTokens(prompt: number, { trunk, branches }: Readings): number {
  return prompt + trunk.length + branches.reduce((sum, { ids }) => sum + ids.length, 0);
}

export class SideBySide {
  readonly #options: DecoderOptions;
  readonly #programs = new Programs<string>();

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  /** Log-likelihoods of the whole answers for each of `prompts`, in order; `onRows` hears how many are done, and ends it with false. */
  async score(
    prompts: readonly Ids[],
    readings: Readings,
    onRows: (done: number) => boolean,
  ): Promise<number[][]> {
    const all = prompts.map((prompt) => ({ prompt, length: rowTokens(prompt.length, readings) }));
    const scores: number[][] = [];
    while (scores.length < all.length) {
      const rows = firstTogether(all.slice(scores.length, scores.length + ROWS));
      scores.push(...(await this.#scoreRows(rows, readings)));
      if (!onRows(scores.length)) break;
    }
    return scores;
  }

  release(): Promise<void> {
    return this.#programs.release();
  }

  async #scoreRows(rows: readonly Row[], readings: Readings): Promise<number[][]> {
    const { model, trained } = this.#options;
    const { batch, each } = batchOf(rows, readings);
    const program = await this.#program(batch);
    const { outputs } = await program.run({ ...batchFeeds(model, batch), ...trained });
    const nll = outputs.nll as Float32Array;
    const { steps, branches } = readings;
    // the steps of all answers come first, then the followers of each branch
    const firstOf = branches.map((_, at) =>
      branches.slice(0, at).reduce((sum, { followers }) => sum + followers.length, steps.length),
    );
    return rows.map((_, row) =>
      steps.map(({ branch, places }, step) =>
        places.reduce(
          (sum, place) => sum - nll[row * each + firstOf[branch]! + place]!,
          -nll[row * each + step]!,
        ),
      ),
    );
  }

  #program({ rowCount, rowLength, rows }: Batch): Promise<Program> {
    const { executor, model, method, weights } = this.#options;
    const shape = { batch: rowCount, time: rowLength, labels: rows.length, shared: 1 };
    return this.#programs.get(JSON.stringify(shape), () =>
      executor.compile(evaluationStep(model, method, shape).graph, { weights }),
    );
  }
}

/** Those of `rows` that fit side by side: the longest of them decides. */
function firstTogether(rows: readonly Row[]): readonly Row[] {
  const fits = (count: number) => count * Math.max(...rows.slice(0, count).map(placesOf)) <= PLACES;
  let count = 1;
  while (count < rows.length && fits(count + 1)) count++;
  return rows.slice(0, count);
}

const placesOf = ({ length }: Row): number => LENGTH_STEP * Math.ceil(length / LENGTH_STEP);

/** `rows` as a batch with `each` labels a row: the first tokens of all answers, then the followers of all branches. */
function batchOf(rows: readonly Row[], readings: Readings): { readonly batch: Batch; readonly each: number } {
  const { trunk, branches, steps } = readings;
  const time = Math.max(...rows.map(placesOf));
  // the shape stays where fewer rows are left
  const rowCount = Math.min(ROWS, Math.floor(PLACES / time)) || 1;
  const each = steps.length + branches.reduce((sum, { followers }) => sum + followers.length, 0);
  const size = rowCount * time;
  const batch = {
    ...{ rowCount, rowLength: time, labelledCount: rows.length * each },
    realTokens: rows.reduce((sum, { length }) => sum + length, 0),
    ...{ tokens: new Int32Array(size), positions: new Int32Array(size) },
    ...{ segments: new Int32Array(size).fill(-1), continued: new Int32Array(size).fill(-1) },
    ...{ rows: new Int32Array(rowCount * each), targets: new Int32Array(rowCount * each) },
    weights: new Float32Array(rowCount * each).fill(1, 0, rows.length * each),
  };
  for (const [row, { prompt }] of rows.entries()) {
    const start = row * time;
    const begun = [...prompt, ...trunk];
    let place = start;
    const write = (ids: Ids, segment: number, position: number): number => {
      const from = place;
      ids.forEach((id, t) => {
        batch.tokens[place] = id;
        batch.positions[place] = position + t;
        batch.segments[place] = segment;
        batch.continued[place++] = 0;
      });
      return from;
    };
    write(begun, 0, 0);
    const last = place - 1;
    const asked: Asked[] = steps.map(({ id }) => ({ at: last, id }));
    for (const [branch, { ids, followers }] of branches.entries()) {
      const from = write(ids, 1 + branch, begun.length);
      for (const { after, id } of followers) asked.push({ at: from + after, id });
    }
    asked.forEach(({ at, id }, i) => {
      batch.rows[row * each + i] = at;
      batch.targets[row * each + i] = id;
    });
  }
  return { batch, each };
}
