/** What Fettle writes beside a row is kept through reading and repairs, and an answer that nobody confirmed is never held out. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ORIGIN, PERSON, UNFINISHED } from '../../../common/settings/rows.ts';
import { isUnconfirmed } from '../../../main/rows/about.ts';
import { CORPUS_CHECKS } from '../../../main/rows/doctor/table.ts';
import { type LooseRow, looseToJson } from '../../../main/rows/loose-row.ts';
import { readLooseRows } from '../../../main/rows/read-rows.ts';
import { canonicalText, strictRow } from '../../../main/rows/schema.ts';
import { splitHash, splitRows } from '../../../main/rows/split.ts';
import { cleanRows } from './doctor/clean-rows.ts';
import { SETTINGS, studyOf } from './doctor/flagged.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-about-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowsOf(name: string, content: string): Promise<LooseRow[]> {
  const file = join(folder, name);
  await writeFile(file, content);
  const rows: LooseRow[] = [];
  for await (const { row } of readLooseRows([file])) rows.push(row);
  return rows;
}

const turnsOf = (prompt: string, answer: string) => [
  { role: 'user', content: prompt, field: 'prompt' },
  { role: 'assistant', content: answer, field: 'completion' },
];

const CSV = `question,label,fettle_origin,fettle_model,fettle_confirmed
My card is lost,lost,teacher,large,
My card is gone,lost,teacher,large,person
Where is it?,where,person,,person
`;

describe('columns that Fettle writes', () => {
  it('tell an answer that stops before its end', () => {
    const row = { kind: 'completion' as const, turns: turnsOf('a', 'b') };
    expect(strictRow({ ...row, about: { [UNFINISHED]: 'yes' } }, '')).toMatchObject({ unfinished: true });
    expect(strictRow({ ...row, about: { [ORIGIN]: PERSON } }, '')).not.toHaveProperty('unfinished');
    const texts = [{}, { about: { [UNFINISHED]: 'yes' } }].map((more) =>
      canonicalText(strictRow({ ...row, ...more }, '')),
    );
    expect(texts[0]).not.toBe(texts[1]);
  });

  it.each([
    ['a table', 'rows.csv', CSV],
    [
      'lines of JSON',
      'rows.jsonl',
      '{"prompt":"a","completion":"b","fettle_origin":"teacher","fettle_model":"large"}\n{"prompt":"c","completion":"d","fettle_origin":"teacher","fettle_confirmed":"person"}\n{"prompt":"e","completion":"f"}\n',
    ],
  ])('say of %s which answers nobody confirmed', async (_, name, content) => {
    expect((await rowsOf(name, content)).map(isUnconfirmed)).toEqual([true, false, false]);
  });

  it('are never taken for a question or an answer', async () => {
    const [first] = await rowsOf('columns.csv', CSV);
    expect(first!.turns.map(({ content }) => content)).toEqual(['My card is lost', 'lost']);
  });

  it('stay with a row that is written again', async () => {
    const [first] = await rowsOf('again.csv', CSV);
    expect(looseToJson(first!)).toEqual({
      ...{ prompt: 'My card is lost', completion: 'lost' },
      ...{ fettle_origin: 'teacher', fettle_model: 'large' },
    });
  });
});

describe('a split', () => {
  const split = (unconfirmed: (row: number) => boolean, heldOut: number) => {
    const words = Array.from({ length: 200 }, (_, i) =>
      splitHash([Math.imul(i + 1, 0x9e3779b1) >>> 0, i], unconfirmed(i)),
    );
    return splitRows(200, { heldOut, seed: 1, hashes: [Uint32Array.from(words.flat())] });
  };

  it('never holds out an unconfirmed answer, and at most half of the others', () => {
    const { heldOut, train } = split((row) => row >= 40, 0.1);
    expect(heldOut.length).toBe(20);
    expect(Math.max(...heldOut)).toBeLessThan(40);
    expect(train.length).toBe(180);
    expect(split((row) => row >= 40, 100).heldOut.length).toBe(20);
    expect(split(() => true, 0.1).heldOut.length).toBe(0);
    expect(split(() => false, 0.1).heldOut.length).toBe(20);
  });

  it('holds out the same rows as ever where all are the person’s', () => {
    expect([...split(() => false, 0.05).heldOut]).toEqual([2, 5, 51, 56, 85, 110, 115, 145, 148, 160]);
  });
});

describe('the data check', () => {
  const about = { fettle_origin: 'teacher' };
  const concluded = async (rows: readonly LooseRow[], evaluation?: readonly LooseRow[]) => {
    const check = CORPUS_CHECKS.find(({ kind }) => kind.code === 'model-answers')!;
    return check.conclude(await studyOf(rows, { settings: SETTINGS, ...(evaluation && { evaluation }) }));
  };
  const rows = cleanRows(100);
  const marked = (from: number) => rows.map((row, i) => (i < from ? row : { ...row, about }));

  it('says how many answers a model gave, and warns where too few are the person’s', async () => {
    expect(await concluded(rows)).toBeNull();
    const many = await concluded(marked(40));
    expect(many).toMatchObject({ rows: 60, detail: expect.stringContaining('the other 40') });
    expect(many).not.toHaveProperty('severity');
    expect(await concluded(marked(5))).toMatchObject({ severity: 'warning' });
    expect(await concluded(marked(0))).toMatchObject({ severity: 'harm' });
  });

  it('calls it harm where test rows are answered by a model', async () => {
    expect(await concluded(rows, marked(90))).toMatchObject({ severity: 'harm', rows: 0 });
    expect(await concluded(marked(0), rows)).toMatchObject({ rows: 100 });
  });
});
