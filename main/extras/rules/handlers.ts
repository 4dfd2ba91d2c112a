import type { Implementer } from '../../api/router.ts';
import type { Life } from '../../app/life.ts';
import type { Parts } from '../../app/parts.ts';
import { KeptDrills } from './kept.ts';

/** Calls of the page that learns from a rule. */
export function drillCalls({ drills }: Implementer, parts: Parts, life: Life) {
  const kept = new KeptDrills(parts);
  life.during({ open: () => {}, close: () => kept.close() });
  return {
    watch: drills.watch.handler(({ signal }) => kept.watch(signal)),
    try: drills.try.handler(({ input, signal }) => kept.try(input, signal)),
    create: drills.create.handler(({ input }) => kept.create(input)),
    start: drills.start.handler(({ input }) => kept.start(input.id)),
    stop: drills.stop.handler(({ input }) => kept.stop(input.id)),
    answers: drills.answers.handler(({ input }) => kept.answers(input.id)),
    remove: drills.remove.handler(({ input }) => kept.remove(input.id)),
  };
}
