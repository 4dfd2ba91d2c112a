/**
 * Data, rows from elsewhere, models, the drafts in which the wizard remembers what was chosen, and the plan.
 */
import type { DoctorProgress, FetchProgress } from '../../common/api/contract.ts';
import { pathsIn } from '../app/allowed.ts';
import { check, edit, fix, look, moreRows, preview, rowsToEdit, split } from '../app/data.ts';
import type { Parts } from '../app/parts.ts';
import { Plans } from '../app/plan.ts';
import { modelNeeds, type Prices } from '../app/plan-cache.ts';
import { modelOf } from '../app/run-config.ts';
import { sampleSets } from '../app/samples.ts';
import { getAddress, getDataset } from '../app/uploads.ts';
import { channel } from '../changes.ts';
import type { Implementer } from './router.ts';

export function dataCalls(os: Implementer, parts: Parts) {
  return {
    samples: os.data.samples.handler(() => sampleSets()),
    look: os.data.look.handler(({ input, signal }) => look(parts, input, signal)),
    split: os.data.split.handler(({ input }) => split(parts, input)),
    preview: os.data.preview.handler(({ input, signal }) => preview(parts, input, signal)),
    check: os.data.check.handler(({ input, signal }) =>
      channel<DoctorProgress>((send) => check(parts, input, send, signal)),
    ),
    more: os.data.more.handler(({ input, signal }) => moreRows(parts, input, signal)),
    fix: os.data.fix.handler(({ input }) => fix(parts, input, input.fixes)),
    rows: os.data.rows.handler(({ input, signal }) => rowsToEdit(parts, input, signal)),
    edit: os.data.edit.handler(({ input }) => edit(parts, input.data, input)),
  };
}

export function draftCalls(os: Implementer, { store: { drafts }, allowed }: Parts) {
  return {
    list: os.drafts.list.handler(() => drafts.list()),
    save: os.drafts.save.handler(async ({ input }) => {
      const content = input.content;
      // what stands in a draft may be read, also after the next start
      await allowed.read(pathsIn(content));
      return drafts.save(input.id, content);
    }),
    discard: os.drafts.discard.handler(({ input }) => drafts.discard(input.id)),
  };
}

/** A stream ends with the page that reads it, and what it began with it. */
const NEVER = new AbortController().signal;

export function sourceCalls(os: Implementer, parts: Parts) {
  const { hub } = parts;
  return {
    search: os.sources.search.handler(({ input }) => hub.searchDatasets(input.query, input.limit)),
    details: os.sources.details.handler(({ input }) => hub.dataset(input.repo)),
    preview: os.sources.preview.handler(({ input, signal }) =>
      hub.datasetRows(input.repo, input.part, signal),
    ),
    get: os.sources.get.handler(({ input, signal = NEVER }) =>
      channel<FetchProgress>((send) => getDataset(parts, input, send, signal)),
    ),
    address: os.sources.address.handler(({ input, signal = NEVER }) =>
      channel<FetchProgress>((send) => getAddress(parts, input.address, send, signal)),
    ),
  };
}

export function planCalls(os: Implementer, parts: Parts, prices: Prices) {
  const plans = new Plans(parts, prices);
  return {
    figures: os.plan.figures.handler(({ input, signal }) => plans.figures(input, signal)),
    probe: os.plan.probe.handler(({ input, signal }) => plans.probed(input, signal)),
    chosen: os.plan.chosen.handler(({ input, signal }) => plans.chosen(input, signal)),
    propose: os.plan.propose.handler(({ input, signal }) => plans.propose(input, signal)),
    reading: os.plan.reading.handler(({ signal }) => plans.reading(signal)),
  };
}

export function modelCalls(os: Implementer, parts: Parts, prices: Prices) {
  const { store, engine, hub, allowed } = parts;
  return {
    list: os.models.list.handler(() => store.models.list()),
    encoders: os.models.encoders.handler(() => hub.encoders()),
    catalog: os.models.catalog.handler(() => hub.catalog()),
    needs: os.models.needs.handler(() => modelNeeds(parts, prices)),
    search: os.models.search.handler(({ input }) => hub.search(input.query, input.limit)),
    add: os.models.add.handler(async ({ input }) => {
      await allowed.read([input.path]);
      return hub.add(input.path);
    }),
    found: os.models.found.handler(() => hub.found()),
    addFound: os.models.addFound.handler(({ input }) => hub.addFound(input.path)),
    inspect: os.models.inspect.handler(({ input }) =>
      engine.inspect(modelOf(parts, input.id, { mayRead: true }).path),
    ),
    remove: os.models.remove.handler(async ({ input }) => {
      modelOf(parts, input.id, { mayBeGone: true, mayRead: true });
      // a model that is open for a chat cannot be deleted on every system
      await engine.closeModels();
      return { freedBytes: await hub.remove(input.id, input.deleteFiles) };
    }),
    download: os.models.download.handler(({ input }) => hub.download(input.repo, input.revision)),
    downloads: os.models.downloads.handler(({ signal }) => hub.downloads(signal)),
    pauseDownload: os.models.pauseDownload.handler(({ input }) => hub.pause(input.id)),
    resumeDownload: os.models.resumeDownload.handler(({ input }) => hub.resume(input.id)),
    cancelDownload: os.models.cancelDownload.handler(({ input }) => hub.cancel(input.id)),
  };
}
