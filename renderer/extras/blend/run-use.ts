import { writes } from '../../../common/settings/reading-runs.ts';
import type { RunUse } from '../run-use.ts';
import Combine from './Combine.svelte';
import { blend } from './text.ts';

export const runUse: RunUse = {
  title: blend.combine.title,
  Use: Combine,
  isFor: (run) => writes(run) && run.method !== 'full',
};
