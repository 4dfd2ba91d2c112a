/**
 * Whether a peak fits into the memory that is free: the one place for it, for the grid, the proposals and the
 * plan.
 */
import type {
  PlanEstimate,
  PlanFit,
  PlanMethod,
  PlanPrice,
  RangedFigure,
} from '../../common/api/contract.ts';
import type { PlanExecutor } from './situation.ts';

/** Up to this share of the free memory a run is comfortable: other programs need some, too. */
export const COMFORTABLE_SHARE = 0.75;

/** Bytes of a weight with what is kept of it: where it is trained 16 bits, and two moments in 8 (its gradient is not kept); else in float32, or in 4 bits. Halved: in 16. */
const LEAST_BYTES: Readonly<Record<PlanMethod, number>> = { full: 4, lora: 4, qlora: 0.5 };
/** Runs of this computer may have shown that the formula says somewhat too much. */
const SURE_SHARE = 0.85;

const HALVED_BYTES = 2;

/** Whether a model of so many weights cannot fit whatever the settings are: then none of them need be priced. */
export function isHopeless(
  method: PlanMethod,
  { parameters, isHalved = false }: { readonly parameters: number; readonly isHalved?: boolean },
  bytes: number,
): boolean {
  const least = method === 'lora' && isHalved ? HALVED_BYTES : LEAST_BYTES[method];
  return SURE_SHARE * least * parameters > bytes;
}

/** Comfortable means three quarters of the free memory, and that the whole range of the peak fits. */
export function fitOf(peak: RangedFigure, freeBytes: number): PlanFit {
  if (peak.value > freeBytes) return 'too-big';
  const isComfortable = peak.value <= COMFORTABLE_SHARE * freeBytes && peak.high <= freeBytes;
  return isComfortable ? 'comfortable' : 'tight';
}

/** What a run takes of the memories: of the computer's, and of a card's where one computes. */
export type Needs = Pick<PlanPrice, 'peakBytes' | 'peakVramBytes'>;
type Has = Pick<PlanExecutor, 'freeBytes' | 'card'>;

/** What limits a run: its peak, and the memory that is free for that. Bytes. */
interface Limit {
  readonly peak: RangedFigure;
  readonly freeBytes: number;
}

/** The memories that a run needs: that of the computer, and of a card that has its own. One that shares it needs both from the one. */
export function limitsOf(
  { peakBytes, peakVramBytes = null }: Needs,
  { freeBytes, card = null }: Has,
): [Limit, ...Limit[]] {
  if (peakVramBytes === null || card === null) return [{ peak: peakBytes, freeBytes }];
  if (card.isShared) return [{ peak: added(peakBytes, peakVramBytes), freeBytes }];
  const own = card.freeBytes === null ? [] : [{ peak: peakVramBytes, freeBytes: card.freeBytes }];
  return [{ peak: peakBytes, freeBytes }, ...own];
}

/** Whether a run fits where it is computed: into the computer's memory, and into the card's. */
export function fitOn(needs: Needs, has: Has): PlanFit {
  const { peak, freeBytes } = tightest(needs, has);
  return fitOf(peak, freeBytes);
}

/** The same of an estimate: what the computer must have is what is needed, and not what the process shows. */
export function fitOfEstimate(
  { neededBytes, peakVramBytes }: Pick<PlanEstimate, 'neededBytes' | 'peakVramBytes'>,
  has: Has,
): PlanFit {
  return fitOn({ peakBytes: neededBytes, peakVramBytes }, has);
}

/** The memory of which a run takes the largest share. */
export function tightest(needs: Needs, has: Has): Limit {
  const share = ({ peak, freeBytes }: Limit) => peak.high / freeBytes;
  return limitsOf(needs, has).reduce((worst, one) => (share(one) > share(worst) ? one : worst));
}

function added(a: RangedFigure, b: RangedFigure): RangedFigure {
  return { value: a.value + b.value, low: a.low + b.low, high: a.high + b.high, restsOn: a.restsOn };
}
