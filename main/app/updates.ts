/**
 * New versions of Fettle. Nothing is asked of the network before the person allows it; then GitHub is asked for the latest release at
 * most once a day, and what it said is remembered. A failure is silent: nobody waits for the answer.
 */
import type { Updates } from '../../common/api/contract.ts';
import { versions } from '../versions.ts';
import type { Parts } from './parts.ts';

const API = 'https://api.github.com';
const KEPT = 'newestVersion';
const DAY_MS = 24 * 3600 * 1000;
const PATIENCE_MS = 10_000;

interface Newest {
  readonly version: string;
  readonly page: string;
  /** When that was found out, in milliseconds since 1970. */
  readonly asked: number;
}

export interface UpdateOptions {
  /** The web page of the source; null: there is nothing to look at. */
  readonly repository: string | null;
  readonly signal?: AbortSignal | undefined;
  readonly api?: string;
  readonly version?: string;
  readonly now?: number;
}

type Needed = Pick<Parts, 'store' | 'hub'>;

/** Whether to ask the person, and a newer version where one is known. */
export async function updates(parts: Needed, options: UpdateOptions): Promise<Updates> {
  const { runs, settings } = parts.store;
  const { checkUpdates, offline } = settings.get();
  const { repository, version = versions().fettle } = options;
  if (repository === null || offline || checkUpdates === false) return { ask: false, newer: null };
  if (checkUpdates === null) {
    // a first visit has other questions
    const { total } = runs.list({ sort: 'created', descending: true, offset: 0, limit: 1 });
    return { ask: total > 0, newer: null };
  }
  const newest = await newestVersion(parts, repository, options);
  const isNewer = newest !== null && compareVersions(newest.version, version) > 0;
  return { ask: false, newer: isNewer ? { version: newest.version, page: newest.page } : null };
}

async function newestVersion(
  { store, hub }: Needed,
  repository: string,
  { signal, api = API, now = Date.now() }: UpdateOptions,
): Promise<Newest | null> {
  const known = store.kept.get<Newest>(KEPT);
  if (known !== null && now - known.asked < DAY_MS) return known;
  const late = AbortSignal.timeout(PATIENCE_MS);
  try {
    const url = `${api}/repos${new URL(repository).pathname}/releases/latest`;
    const ended = signal ? AbortSignal.any([signal, late]) : late;
    const newest = releaseIn(await hub.readJson(url, 'Looking for a new version', ended), repository, now);
    if (newest !== null) store.kept.set(KEPT, newest);
    return newest ?? known;
  } catch {
    return known;
  }
}

/** What GitHub's answer says; null where it is none, or leads elsewhere. */
function releaseIn(answer: unknown, repository: string, asked: number): Newest | null {
  const { tag_name: tag, html_url: page } = (answer ?? {}) as Record<string, unknown>;
  const version = typeof tag === 'string' ? /^v?(\d+\.\d+\.\d+)$/.exec(tag)?.[1] : undefined;
  if (version === undefined || typeof page !== 'string' || !page.startsWith(`${repository}/`)) return null;
  return { version, page, asked };
}

/** Above 0 where `a` is the newer one. */
export function compareVersions(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((version) => version.split(/[.+-]/).slice(0, 3).map(Number));
  const place = left.findIndex((part, index) => part !== right[index]);
  return place < 0 ? 0 : (left[place] ?? 0) - (right[place] ?? 0);
}
