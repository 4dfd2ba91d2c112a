/** Messages to a town hall with several columns to fill: the office, whether it is urgent, and a grade of how cross the writer is. */
import { csvCell } from '../../common/values.ts';
import { townRows } from './town-rows.ts';

export interface TownColumns {
  readonly message: string;
  readonly office: string;
  readonly urgent: string;
  readonly grade: string;
}

const MOODS = ['Thank you.', 'Please answer.', 'I am waiting.', 'This is the third letter!'];

/** Words at the end say how cross a writer is, and whether it is urgent. */
export function townColumns(): TownColumns[] {
  return townRows().map(({ message, office }, i) => {
    const grade = i % MOODS.length;
    const isUrgent = Math.floor(i / 3) % 2 === 0;
    const text = `${message} ${MOODS[grade]}${isUrgent ? ' It has to be today.' : ' It can wait.'}`;
    return { message: text, office: office!, urgent: isUrgent ? 'yes' : 'no', grade: String(grade + 1) };
  });
}

export function columnsTable(rows: readonly object[]): string {
  const names = Object.keys(rows[0]!);
  const lines = rows.map((row) => names.map((name) => csvCell(String((row as never)[name] ?? ''))).join(','));
  return `${names.join(',')}\n${lines.join('\n')}\n`;
}
