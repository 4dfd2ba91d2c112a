/** What a run learned and forgot: the whole result here, and what the history shows of it in the table of runs. */
import type { Store } from '../api/parts.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';
import { runKey } from './run-key.ts';

export function openAssessments(base: Base): Store['assessments'] {
  return {
    set(runId, result) {
      const { on } = base;
      const { verdict } = result;
      on.transaction(() => {
        const run = runKey(base, runId);
        const resultJson = base.json(result);
        on.run(
          build
            .insertInto('assessments')
            .values({ run, resultJson })
            .onConflict((c) => c.column('run').doUpdateSet({ resultJson })),
        );
        const { learned, forgot } = verdict;
        const shown = { learned, forgot, verdictJson: base.json(verdict) };
        on.run(build.updateTable('runs').set(shown).where('key', '=', run));
      });
    },
    get(runId) {
      const run = runKey(base, runId);
      const row = base.on.first(build.selectFrom('assessments').select('resultJson').where('run', '=', run));
      return row ? base.parse(row.resultJson) : null;
    },
  };
}
