/** What was made of a run for other programs. */
import { existsSync } from 'node:fs';
import type { ExportRow } from '../../preload/contract.ts';
import type { Store } from '../api/parts.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';
import { runKey } from './run-key.ts';

export function openExports(base: Base): Store['exports'] {
  return {
    add(runId, { id, created, result }) {
      const run = runKey(base, runId);
      const out = base.kept(result.out);
      const values = { id, run, created, out, resultJson: base.json(result) };
      base.on.run(
        build
          .insertInto('exports')
          .values(values)
          .onConflict((c) => c.column('id').doUpdateSet(values)),
      );
    },
    list: (runId) => listExports(base, runKey(base, runId)),
  };
}

/** The exports of the run with that key, oldest first. */
export function listExports(base: Base, run: number): ExportRow[] {
  const query = build
    .selectFrom('exports')
    .selectAll()
    .where('run', '=', run)
    .orderBy('created')
    .orderBy('id');
  return base.on.all(query).map(({ id, created, out, resultJson }) => ({
    ...{ id, created },
    result: base.parse(resultJson),
    available: existsSync(base.found(out)),
  }));
}
