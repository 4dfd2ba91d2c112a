import { FINDING_METHODS } from '../../../common/extras/find/reading-runs.ts';
import type { RunUse } from '../run-use.ts';
import Use from './RunUse.svelte';
import { find } from './text.ts';

const METHODS: readonly string[] = FINDING_METHODS;

export const runUse: RunUse = {
  title: find.improve.measured,
  Use,
  isFor: ({ method }) => METHODS.includes(method),
};
