/** Which columns a sorter may fill beside the answer. */
import { describe, expect, test } from 'vitest';
import { fillable } from '../../../renderer/state/fillable.ts';
import { townColumns } from '../../helpers/town-columns.ts';

const COLUMNS = ['number', 'message', 'office', 'urgent', 'grade', 'note'];
const rows = townColumns()
  .slice(0, 48)
  .map(({ message, office, urgent, grade }, i) => [`${i}`, message, office, urgent, grade, i < 3 ? 'a' : '']);
const look = (map: string | null, own = rows) => ({
  files: [{ map } as never],
  raw: { columns: COLUMNS, rows: own },
});
const data = { paths: ['letters.csv'] };

describe('columns to fill', () => {
  test('are those with few short values that come back, beside text and answer', () => {
    expect(fillable(data, look('prompt=message,answer=office'))).toEqual({
      answer: 'office',
      map: 'prompt=message,answer=office',
      others: ['urgent', 'grade'],
    });
  });

  test('may have been taken for a part of the text', () => {
    expect(fillable(data, look('prompt=message+urgent,answer=office'))).toMatchObject({
      map: 'prompt=message,answer=office',
      others: ['urgent', 'grade'],
    });
  });

  test('follow what a person said of the columns', () => {
    const own = { ...data, map: 'prompt=message,answer=grade' };
    expect(fillable(own, look('prompt=message,answer=office'))).toMatchObject({
      answer: 'grade',
      others: ['office', 'urgent'],
    });
  });

  test('are none without one answer, in a template, or with few rows', () => {
    expect(fillable(data, look(null))).toBeNull();
    expect(fillable(data, look('text=message'))).toBeNull();
    expect(
      fillable({ ...data, promptTemplate: 'Sort {message}' }, look('prompt=message,answer=office')),
    ).toBeNull();
    expect(fillable(data, look('prompt=message,answer=office', rows.slice(0, 5)))?.others).toEqual([]);
  });
});
