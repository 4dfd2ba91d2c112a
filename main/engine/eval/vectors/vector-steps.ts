/**
 * The gradient of a step that trains vectors. Where its texts are one micro-batch it is one graph; else all vectors come first, then the
 * loss and its gradient by them, then each micro-batch again with that gradient. Both give the same numbers.
 */
import { internal } from '../../../../common/errors.ts';
import type { Program } from '../../exec/executor.ts';
import type { Graph } from '../../ir/graph.ts';
import { widthOf } from '../../models/encoder.ts';
import type { Method } from '../../nn/parameters.ts';
import { encoderStep, type TextShape, vectorStep } from '../../step/encoder-steps.ts';
import { TrainState } from '../../step/state.ts';
import { givenGradients, lossOnVectors } from '../../step/vector-losses.ts';
import type { Batch } from './share-rows.ts';
import { textFeeds } from './text-feeds.ts';
import type { VectorTask } from './vector-tasks.ts';
import type { TextVectors } from './vectors.ts';

type Known = Pick<TextVectors, 'weights' | 'executor'> & {
  readonly opened: Pick<TextVectors['opened'], 'encoder' | 'sentences'>;
};

interface Compiled {
  readonly graph: Graph;
  readonly program: Program;
}

/** The same programs for all steps. */
interface Programs {
  /** (texts) -> losses and gradients; null where a step has several micro-batches. */
  readonly whole: Compiled | null;
  readonly vectors: Compiled | null;
  readonly loss: Compiled | null;
  readonly back: Compiled | null;
}

export class VectorSteps {
  readonly state: TrainState;
  readonly #encoder: Known;
  readonly #task: VectorTask;
  readonly #shape: TextShape;
  readonly #room: number;
  readonly #programs: Programs;

  private constructor(
    encoder: Known,
    task: VectorTask,
    shape: TextShape,
    room: number,
    state: TrainState,
    programs: Programs,
  ) {
    this.#encoder = encoder;
    this.#task = task;
    this.#shape = shape;
    this.#room = room;
    this.state = state;
    this.#programs = programs;
  }

  /** `most`: micro-batches of a step at most, each of `shape`. The parameters are to be set in `state`. */
  static async open(
    encoder: Known,
    task: VectorTask,
    { method, shape, most, threads }: Shaped,
  ): Promise<VectorSteps> {
    const { opened, weights, executor } = encoder;
    const of = { encoder: opened.encoder, isUnit: opened.sentences.isUnit };
    const room = task.texts.reduce((all, { length }) => Math.max(all, length), 1);
    const { graph, trainables } = encoderStep(of, method, shape, most === 1 ? task.loss : givenGradients);
    const state = TrainState.create(executor, trainables, { threads });
    const opening: Program[] = [];
    const compiled = async (one: Graph): Promise<Compiled> => {
      const program = await executor.compile(one, { weights: weights.source, kept: state.kept });
      opening.push(program);
      return { graph: one, program };
    };
    try {
      const step = await compiled(graph);
      const programs =
        most === 1
          ? { whole: step, vectors: null, loss: null, back: null }
          : {
              whole: null,
              vectors: await compiled(vectorStep(of, method, shape).graph),
              loss: await compiled(lossOnVectors(task.loss, room, widthOf(of.encoder))),
              back: step,
            };
      return new VectorSteps(encoder, task, shape, room, state, programs);
    } catch (error) {
      for (const program of opening) await program.release();
      await state.release();
      throw error;
    }
  }

  /** What the programs run. */
  get graphs(): readonly Graph[] {
    const all = Object.values(this.#programs) as readonly (Compiled | null)[];
    return all.flatMap((one) => one?.graph ?? []);
  }

  /** Adds the gradient of the summed loss of `step`, whose texts are in `batches`, to the state's; gives the loss. */
  async add(
    step: number,
    batches: readonly Batch[],
    idsOf: (text: number) => readonly number[],
  ): Promise<number> {
    const places = new Map<number, number>();
    for (const { texts } of batches) for (const { text } of texts) places.set(text, places.size);
    const lossFeeds = this.#task.feeds(step, (text) => places.get(text)!);
    const fed = batches.map((batch) => textFeeds(this.#encoder.opened, batch, this.#shape, idsOf));
    const { whole } = this.#programs;
    if (!whole) return await this.#cached(batches, fed, lossFeeds);
    if (batches.length > 1) throw internal('a step has more micro-batches than its programs');
    const outputs = await this.#run(whole, { ...fed[0]!, ...lossFeeds, ...this.state.feeds(true) }, true);
    return sum(outputs.losses as Float32Array);
  }

  async #cached(batches: readonly Batch[], fed: readonly Feeds[], lossFeeds: Feeds): Promise<number> {
    const { vectors, loss, back } = this.#programs;
    const width = widthOf(this.#encoder.opened.encoder);
    const all = new Float32Array(this.#room * width);
    const firsts = batches.map((_, i) => sum(batches.slice(0, i).map(({ texts }) => texts.length)));
    for (const [i, { texts }] of batches.entries()) {
      const { vectors: own } = await this.#run(vectors!, { ...fed[i]!, ...this.state.feeds(false) });
      all.set((own as Float32Array).subarray(0, texts.length * width), firsts[i]! * width);
    }
    const { losses, gradVectors } = await this.#run(loss!, { vectors: all, ...lossFeeds });
    for (const [i, { texts }] of batches.entries()) {
      const own = new Float32Array(this.#shape.texts * width);
      const from = firsts[i]! * width;
      own.set((gradVectors as Float32Array).subarray(from, from + texts.length * width));
      await this.#run(back!, { ...fed[i]!, gradVectors: own, ...this.state.feeds(true) }, true);
    }
    return sum(losses as Float32Array);
  }

  async #run({ graph, program }: Compiled, feeds: Feeds, writesGradients = false) {
    const known = Object.fromEntries(Object.entries(feeds).filter(([name]) => graph.inputs.has(name)));
    const { outputs } = await program.run(known, writesGradients ? this.state.gradientTargets() : undefined);
    return outputs;
  }

  async release(): Promise<void> {
    for (const one of Object.values(this.#programs) as readonly (Compiled | null)[])
      await one?.program.release();
    await this.state.release();
  }
}

type Feeds = Parameters<Program['run']>[0];

interface Shaped {
  readonly method: Method;
  readonly shape: TextShape;
  readonly most: number;
  readonly threads: number;
}

const sum = (values: Iterable<number>): number => {
  let all = 0;
  for (const value of values) all += value;
  return all;
};
