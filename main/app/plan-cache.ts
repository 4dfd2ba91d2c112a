/**
 * What the engine has computed for plans and is kept: prices of example runs, and whole plans for a moment.
 */

import { createHash } from 'node:crypto';
import path from 'node:path';
import { LRUCache } from 'lru-cache';
import type { LocalModel, ModelNeed, RunRequest } from '../../common/api/contract.ts';
import type { CasePrice, PriceCase, PricedPart, RunPlan } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { stateOf } from '../folders.ts';
import { type ExampleComputer, fitsOf } from '../plan/example-fit.ts';
import { catalogModel } from '../plan/situation-for.ts';
import { exampleComputer } from './grounds.ts';
import type { Parts } from './parts.ts';
import { configOf } from './run-config.ts';

// What example runs take, by the graphs of their models: asked of the engine once, since it does not depend on the state of the computer,
// and kept while Fettle runs. What this computer makes of them follows from its grounds (grounds.ts).

/** Prices are those of onnxruntime; where no device is named, on the processor. */
export const PRICED_EXECUTOR = 'ort';
/** All models of the catalog with their degrees of lightness, on the processor and on a card. */
const KEPT_PRICES = 1500;

export class Prices {
  readonly #parts: Pick<Parts, 'engine'>;
  readonly #known = new Map<string, Promise<CasePrice | null>>();

  constructor(parts: Pick<Parts, 'engine'>) {
    this.#parts = parts;
  }

  /** The prices of cases in their order; those that are not known yet are asked for together. */
  readonly of = (cases: readonly PriceCase[]): Promise<(CasePrice | null)[]> => {
    const keys = cases.map((one) => JSON.stringify(one));
    const missing = new Map(
      keys.map((key, i) => [key, cases[i]!] as const).filter(([key]) => !this.#known.has(key)),
    );
    if (missing.size > 0) this.#ask(missing);
    return Promise.all(keys.map((key) => this.#known.get(key)!));
  };

  /** What models of the catalog come to on `computer`, by repository. */
  async ofCatalog(
    repos: readonly string[],
    computer: ExampleComputer,
  ): Promise<Record<string, ModelNeed | null>> {
    const needs = await this.#needs(repos.map(catalogModel), computer);
    return Object.fromEntries(repos.map((repo, i) => [repo, needs[i]!]));
  }

  /** What models that are here come to, by their ids. */
  async ofLocal(
    models: readonly LocalModel[],
    computer: ExampleComputer,
  ): Promise<Record<string, ModelNeed | null>> {
    const there = models.map(({ available, path }) => (available ? { path } : null));
    const needs = await this.#needs(there, computer);
    return Object.fromEntries(models.map(({ id }, i) => [id, needs[i]!]));
  }

  async #needs(
    models: readonly (PriceCase['model'] | null)[],
    computer: ExampleComputer,
  ): Promise<(ModelNeed | null)[]> {
    // a model and its instruct version have one shape
    const there = new Map(models.filter((model) => model !== null).map((one) => [JSON.stringify(one), one]));
    const found = await fitsOf([...there.values()], computer, this.of);
    const needs = new Map([...there.keys()].map((key, i) => [key, found[i] ?? null]));
    return models.map((model) => needs.get(JSON.stringify(model)) ?? null);
  }

  #ask(missing: ReadonlyMap<string, PriceCase>): void {
    const asked = this.#parts.engine.prices([...missing.values()]);
    [...missing.keys()].forEach((key, i) => {
      const price = asked.then((prices) => prices[i] ?? null);
      this.#known.set(key, price);
      // a model that could not be read, or an engine that died, may be there the next time
      price.then(
        (found) => found ?? this.#known.delete(key),
        () => this.#known.delete(key),
      );
    });
    for (const key of this.#known.keys()) {
      if (this.#known.size <= KEPT_PRICES) break;
      this.#known.delete(key);
    }
  }
}

/** What every model of the catalog and of this computer takes here, as things are now. */
export async function modelNeeds({ store, hub }: Pick<Parts, 'store' | 'hub'>, prices: Prices) {
  const repos = (await hub.catalog()).map(({ repo }) => repo);
  const computer = await exampleComputer(store);
  const [catalog, local] = await Promise.all([
    prices.ofCatalog(repos, computer),
    prices.ofLocal(store.models.list(), computer),
  ]);
  return { freeBytes: computer.freeBytes, catalog, local };
}

// Plans that were computed a moment ago. A page asks at each change, for several methods at once, and again for the figures of the one
// that is chosen: the same question is answered once, and one that nobody waits for any more is given up.

const KEPT_MS = 3 * 60_000;
const KEPT = 30;

export interface PlanAndConfig {
  readonly plan: RunPlan;
  readonly config: RunConfig;
}

interface Entry {
  readonly promise: Promise<PlanAndConfig>;
  readonly work: AbortController;
  readonly at: number;
  waiting: number;
  isDone: boolean;
}

export class PlanCache {
  readonly #parts: Pick<Parts, 'engine' | 'store' | 'allowed'>;
  readonly #now: () => number;
  readonly #entries = new LRUCache<string, Entry>({ max: KEPT });

  constructor(parts: Pick<Parts, 'engine' | 'store' | 'allowed'>, now: () => number = Date.now) {
    this.#parts = parts;
    this.#now = now;
  }

  /** The plan of a request, or of a part of it; rejects when `signal` aborts, and ends the work where nobody else waits for it. */
  async plan(request: RunRequest, signal?: AbortSignal, part: PricedPart = 'all'): Promise<PlanAndConfig> {
    const { modelId, data, evalPaths, settings, prompts } = request;
    // the name changes nothing; files that have changed since change everything
    const files = await Promise.all([...data.paths, ...(evalPaths ?? [])].map(stateOf));
    signal?.throwIfAborted();
    // nor does why a device was chosen
    const { deviceWhy: _, ...priced } = settings;
    const asked = JSON.stringify([modelId, data, evalPaths, prompts, priced, files, part]);
    const key = createHash('sha256').update(asked).digest('hex');
    const known = this.#entries.get(key);
    const fresh = known && this.#now() - known.at < KEPT_MS ? known : this.#begin(key, request, part);
    return this.#wait(key, fresh, signal);
  }

  #begin(key: string, request: RunRequest, part: PricedPart): Entry {
    const work = new AbortController();
    const promise = this.#compute(request, part, work.signal);
    const entry: Entry = { promise, work, at: this.#now(), waiting: 0, isDone: false };
    this.#entries.set(key, entry);
    promise.then(
      () => {
        entry.isDone = true;
      },
      () => this.#forget(key, entry),
    );
    return entry;
  }

  async #compute(request: RunRequest, part: PricedPart, signal: AbortSignal): Promise<PlanAndConfig> {
    const { engine, store } = this.#parts;
    const { config } = await configOf(this.#parts, request, path.join(store.folder, 'runs', 'plan'));
    signal.throwIfAborted();
    return { config, plan: await engine.plan(config, signal, part) };
  }

  async #wait(key: string, entry: Entry, signal: AbortSignal | undefined): Promise<PlanAndConfig> {
    entry.waiting++;
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([entry.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', abort);
      if (--entry.waiting === 0 && !entry.isDone) {
        this.#forget(key, entry);
        entry.work.abort();
      }
    }
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}
