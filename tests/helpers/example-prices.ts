/** Prices of example runs as the engine has them, computed in this process, and grounds for tests of what is made of them. */
import type { Grid, Rates } from '../../common/api/contract.ts';
import type { CasePrice } from '../../common/protocol/protocol.ts';
import { pricesOf } from '../../main/engine/session/planner/planner.ts';
import { type DeviceFacts, PROCESSOR } from '../../main/plan/devices.ts';
import type { Grounds } from '../../main/plan/estimate.ts';
import { type ExampleComputer, planGrid } from '../../main/plan/example-fit.ts';

import type { PricesOf } from '../../main/plan/situation-for.ts';
import { KeptPrices } from '../../main/runs/kept-prices.ts';

const known = new Map<string, Promise<CasePrice | null>>();

/** What one process of a run of the tests has computed serves all others, hosts included: the folder begins empty (vitest.config.ts). */
const shared = process.env.FETTLE_TEST_PRICES;
const kept = shared ? new KeptPrices({ folder: shared }) : null;

const compute: PricesOf = (cases) => pricesOf(cases, new AbortController().signal);

/** What the engine answers; each case is computed once. */
export const examplePrices: PricesOf = (cases) =>
  Promise.all(
    cases.map((one) => {
      const key = JSON.stringify(one);
      const asked = () => (kept ? kept.of([one], compute) : compute([one]));
      const found = known.get(key) ?? asked().then(([price]) => price!);
      known.set(key, found);
      return found;
    }),
  );

export const PROCESSOR_FACTS: DeviceFacts = {
  ...PROCESSOR,
  card: null,
  obstacle: null,
  measured: 'benchmark',
};

/** A computer with those grounds and so many bytes free, for the example run. */
export function computerWith(
  grounds: Grounds,
  freeBytes: number,
  devices: readonly DeviceFacts[] = [PROCESSOR_FACTS],
): ExampleComputer {
  return { freeBytes, devices, groundsOf: () => grounds };
}

/** The grid of such a computer. */
export function exampleGrid(grounds: Grounds, freeBytes: number): Promise<Grid> {
  return planGrid(computerWith(grounds, freeBytes), examplePrices);
}

/** A Linux computer with those rates that has trained nothing yet. */
export function groundsWith(rates: Rates | null): Grounds {
  return {
    ...{ rates, platform: 'linux', probe: null, watts: null, pricePerKwh: 0 },
    residuals: { memory: [], step: [] },
  };
}
