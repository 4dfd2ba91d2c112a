/** From the id that everybody uses to the key that the big tables use. */
import type { Base } from './base.ts';
import { noRun } from './errors.ts';

/** The key of a run. Throws `AppError('no-run')`. */
export function runKey({ on }: Base, id: string): number {
  const [row] = on.read('select key from runs where id = ?', [id]) as { key: number }[];
  if (!row) throw noRun(id);
  return row.key;
}
