/**
 * Loaded into the processes of a Fettle under test: its engines answer prices that an earlier one has computed, and the speed that it has
 * measured (kept-prices.ts).
 */
import path from 'node:path';
import type { CasePrice, PriceCase } from '../../common/protocol/protocol.ts';
import type { CallIo } from '../../main/engine/session/calls.ts';
import { keptOnce, keptPrices } from './kept-prices.ts';

const ENGINE = path.resolve(import.meta.dirname, '..', '..', 'main', 'engine', 'entry.ts');

// one with few rights is asked for no prices, and may keep none
if (process.argv[1] === ENGINE && !process.permission) {
  const { CALLS } = await import('../../main/engine/session/calls.ts');
  const { bench, prices } = CALLS;
  Object.assign(CALLS, {
    prices: (cases: readonly PriceCase[], io: CallIo) =>
      keptPrices(cases, async (missing) => (await prices(missing, io)) as (CasePrice | null)[]),
    bench: (asked: { readonly device?: string }, io: CallIo) =>
      keptOnce(`speed-${asked.device ?? 'cpu'}`, async () => await bench(asked, io)),
  });
}
