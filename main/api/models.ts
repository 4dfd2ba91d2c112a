/** Models: those that are here, those that could be, and how they come. */
import { exampleComputer } from '../app/grounds.ts';
import type { Parts } from '../app/parts.ts';
import type { Prices } from '../app/prices.ts';
import { modelOf } from '../app/run-config.ts';
import type { Implementer } from './router.ts';

export function modelCalls(os: Implementer, parts: Parts, prices: Prices) {
  const { store, engine, hub, allowed } = parts;
  return {
    list: os.models.list.handler(() => store.models.list()),
    catalog: os.models.catalog.handler(() => hub.catalog()),
    needs: os.models.needs.handler(async () => {
      const repos = (await hub.catalog()).map(({ repo }) => repo);
      const computer = await exampleComputer(store);
      const [catalog, local] = await Promise.all([
        prices.ofCatalog(repos, computer),
        prices.ofLocal(store.models.list(), computer),
      ]);
      return { freeBytes: computer.freeBytes, catalog, local };
    }),
    search: os.models.search.handler(({ input }) => hub.search(input.query, input.limit)),
    add: os.models.add.handler(async ({ input }) => {
      await allowed.read([input.path]);
      return hub.add(input.path);
    }),
    inspect: os.models.inspect.handler(({ input }) => engine.inspect(modelOf(parts, input.id).path)),
    remove: os.models.remove.handler(async ({ input }) => {
      modelOf(parts, input.id, { mayBeGone: true });
      // a model that is open for a chat cannot be deleted on every system
      await engine.closeModels();
      return { freedBytes: await hub.remove(input.id, input.deleteFiles) };
    }),
    download: os.models.download.handler(({ input }) => hub.download(input.repo, input.revision)),
    downloads: os.models.downloads.handler(async function* ({ signal }) {
      yield* hub.downloads(signal);
    }),
    pauseDownload: os.models.pauseDownload.handler(({ input }) => hub.pause(input.id)),
    resumeDownload: os.models.resumeDownload.handler(({ input }) => hub.resume(input.id)),
    cancelDownload: os.models.cancelDownload.handler(({ input }) => hub.cancel(input.id)),
  };
}
