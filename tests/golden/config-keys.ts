/** What Transformers makes of each key of config.json, as `make/config_keys.py` wrote it, and what the engine makes of it. */
import { readdirSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import type { Executor } from '../../main/engine/exec/executor.ts';
import { printGraph } from '../../main/engine/ir/graph.ts';
import { type OpenedModel, openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { type Model, type ModelOutline, outline } from '../../main/engine/models/model.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { batchFeeds } from '../../main/engine/tasks/feeds.ts';
import { logitsStep } from '../helpers/graphs.ts';
import { paddedBatch, readJson, readPadded } from './case.ts';
import { difference } from './compare.ts';

const DATA = path.join(import.meta.dirname, 'data');

/** The families of which every key was tried. */
export const TRIED: readonly string[] = readdirSync(path.join(DATA, 'config-keys'))
  .map((name) => path.basename(name, '.json'))
  .sort();

export interface KeyCase {
  readonly spelling: string;
  readonly set?: JsonObject;
  readonly without?: readonly string[];
  readonly effect: 'same' | 'logits' | 'shapes' | 'refused';
  readonly logits?: readonly number[];
}

interface Tried {
  readonly where: readonly number[];
  readonly ids: readonly number[];
  readonly same: Readonly<Record<string, Readonly<Record<string, readonly JsonObject[string][]>>>>;
  readonly cases: readonly KeyCase[];
}

/** What was tried of `family`, one case for each change. */
export async function triedOf(family: string): Promise<{ tried: Tried; cases: readonly KeyCase[] }> {
  const tried = await readJson<Tried>(path.join(DATA, 'config-keys'), `${family}.json`);
  const same = Object.entries(tried.same).flatMap(([spelling, keys]) =>
    Object.entries(keys).flatMap(([key, values]) =>
      values.map((value): KeyCase => ({ spelling, set: { [key]: value }, effect: 'same' })),
    ),
  );
  return { tried, cases: [...same, ...tried.cases] };
}

/** A family's tiny model, read with other configurations. */
export class ChangedModel {
  readonly #folder: string;
  readonly #opened: OpenedModel;
  readonly #weights: Weights;
  readonly #executor: Executor;
  /** A folder with the family's weights. */
  readonly #scratch: string;
  readonly #tried: Tried;
  readonly #tensors: string;
  /** Logits by graph and rotations. */
  readonly #known = new Map<string, Promise<number[]>>();
  /** By spelling: the configuration as it stands, and its logits. */
  readonly #bases = new Map<string, Promise<JsonObject>>();
  readonly #baseLogits = new Map<string, Promise<number[]>>();
  #padded: ReturnType<typeof readPadded> | undefined;

  private constructor(
    folder: string,
    scratch: string,
    opened: OpenedModel,
    weights: Weights,
    executor: Executor,
    tried: Tried,
  ) {
    this.#folder = folder;
    this.#scratch = scratch;
    this.#opened = opened;
    this.#weights = weights;
    this.#executor = executor;
    this.#tried = tried;
    this.#tensors = tensorsOf(opened.outline);
  }

  /** `scratch` is an empty folder. */
  static async open(family: string, executor: Executor, scratch: string): Promise<ChangedModel> {
    const folder = path.join(DATA, 'families', family);
    const opened = await openModel(folder);
    const { tried } = await triedOf(family);
    const weights = await prepareWeights(opened, path.join(scratch, 'cache'));
    await copyFile(path.join(folder, 'model.safetensors'), path.join(scratch, 'model.safetensors'));
    return new ChangedModel(folder, scratch, opened, weights, executor, tried);
  }

  close = (): Promise<void> => this.#opened.store.close();

  /** What is wrong with how the engine reads one case; null where it computes the same or refuses by name. */
  async fault({ spelling, set = {}, without = [], effect, logits }: KeyCase): Promise<string | null> {
    const base = await remembered(this.#bases, spelling, () => readJson<JsonObject>(this.#folder, spelling));
    const changed = Object.fromEntries(
      Object.entries({ ...base, ...set }).filter(([key]) => !without.includes(key)),
    );
    let model: Model;
    try {
      model = await this.#read(changed);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const named = namesIn([...Object.keys(set), ...without, ...Object.values(set)]);
      return (effect !== 'logits' && effect !== 'same') || named.some((name) => error.message.includes(name))
        ? null
        : `refused without its name: ${error.message}`;
    }
    if (effect === 'refused') return null;
    if (effect === 'shapes')
      return this.#hasSameTensors(model) ? 'Transformers has other tensors than the file' : null;
    const ofBase = () => remembered(this.#baseLogits, spelling, () => this.#logits(readModel(base)));
    const expected = Float32Array.from(logits ?? (await ofBase()));
    const worst = difference(Float32Array.from(await this.#logits(model)), expected);
    return worst <= 1e-4 ? null : `logits are off by ${worst}`;
  }

  /** The model; throws what opening it does where the file holds other tensors. */
  async #read(config: JsonObject): Promise<Model> {
    const model = readModel(config);
    if (this.#hasSameTensors(model)) return model;
    await writeFile(path.join(this.#scratch, 'config.json'), JSON.stringify(config));
    const opened = await openModel(this.#scratch);
    await opened.store.close();
    return opened.model;
  }

  #hasSameTensors(model: Model): boolean {
    return tensorsOf(outline(model)) === this.#tensors;
  }

  async #logits(model: Model): Promise<number[]> {
    this.#padded ??= readPadded(this.#folder);
    const padded = await this.#padded;
    const batch = paddedBatch(padded, [0]);
    const all = { ...batch, rows: Int32Array.from(batch.tokens, (_, i) => i) };
    const shape = { batch: 1, time: batch.rowLength, labels: all.rows.length };
    const { graph } = logitsStep(model, { kind: 'frozen' }, shape);
    const key = `${printGraph(graph)} ${JSON.stringify([...model.ropes])}`;
    return remembered(this.#known, key, () => this.#run(model, graph, all));
  }

  async #run(
    model: Model,
    graph: ReturnType<typeof logitsStep>['graph'],
    batch: Parameters<typeof batchFeeds>[1],
  ) {
    const program = await this.#executor.compile(graph, { weights: this.#weights.source });
    try {
      const weights = new Float32Array(batch.rows.length);
      const feeds = { ...batchFeeds(model, batch), targets: batch.rows, weights };
      const { outputs } = await program.run(feeds);
      const logits = outputs.logits as Float32Array;
      return this.#tried.where.flatMap((at) =>
        this.#tried.ids.map((id) => logits[at * model.vocabSize + id]!),
      );
    } finally {
      await program.release();
    }
  }
}

const tensorsOf = (of: ModelOutline): string =>
  [...of.parameters].map(([name, { shape }]) => `${name} ${shape}`).join();

function remembered<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}

/** Keys, and the keys and words in their values, by which a refusal may name them. */
function namesIn(values: readonly JsonObject[string][]): string[] {
  return values.flatMap((value) => {
    if (typeof value === 'string') return [value];
    if (Array.isArray(value)) return namesIn(value);
    if (value === null || typeof value !== 'object') return [];
    return namesIn([...Object.keys(value), ...Object.values(value)]);
  });
}
