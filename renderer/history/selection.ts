/** Which runs are selected, in the order in which they were, and what can be done with them. */
export const MOST_COMPARED = 8;

/** The selection with a run put in or taken out. */
export function toggled(selected: readonly string[], id: string): string[] {
  return selected.includes(id) ? selected.filter((each) => each !== id) : [...selected, id];
}

export type Comparable = 'yes' | 'few' | 'many';

/** Whether so many can be compared. */
export function comparable(count: number): Comparable {
  if (count < 2) return 'few';
  return count > MOST_COMPARED ? 'many' : 'yes';
}
