import type { CallIo } from '../../session/call-row.ts';
import type { RuledAsked } from './answers.ts';
import type { DrillRowsAsked } from './rows.ts';

export const drillRows = async (asked: DrillRowsAsked, { stop }: CallIo) =>
  (await import('./rows.ts')).drillRows(asked, stop);
export const drillAnswers = async (asked: RuledAsked, io: CallIo) =>
  (await import('./answers.ts')).ruledAnswers(asked, io);
