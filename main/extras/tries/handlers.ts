import type { Implementer } from '../../api/router.ts';
import type { Life } from '../../app/life.ts';
import type { Parts } from '../../app/parts.ts';
import { Tries } from './tries.ts';

/** Calls of a run's page that ask what more rows would bring. */
export function triesCalls({ tries }: Implementer, parts: Parts, life: Life) {
  const all = new Tries(parts);
  life.during({ open: () => {}, close: () => all.close() });
  return {
    known: tries.known.handler(({ input }) => all.known(input.runId)),
    start: tries.start.handler(({ input, signal }) => all.start(input.runId, signal)),
    stop: tries.stop.handler(({ input }) => all.stop(input.runId)),
  };
}
