/**
 * A plan as two answers that follow the settings: first the method that is looked at, within a blink, then all methods side by side, which
 * the next change may cancel. Where a blink is too short to prove that nothing better fits, the first is asked for again.
 */
import type {
  ChosenPlan,
  ChosenRequest,
  PlanMethod,
  Proposal,
  ProposeRequest,
} from '../../../common/api/contract.ts';
import { type Ask, Following } from '../../state/calls.svelte.ts';
import { SOON_MS } from './plan-step.ts';

interface PlanCalls {
  readonly chosen: Ask<ChosenRequest, ChosenPlan>;
  readonly propose: Ask<ProposeRequest, Proposal>;
}

interface PlanTakers {
  readonly onChosen: (plan: ChosenPlan | null) => void;
  readonly onProposal: (proposal: Proposal) => void;
}

/** The figures of one method, and after them the comparison of all. */
export class LivePlan {
  readonly chosen: Following<ChosenRequest, ChosenPlan>;
  readonly proposals: Following<ProposeRequest, Proposal>;
  #request: ProposeRequest | null = null;
  #seen = '';

  constructor({ chosen, propose }: PlanCalls, { onChosen, onProposal }: PlanTakers) {
    this.chosen = new Following(chosen, {
      onEnd: (plan) => {
        onChosen(plan);
        this.#compare();
      },
      better: (plan, { soonMs: _, ...asked }) => (plan.isBest ? null : asked),
    });
    this.proposals = new Following(propose, {
      onEnd: (proposal) => {
        if (proposal) onProposal(proposal);
      },
    });
  }

  /** Follows the settings and the method that is looked at; null where none is, as before the first comparison has recommended one. */
  follow(request: ProposeRequest | null, method: PlanMethod | null): void {
    const key = JSON.stringify(request);
    if (key !== this.#seen) {
      this.#seen = key;
      this.#request = request;
      // the planner answers one question after the other, and nobody waits for this one's answer any more
      if (request !== null) this.proposals.outdate();
    }
    this.chosen.follow(request && method && { ...request, method, soonMs: SOON_MS });
    this.#compare();
  }

  /** Asks both again, as after a measurement. */
  again(request: ProposeRequest | null, method: PlanMethod | null): void {
    this.#seen = '';
    this.chosen.outdate();
    this.follow(request, method);
  }

  #compare(): void {
    if (!this.chosen.busy) this.proposals.follow(this.#request);
  }
}
