/**
 * What one row needs no other row for: its length, its faults, and the facts that are remembered of it. Most of the doctor's
 * time goes here, so it is done in threads where there is much. Languages are not: their table takes 150 MB to load.
 */
import { join } from 'node:path';
import type { LooseRow, PlacedRow } from '../loose-row.ts';
import { answerTasks, type Batch, type Work } from '../threads.ts';
import { MOST_SIGNED_ROWS, ROW_FACTS, rowFacts } from './corpus.ts';
import type { RowCheck } from './finding.ts';
import { LANES } from './minhash.ts';
import { type EncodeRow, type Measure, rowMeasure } from './row-parts.ts';
import { ROW_CHECKS } from './table.ts';

/** A thread's program that counts tokens as training does, and what it makes its encoder from. */
export interface ThreadEncoder<Source = unknown> {
  readonly program: string;
  readonly source: Source;
}

/** What threads examine rows with. */
export interface ExaminerSource<Source = unknown> {
  readonly maxLength: number;
  /** Without it tokens are estimated. */
  readonly encoder: ThreadEncoder<Source> | null;
  /** Without checks, as for rows to compare with. */
  readonly isBare: boolean;
}

/** A row with its number among those that can be read. */
export interface NumberedRow extends PlacedRow {
  readonly number: number;
}

/** What was found of the rows of a batch. */
export interface Examined {
  /** [rows, ROW_FACTS] */
  readonly facts: Uint32Array<ArrayBuffer>;
  /** [rows, LANES] 0 for rows without a signature. */
  readonly signatures: Uint16Array<ArrayBuffer>;
  /** [rows] a bit for each check that found something, in the order of `ROW_CHECKS`. */
  readonly found: Uint32Array<ArrayBuffer>;
}

interface Task {
  readonly rows: readonly LooseRow[];
  /** The number of the first row. */
  readonly first: number;
}

/** Examines the rows of a task. */
export function examine({ rows, first }: Task, measure: Measure, checks: readonly RowCheck[]): Examined {
  const facts = new Uint32Array(rows.length * ROW_FACTS);
  const signatures = new Uint16Array(rows.length * LANES);
  const found = new Uint32Array(rows.length);
  for (const [i, row] of rows.entries()) {
    const measured = measure(row);
    const lanes = first + i < MOST_SIGNED_ROWS ? signatures.subarray(i * LANES, (i + 1) * LANES) : null;
    rowFacts(row, measured, lanes, facts.subarray(i * ROW_FACTS, (i + 1) * ROW_FACTS));
    const codes: string[] = [];
    for (const [bit, check] of checks.entries()) {
      if (check.find({ row, where: '', ...measured, codes }) === null) continue;
      codes.push(check.kind.code);
      found[i]! |= 1 << bit;
    }
  }
  return { facts, signatures, found };
}

/** Answers tasks in a thread, with an encoder of `encoderFrom` where rows are to be tokenised. */
export function examineInThread<Source>(encoderFrom?: (source: Source) => Promise<EncodeRow>): Promise<void> {
  return answerTasks(async (source: ExaminerSource<Source>) => {
    const { maxLength, encoder } = source;
    const measure = rowMeasure(maxLength, encoder ? await encoderFrom?.(encoder.source) : undefined);
    return (task: Task) => {
      const answer = examine(task, measure, checksOf(source));
      return { answer, moved: [answer.facts.buffer, answer.signatures.buffer, answer.found.buffer] };
    };
  });
}

/** The work of examining with `measure` here, and with what `source` describes in threads. */
export function examiningWork(
  measure: Measure,
  source: ExaminerSource,
  totalBytes: number,
): Work<NumberedRow, Task, Examined, Examined> {
  const taskOf = ({ rows }: Batch<NumberedRow>): Task => ({
    rows: rows.map(({ row }) => row),
    first: rows[0]!.number,
  });
  return {
    program: source.encoder?.program ?? join(import.meta.dirname, 'examine-thread.ts'),
    data: source,
    here: (batch) => examine(taskOf(batch), measure, checksOf(source)),
    taskOf,
    resultOf: (answer) => answer,
    totalBytes,
  };
}

export function checksOf({ isBare }: ExaminerSource): readonly RowCheck[] {
  return isBare ? [] : ROW_CHECKS;
}
