/** What becomes of a job and of its run when its engine has ended, as a table of how it ended and what the person wanted. */
import type { Problem, RunState } from '../../common/api/contract.ts';
import { stateOfDone } from '../store/store.ts';
import type { Outcome } from './engine-run.ts';
import { deathOf, problemOf, type Remains } from './problems.ts';

/** What a person asked of a job that goes on. */
export type Wish = 'pause' | 'cancel' | 'finish' | null;

export interface Settled {
  /** `gone`: the job leaves the list. */
  readonly job: 'done' | 'paused' | 'failed' | 'gone';
  /** For trainings. */
  readonly run: RunState;
  readonly problem: Problem | null;
}

const DONE: Settled = { job: 'done', run: 'done', problem: null };
const PAUSED: Settled = { job: 'paused', run: 'paused', problem: null };
const CANCELLED: Settled = { job: 'gone', run: 'stopped', problem: null };

/** How a job stands after `outcome`; a result that was written in spite of a wish to stop is a result. */
export function settled(outcome: Outcome, wish: Wish, remains: Remains): Settled {
  if (outcome.kind === 'done') return { ...DONE, run: stateOfDone(outcome.done) };
  if (outcome.kind === 'result') return DONE;
  if (wish === 'cancel') return CANCELLED;
  if (outcome.kind === 'stopped') return PAUSED;
  // asked to stop before its first step: nothing was saved, nothing is lost
  if (wish === 'pause' && outcome.kind === 'failed' && outcome.failure.code === 'stopped') return PAUSED;
  const problem =
    outcome.kind === 'failed' ? problemOf(outcome.failure, remains) : deathOf(outcome.ending, remains);
  // one that fails at its first step would do so again; one that was ended later is worth another try
  const canGoOn = remains.resumable || (outcome.kind === 'died' && remains.begun === true);
  return { job: 'failed', run: canGoOn ? 'interrupted' : 'failed', problem };
}
