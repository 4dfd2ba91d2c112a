/** Rows that train vectors: a query with its passage, perhaps passages that look right and are not, or two texts with a score. */
import { AppError } from '../../../../common/errors.ts';
import { isRecord } from '../../../../common/values.ts';
import { mapText, sameColumn } from '../../../../common/words/mapping.ts';
import { valueAt, valueText } from '../../../rows/columns.ts';
import type { LooseRow, LooseTurn } from '../../../rows/loose-row.ts';
import { firstRecords, type ReadOptions, readLooseRows } from '../../../rows/read-rows.ts';
import { strictRow } from '../../../rows/schema.ts';

export interface ReadRow {
  readonly query: string;
  readonly passage: string;
  readonly negatives: readonly string[];
  /** How similar both are; null where the file has no scores. */
  readonly score: number | null;
}

/** Columns as data sets for sentence-transformers call them, beside those that any training knows. */
const QUERIES = ['query', 'anchor', 'sentence1', 'sentence_1', 'sentence_a', 'text1', 'text_1', 'text_a'];
const PASSAGES = [
  ...['passage', 'positive', 'pos', 'document', 'context'],
  ...['sentence2', 'sentence_2', 'sentence_b', 'text2', 'text_2', 'text_b'],
];
const SCORES = ['score', 'similarity', 'similarity_score', 'relatedness', 'grade'];
const NEGATIVE = /^(hard_?)?(negatives?|neg)(_?\d+)?$/i;

const LOOKED_AT = 20;

/** The rows in `paths`. Throws an AppError where columns are unclear, or for a row that can't be read unless `onBadRow` takes it. */
export async function readVectorRows(paths: readonly string[], options: ReadOptions): Promise<ReadRow[]> {
  const { records } = await firstRecords(paths, LOOKED_AT, options);
  const names = Object.keys(records.find(isRecord) ?? {});
  const named = (wanted: readonly string[]) =>
    names.find((name) => wanted.some((one) => sameColumn(one, name)));
  const [query, passage] = [named(QUERIES), named(PASSAGES)];
  const isKnown = options.map === undefined && query !== undefined && passage !== undefined;
  const map = isKnown ? { map: mapText({ prompt: [query], answer: [passage] }) } : {};
  const score = named(SCORES);
  const negatives = names.filter((name) => NEGATIVE.test(name));
  const rows: ReadRow[] = [];
  for await (const { row, where, record } of readLooseRows(paths, { ...options, ...map })) {
    const read = isUsable(row, where, options) ? rowOf(row) : null;
    if (!read) continue;
    const fields = isRecord(record) ? record : {};
    const grade = score === undefined ? null : Number(valueAt(fields, score));
    const others = negatives.flatMap((name) => textsOf(valueAt(fields, name)));
    rows.push({
      ...read,
      negatives: [...read.negatives, ...others],
      score: grade !== null && Number.isFinite(grade) ? grade : null,
    });
  }
  return rows;
}

function isUsable(row: LooseRow, where: string, { onBadRow }: ReadOptions): boolean {
  try {
    strictRow(row, where);
    return true;
  } catch (error) {
    if (!(error instanceof AppError) || !onBadRow) throw error;
    onBadRow(error);
    return false;
  }
}

/** Running text has neither query nor passage. */
function rowOf({ turns, rejected }: LooseRow): Omit<ReadRow, 'score'> | null {
  const last = (all: readonly LooseTurn[], roles: readonly string[]) =>
    all.findLast(({ role }) => roles.includes(role))?.content.trim() ?? '';
  const query = last(turns, ['user']);
  const passage = last(turns, ['assistant']);
  if (query === '' || passage === '') return null;
  const worse = last(rejected ?? [], ['assistant']);
  return { query, passage, negatives: worse === '' ? [] : [worse] };
}

function textsOf(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.flatMap((one) => valueText(one)?.trim() || []);
}

export interface QuestionsAsked {
  readonly data: readonly string[];
  readonly map?: string | undefined;
}

/** Questions and the passages that answer them; rows that can't be read are left out. */
export async function questionsIn(
  { data, map }: QuestionsAsked,
  signal: AbortSignal,
): Promise<readonly { readonly question: string; readonly passage: string }[]> {
  const rows = await readVectorRows(data, { signal, onBadRow: () => {}, ...(map !== undefined && { map }) });
  return rows.map(({ query: question, passage }) => ({ question, passage }));
}
