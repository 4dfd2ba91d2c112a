/** The engine calls of learning from a rule. It imports types and the makers of rows alone. */
import { call, JOB, READING } from '../../session/call-row.ts';
import type { RuledAnswers, RuledAsked } from './answers.ts';
import type { DrillRow, DrillRowsAsked } from './rows.ts';

/** The questions of files, with the answers that rows have. */
export const drillRows = call<DrillRowsAsked, readonly DrillRow[]>(READING, 'reader');
/** Answers of a model, each judged by rules and told as soon as it is there. */
export const drillAnswers = call<RuledAsked, RuledAnswers>(JOB, 'aside');
