/** A history for the tests of one file, in a folder of each test's own. */
import { afterEach, beforeEach } from 'vitest';
import { openHistory } from '../../main/app/history.ts';
import type { Store } from '../../main/store/store.ts';
import { newFolder } from '../unit/store/made-up.ts';

/** Gives each test an empty home. */
export function withOwnHome(): void {
  const homeBefore = process.env.FETTLE_HOME;
  beforeEach(() => {
    process.env.FETTLE_HOME = newFolder();
  });
  afterEach(() => {
    process.env.FETTLE_HOME = homeBefore;
  });
}

/** What `look` sees in the history. */
export async function inHistory<T>(look: (store: Store) => T): Promise<T> {
  const store = await openHistory();
  try {
    return look(store);
  } finally {
    store.close();
  }
}
