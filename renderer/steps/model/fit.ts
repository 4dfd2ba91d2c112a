/** Of the methods by which a model can be trained here, the one to speak of first; whether each fits the planner has decided (main/plan/example-fit.ts). */
import type { MethodFit, ModelNeed, PlanMethod } from '../../../common/api/contract.ts';

export type Fit = 'good' | 'warn' | 'bad';

/** As tones of the page. */
export const FITS: Readonly<Record<MethodFit['fits'], Fit>> = {
  ...{ comfortable: 'good', tight: 'warn', 'too-big': 'bad' },
};

/** What people should try first. */
const PREFERRED: readonly PlanMethod[] = ['lora', 'qlora', 'full'];
const LIGHTEST_FIRST: readonly PlanMethod[] = ['qlora', 'lora', 'full'];

/** Whether any method fits, if only just. */
export function fitsAtAll(need: ModelNeed): boolean {
  return PREFERRED.some((method) => need[method].fits !== 'too-big');
}

/** The first method that is comfortable; else, as in a plan, the lightest that fits; else the lightest. */
export function firstMethod(need: ModelNeed): PlanMethod {
  return (
    PREFERRED.find((method) => need[method].fits === 'comfortable') ??
    LIGHTEST_FIRST.find((method) => need[method].fits === 'tight') ??
    LIGHTEST_FIRST[0]!
  );
}

/** The others, in the order in which they are named everywhere. */
export function otherMethods(first: PlanMethod): PlanMethod[] {
  return PREFERRED.filter((method) => method !== first);
}
