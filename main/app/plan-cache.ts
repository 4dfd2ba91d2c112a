/**
 * Plans that were computed a moment ago. A page asks at each change, for several methods at once, and again for the figures of the
 * one that is chosen: the same question is answered once, and one that nobody waits for any more is given up.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { LRUCache } from 'lru-cache';
import type { RunRequest } from '../../common/api/contract.ts';
import type { PricedPart, RunPlan } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import type { Parts } from './parts.ts';
import { configOf } from './run-config.ts';

const KEPT_MS = 3 * 60_000;
const KEPT = 30;

export interface Planned {
  readonly plan: RunPlan;
  readonly config: RunConfig;
}

interface Entry {
  readonly promise: Promise<Planned>;
  readonly work: AbortController;
  readonly at: number;
  waiting: number;
  isDone: boolean;
}

export class PlanCache {
  readonly #parts: Pick<Parts, 'engine' | 'store' | 'allowed'>;
  readonly #now: () => number;
  readonly #entries = new LRUCache<string, Entry>({ max: KEPT });

  constructor(parts: Pick<Parts, 'engine' | 'store' | 'allowed'>, now: () => number = Date.now) {
    this.#parts = parts;
    this.#now = now;
  }

  /** The plan of a request, or of a part of it; rejects when `signal` aborts, and ends the work where nobody else waits for it. */
  async plan(request: RunRequest, signal?: AbortSignal, part: PricedPart = 'all'): Promise<Planned> {
    const { modelId, data, evalPaths, settings, prompts } = request;
    // the name changes nothing; files that have changed since change everything
    const files = await Promise.all([...data.paths, ...(evalPaths ?? [])].map(stateOf));
    signal?.throwIfAborted();
    // nor does why a device was chosen
    const { deviceWhy: _, ...priced } = settings;
    const asked = JSON.stringify([modelId, data, evalPaths, prompts, priced, files, part]);
    const key = createHash('sha256').update(asked).digest('hex');
    const known = this.#entries.get(key);
    const fresh = known && this.#now() - known.at < KEPT_MS ? known : this.#begin(key, request, part);
    return this.#wait(key, fresh, signal);
  }

  #begin(key: string, request: RunRequest, part: PricedPart): Entry {
    const work = new AbortController();
    const promise = this.#compute(request, part, work.signal);
    const entry: Entry = { promise, work, at: this.#now(), waiting: 0, isDone: false };
    this.#entries.set(key, entry);
    promise.then(
      () => {
        entry.isDone = true;
      },
      () => this.#forget(key, entry),
    );
    return entry;
  }

  async #compute(request: RunRequest, part: PricedPart, signal: AbortSignal): Promise<Planned> {
    const { engine, store } = this.#parts;
    const { config } = await configOf(this.#parts, request, path.join(store.folder, 'runs', 'plan'));
    signal.throwIfAborted();
    return { config, plan: await engine.plan(config, signal, part) };
  }

  async #wait(key: string, entry: Entry, signal: AbortSignal | undefined): Promise<Planned> {
    entry.waiting++;
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([entry.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', abort);
      if (--entry.waiting === 0 && !entry.isDone) {
        this.#forget(key, entry);
        entry.work.abort();
      }
    }
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

/** What tells that a file has changed, or one in a folder. */
async function stateOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (!found?.isDirectory()) return found ? `${found.size} ${found.mtimeMs}` : 'missing';
  const names = await readdir(file, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = names
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => path.join(parentPath, name));
  return (await Promise.all(files.map(async (one) => `${one} ${await stateOf(one)}`))).sort().join();
}
