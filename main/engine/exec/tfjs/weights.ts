/** Frozen weights in the backend's memory: programs of one executor that use the same weight share it, and the last one gives it back. */
import { internal } from '../../../../common/errors.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { Graph, Value } from '../../ir/graph.ts';
import type { WeightLocation, WeightSource } from '../executor.ts';
import type { Backend, Held } from './backend.ts';

interface Shared {
  readonly loading: Promise<Held>;
  uses: number;
}

/** What a program holds until it is released. */
export interface LoadedWeights {
  readonly held: ReadonlyMap<Value, Held>;
  release(): Promise<void>;
}

export class WeightStore {
  readonly #backend: Backend;
  readonly #shared = new Map<string, Shared>();
  /** Weights that lie in memory are told apart by numbers. */
  readonly #numbers = new WeakMap<HostArray, number>();
  #count = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The weights of `graph`, each read where it is not there yet. */
  async load(graph: Graph, source: WeightSource | undefined): Promise<LoadedWeights> {
    const held = new Map<Value, Held>();
    const keys: string[] = [];
    const release = async () => {
      for (const key of keys.splice(0)) await this.#give(key);
    };
    try {
      for (const [name, value] of graph.weights) {
        if (!source) throw internal(`no source for weight ${name}`);
        const location = source(name);
        const key = this.#keyOf(location, value);
        keys.push(key);
        held.set(value, await this.#take(key, location, value));
      }
    } catch (error) {
      await release();
      throw error;
    }
    return { held, release };
  }

  #take(key: string, location: WeightLocation, value: Value): Promise<Held> {
    const known = this.#shared.get(key);
    const shared = known ?? { loading: this.#backend.loadWeight(location, value), uses: 0 };
    shared.uses++;
    this.#shared.set(key, shared);
    return shared.loading;
  }

  async #give(key: string): Promise<void> {
    const shared = this.#shared.get(key);
    if (!shared || --shared.uses > 0) return;
    this.#shared.delete(key);
    const held = await shared.loading.catch(() => null);
    this.#backend.select();
    held?.dispose();
  }

  #keyOf(location: WeightLocation, { dtype, shape }: Value): string {
    const type = `${dtype}[${shape}]`;
    if (location.kind === 'file') return `${type} ${location.offset} ${location.file}`;
    const number = this.#numbers.get(location.data) ?? this.#count++;
    this.#numbers.set(location.data, number);
    return `${type} ${number}`;
  }
}
