/**
 * Answers that follow what they are asked for: asked again at each change, at once. An outdated request is given up, and the last
 * answer stays, marked as old, until the new one is here. A plan is two of them: first the method that is looked at, alone, within
 * a blink; then all methods side by side, which may take longer and must not stand in the way of the next change. Where a blink is
 * too short to know that nothing better fits, the first answer is asked for once more.
 */
import type {
  ChosenPlan,
  ChosenRequest,
  PlanMethod,
  Problem,
  Proposal,
  ProposeRequest,
} from '../../../common/api/contract.ts';
import { isAborted, problemOf } from '../../api.ts';
import { SOON_MS } from './plan-step.ts';

type Ask<Request, Value> = (request: Request, signal: AbortSignal) => Promise<Value>;

export class Following<Request, Value> {
  value = $state.raw<Value | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Whether a new answer is on its way, or a better one. */
  busy = $state(false);
  #isNew = $state(false);
  readonly #ask: Ask<Request, Value>;
  readonly #onEnd: (value: Value | null) => void;
  readonly #better: (value: Value, request: Request) => Request | null;
  #seen = '';
  #current = new AbortController();

  /**
   * `onEnd` hears each answer to the newest request, and null where that failed. `better` says what is to be asked for a better answer to
   * the same, null where there is none.
   */
  constructor(
    ask: Ask<Request, Value>,
    onEnd: (value: Value | null) => void = () => {},
    better: (value: Value, request: Request) => Request | null = () => null,
  ) {
    this.#ask = ask;
    this.#onEnd = onEnd;
    this.#better = better;
  }

  /** Whether the value answers the newest request. */
  get isCurrent(): boolean {
    return this.value !== null && this.#isNew && this.problem === null;
  }

  /** Asks, where it is another request than before; null forgets the answer. */
  follow(request: Request | null): void {
    const key = JSON.stringify(request);
    if (key === this.#seen) return;
    this.#seen = key;
    this.#current.abort();
    this.busy = request !== null;
    this.#isNew = false;
    if (request === null) {
      this.value = null;
      this.problem = null;
      return;
    }
    const current = new AbortController();
    this.#current = current;
    void this.#run(request, current.signal);
  }

  again(request: Request | null): void {
    this.#seen = '';
    this.follow(request);
  }

  /** Gives up what is under way: the answer is old from now on, and another request will follow. */
  outdate(): void {
    this.#seen = '';
    this.#current.abort();
    this.busy = true;
    this.#isNew = false;
  }

  async #run(request: Request, signal: AbortSignal): Promise<void> {
    let value: Value | null = null;
    let better: Request | null = request;
    try {
      while (better !== null) {
        value = await this.#ask(better, signal);
        if (signal.aborted) return;
        this.value = value;
        this.problem = null;
        this.#isNew = true;
        better = this.#better(value, better);
        if (better !== null) this.#onEnd(value);
      }
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      this.problem = problemOf(error);
    }
    this.busy = false;
    this.#onEnd(value);
  }
}

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
    this.chosen = new Following(
      chosen,
      (plan) => {
        onChosen(plan);
        this.#compare();
      },
      (plan, { soonMs: _, ...asked }) => (plan.isBest ? null : asked),
    );
    this.proposals = new Following(propose, (proposal) => {
      if (proposal) onProposal(proposal);
    });
  }

  /** Follows the settings and the method that is looked at; null where none is, as before the first comparison has recommended one. */
  follow(request: ProposeRequest | null, method: PlanMethod | null): void {
    const key = JSON.stringify(request);
    if (key !== this.#seen) {
      this.#seen = key;
      this.#request = request;
      // the planner answers one question after the other, and this one's answer is for nobody now
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
