/** The plan: what a run would do and take, and what is proposed for it. */
import type { ChosenRequest, ProposeRequest, RunRequest } from '../../common/api/contract.ts';
import type { Parts } from '../app/parts.ts';
import { Plans } from '../app/plan.ts';
import type { Prices } from '../app/prices.ts';
import type { Implementer } from './router.ts';

export function planCalls(os: Implementer, parts: Parts, prices: Prices) {
  const plans = new Plans(parts, prices);
  return {
    figures: os.plan.figures.handler(({ input, signal }) => plans.figures(input as RunRequest, signal)),
    probe: os.plan.probe.handler(({ input, signal }) => plans.probed(input as RunRequest, signal)),
    chosen: os.plan.chosen.handler(({ input, signal }) => plans.chosen(input as ChosenRequest, signal)),
    propose: os.plan.propose.handler(({ input, signal }) => plans.propose(input as ProposeRequest, signal)),
  };
}
