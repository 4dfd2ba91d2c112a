/** What a person changes in the rows while the editor is open; it becomes a copy of the data when they are done. */
import { SvelteMap } from 'svelte/reactivity';
import type {
  CallInput,
  DataChoice,
  EditableRow,
  EditedTurn,
  RowEdits,
} from '../../../common/api/contract.ts';
import { api } from '../../api.ts';

type RowState = 'changed' | 'removed' | 'added' | null;

/** As many as an answer holds. */
const MOST_FOUND = 200;

type Turns = readonly EditedTurn[];

export class Edits {
  total = $state(0);
  /** The numbers of the rows that are listed; null for all. */
  only = $state.raw<readonly number[] | null>(null);
  readonly #data: DataChoice;
  readonly #seen = new Map<number, EditableRow>();
  /** By the number of the row; null where it goes. */
  readonly #changes = new SvelteMap<number, Turns | null>();
  #added = $state.raw<readonly Pick<EditableRow, 'kind' | 'turns'>[]>([]);
  /** How a new row looks. */
  #like: Pick<EditableRow, 'kind' | 'turns'> = { kind: 'completion', turns: blank(['user', 'assistant']) };

  constructor(data: DataChoice) {
    this.#data = data;
  }

  get kind(): EditableRow['kind'] {
    return this.#like.kind;
  }

  /** All rows, the new ones at the end. */
  get count(): number {
    return this.total + this.#added.length;
  }

  /** Rows that are listed. */
  get listed(): number {
    return (this.only?.length ?? this.total) + this.#added.length;
  }

  /** Lists only rows that say what one of `like` says; all where there is none. */
  async find(like: NonNullable<CallInput<'data', 'rows'>['like']>): Promise<void> {
    const { rows } = await api.data.rows({
      data: this.#data,
      from: 0,
      count: MOST_FOUND,
      like: like.slice(0, MOST_FOUND),
    });
    for (const row of rows) this.#seen.set(row.number, row);
    this.only = rows.length > 0 ? rows.map(({ number }) => number) : null;
  }

  get size(): number {
    return this.#changes.size + this.#written.length;
  }

  get edits(): RowEdits {
    const changes = [...this.#changes].map(([row, turns]) => ({ row, turns }));
    return { changes, added: this.#written };
  }

  /** Rows from `from` on; the first ones say how many there are. */
  async load(from: number, count: number): Promise<readonly EditableRow[]> {
    if (this.only !== null) {
      const added = this.#added.map((_, index) => this.total + index);
      return [...this.only, ...added].slice(from, from + count).map((number) => this.row(number)!);
    }
    const found: EditableRow[] = [];
    if (from < this.total || from === 0) {
      const { rows, total } = await api.data.rows({ data: this.#data, from, count });
      if (total !== null) this.total = total;
      found.push(...rows);
      for (const row of rows) this.#seen.set(row.number, row);
      const first = this.#seen.get(0);
      if (first) this.#like = { kind: first.kind, turns: blank(rolesOf(first)) };
    }
    const numbers = Array.from({ length: count }, (_, index) => from + index).filter(
      (number) => number >= this.total && number < this.count,
    );
    return [...found, ...numbers.map((number) => this.row(number)!)];
  }

  row(number: number): EditableRow | undefined {
    const added = this.#added[number - this.total];
    return added === undefined ? this.#seen.get(number) : { ...added, number, isLong: false };
  }

  /** As they are by now; the old ones where the row goes. */
  turns(number: number): Turns {
    return this.#changes.get(number) ?? this.row(number)?.turns ?? [];
  }

  state(number: number): RowState {
    if (number >= this.total) return 'added';
    const change = this.#changes.get(number);
    return change === undefined ? null : change === null ? 'removed' : 'changed';
  }

  write(number: number, turns: Turns): void {
    if (number >= this.total) {
      this.#added = this.#added.with(number - this.total, { ...this.#added[number - this.total]!, turns });
    } else if (JSON.stringify(turns) === JSON.stringify(this.#seen.get(number)?.turns)) {
      this.#changes.delete(number);
    } else {
      this.#changes.set(number, turns);
    }
  }

  /** Gives the number of the new row. */
  add(): number {
    this.#added = [...this.#added, this.#like];
    return this.count - 1;
  }

  remove(number: number): void {
    if (number < this.total) this.#changes.set(number, null);
    else this.#added = this.#added.toSpliced(number - this.total, 1);
  }

  putBack(number: number): void {
    this.#changes.delete(number);
  }

  /** New rows in which something stands. */
  get #written() {
    return this.#added.filter(({ turns }) => turns.some(({ content }) => content.trim() !== ''));
  }
}

/** `turns` with this system message in front; without one where it is empty. */
export function withSystem(turns: Turns, content: string): Turns {
  const others = turns.filter(({ role }) => role !== 'system');
  return content === '' ? others : [{ role: 'system', content }, ...others];
}

/** Of a row like `row`: without its system message, and of a chat its first exchange. */
function rolesOf({ kind }: EditableRow): readonly string[] {
  return kind === 'text' ? ['text'] : ['user', 'assistant'];
}

function blank(roles: readonly string[]): Turns {
  return roles.map((role) => ({ role, content: '' }));
}
