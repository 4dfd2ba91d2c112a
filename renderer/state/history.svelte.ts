/** What the history shows: search, filters and order, which the store applies, and the selection. */
import type { Rivalry, RunFilter, RunRow } from '../../common/api/contract.ts';
import { api, problemOf } from '../api.ts';

/** Which runs are selected, in the order in which they were, and what can be done with them. */
export const MOST_COMPARED = 8;

/** The selection with a run put in or taken out. */
export function toggled(selected: readonly string[], id: string): string[] {
  return selected.includes(id) ? selected.filter((each) => each !== id) : [...selected, id];
}

type Comparable = 'yes' | 'few' | 'many';

/** Whether so many can be compared. */
export function comparable(count: number): Comparable {
  if (count < 2) return 'few';
  return count > MOST_COMPARED ? 'many' : 'yes';
}

export type SortId = RunFilter['sort'];

/** Columns whose largest or newest values are looked at first. */
const DESCENDING_FIRST: readonly SortId[] = ['created', 'seconds', 'score'];
export const ANY = '*';

type Chosen = 'state' | 'model' | 'method' | 'learned' | 'rivals' | 'tag';

const NOTHING_CHOSEN: Record<Chosen, string> = {
  state: ANY,
  model: ANY,
  method: ANY,
  learned: ANY,
  rivals: ANY,
  tag: ANY,
};

class History {
  search = $state('');
  chosen = $state.raw<Record<Chosen, string>>(NOTHING_CHOSEN);
  sort = $state.raw<{ id: SortId; descending: boolean }>({ id: 'created', descending: true });
  selected = $state.raw<readonly string[]>([]);
  /** Null until the first answer. */
  total = $state<number | null>(null);
  problem = $state.raw<ReturnType<typeof problemOf> | null>(null);
  /** Grows when the rows must be asked for again. */
  version = $state(0);
  /** Models and tags that were seen, for the filters. */
  models = $state.raw<readonly string[]>([]);
  tags = $state.raw<readonly string[]>([]);

  readonly filtered = $derived(
    this.search.trim() !== '' || Object.values(this.chosen).some((value) => value !== ANY),
  );
  readonly filter = $derived<Omit<RunFilter, 'offset' | 'limit'>>({
    ...(this.search.trim() !== '' && { search: this.search.trim() }),
    ...(this.chosen.state !== ANY && { states: [this.chosen.state] }),
    ...(this.chosen.model !== ANY && { model: this.chosen.model }),
    ...(this.chosen.method !== ANY && { method: this.chosen.method }),
    ...(this.chosen.learned !== ANY && { learned: this.chosen.learned }),
    ...(this.chosen.rivals !== ANY && { rivals: this.chosen.rivals as Rivalry }),
    ...(this.chosen.tag !== ANY && { tag: this.chosen.tag }),
    sort: this.sort.id,
    descending: this.sort.descending,
  });

  #asked = 0;

  /** Asks for the first rows with the filter of now: the total is theirs. */
  async refresh(): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const { total } = await api.runs.list({ ...this.filter, offset: 0, limit: 1 });
      if (mine !== this.#asked) return;
      this.total = total;
      this.problem = null;
      this.version += 1;
    } catch (error) {
      if (mine === this.#asked) this.problem = problemOf(error);
    }
  }

  /** Rows for the table. */
  async rows(offset: number, limit: number): Promise<readonly RunRow[]> {
    const { rows } = await api.runs.list({ ...this.filter, offset, limit });
    this.#learn(rows);
    return rows;
  }

  /** Reads the newest thousand runs once, so that the filters offer their models and tags. */
  async learnChoices(): Promise<void> {
    const { rows } = await api.runs.list({ limit: 1000 });
    this.#learn(rows);
  }

  choose(what: Chosen, value: string): void {
    this.chosen = { ...this.chosen, [what]: value };
  }

  clearFilters(): void {
    this.search = '';
    this.chosen = NOTHING_CHOSEN;
  }

  sortBy(id: SortId): void {
    const { sort } = this;
    this.sort =
      sort.id === id
        ? { id, descending: !sort.descending }
        : { id, descending: DESCENDING_FIRST.includes(id) };
  }

  toggle(id: string): void {
    this.selected = toggled(this.selected, id);
  }

  #learn(rows: readonly RunRow[]): void {
    this.models = merged(
      this.models,
      rows.map(({ model }) => model),
    );
    this.tags = merged(
      this.tags,
      rows.flatMap(({ tags }) => tags),
    );
  }
}

/** Both lists as one, sorted; the same object where nothing is new. */
function merged(known: readonly string[], found: readonly string[]): readonly string[] {
  const all = new Set([...known, ...found]);
  return all.size === known.length ? known : [...all].sort((a, b) => a.localeCompare(b));
}

export const history = new History();
