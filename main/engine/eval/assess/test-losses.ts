/** What a training measured of its test rows, kept beside its result: its comparison need not measure them again. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../../atomic.ts';
import type { RowNumbers } from '../../../rows/compact.ts';
import type { TokenStore } from '../../data/tokens/token-store.ts';

const FILE = 'test-losses.json';

export interface TestLosses {
  /** Names everything besides rows and trained weights that the losses depend on. */
  readonly source: string;
  /** Names the rows (`rowsKey`). */
  readonly rows: string;
  /** Tokens of each row in ascending order that are learned, and its loss in nats. */
  readonly labelled: readonly number[];
  /** null where training doesn't begin with the base model's numbers. */
  readonly before: readonly number[] | null;
  readonly after: readonly number[];
}

/** What the rows hold, in ascending order, whatever file they came from. */
export function rowsKey({ hashes }: Pick<TokenStore, 'hashes'>, rows: RowNumbers): string {
  const hash = createHash('sha256');
  for (const row of rows.slice().sort()) hash.update(`${hashes.at(2 * row)} ${hashes.at(2 * row + 1)} `);
  return hash.digest('hex');
}

/** Keeps `known` in the folder of `run`; null forgets what was kept there. */
export async function keepLosses(run: string, known: TestLosses | null): Promise<void> {
  const file = path.join(run, FILE);
  if (known === null) await rm(file, { force: true });
  else await writeFileAtomic(file, JSON.stringify(known));
}

/** What was kept in the folder of `run` and was computed as `source` says; null for none. */
export async function keptLosses(run: string, source: string): Promise<TestLosses | null> {
  try {
    const known = JSON.parse(await readFile(path.join(run, FILE), 'utf8')) as TestLosses;
    return known.source === source ? known : null;
  } catch {
    return null;
  }
}
