import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../../main/rows/doctor/table.ts';
import { chat, cleanRows, pair, sampleRows, TRICKY_TEXTS, text } from './clean-rows.ts';
import { flaggedBy, studyOf } from './flagged.ts';

const CODES = CHECKS.map(({ kind }) => kind.code);
const ROW_CODES = CHECKS.filter((check) => 'find' in check).map(({ kind }) => kind.code);
const CORPUS_CODES = CODES.filter((code) => !ROW_CODES.includes(code));

describe('texts that only look like faults', () => {
  it('are many', () => expect(TRICKY_TEXTS.length).toBeGreaterThanOrEqual(80));

  it.each(ROW_CODES)('are not flagged by %s, as answers, as questions and as running text', async (code) => {
    const rows = TRICKY_TEXTS.flatMap((one) => [
      pair('What does it say?', one),
      pair(one, 'This is what it says, in other words.'),
      chat(['system', 'Be brief.'], ['user', one], ['assistant', one]),
      text(one),
    ]);
    const flagged = await flaggedBy(code, rows);
    expect([...flagged].map((row) => rows[row]!.turns.map(({ content }) => content))).toEqual([]);
  });
});

describe('thousands of clean rows', () => {
  const rows = [
    ...cleanRows(3000),
    ...TRICKY_TEXTS.filter((one) => /^[\p{ASCII}]*$/u.test(one)).map((one) => pair('What does it say?', one)),
  ];

  it.each(ROW_CODES)('give not a single false alarm of %s', async (code) => {
    expect((await flaggedBy(code, rows)).size).toBe(0);
  });

  it('give false alarms in less than 2 % of the rows for each check of all rows', async () => {
    const study = await studyOf(rows, { withLanguages: true });
    const shares = sharesOf(study);
    expect(Object.keys(shares)).toEqual(CORPUS_CODES);
    expect(Object.values(shares).filter((share) => share >= 0.02)).toEqual([]);
  });
});

describe.each([
  'support-messages',
  'support-answers',
  'plain-language',
  'formal-tone',
  'humorous-tone',
  'product-descriptions',
])('the sample %s', (name) => {
  it('gives false alarms in less than 2 % of its rows for each check', async () => {
    const rows = sampleRows(name);
    const study = await studyOf(rows, { withLanguages: true });
    const byRow = await Promise.all(
      ROW_CODES.map(async (code) => [code, (await flaggedBy(code, rows)).size / rows.length] as const),
    );
    const shares = { ...Object.fromEntries(byRow), ...sharesOf(study) };
    expect(Object.entries(shares).filter(([, share]) => share >= 0.02)).toEqual([]);
  });
});

/** The share of rows that each check of all rows flags. */
function sharesOf(study: Awaited<ReturnType<typeof studyOf>>): Record<string, number> {
  return Object.fromEntries(
    CHECKS.flatMap((check) =>
      'conclude' in check
        ? [[check.kind.code, (check.conclude(study)?.rows ?? 0) / study.corpus.rows] as const]
        : [],
    ),
  );
}
