import { describe, expect, it } from 'vitest';
import { Corpus, ROW_FACTS } from '../../../../main/rows/doctor/corpus.ts';
import { type Conclusion, Study, type StudySettings } from '../../../../main/rows/doctor/finding.ts';
import { NO_LANGUAGE } from '../../../../main/rows/doctor/language.ts';
import { CORPUS_CHECKS } from '../../../../main/rows/doctor/table.ts';
import type { LooseRow } from '../../../../main/rows/loose-row.ts';
import { Rng } from '../../../../main/rows/rng.ts';
import { chat, cleanRows, pair, text } from './clean-rows.ts';
import { FOREIGN } from './faults.ts';
import { SETTINGS, studyOf } from './flagged.ts';

interface Given {
  readonly settings?: Partial<StudySettings>;
  readonly evaluation?: readonly LooseRow[];
  readonly withLanguages?: boolean;
}

/** What the check `code` concludes of `rows`. */
async function concluded(
  code: string,
  rows: readonly LooseRow[],
  given: Given = {},
): Promise<Conclusion | null> {
  const check = CORPUS_CHECKS.find(({ kind }) => kind.code === code)!;
  const { settings, ...rest } = given;
  return check.conclude(await studyOf(rows, { settings: { ...SETTINGS, ...settings }, ...rest }));
}

const CLEAN = cleanRows(400);
const shouted = ({ turns, ...row }: LooseRow): LooseRow => ({
  ...row,
  turns: turns.map((turn) => ({ ...turn, content: turn.content.toUpperCase() })),
});

/** The row with a worse answer. */
const besideWorse = (row: LooseRow, worse: string): LooseRow => ({
  ...row,
  rejected: [{ role: 'assistant', content: worse }],
});

describe('contradictory pairs', () => {
  it('are two rows that call the other answer better, of the same question', async () => {
    const one = besideWorse(pair('Q?', 'A'), 'B');
    const other = besideWorse(pair('Q?', 'B '), 'A');
    const rows = [
      ...CLEAN,
      one,
      one,
      other,
      besideWorse(pair('Other?', 'B'), 'A'),
      besideWorse(pair('Q?', 'B'), 'C'),
    ];
    const found = await concluded('contradictory-pairs', rows);
    expect([...found!.drop!]).toEqual([400, 402]);
    expect(found!.examples).toEqual([{ row: 402, beside: { row: 400, of: 'data' } }]);
    expect(await concluded('contradictory-pairs', [...CLEAN, one, one])).toBeNull();
  });

  it('are no conflicting answers, and pairs with other worse answers no copies', async () => {
    const rows = ['B', 'C', 'D'].map((worse) => besideWorse(pair('Q?', 'A'), worse));
    expect(await concluded('conflicting-answers', [...rows, besideWorse(pair('Q?', 'E'), 'F')])).toBeNull();
    expect(await concluded('exact-duplicates', rows)).toBeNull();
    expect((await concluded('exact-duplicates', [...rows, rows[0]!]))!.rows).toBe(1);
  });
});

describe('longer answers', () => {
  const rows = (longer: number) =>
    Array.from({ length: 40 }, (_, i) => {
      const [long, short] = ['It is this one, and let me tell you why at length.', 'It is this one.'];
      return i < longer ? besideWorse(pair(`${i}?`, long), short) : besideWorse(pair(`${i}?`, short), long);
    });

  it('are told where most better answers are longer, by much', async () => {
    const found = await concluded('longer-answers', rows(38));
    expect(found).toMatchObject({ rows: 38, detail: expect.stringContaining('95%') });
    expect(await concluded('longer-answers', rows(28))).toBeNull();
    expect(await concluded('longer-answers', rows(38).slice(0, 15))).toBeNull();
    expect(await concluded('longer-answers', CLEAN)).toBeNull();
  });
});

describe('leaks', () => {
  it('finds training rows that are in the held-out file, exactly and nearly, and no others', async () => {
    const evaluation = [...cleanRows(100, 99), CLEAN[3]!, shouted(CLEAN[5]!), CLEAN[7]!, CLEAN[7]!];
    const found = await concluded('leaks', CLEAN, { evaluation });
    expect([...found!.drop!]).toEqual([3, 5, 7]);
    expect(found!.detail).toBe('4 of 104 test rows are in the training data; 3 training rows repeat them.');
    expect(found!.examples[1]).toEqual({ row: 5, beside: { row: 101, of: 'eval' } });
    expect(await concluded('leaks', CLEAN, { evaluation: cleanRows(100, 99) })).toBeNull();
  });

  it('finds near copies on both sides of the split that a run would make; exact copies stay on one side', async () => {
    const near = [...CLEAN, ...CLEAN.map(shouted)];
    const found = await concluded('leaks', near);
    // each held-out row leaks unless its one copy is held out, too: 1 in 10
    expect(found!.rows).toBeGreaterThan(0.8 * 80);
    expect(found!.rows).toBeLessThanOrEqual(80);
    expect(found!.severity).toBeUndefined();
    expect(await concluded('leaks', [...CLEAN, ...CLEAN])).toBeNull();
    expect(await concluded('leaks', near, { settings: { heldOut: 0 } })).toBeNull();
  });

  it('is a warning where few rows leak', async () => {
    const many = [...cleanRows(1000, 5)];
    const found = await concluded('leaks', [...many, ...many.slice(0, 12).map(shouted)], {
      settings: { heldOut: 0.5 },
    });
    expect(found!.severity).toBe('warning');
  });
});

describe('conflicting answers', () => {
  const labelled = (question: string, answer: string) => pair(question, answer);

  it('keeps the commonest answer, the earliest among equals', async () => {
    const rows = [
      labelled('Is it wet?', 'no'),
      labelled('is it  wet', 'Yes'),
      labelled('“Is it wet?”', 'yes.'),
      labelled('Is it dry?', 'first'),
      labelled('Is it dry?', 'second'),
      labelled('Is it warm?', 'a'),
      labelled('Is it warm?', 'A'),
    ];
    const found = await concluded('conflicting-answers', rows);
    expect([...found!.drop!]).toEqual([0, 4]);
    expect(found).toMatchObject({ rows: 5, detail: '2 questions with more than one answer.' });
    expect(found!.severity).toBeUndefined();
  });

  it('is only a warning for long answers, and takes the whole conversation as the question', async () => {
    const long = (word: string) => `This is an answer of more than ten words, and it ends with ${word}.`;
    const free = [pair('Write a line.', long('rain')), pair('Write a line.', long('snow'))];
    expect(await concluded('conflicting-answers', free)).toMatchObject({ severity: 'warning' });
    const turns = (first: string) =>
      chat(['user', first], ['assistant', 'I see.'], ['user', 'And now?'], ['assistant', first]);
    expect(await concluded('conflicting-answers', [turns('one'), turns('two')])).toBeNull();
    expect(
      await concluded('conflicting-answers', [pair('c++ or c?', 'c++'), pair('c or c++?', 'c')]),
    ).toBeNull();
  });
});

describe('labels', () => {
  const rows = (counts: Readonly<Record<string, number>>, write: (label: string) => string) =>
    Object.entries(counts).flatMap(([label, n]) =>
      Array.from({ length: n }, (_, i) => pair(`Sort message ${i} of ${label}, please`, write(label))),
    );

  it('are out of balance when one has more than ten times the rows of another', async () => {
    const uneven = rows({ refund: 300, praise: 29, damage: 31 }, (label) => label);
    const found = await concluded('label-imbalance', uneven);
    expect(found).toMatchObject({ rows: 29 });
    expect(found!.detail).toContain('The most frequent is “refund” with 300 rows; the rarest: “praise” 29.');
    expect(found!.examples.map(({ row }) => row)).toEqual([300, 301, 302]);
    expect(
      await concluded(
        'label-imbalance',
        rows({ refund: 300, praise: 30 }, (l) => l),
      ),
    ).toBeNull();
  });

  it('are found in fields of JSON answers', async () => {
    let id = 0;
    const write = (urgent: string) => JSON.stringify({ id: id++, topic: 'x', urgent: urgent === 'yes' });
    const found = await concluded('label-imbalance', rows({ yes: 20, no: 380 }, write));
    expect(found).toMatchObject({ rows: 20 });
    expect(found!.detail).toContain('The most frequent is “urgent: false” with 380 rows');
  });

  it('that never change are told, as a field and as a whole answer', async () => {
    const write = (topic: string) => JSON.stringify({ kind: 'coffee shop', topic });
    const found = await concluded('one-value', rows({ food: 15, price: 15 }, write));
    expect(found).toMatchObject({ rows: 30, examples: [{ row: 0 }] });
    expect(found!.detail).toContain('There is nothing but: “kind: coffee shop”.');
    const whole = await concluded(
      'one-value',
      rows({ yes: 20 }, (label) => label),
    );
    expect(whole!.detail).toContain('“yes”');
  });

  it('that a second value or too few rows make no rule of are not', async () => {
    const two = rows({ food: 400, price: 1 }, (topic) => JSON.stringify({ topic }));
    expect(await concluded('one-value', two)).toBeNull();
    const few = rows({ food: 10, price: 10 }, (topic) =>
      JSON.stringify(topic === 'food' ? { topic, kind: 'coffee shop' } : { topic }),
    );
    expect(await concluded('one-value', few)).toBeNull();
  });

  it('are not what free text is, whatever its length', async () => {
    expect(await concluded('label-imbalance', CLEAN)).toBeNull();
    const names = Array.from({ length: 300 }, (_, i) => pair(`Who is number ${i}?`, `Name${i % 150}`));
    expect(await concluded('label-imbalance', names)).toBeNull();
  });

  it('make one-word answers fine, and so does a large share of them', async () => {
    const sorted = rows({ refund: 60, praise: 60, damage: 60 }, (label) => label);
    expect(await concluded('one-word-answers', sorted)).toBeNull();
    const half = [
      ...CLEAN,
      ...CLEAN.map((_, i) => pair(`A word for ${i}?`, `word${String.fromCharCode(97 + (i % 26))}x`)),
    ];
    expect(await concluded('one-word-answers', half)).toBeNull();
    const few = [
      ...CLEAN,
      pair('Is it?', 'whatever'),
      pair('How many?', '42'),
      pair('Which?', 'B'),
      pair('So?', 'Yes.'),
    ];
    expect([...(await concluded('one-word-answers', few))!.drop!]).toEqual([400]);
  });
});

describe('languages', () => {
  it('of questions and answers may differ: translations are not accused', async () => {
    const translated = CLEAN.slice(0, 100).map(({ turns }, i) =>
      pair(turns[1]!.content, `${FOREIGN[0]!} ${FOREIGN[0]!.slice(i % 7)}`),
    );
    expect(await concluded('mixed-languages', translated, { withLanguages: true })).toBeNull();
  });

  it('in a mixture without a majority are told and accuse nobody', async () => {
    const mixed = Array.from({ length: 90 }, (_, i) => text(`${FOREIGN[i % 3]!} ${i}`));
    const found = await concluded('mixed-languages', mixed, { withLanguages: true });
    expect(found).toMatchObject({ rows: 0, severity: 'note' });
    expect(found!.detail).toMatch(/German 33%.*French 33%|French 33%.*German 33%/);
  });
});

describe('amounts', () => {
  it('say when rows are few for answers, for labels and for text', async () => {
    expect(await concluded('few-rows', CLEAN.slice(0, 40))).toMatchObject({ severity: 'harm', rows: 40 });
    expect(await concluded('few-rows', CLEAN.slice(0, 80))).toMatchObject({ severity: 'warning' });
    expect(await concluded('few-rows', CLEAN)).toBeNull();
    const sorted = Array.from({ length: 200 }, (_, i) =>
      pair(`Row ${i}`, i < 8 ? 'rare' : i < 100 ? 'often' : 'usual'),
    );
    expect(await concluded('few-rows', sorted)).toMatchObject({ severity: 'harm' });
    expect((await concluded('few-rows', sorted))!.detail).toContain('“rare”, has 8 rows');
    const story = 'A line of a story that goes on. '.repeat(400);
    expect(await concluded('few-rows', [text(story)])).toMatchObject({ severity: 'warning' });
    expect(await concluded('few-rows', [text(story.repeat(5))])).toBeNull();
  });

  it('say when the tokens are too many for the time', async () => {
    const study = await studyOf(CLEAN);
    const tokens = study.corpus.tokens.toArray().reduce((sum, n) => sum + n, 0);
    const minutes = (3 * tokens) / 100 / 60;
    const settings = { minutes: minutes / 2, tokensPerSecond: 100 };
    const found = await concluded('too-many-tokens', CLEAN, { settings });
    expect(Math.abs(found!.rows - 200)).toBeLessThan(20);
    expect(found!.detail).toContain('take about 19 minutes');
    const dropped = new Set(found!.drop);
    const kept = CLEAN.filter((_, row) => !dropped.has(row));
    expect(kept.length).toBe(400 - found!.rows);
    expect(await concluded('too-many-tokens', kept, { settings })).toBeNull();
    // by chance: not the first rows, and others with another seed
    expect(Math.min(...found!.drop!)).toBeLessThan(20);
    const other = await concluded('too-many-tokens', CLEAN, { settings: { ...settings, seed: 7 } });
    expect(other!.drop).not.toEqual(found!.drop);
    expect(
      await concluded('too-many-tokens', CLEAN, { settings: { ...settings, minutes: minutes * 1.01 } }),
    ).toBeNull();
    expect(await concluded('too-many-tokens', CLEAN)).toBeNull();
  });
});

describe('near duplicates', () => {
  it('never includes rows with other numbers or another short answer', async () => {
    const sums = Array.from({ length: 300 }, (_, i) =>
      pair(
        `A farmer has ${i} apples and sells 7 of them at the market in town; how many are left in the evening?`,
        `${i - 7}`,
      ),
    );
    expect(await concluded('near-duplicates', sums)).toBeNull();
    const question =
      'Is the following statement about the river and the bridge true or false, in one word please';
    expect(
      await concluded('near-duplicates', [pair(question, 'true'), pair(`${question}.`, 'false')]),
    ).toBeNull();
  });

  /** Facts about two rooms, which differ in the one noun that matters. */
  const room = (name: string, answer: string) =>
    pair(
      `On which floor of the old town library do visitors of the archive find the ${name} when they come in at noon?`,
      answer,
    );
  const UPSTAIRS =
    'It is on the second floor, to the left of the stairs, behind the glass door with the blue sign.';

  it('does not take two questions with other answers for one, however alike they are', async () => {
    const downstairs = UPSTAIRS.replace('second', 'ground');
    expect(
      await concluded('near-duplicates', [room('map room', UPSTAIRS), room('hat room', downstairs)]),
    ).toBeNull();
  });

  it('says in how many rows a word is another one, and shows those', async () => {
    const shouted = room('MAP ROOM', UPSTAIRS);
    const found = await concluded('near-duplicates', [
      room('map room', UPSTAIRS),
      shouted,
      room('hat room', UPSTAIRS),
    ]);
    expect(found).toMatchObject({ rows: 2, examples: [{ row: 2, beside: { row: 0 } }] });
    expect(found!.detail).toMatch(/In 1 of these rows, only a word differs.*keep them/);
    expect(
      (await concluded('near-duplicates', [room('map room', UPSTAIRS), shouted]))!.detail,
    ).toBeUndefined();
  });

  it('the safe fix for leaks keeps facts that differ from a held-out one in a word', async () => {
    const rows = [room('map room', UPSTAIRS), room('hat room', UPSTAIRS), room('MAP ROOM', UPSTAIRS)];
    const held = [room('map room', UPSTAIRS)];
    const found = await concluded('leaks', rows, { evaluation: held });
    expect([...found!.drop!]).toEqual([0, 2]);
    expect(found).toMatchObject({ rows: 3, detail: expect.stringContaining('1 more differ') });
    expect(await concluded('leaks', rows.slice(1, 2), { evaluation: held })).not.toHaveProperty('drop');
  });

  it('keeps one of each group: no two rows that are kept are nearly equal', async () => {
    const rng = Rng.fromSeed(3);
    const rows = CLEAN.slice(0, 60).flatMap((row) => [row, shouted(row), shouted(shouted(row)), row]);
    const shuffled = [...rng.shuffle(Uint32Array.from(rows, (_, i) => i))].map((i) => rows[i]!);
    const exact = (await concluded('exact-duplicates', shuffled))!.drop!;
    const near = (await concluded('near-duplicates', shuffled))!.drop!;
    const kept = shuffled.filter((_, i) => !exact.includes(i) && !near.includes(i));
    expect(kept.length).toBe(60);
    expect(await concluded('near-duplicates', kept)).toBeNull();
  });
});

it('says that only the first million rows were compared, also where none of them are nearly equal', async () => {
  const corpus = new Corpus();
  const facts = new Uint32Array(ROW_FACTS);
  for (let row = 0; row <= 1_000_000; row++) {
    // the first word of the content
    facts[0] = row + 1;
    corpus.add(CLEAN[0]!, facts, new Uint16Array(), NO_LANGUAGE);
  }
  const near = CORPUS_CHECKS.find(({ kind }) => kind.code === 'near-duplicates')!;
  const detail = 'Only the first 1,000,000 rows were compared.';
  expect(near.conclude(new Study(corpus, SETTINGS))).toMatchObject({ rows: 0, severity: 'note', detail });
  expect(near.conclude(await studyOf(CLEAN))).toBeNull();
  corpus.close();
});
