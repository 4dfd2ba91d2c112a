/** What was found of this computer, each time somebody looked. */

import type { ComputerFacts } from '../../preload/contract.ts';
import type { Store } from '../api/parts.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';

const KEPT = 50;

export function openHardware(base: Base): Store['hardware'] {
  const newest = build.selectFrom('hardwareReports').orderBy('key', 'desc');
  const nth = (n: number): ComputerFacts | null => {
    const row = base.on.first(newest.select('reportJson').limit(1).offset(n));
    return row ? base.parse(row.reportJson) : null;
  };
  return {
    add(report) {
      const values = { made: new Date().toISOString(), reportJson: base.json(report) };
      base.on.transaction(() => {
        const { key } = base.on.run(build.insertInto('hardwareReports').values(values));
        base.on.run(build.deleteFrom('hardwareReports').where('key', '<=', key - KEPT));
      });
    },
    latest: () => nth(0),
    previous: () => nth(1),
  };
}
