import type { Implementer } from '../../api/router.ts';
import type { Parts } from '../../app/parts.ts';
import { Finder } from './finder.ts';

/** Calls of the page that finds by meaning. */
export function findCalls(os: Implementer, parts: Parts) {
  const finder = new Finder(parts);
  const { find } = os;
  return {
    encoders: find.encoders.handler(() => finder.encoders()),
    folders: find.folders.handler(() => finder.folders()),
    index: find.index.handler(({ input, signal }) => finder.index(input, signal)),
    ask: find.ask.handler(({ input, signal }) => finder.ask(input, signal)),
    inFile: find.inFile.handler(({ input }) => finder.inFile(input)),
    remove: find.remove.handler(({ input }) => finder.remove(input.id)),
  };
}
