/** Rows that train vectors or a reranker, read and checked, and those that measure what was learned. */
import { AppError } from '../../../../common/errors.ts';
import type { VectorsTrained } from '../../../../common/extras/find/vectors.ts';
import { say } from '../../../../common/words/language.ts';
import { readingOf } from '../../../rows/read-rows.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import type { CallIo } from '../../session/call-row.ts';
import type { VectorsConfig } from './configs.ts';
import { answersOf, type CheckedRows, checkRows } from './vector-checks.ts';
import { type ReadRow, readVectorRows } from './vector-rows.ts';

/** What is taught, asked and searched at most: more rows take hours and change little. */
const MOST_TAUGHT = 100_000;
const MOST_ASKED = 1000;
const MOST_PASSAGES = 20_000;

type Asked = Pick<
  VectorsConfig,
  'data' | 'evalData' | 'map' | 'promptTemplate' | 'sheet' | 'heldOut' | 'onBadRow' | 'seed'
>;

export interface AskedRows {
  readonly taught: readonly ReadRow[];
  readonly held: readonly ReadRow[];
  readonly isGraded: boolean;
  readonly findings: CheckedRows['findings'];
  readonly counts: VectorsTrained['rows'];
  /** What test rows ask, of which passages; of graded rows nothing. */
  readonly questions: Pick<VectorsTrained, 'asked' | 'passages'>;
}

export async function askedRows(config: Asked, io: CallIo, mostAsked = MOST_ASKED): Promise<AskedRows> {
  const { checked, unreadable } = await readAll(config, io);
  const taught = drawn(checked.taught, MOST_TAUGHT, config.seed);
  const isGraded = taught.some(({ score }) => score !== null);
  const held = isGraded
    ? drawn(checked.held, mostAsked, config.seed)
    : ofDrawnQueries(checked.held, mostAsked, config.seed);
  return {
    taught,
    held,
    isGraded,
    findings: checked.findings,
    counts: { taught: taught.length, held: held.length, unreadable },
    questions: isGraded ? { asked: [], passages: [] } : questionsOf(held, checked.taught, config.seed),
  };
}

async function readAll(
  config: Asked,
  { emit, stop }: CallIo,
): Promise<{ readonly checked: CheckedRows; readonly unreadable: number }> {
  emit({ event: 'phase', phase: 'read', detail: say`Reading the rows` });
  let unreadable = 0;
  const reading = {
    ...readingOf({ ...config, system: undefined }),
    signal: stop,
    ...(config.onBadRow === 'skip' && { onBadRow: () => void unreadable++ }),
  };
  const rows = await readVectorRows([config.data].flat(), reading);
  const test = config.evalData === undefined ? null : await readVectorRows([config.evalData].flat(), reading);
  const checked = checkRows(rows, test, config);
  if (checked.taught.length >= 2) return { checked, unreadable };
  throw new AppError(
    'no-rows',
    say`Fewer than two rows are left to train on.`,
    say`Each row needs a query and its passage, or two texts and a score. Name the columns, or lower the share of test rows.`,
  );
}

/** `most` of `rows`, in their order. */
export function drawn<T>(rows: readonly T[], most: number, seed: number): readonly T[] {
  if (rows.length <= most) return rows;
  const all = Uint32Array.from(rows.keys());
  const kept = Rng.fromSeed(streamSeed(seed, 'vectors')).shuffle(all).slice(0, most).sort();
  return Array.from(kept, (row) => rows[row]!);
}

/** The rows of `most` of their queries: a query keeps all passages that answer it. */
export function ofDrawnQueries(rows: readonly ReadRow[], most: number, seed: number): readonly ReadRow[] {
  const kept = new Set(drawn([...new Set(rows.map(({ query }) => query))], most, seed));
  return rows.filter(({ query }) => kept.has(query));
}

/** Test queries, and all passages of the rows, those that answer them first. */
function questionsOf(
  held: readonly ReadRow[],
  taught: readonly ReadRow[],
  seed: number,
): Pick<VectorsTrained, 'asked' | 'passages'> {
  const asked = [...answersOf(held)].map(([question, passages]) => ({ question, passages: [...passages] }));
  const right = new Set(asked.flatMap(({ passages }) => passages));
  const all = [...held, ...taught].flatMap(({ passage, negatives }) => [passage, ...negatives]);
  const others = [...new Set(all)].filter((text) => !right.has(text));
  const room = Math.max(0, MOST_PASSAGES - right.size);
  return { asked, passages: [...right, ...drawn(others, room, seed)] };
}

/** The means of the first and the last tenth. */
export function ends(losses: readonly number[]): { readonly first: number; readonly last: number } {
  const part = Math.max(1, Math.round(losses.length / 10));
  const mean = (some: readonly number[]) =>
    some.reduce((all, loss) => all + loss, 0) / Math.max(1, some.length);
  return { first: mean(losses.slice(0, part)), last: mean(losses.slice(-part)) };
}
