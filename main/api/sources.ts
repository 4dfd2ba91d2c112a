/** Rows from elsewhere. */
import type { FetchProgress } from '../../common/api/contract.ts';
import { channel } from '../app/channel.ts';
import type { Parts } from '../app/parts.ts';
import { getAddress, getDataset } from '../app/sources.ts';
import type { Implementer } from './router.ts';

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
