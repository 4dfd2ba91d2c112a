/** The fake API's data from elsewhere: three data sets of the Hub, and any address. */
import { implement } from '@orpc/server';
import type { FoundDataset } from '../../../common/api/contract.ts';
import { contract } from '../../../common/api/contract.ts';
import { fakeLook } from './data.ts';

const SETS: readonly FoundDataset[] = [
  { repo: 'helpdesk/customer-messages', downloads: 48_200, gated: false, licence: 'cc-by-4.0' },
  { repo: 'openletters/support-replies', downloads: 9_130, gated: true, licence: 'apache-2.0' },
  { repo: 'mo/my-messages', downloads: 12, gated: false, licence: null },
];
const SIZES = { 'train (parquet)': 3_400_000, 'test (parquet)': 380_000 };

export function fakeSources(wait: (ms: number, signal?: AbortSignal) => Promise<void>) {
  const os = implement(contract).sources;
  async function* fetching(totalBytes: number, path: string, signal: AbortSignal | undefined) {
    for (let step = 0; step < 5 && !signal?.aborted; step++) {
      yield { kind: 'progress' as const, bytes: (totalBytes * step) / 5, totalBytes };
      await wait(150, signal);
    }
    yield { kind: 'done' as const, paths: [path] };
  }
  return {
    search: os.search.handler(({ input }) =>
      SETS.filter(({ repo }) => repo.includes(input.query.toLowerCase())),
    ),
    details: os.details.handler(({ input: { repo } }) => ({
      ...(SETS.find((set) => set.repo === repo) ?? SETS[0]!),
      revision: '1'.repeat(40),
      parts: Object.entries(SIZES).map(([id, bytes]) => ({ id, label: id, files: 1, bytes })),
    })),
    preview: os.preview.handler(() => fakeLook(['messages.csv']).raw),
    get: os.get.handler(({ input: { part }, signal }) =>
      fetching(
        SIZES[part as keyof typeof SIZES],
        '/home/mo/.local/share/fettle/uploads/hub/train.parquet',
        signal,
      ),
    ),
    address: os.address.handler(({ input: { address }, signal }) =>
      fetching(80_000, `/home/mo/.local/share/fettle/uploads/web/${address.split('/').at(-1)}`, signal),
    ),
  };
}
