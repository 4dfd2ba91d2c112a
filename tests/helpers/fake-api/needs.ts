/** What models need and what the computer can do with them, from the graphs of the models whose shapes are known. */
import { Prices } from '../../../main/api/prices.ts';
import { planGrid } from '../../../main/plan/grid.ts';
import type { Grid, LocalModel, ModelNeeds } from '../../../preload/contract.ts';
import { examplePrices, groundsWith } from '../example-prices.ts';
import type { FakeWorld } from './world.ts';

/** The prices as the application has them, of a computer that has trained nothing yet. */
export function fakePrices(world: Pick<FakeWorld, 'facts' | 'settings'>): Prices {
  const store = {
    hardware: { latest: () => world.facts },
    runs: { finished: () => [] },
    settings: { get: () => world.settings },
  };
  return new Prices({ engine: { prices: examplePrices }, store } as never);
}

export async function fakeGrid(world: FakeWorld): Promise<Grid> {
  const { facts } = world;
  return planGrid(await fakePrices(world).grid(), groundsWith(facts.rates), facts.freeMemory);
}

/** Models that are "here" have no files: what they need is told by where they are from. */
export async function fakeNeeds(world: FakeWorld): Promise<ModelNeeds> {
  const from = ({ repo, source }: LocalModel) =>
    source === 'practice' ? 'fettle/practice-model' : (repo ?? 'unknown');
  const repos = [...world.catalog.map(({ repo }) => repo), ...world.local.map(from)];
  const needs = await fakePrices(world).ofCatalog(repos);
  return {
    catalog: needs,
    local: Object.fromEntries(world.local.map((model) => [model.id, needs[from(model)] ?? null])),
  };
}
