/** What models need and what the computer can do with them, from the graphs of the models whose shapes are known. */
import type { Grid, LocalModel, ModelNeeds } from '../../../common/api/contract.ts';
import { Prices } from '../../../main/api/prices.ts';
import { devicesOf } from '../../../main/plan/devices.ts';
import { type ExampleComputer, planGrid } from '../../../main/plan/example-fit.ts';
import { computerWith, examplePrices, groundsWith } from '../example-prices.ts';
import { fakeHardware } from './hardware.ts';
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

function fakeComputer({ facts }: Pick<FakeWorld, 'facts'>): ExampleComputer {
  const { rates, freeMemory, hardware = fakeHardware } = facts;
  return computerWith(groundsWith(rates), freeMemory, devicesOf(hardware, { rates, ranOn: new Set() }));
}

export async function fakeGrid(world: FakeWorld): Promise<Grid> {
  return planGrid(fakeComputer(world), examplePrices);
}

/** Models that are "here" have no files: what they need is told by where they are from. */
export async function fakeNeeds(world: FakeWorld): Promise<ModelNeeds> {
  const from = ({ repo, source }: LocalModel) =>
    source === 'practice' ? 'fettle/practice-model' : (repo ?? 'unknown');
  const repos = [...world.catalog.map(({ repo }) => repo), ...world.local.map(from)];
  const computer = fakeComputer(world);
  const needs = await fakePrices(world).ofCatalog(repos, computer);
  return {
    freeBytes: computer.freeBytes,
    catalog: needs,
    local: Object.fromEntries(world.local.map((model) => [model.id, needs[from(model)] ?? null])),
  };
}
