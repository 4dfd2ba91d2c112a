/** Models: on this computer, in the catalog, on their way; and the methods that fit each. */
import type {
  CatalogModel,
  Download,
  Encoders,
  LocalModel,
  MethodFit,
  ModelNeed,
  ModelNeeds,
  PlanMethod,
  RunRow,
  Subject,
} from '../../common/api/contract.ts';
import { LIGHTEST_FIRST, worthTheirTime } from '../../common/settings/plan.ts';
import { writes } from '../../common/settings/reading-runs.ts';
import { api, follow } from '../api.ts';
import { modelsText } from '../text/text.ts';
import { toasts } from './layers.svelte.ts';

type Fit = 'good' | 'warn' | 'bad';

/** As tones of the page. */
export const FITS: Readonly<Record<MethodFit['fits'], Fit>> = {
  comfortable: 'good',
  tight: 'warn',
  'too-big': 'bad',
};

/** What people should try first. */
const PREFERRED: readonly PlanMethod[] = ['lora', 'qlora', 'full'];

/** Whether any method fits, if only just. */
export function fitsAtAll(need: ModelNeed): boolean {
  return PREFERRED.some((method) => need[method].fits !== 'too-big');
}

type Need = { readonly fits: string; readonly seconds?: { readonly value: number } | null };

/** As in a plan: the first method that is comfortable and worth its time; else the lightest that fits; else the lightest. */
export function firstMethod(need: Readonly<Record<PlanMethod, Need>>): PlanMethod {
  const comfortable = PREFERRED.filter((method) => need[method].fits === 'comfortable');
  const timed = comfortable.map((method) => ({ method, seconds: need[method].seconds?.value ?? null }));
  return (
    worthTheirTime(timed)?.method ??
    LIGHTEST_FIRST.find((method) => need[method].fits === 'tight') ??
    LIGHTEST_FIRST[0]!
  );
}

/** The others, in the order in which they are named everywhere. */
export function otherMethods(first: PlanMethod): PlanMethod[] {
  return PREFERRED.filter((method) => method !== first);
}

/** The program that computes needs takes some memory itself, which must not count as a change. */
const CHANGED_SHARE = 0.05;
const CHANGED_BYTES = 300e6;

class Models {
  #asking = 0;
  local = $state.raw<readonly LocalModel[]>([]);
  catalog = $state.raw<readonly CatalogModel[]>([]);
  /** Those that read, for sorting and finding; they are in no other list. */
  encoders = $state.raw<Encoders>({ local: [], found: [], catalog: [] });
  downloads = $state.raw<readonly Download[]>([]);
  loaded = $state(false);
  /** What training each needs; null until it has been computed. */
  needs = $state.raw<ModelNeeds | null>(null);

  byId(id: string | null | undefined): LocalModel | null {
    return this.local.find((model) => model.id === id) ?? null;
  }

  /** The download of a repository that is not over yet. */
  downloadOf(repo: string): Download | null {
    return this.downloads.findLast((download) => download.repo === repo && download.state !== 'done') ?? null;
  }

  /** How fast a download comes that goes on; null while none does. */
  get bytesPerSecond(): number | null {
    return this.downloads.find(({ state }) => state === 'running')?.bytesPerSecond ?? null;
  }

  /** What training a model needs; undefined while it is being computed, null where that cannot be known. */
  needOf(model: LocalModel | CatalogModel): ModelNeed | null | undefined {
    if (!this.needs) return undefined;
    return 'id' in model ? this.needs.local[model.id] : this.needs.catalog[model.repo];
  }

  /** Asks again what all models need; `local`: those that are here now. */
  async refreshNeeds(local: readonly LocalModel[]): Promise<void> {
    this.#asking += 1;
    try {
      const needs = await api.models.needs();
      if (local === this.local) this.needs = needs;
    } finally {
      this.#asking -= 1;
    }
  }

  /** Whether free memory has changed so much since the needs were computed that others may fit. Bytes. */
  isOutdated(free: number): boolean {
    if (!this.needs || this.#asking > 0) return false;
    return Math.abs(free - this.needs.freeBytes) > CHANGED_SHARE * this.needs.freeBytes + CHANGED_BYTES;
  }

  async refresh(): Promise<void> {
    const [local, catalog, encoders] = await Promise.all([
      api.models.list(),
      api.models.catalog(),
      api.models.encoders(),
    ]);
    [this.local, this.catalog, this.encoders] = [local, catalog, encoders];
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

export async function startDownload(repo: string): Promise<void> {
  try {
    await api.models.download({ repo });
    toasts.say(modelsText.downloads.started(repo));
  } catch (error) {
    toasts.problem(error);
  }
}

const MOST_RUNS = 50;

/** Runs with a model that can be asked, of one model where it is named, the newest first; older ones are opened from the history. */
export async function answeringRuns(model?: string): Promise<readonly RunRow[]> {
  const of = { states: ['done', 'stopped-early'], ...(model !== undefined && { model }) };
  const { rows } = await api.runs.list({ ...of, sort: 'created', descending: true, limit: MOST_RUNS });
  return rows.filter(writes);
}

/** The largest model that is here and was made for conversations; else the largest. */
export function largestWriter(local: readonly LocalModel[]): LocalModel | undefined {
  const here = local.filter(({ available }) => available);
  const talking = here.filter(({ hasChatTemplate }) => hasChatTemplate);
  return (talking.length > 0 ? talking : here).toSorted((a, b) => b.parameters - a.parameters)[0];
}

/** The models that can be asked: trained ones of runs, and those on this computer. */
export class Answerers {
  runs = $state.raw<readonly RunRow[]>([]);
  readonly options = $derived([
    ...this.runs.map(({ id, name, model }) => ({ value: `run/${id}`, label: name, about: model })),
    ...models.local
      .filter(({ available }) => available)
      .map(({ id, name }) => ({ value: `model/${id}`, label: name })),
  ]);
  /** What is chosen where nobody has chosen: a run knows its own task, the largest model for conversations writes best. */
  readonly usual = $derived.by(() => {
    const writer = largestWriter(models.local);
    return writer ? `model/${writer.id}` : this.options[0]?.value;
  });

  async load(): Promise<void> {
    this.runs = await answeringRuns().catch(() => []);
  }
}

/** What the value of an option stands for. */
export function subjectOf(value: string): Subject {
  const [kind, id = ''] = value.split('/');
  return kind === 'run' ? { runId: id } : { modelId: id };
}
