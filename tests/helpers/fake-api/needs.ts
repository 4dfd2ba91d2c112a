/** What models need and what the computer can do with them, from the graphs of the models whose shapes are known. */
import { estimate } from '../../../main/plan/estimate.ts';
import { catalogModel, exampleCase } from '../../../main/plan/example-run.ts';
import { planGrid } from '../../../main/plan/grid.ts';
import type { Grid, ModelNeed, ModelNeeds } from '../../../preload/contract.ts';
import { exampleGrid, examplePrices, groundsWith } from '../example-prices.ts';
import type { FakeWorld } from './world.ts';

export async function fakeGrid({ facts }: FakeWorld): Promise<Grid> {
  return planGrid(await exampleGrid(), groundsWith(facts.rates), facts.freeMemory);
}

export async function fakeNeeds({ catalog, local, facts }: FakeWorld): Promise<ModelNeeds> {
  const need = async (repo: string | null): Promise<ModelNeed | null> => {
    const model = repo && catalogModel(repo);
    if (!model) return null;
    const cases = (['lora', 'full'] as const).map((method) => exampleCase(model, { method }));
    const [lora, full] = (await examplePrices(cases)).map(
      (price) => estimate(price!, groundsWith(facts.rates)).neededBytes,
    );
    return { lora: lora!, full: full! };
  };
  const all = async (entries: readonly (readonly [key: string, repo: string | null])[]) =>
    Object.fromEntries(
      await Promise.all(entries.map(async ([key, repo]) => [key, await need(repo)] as const)),
    );
  return {
    catalog: await all(catalog.map(({ repo }) => [repo, repo])),
    local: await all(local.map(({ id, repo }) => [id, repo])),
  };
}
