/**
 * What example runs take, by the graphs of their models: asked of the engine once, since it does not depend on the state of the
 * computer, and kept while Fettle runs. What this computer makes of them follows from its grounds (grounds.ts).
 */
import type { LocalModel, ModelNeed, PlanSettings } from '../../preload/contract.ts';
import type { CasePrice, PriceCase } from '../engine/protocol.ts';
import { estimate } from '../plan/estimate.ts';
import { catalogModel, catalogPeaks, exampleCase } from '../plan/example-run.ts';
import type { Needs } from '../plan/fit.ts';
import { type GridPrices, gridPrices } from '../plan/grid.ts';
import { groundsOf } from './grounds.ts';
import type { Parts } from './parts.ts';

/** Prices are those of onnxruntime; where no device is named, on the processor. */
export const PRICED_EXECUTOR = 'ort';
const KEPT = 500;

export class Prices {
  readonly #parts: Pick<Parts, 'engine' | 'store'>;
  readonly #known = new Map<string, Promise<CasePrice | null>>();
  #grid: Promise<GridPrices> | null = null;

  constructor(parts: Pick<Parts, 'engine' | 'store'>) {
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

  grid(): Promise<GridPrices> {
    this.#grid ??= gridPrices(this.of).catch((error: unknown) => {
      this.#grid = null;
      throw error;
    });
    return this.#grid;
  }

  /** What models of the catalog need, by repository. */
  async ofCatalog(repos: readonly string[]): Promise<Record<string, ModelNeed | null>> {
    const needs = await this.#needs(repos.map(catalogModel));
    return Object.fromEntries(repos.map((repo, i) => [repo, needs[i]!]));
  }

  /** What models on this computer need, by their ids. */
  async ofLocal(models: readonly LocalModel[]): Promise<Record<string, ModelNeed | null>> {
    const needs = await this.#needs(models.map(({ available, path }) => (available ? { path } : null)));
    return Object.fromEntries(models.map(({ id }, i) => [id, needs[i]!]));
  }

  /** The peaks of models of the catalog with those settings, on their device and on rows like these; null where they are not known. */
  peaks(
    repos: readonly string[],
    settings: PlanSettings,
    rows: PriceCase['rows'],
  ): Promise<(Needs | null)[]> {
    const grounds = groundsOf(this.#parts.store, PRICED_EXECUTOR, settings.device);
    return catalogPeaks(repos, settings, rows, { pricesOf: this.of, grounds });
  }

  async #needs(models: readonly (PriceCase['model'] | null)[]): Promise<(ModelNeed | null)[]> {
    const there = models.filter((model) => model !== null);
    const prices = await this.of(
      there.flatMap((model) => (['lora', 'full'] as const).map((method) => exampleCase(model, { method }))),
    );
    const grounds = groundsOf(this.#parts.store, PRICED_EXECUTOR);
    const needed = (price: CasePrice) => estimate(price, grounds).neededBytes;
    const needs = there.map((_, i) => {
      const [lora, full] = [prices[2 * i], prices[2 * i + 1]];
      return lora && full ? { lora: needed(lora), full: needed(full) } : null;
    });
    return models.map((model) => (model === null ? null : needs[there.indexOf(model)]!));
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
      if (this.#known.size <= KEPT) break;
      this.#known.delete(key);
    }
  }
}
