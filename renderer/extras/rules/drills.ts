import type { DrillRow } from '../../../common/extras/rules/calls.ts';
import type { Passed } from '../../../common/extras/rules/drill.ts';
import { number, percent } from '../../../common/words/format.ts';
import { api } from '../../api.ts';
import { LiveList } from '../../state/jobs.svelte.ts';

/** Practices by rules, the newest first. */
export const drills = new LiveList<DrillRow>((signal) => api.drills.watch(undefined, { signal }));

export const shareText = (passed: Passed | null) =>
  passed === null || passed.of === 0
    ? '–'
    : `${percent(passed.passed / passed.of)} (${number(passed.passed)}/${number(passed.of)})`;
