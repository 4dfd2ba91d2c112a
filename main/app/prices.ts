/**
 * What example runs take, by the graphs of their models: asked of the engine once, since it does not depend on the state of the computer,
 * and kept while Fettle runs. What this computer makes of them follows from its grounds (grounds.ts).
 */
import type { LocalModel, ModelNeed } from '../../common/api/contract.ts';
import type { CasePrice, PriceCase } from '../../common/protocol/protocol.ts';
import { type ExampleComputer, fitsOf } from '../plan/example-fit.ts';
import { catalogModel } from '../plan/example-run.ts';
import type { Parts } from './parts.ts';

/** Prices are those of onnxruntime; where no device is named, on the processor. */
export const PRICED_EXECUTOR = 'ort';
/** All models of the catalog with their degrees of lightness, on the processor and on a card. */
const KEPT = 1500;

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
      if (this.#known.size <= KEPT) break;
      this.#known.delete(key);
    }
  }
}
