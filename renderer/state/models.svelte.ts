/** Models that are here, that the catalog knows, and that are on their way. */
import type { CatalogModel, Download, LocalModel } from '../../preload/contract.ts';
import { api, follow } from '../api.ts';

class Models {
  local = $state.raw<readonly LocalModel[]>([]);
  catalog = $state.raw<readonly CatalogModel[]>([]);
  downloads = $state.raw<readonly Download[]>([]);
  loaded = $state(false);

  byId(id: string | null | undefined): LocalModel | null {
    return this.local.find((model) => model.id === id) ?? null;
  }

  /** The download of a repository that is not over yet. */
  downloadOf(repo: string): Download | null {
    return this.downloads.findLast((download) => download.repo === repo && download.state !== 'done') ?? null;
  }

  async refresh(): Promise<void> {
    const [local, catalog] = await Promise.all([api.models.list(), api.models.catalog()]);
    this.local = local;
    this.catalog = catalog;
    this.loaded = true;
  }

  watch(signal: AbortSignal): Promise<void> {
    return follow<readonly Download[]>(
      signal,
      () => api.models.downloads(undefined, { signal }),
      (downloads) => {
        const before = this.#arrived();
        this.downloads = downloads;
        if (this.#arrived() !== before) void this.refresh().catch(() => {});
      },
    );
  }

  #arrived(): number {
    return this.downloads.filter((download) => download.state === 'done').length;
  }
}

export const models = new Models();
