import { trainerOf } from '../../../common/extras/find/reading-runs.ts';
import type { RunUse } from '../run-use.ts';
import Use from './RunUse.svelte';
import { find } from './text.ts';

export const runUse: RunUse = {
  title: find.improve.measured,
  Use,
  isFor: ({ method }) => trainerOf(method) !== null,
};
