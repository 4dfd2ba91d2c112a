/**
 * What a check of the data doctor is made of. Each finding is a file of its own with the words that people read and the code that looks;
 * `table.ts` lists them by the harm they do.
 */
import type { DoctorFix } from '../../../../common/protocol/protocol.ts';
import type { LooseRow } from '../rows/loose-row.ts';
import type { Measure } from './row-parts.ts';
import type { Study } from './study.ts';

/** `harm`: training fails or learns something wrong. `warning`: it learns less than it could. `note`: good to know. */
export type Severity = 'harm' | 'warning' | 'note';

export interface FindingKind {
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  /** Why it harms, in plain words. */
  readonly why: string;
  /** What exactly counts, with the thresholds and their reasons. */
  readonly rule: string;
  readonly fix: DoctorFix | null;
}

/** A row of the first pass, with what other checks have said of it. */
interface SeenRow {
  readonly row: LooseRow;
  readonly where: string;
  /** Tokens of the whole row, and whether an answer reaches beyond the length limit. */
  readonly tokens: number;
  readonly isCut: boolean;
  /** Codes of the findings so far that this row belongs to. */
  readonly codes: readonly string[];
}

/** A fault, as a text and a place in it. */
export interface Fault {
  readonly text: string;
  readonly at: number;
}

/** A check that needs one row at a time. */
export interface RowCheck {
  readonly kind: FindingKind;
  find(seen: SeenRow): Fault | null;
  /** The row without the fault; null where it has to be left out. */
  repair?(row: LooseRow, measure: Measure): LooseRow | null;
}

/** A row to show, and the one that it is to be compared with. */
export interface Pair {
  readonly row: number;
  readonly beside?: { readonly row: number; readonly of: 'data' | 'eval' };
}

export interface Conclusion {
  readonly rows: number;
  readonly examples: readonly Pair[];
  /** Rows that the fix leaves out, ascending. */
  readonly drop?: Uint32Array;
  /** The facts of this file in one or two sentences. */
  readonly detail?: string;
  /** Where this file is a milder or a worse case than usual. */
  readonly severity?: Severity;
}

/** A check that needs all rows together. */
export interface CorpusCheck {
  readonly kind: FindingKind;
  conclude(study: Study): Conclusion | null;
}

export type Check = RowCheck | CorpusCheck;

export function isCorpusCheck(check: Check): check is CorpusCheck {
  return 'conclude' in check;
}

/** The check of texts one by one: `find` gives the place of the fault or -1, `clean` takes all faults out. */
export function textCheck(
  kind: FindingKind,
  { find, clean }: { find(text: string, row: LooseRow): number; clean?(text: string, row: LooseRow): string },
): RowCheck {
  return {
    kind,
    find: ({ row }) => {
      for (const { content } of row.turns) {
        const at = find(content, row);
        if (at >= 0) return { text: content, at };
      }
      return null;
    },
    ...(clean && {
      repair: (row: LooseRow) => {
        const turns = row.turns.map((turn) => {
          const content = clean(turn.content, row);
          return content === turn.content ? turn : { ...turn, content };
        });
        return turns.some((turn, i) => turn !== row.turns[i]) ? { ...row, turns } : row;
      },
    }),
  };
}
