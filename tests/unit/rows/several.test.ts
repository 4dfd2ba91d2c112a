/** Which columns hold several categories a text, and which only look as if they did. */
import { describe, expect, test } from 'vitest';
import { detectSchema, detectSeveral } from '../../../main/rows/detect.ts';
import { planRows } from '../../../main/rows/row-plan.ts';
import { categoriesIn, likelySeparator, partsOf, separatorOf } from '../../../main/rows/several.ts';

const TAGS = ['billing', 'urgent', 'refund request', 'shipping'] as const;
/** One to three of the tags, in an order that changes. */
const tagsOf = (i: number) =>
  TAGS.filter((_, tag) => (i + tag) % (tag + 2) === 0 || tag === i % 4).slice(0, 3);
const turned = <T>(list: readonly T[], by: number) => list.map((_, i) => list[(i + by) % list.length]!);
const sets = Array.from({ length: 60 }, (_, i) => turned(tagsOf(i), i));
const text = (i: number) =>
  `Letter ${i} tells at some length what happened to a parcel, and what its writer wants.`;
const records = (tags: (i: number) => unknown) => sets.map((_, i) => ({ message: text(i), tags: tags(i) }));

describe('several categories in a cell', () => {
  test.each([[';'], ['|'], [','], ['\n']] as const)('separated by %j', (separator) => {
    const joined = records((i) => sets[i]!.join(separator === '\n' ? '\n' : `${separator} `));
    const found = detectSeveral(joined)!;
    expect(found.several).toMatchObject({ columns: ['tags'], separator });
    expect([...found.several.categories].sort()).toEqual([...TAGS].sort());
    expect(found.mapping).toEqual({ prompt: ['message'], answer: ['tags'] });
    expect(categoriesIn(joined[4], found.several)).toEqual(sets[4]);
  });

  test('as a list, as JSON in a text, and as Python writes it', () => {
    const written = [
      (tags: readonly string[]) => tags,
      (tags: readonly string[]) => JSON.stringify(tags),
      (tags: readonly string[]) => `['${tags.join("', '")}']`,
    ];
    for (const write of written) {
      const rows = records((i) => write(sets[i]!));
      const { several } = detectSeveral(rows)!;
      expect(several.separator).toBe('list');
      expect(categoriesIn(rows[4], several)).toEqual(sets[4]);
    }
  });

  test('an empty cell has none of them, and is no reason against the others', () => {
    const rows = records((i) => (i % 3 === 0 ? '' : sets[i]!.join('; ')));
    const { several } = detectSeveral(rows)!;
    expect(several.separator).toBe(';');
    expect(categoriesIn(rows[0], several)).toEqual([]);
  });

  test('numbers of categories are separated by commas, decimals are not', () => {
    const ids = sets.map((set) => set.map((tag) => TAGS.indexOf(tag as never)).join(','));
    expect(separatorOf(ids)).toBe(',');
    const grades = sets.map((_, i) => ['1,3', '2,7', '3,3', '2,1', '1'][i % 5]);
    expect(separatorOf(grades)).toBeNull();
    expect(separatorOf(sets.map((_, i) => ['1,000,000', '2,000,000'][i % 2]))).toBeNull();
  });

  test('the separator whose parts come back most is taken', () => {
    const names = ['bills, refunds', 'parcels', 'late, urgent'];
    const cells = sets.map((_, i) =>
      turned(names, i)
        .slice(0, 1 + (i % 3))
        .join('; '),
    );
    expect(separatorOf(cells)).toBe(';');
  });
});

describe('what is not several categories', () => {
  const many = (make: (i: number) => string) => Array.from({ length: 60 }, (_, i) => make(i));
  const NAMES = ['Ann', 'Ben', 'Cem', 'Dora', 'Emil', 'Fay'];
  const PLACES = ['Paris, France', 'Lyon, France', 'Berlin, Germany', 'Madrid, Spain', 'Berlin'];
  const SHORT = ['yes, please', 'no, thanks', 'yes', 'no'];
  test.each([
    ['sentences', many((i) => `Dear team, parcel ${i} is late, and nobody answers, which is a pity.`)],
    ['short sentences', many((i) => `It is late, I think, by ${i % 3} days.`)],
    ['places', many((i) => PLACES[i % PLACES.length]!)],
    ['names', many((i) => `Smith${i}, ${NAMES[i % NAMES.length]}`)],
    ['families', many((i) => `${['Smith', 'Meyer', 'Sato'][i % 3]}, ${NAMES[i % NAMES.length]}`)],
    ['dates', many((i) => `${['Mon', 'Tue', 'Wed'][i % 3]}, ${1 + (i % 28)} May 2024`)],
    ['dates with bars', many((i) => `2024|05|${1 + (i % 28)}`)],
    ['answers', many((i) => SHORT[i % SHORT.length]!)],
    ['single categories', many((i) => TAGS[i % TAGS.length]!)],
    ['a category with a comma', many((i) => ['Food, drink', 'Books', 'Toys'][i % 3]!)],
    ['tags that never come back', many((i) => `tag${2 * i}; tag${2 * i + 1}`)],
    ['few rows', many((i) => sets[i]!.join('; ')).slice(0, 12)],
  ])('%s', (_, cells) => {
    expect(separatorOf(cells)).toBeNull();
    const rows = cells.map((tags, i) => ({ message: text(i), tags }));
    expect(detectSchema(rows)?.several).toBeUndefined();
  });

  test('tags beside a written answer are about the row', () => {
    const rows = sets.map((set, i) => ({ question: text(i), answer: `Answer ${i} tells why.`, tags: set }));
    expect(detectSchema(rows)).toMatchObject({ kind: 'question-answer', mapping: { answer: ['answer'] } });
    expect(detectSeveral(rows)).toBeUndefined();
  });
});

describe('yes-or-no columns', () => {
  const flags = (names: readonly string[]) =>
    sets.map((_, i) => ({
      id: `a${i}`,
      comment_text: text(i),
      ...Object.fromEntries(names.map((name, at) => [name, i % (at + 2) === 0 ? '1' : '0'])),
    }));

  test('are categories of one text where there are three at least', () => {
    const { several } = detectSeveral(flags(['toxic', 'insult', 'threat']))!;
    expect(several).toMatchObject({ columns: ['toxic', 'insult', 'threat'], separator: null });
    expect(categoriesIn(flags(['toxic', 'insult', 'threat'])[2], several)).toEqual(['toxic']);
    expect(detectSeveral(flags(['toxic', 'insult']))).toBeUndefined();
  });

  test('are no categories beside a column with the answer', () => {
    const rows = flags(['paid', 'new', 'abroad']).map((row, i) => ({ ...row, topic: TAGS[i % 4] }));
    expect(detectSchema(rows)).toMatchObject({ kind: 'label', mapping: { answer: ['topic'] } });
    expect(detectSeveral(rows)).toBeUndefined();
  });
});

test('the plan of a file says it in one sentence, and reads a list as a text', () => {
  const rows = records((i) => sets[i]!);
  const { schema, notes, row } = planRows('mails.jsonl', 'jsonl', rows, {});
  expect(schema!.several!.columns).toEqual(['tags']);
  expect(notes.map(({ message }) => message).join(' ')).toContain('“tags” holds lists of categories: ');
  expect(row(rows[4], '')!.turns.at(-1)!.content).toBe(sets[4]!.join('; '));
  const chosen = planRows('mails.jsonl', 'jsonl', rows, { map: 'prompt=message,answer=tags' });
  expect(chosen.schema!.several!.separator).toBe('list');
});

test('a column that a person calls several is split where most of its cells are', () => {
  expect(likelySeparator(['a|b', 'c', 'a'])).toBe('|');
  expect(likelySeparator(['a', 'b'])).toBe(';');
  expect(likelySeparator([['a'], ['b', 'c']])).toBe('list');
  expect(partsOf(' a ;; b; a', ';')).toEqual(['a', 'b']);
});
