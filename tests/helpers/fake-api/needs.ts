/** What models need and what the computer can do with them, from the graphs of the models whose shapes are known. */
import type { Grid, LocalModel, ModelNeeds } from '../../../common/api/contract.ts';
import { type KnownGrounds, readGrounds } from '../../../main/app/grounds.ts';
import { Prices } from '../../../main/app/plan-cache.ts';
import { devicesOf } from '../../../main/plan/devices.ts';
import { type ExampleComputer, planGrid } from '../../../main/plan/example-fit.ts';
import type { PricesOf } from '../../../main/plan/situation-for.ts';
import { computerWith, examplePrices, groundsWith } from '../example-prices.ts';
import { fakeHardware } from './hardware.ts';
import { THREADS } from './rates.ts';
import type { FakeWorld } from './world.ts';

/** Of runs with the threads of the made-up computer. */
const pricesHere: PricesOf = async (cases) =>
  (await examplePrices(cases)).map((price) => price && { ...price, threads: THREADS });

/** The prices as the application has them. */
export function fakePrices(): Prices {
  return new Prices({ engine: { prices: pricesHere } } as never);
}

/** What a computer that has trained nothing yet knows of itself. */
export function fakeGrounds(world: Pick<FakeWorld, 'facts' | 'settings'>): KnownGrounds {
  return readGrounds({
    hardware: { latest: () => world.facts },
    runs: { finished: () => [] },
    settings: { get: () => world.settings },
  } as never);
}

function fakeComputer({ facts }: Pick<FakeWorld, 'facts'>): ExampleComputer {
  const { rates, freeMemory, hardware = fakeHardware } = facts;
  return computerWith(groundsWith(rates), freeMemory, devicesOf(hardware, { rates, ranOn: new Set() }));
}

export async function fakeGrid(world: FakeWorld): Promise<Grid> {
  return planGrid(fakeComputer(world), pricesHere);
}

/** Models that are "here" have no files: what they need is told by where they are from. */
export async function fakeNeeds(world: FakeWorld): Promise<ModelNeeds> {
  const from = ({ repo, source }: LocalModel) =>
    source === 'practice' ? 'fettle/practice-model' : (repo ?? 'unknown');
  const repos = [...world.catalog.map(({ repo }) => repo), ...world.local.map(from)];
  const computer = fakeComputer(world);
  const needs = await fakePrices().ofCatalog(repos, computer);
  return {
    freeBytes: computer.freeBytes,
    catalog: needs,
    local: Object.fromEntries(world.local.map((model) => [model.id, needs[from(model)] ?? null])),
  };
}
