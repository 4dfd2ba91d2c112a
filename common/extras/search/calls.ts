/** Searches of settings: short trainings that are compared on the test rows, the better half going on each time. */
import { z } from 'zod';
import { api, gives, id, type Problem, streams } from '../../api/base.ts';
import { type Draft, RunRequest } from '../../api/data.ts';
import type { TriedSettings } from '../../protocol/protocol.ts';
import { TRIES } from './varied.ts';

/** `stopped`: by the person; it can go on. */
export type SearchState = 'running' | 'stopped' | 'done' | 'failed';

export interface SettingsSearch {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly state: SearchState;
  readonly problem: Problem | null;
  readonly tried: readonly TriedSettings[];
  /** Numbers of those that are still in, and of all by rank, the best first. */
  readonly going: readonly number[];
  readonly ranking: readonly number[];
  /** The one that trains now; null for none. */
  readonly current: number | null;
  readonly secondsLeft: number | null;
  /** Whether the best is trained to its end afterwards. */
  readonly trainsBest: boolean;
}

/** What a search will do, before it begins. */
export interface SearchPlan {
  readonly tried: readonly TriedSettings[];
  /** Of all short trainings together, and of the best one's rest after it; null while the speed is not known. */
  readonly seconds: number | null;
  readonly restSeconds: number | null;
}

const asked = z.object({ request: RunRequest, tries: z.int().min(TRIES.least).max(TRIES.most) });

export const search = {
  plan: api.input(asked).output(gives<SearchPlan>()),
  start: api
    .input(asked.extend({ trainsBest: z.boolean(), draftId: id.optional() }))
    .output(gives<{ readonly id: string }>()),
  /** All that are known, the newest first; sent again at each change. */
  watch: api.output(streams<readonly SettingsSearch[]>()),
  /** Pauses the training that goes on; what was found is kept. */
  stop: api.input(z.object({ id })).output(gives<void>()),
  resume: api.input(z.object({ id })).output(gives<void>()),
  /** Trains the best so far to its end; gives its run. */
  trainBest: api.input(z.object({ id })).output(gives<{ readonly runId: string }>()),
  /** A draft with the best settings so far. */
  draft: api.input(z.object({ id })).output(gives<Draft>()),
  /** Takes it from the list; its runs stay in the history. */
  forget: api.input(z.object({ id })).output(gives<void>()),
};
