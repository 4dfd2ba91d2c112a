import type { Implementer } from '../../api/router.ts';
import type { Life } from '../../app/life.ts';
import type { Parts } from '../../app/parts.ts';
import { SettingsSearches } from './searches.ts';

export function searchCalls(os: Implementer, parts: Parts, life: Life) {
  const searches = new SettingsSearches(parts);
  life.during({ open: () => searches.recover(), close: () => searches.close() });
  return {
    plan: os.search.plan.handler(({ input }) => searches.plan(input)),
    start: os.search.start.handler(({ input }) => searches.start(input)),
    watch: os.search.watch.handler(({ signal }) => searches.watch(signal)),
    stop: os.search.stop.handler(({ input }) => searches.stop(input.id)),
    resume: os.search.resume.handler(({ input }) => searches.resume(input.id)),
    trainBest: os.search.trainBest.handler(({ input }) => searches.trainBest(input.id)),
    draft: os.search.draft.handler(({ input }) => searches.draft(input.id)),
    forget: os.search.forget.handler(({ input }) => searches.forget(input.id)),
  };
}
