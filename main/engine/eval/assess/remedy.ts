/** What a way to improve a run is chosen by, and what it proposes. */
import type { DoneEvent, Remedy, Verdict } from '../../../../common/protocol/protocol.ts';
import type { RunConfig } from '../../config/config.ts';
import type { FieldsCurve, TaughtCurve } from '../rivals/learning-curve.ts';
import type { CoursePoint } from './course.ts';
import type { ClosedErrors } from './mixups.ts';
import type { VerdictFigures } from './verdict-figures.ts';

/** What a remedy is chosen by. */
export interface RemedyEvidence {
  readonly config: RunConfig;
  /** How its training ended; of one that was made of another that of its source, null where that is gone. */
  readonly done: Pick<DoneEvent, 'steps'> | null;
  /** Of the training in all its parts. */
  readonly trainingSeconds: number | null;
  readonly verdict: Pick<Verdict, 'learned' | 'forgot'>;
  readonly figures: VerdictFigures;
  readonly course: readonly CoursePoint[];
  /** Of answers from a closed set: what is mixed up. */
  readonly errors: ClosedErrors | null;
  /** What word counts learn from parts of the rows: of answers from a closed set, or of the fields of JSON answers. */
  readonly curve: TaughtCurve | FieldsCurve | null;
  /** Weights of the model. */
  readonly parameters: number;
}

export interface RemedyPlan extends Omit<Remedy, 'file'> {
  /** Settings to change; null where a person has to choose. */
  readonly changes: Readonly<Record<string, unknown>> | null;
  /** Seconds beside computing that a person may need, to choose the order by. */
  readonly ownSeconds?: number;
}

export type Way = (evidence: RemedyEvidence) => RemedyPlan | null;
