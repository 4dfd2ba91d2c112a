/** Puts what was found into the report that people and programs read, worst first. */
import type {
  DoctorExample,
  DoctorFinding,
  DoctorPreview,
  DoctorReport,
} from '../../../../common/protocol/protocol.ts';
import type { PlacedRow } from '../rows/loose-row.ts';
import type { Conclusion, FindingKind, Pair, Severity } from './finding.ts';
import { shownRow } from './row-parts.ts';
import { fetchRows, KEPT_EXAMPLES, type Scan, type Source, shownChange } from './scan.ts';
import type { Study } from './study.ts';
import { CHECKS, CORPUS_CHECKS } from './table.ts';

const ORDER: readonly Severity[] = ['harm', 'warning', 'note'];

/** All findings of `scan` and of the study of its rows; reads examples from the files again. */
export async function findingsOf(
  scan: Scan,
  study: Study,
  source: Source,
  evaluation: Source | null,
): Promise<DoctorFinding[]> {
  const concluded = CORPUS_CHECKS.flatMap(({ kind, conclude }) => {
    const conclusion = conclude(study);
    return conclusion === null ? [] : [{ kind, conclusion }];
  });
  const pairs = concluded.flatMap(({ conclusion }) => shownPairs(conclusion));
  const numbers = (of: 'data' | 'eval') =>
    new Set(pairs.flatMap(({ beside }) => (beside?.of === of ? [beside.row] : [])));
  const data = await fetchRows(source, new Set([...numbers('data'), ...pairs.map(({ row }) => row)]));
  const held = evaluation ? await fetchRows(evaluation, numbers('eval')) : new Map<number, PlacedRow>();
  const rows = scan.corpus.rows;
  const ofCorpus = concluded.map(({ kind, conclusion }) => corpusFinding(kind, conclusion, rows, data, held));
  return [...rowFindings(scan), ...ofCorpus].sort(byHarm);
}

function byHarm(a: DoctorFinding, b: DoctorFinding): number {
  const rank = ({ severity, code }: DoctorFinding) =>
    ORDER.indexOf(severity) * CHECKS.length + CHECKS.findIndex(({ kind }) => kind.code === code);
  return rank(a) - rank(b);
}

function rowFindings({ found, unreadable, corpus }: Scan): DoctorFinding[] {
  return CHECKS.flatMap(({ kind }) => {
    const seen = found.get(kind.code);
    const isBad = kind.code === 'unusable-rows';
    const rows = (seen?.rows ?? 0) + (isBad ? unreadable.rows : 0);
    if (rows === 0) return [];
    const bad = isBad ? unreadable.examples.map(badExample) : [];
    const examples = [...bad, ...(seen?.examples ?? [])].slice(0, KEPT_EXAMPLES);
    const all = corpus.rows + (isBad ? unreadable.rows : 0);
    const detail = isBad && unreadable.rows > 0 ? `${unreadable.rows} of them could not be read at all.` : '';
    return [finding(kind, { rows, share: rows / all, examples, detail }, seen?.previews ?? [])];
  });
}

/** An error message begins with its place. */
function badExample(message: string): DoctorExample {
  const [, where, text] = /^(.*?(?::\d+|, row \d+)): ([\s\S]*)$/.exec(message) ?? [];
  return { where: where ?? '', text: text ?? message };
}

function corpusFinding(
  kind: FindingKind,
  conclusion: Conclusion,
  all: number,
  data: ReadonlyMap<number, PlacedRow>,
  held: ReadonlyMap<number, PlacedRow>,
): DoctorFinding {
  const examples = conclusion.examples.slice(0, KEPT_EXAMPLES).flatMap(({ row, beside }): DoctorExample[] => {
    const placed = data.get(row);
    const other = beside && (beside.of === 'eval' ? held : data).get(beside.row);
    if (!placed) return [];
    return [other ? compared(placed, other) : shown(placed)];
  });
  const previews = dropped(conclusion).flatMap((row) => {
    const placed = data.get(row);
    return placed ? [{ where: placed.where, before: shownRow(placed.row), after: null }] : [];
  });
  const { rows, detail = '', severity } = conclusion;
  return {
    ...finding(kind, { rows, share: all === 0 ? 0 : rows / all, examples, detail }, previews),
    ...(severity && { severity }),
    ...(conclusion.drop === undefined && { fix: null }),
  };
}

function shown({ row, where }: PlacedRow): { where: string; text: string } {
  return { where, text: shownRow(row) };
}

/** Two rows side by side: around their difference where the answers are the same, else from their beginning. */
function compared(one: PlacedRow, other: PlacedRow): DoctorExample {
  if (one.row.turns.at(-1)?.content !== other.row.turns.at(-1)?.content)
    return { ...shown(one), beside: shown(other) };
  const { before, after } = shownChange(one.row, other.row);
  return {
    where: one.where,
    text: before,
    beside: { where: other.where, text: after ?? shownRow(other.row) },
  };
}

function dropped({ drop }: Conclusion): number[] {
  return drop ? [...drop.subarray(0, KEPT_EXAMPLES)] : [];
}

function shownPairs(conclusion: Conclusion): Pair[] {
  return [...conclusion.examples.slice(0, KEPT_EXAMPLES), ...dropped(conclusion).map((row) => ({ row }))];
}

function finding(
  { code, title, severity, why, fix }: FindingKind,
  facts: Pick<DoctorFinding, 'rows' | 'share' | 'examples' | 'detail'>,
  preview: readonly DoctorPreview[],
): DoctorFinding {
  return { code, title, severity, why, ...facts, fix: fix && { ...fix, preview } };
}

/** How long the rows are, in steps of powers of two. */
export function lengthsOf(tokens: Uint32Array, counted: boolean): DoctorReport['lengths'] {
  const sorted = tokens.slice().sort();
  const histogram: { upTo: number; rows: number }[] = [];
  let done = 0;
  for (let upTo = 16; done < sorted.length; upTo *= 2) {
    const before = done;
    while (done < sorted.length && sorted[done]! <= upTo) done++;
    if (done > 0) histogram.push({ upTo, rows: done - before });
  }
  return {
    counted,
    tokens: sorted.reduce((sum, n) => sum + n, 0),
    median: sorted[sorted.length >> 1] ?? 0,
    most: sorted.at(-1) ?? 0,
    histogram,
  };
}
