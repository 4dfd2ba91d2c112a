/** A real store in a temporary folder, with runs in it that could be trained. */
import path from 'node:path';
import type { RunDetails } from '../../common/api/contract.ts';
import { parseRunConfig } from '../../main/engine/config/config.ts';
import { openStore } from '../../main/store/open.ts';
import type { Store } from '../../main/store/store.ts';
import { temporaryFolder } from './tiny-model.ts';

export interface RunStore {
  readonly folder: string;
  readonly store: Store;
  /** A run that waits; `config` on top of one that names its folder. */
  run(name: string, config?: Readonly<Record<string, unknown>>, prompts?: readonly string[]): RunDetails;
  /** The same store, closed and opened again. */
  reopen(): Promise<Store>;
  close(): void;
}

export async function runStore(): Promise<RunStore> {
  const { folder, remove } = temporaryFolder();
  const data = path.join(folder, 'data');
  let store = await openStore(data);
  return {
    folder,
    get store() {
      return store;
    },
    run(name, config = {}, prompts = []) {
      const out = path.join(folder, 'runs', name);
      return store.runs.create({
        ...{ name, state: 'waiting', folder: out, modelId: null, model: 'tiny', data: 'rows' },
        config: parseRunConfig({ model: 'm', data: 'd', out, assess: false, threads: 1, ...config }),
        ...{ prompts, machine: {}, versions: {}, from: null },
      });
    },
    async reopen() {
      store.close();
      store = await openStore(data);
      return store;
    },
    close() {
      store.close();
      remove();
    },
  };
}
