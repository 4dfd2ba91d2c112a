/**
 * Which words of the glossary a page has named, and where first: only that place links to the entry. The list at the end of the page
 * has them all, so that no link in a text has to be a stop of the Tab key.
 */
import { getContext, onDestroy, setContext, untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';

const KEY = Symbol('the terms of a page');

type Place = object;

class PageTerms {
  readonly #places = new SvelteMap<string, readonly Place[]>();

  /** The entries that are named now. */
  get ids(): readonly string[] {
    return [...this.#places.keys()];
  }

  isFirst(id: string, place: Place): boolean {
    return this.#places.get(id)?.[0] === place;
  }

  add(id: string, place: Place): void {
    this.#places.set(id, [...(this.#places.get(id) ?? []), place]);
  }

  remove(id: string, place: Place): void {
    const left = this.#places.get(id)?.filter((other) => other !== place) ?? [];
    if (left.length > 0) this.#places.set(id, left);
    else this.#places.delete(id);
  }
}

/** What a page gives to all that is in it; tests that make a part without its page give it as the context of the part. */
export const pageTerms = (): Map<symbol, PageTerms> => new Map([[KEY, new PageTerms()]]);

/** For the component of a page: the terms of all that is inside. */
export function openPageTerms(): PageTerms {
  return setContext(KEY, new PageTerms());
}

const EXPLAINED = Symbol('labels that are explained beside them');

/** For a component that explains the labels in it, with a link to their terms: they get no mark of their own. */
export function explainLabels(): void {
  setContext(EXPLAINED, true);
}

/** For a mark beside a label: whether it is explained otherwise. */
export function labelsAreExplained(): boolean {
  return getContext(EXPLAINED) === true;
}

/** For a component that names an entry: whether it is the place that links to it. Outside a page each one is. */
export function termPlace(id: () => string | undefined): { readonly isFirst: boolean } {
  const page = getContext<PageTerms | undefined>(KEY);
  if (!page) return { isFirst: true };
  const place = {};
  let named: string | undefined;
  const name = (next: string | undefined) => {
    if (next === named) return;
    if (named !== undefined) page.remove(named, place);
    if (next !== undefined) page.add(next, place);
    named = next;
  };
  // at once, since what comes later on the page asks who was first
  untrack(() => name(id()));
  $effect.pre(() => {
    const next = id();
    untrack(() => name(next));
  });
  onDestroy(() => name(undefined));
  return {
    get isFirst() {
      const now = id();
      return now !== undefined && page.isFirst(now, place);
    },
  };
}
