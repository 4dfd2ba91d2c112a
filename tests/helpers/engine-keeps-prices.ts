/** Loaded into the processes of a Fettle under test: its engines answer prices that an earlier one has computed (kept-prices.ts). */
import path from 'node:path';
import type { PriceCase } from '../../common/protocol/protocol.ts';
import { keptPrices } from './kept-prices.ts';

const CALLS = path.resolve(import.meta.dirname, '..', '..', 'main', 'engine', 'entry.ts');

// one with few rights is asked for no prices, and may keep none
if (process.argv[1] === CALLS && !process.permission) {
  const calls = (await import('../../main/engine/session/calls.ts')).CALLS as {
    prices: typeof import('../../main/engine/session/calls.ts')['CALLS']['prices'];
  };
  const { prices } = calls;
  calls.prices = (cases, io) =>
    keptPrices(
      cases as PriceCase[],
      (missing) => prices(missing, io) as ReturnType<Parameters<typeof keptPrices>[1]>,
    );
}
