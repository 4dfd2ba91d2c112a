/** "Ready by tonight": fewer passes over the rows, then shorter rows, then a part of the rows, until a run ends in time. */
import type { PlanPrice } from '../../common/api/contract.ts';
import { changed, type Draft } from './defaults.ts';
import { fitOn } from './fit.ts';
import { type Price, type Priced, shortened } from './search.ts';
import { executorOf, type Situation } from './situation.ts';

/** Less than a quarter of the rows teaches too little to be worth a night. */
const LEAST_EPOCHS = 0.25;

/** Seconds within which a run must end; null where there is no such wish. */
export function wishSeconds({ wish }: Situation): number | null {
  return wish.kind === 'tonight' ? wish.hours * 3600 : null;
}

/** Whether a run ends within the wish even where it is slower than expected; null without a wish or a known speed. */
export function isInTime({ totalSeconds }: PlanPrice, situation: Situation): boolean | null {
  const most = wishSeconds(situation);
  return most === null || totalSeconds === null ? null : totalSeconds.high <= most;
}

/** The settings with which a run that fits also ends in time; the fastest ones where none do. */
export async function shortenedToWish(found: Priced, situation: Situation, price: Price): Promise<Priced> {
  if (isInTime(found.price, situation) !== false || situation.repeats) return found;
  let best = await withFewerPasses(found, situation, price, 1);
  if (isInTime(best.price, situation)) return best;
  const shorter = shortened(best.draft, situation, 'time');
  if (shorter) best = await again(shorter, situation, price);
  if (isInTime(best.price, situation)) return best;
  return withFewerPasses(best, situation, price, LEAST_EPOCHS);
}

/** Whole passes above one, quarters below; the time of all but the passes stays, so a second look may be needed. */
async function withFewerPasses(
  found: Priced,
  situation: Situation,
  price: Price,
  least: number,
): Promise<Priced> {
  if (situation.own.epochs !== undefined) return found;
  let best = found;
  for (let tries = 0; tries < 2 && isInTime(best.price, situation) === false; tries++) {
    const { epochs } = best.draft.settings;
    if (epochs <= least) break;
    const share = wishSeconds(situation)! / best.price.totalSeconds!.high;
    best = await again(withEpochs(best.draft, situation, passes(epochs, share, least)), situation, price);
  }
  return best;
}

function passes(epochs: number, share: number, least: number): number {
  const step = least >= 1 ? 1 : LEAST_EPOCHS;
  const wanted = Math.floor((epochs * share) / step) * step;
  return Math.max(least, Math.min(wanted, epochs - step));
}

function withEpochs(draft: Draft, situation: Situation, epochs: number): Draft {
  const before = draft.whys.epochs;
  const usual = before.key === 'epochs-time' ? before.numbers.usual : draft.settings.epochs;
  const numbers = { epochs, usual, wishSeconds: wishSeconds(situation)! };
  return changed(draft, 'epochs', { value: epochs, why: { key: 'epochs-time', numbers } });
}

async function again(draft: Draft, situation: Situation, price: Price): Promise<Priced> {
  const found = await price(draft.settings);
  return { draft, price: found, fit: fitOn(found, executorOf(situation, draft.settings)) };
}
