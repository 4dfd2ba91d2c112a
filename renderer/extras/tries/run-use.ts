import { writes } from '../../../common/settings/reading-runs.ts';
import { madeOf } from '../../../common/settings/table.ts';
import type { RunUse } from '../run-use.ts';
import Tries from './Tries.svelte';
import { tries } from './text.ts';

export const runUse: RunUse = {
  title: tries.title,
  isOfResult: true,
  Use: Tries,
  isFor: (run) =>
    writes(run) &&
    run.config.objective === undefined &&
    madeOf(run.config) === null &&
    run.score != null &&
    run.score.name !== 'perplexity',
};
