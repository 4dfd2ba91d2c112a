/** What a migration is: one step from a version of the store to the next. */
import type { Connection } from '../connection.ts';

export interface Migration {
  /** `0002-search`: its number is the version that the store has afterwards. */
  readonly name: string;
  /** Runs in a transaction; must depend only on what the migrations before it have made. */
  up(on: Connection): void;
}
