/**
 * The sample sets for rewriting (plain language, a formal and a humorous tone) and the running text: rows have the
 * promised form and length, none repeats another, none of the held-out ones is known from training, and the cards count right.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

type Pair = { input: string; output: string };
type Turn = { role: string; content: string };
type Row = { prompt?: string; completion?: string; instruction?: string; input?: string; output?: string } & {
  messages?: Turn[];
};
type SampleSet = {
  keys: string[];
  inputWords: [number, number];
  outputWords: [number, number];
  pair: (row: Row) => Pair;
};

const folder = resolve(import.meta.dirname, '../../resources/samples');
const text = (name: string) => readFileSync(resolve(folder, name), 'utf8');
const rowsOf = (name: string) =>
  text(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

const SETS: Record<string, SampleSet> = {
  'plain-language': {
    keys: ['prompt', 'completion'],
    inputWords: [15, 60],
    outputWords: [12, 45],
    pair: ({ prompt = '', completion = '' }) => ({ input: prompt, output: completion }),
  },
  'formal-tone': {
    keys: ['instruction', 'input', 'output'],
    inputWords: [4, 45],
    outputWords: [4, 60],
    pair: ({ input = '', output = '' }) => ({ input, output }),
  },
  'humorous-tone': {
    keys: ['messages'],
    inputWords: [3, 30],
    outputWords: [12, 75],
    pair: ({ messages = [] }) => ({ input: messages[0]?.content ?? '', output: messages[1]?.content ?? '' }),
  },
};
const PARTS = [
  ['', 200],
  ['.held-out', 20],
] as const;

const wordCount = (value: string) => value.split(/\s+/).filter(Boolean).length;
const words = (value: string): string[] => value.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const numbers = (value: string): string[] => value.match(/\d[\d,.:]*\d|\d/g) ?? [];
const within = (value: string, [low, high]: [number, number]) =>
  wordCount(value) >= low && wordCount(value) <= high;

/** The set of runs of `length` words; a text with fewer words is one run. */
function runsOf(value: string, length: number): Set<string> {
  const all = words(value);
  const count = Math.max(1, all.length - length + 1);
  return new Set(Array.from({ length: count }, (_, start) => all.slice(start, start + length).join(' ')));
}

/** Share of runs that two texts have in common, 0 to 1. */
function jaccard(a: Set<string>, b: Set<string>): number {
  const shared = [...a].filter((run) => b.has(run)).length;
  return shared / (a.size + b.size - shared);
}

/** Pairs of texts that are more than 80 % alike. */
function nearDuplicates(texts: string[]): [string, string][] {
  const sets = texts.map((value) => runsOf(value, 3));
  return sets.flatMap((set, i) =>
    sets
      .slice(0, i)
      .flatMap((other, j): [string, string][] => (jaccard(set, other) > 0.8 ? [[texts[j]!, texts[i]!]] : [])),
  );
}

test('the measure of likeness finds a swapped word and lets different sentences pass', () => {
  const sentence =
    'You pay the first part of every claim yourself, unless the damage was done by water or by frost.';
  const long = `${sentence} ${sentence.replaceAll('claim', 'loss')} We pay the rest.`;
  expect(nearDuplicates([long, long.replace('rest', 'remainder')])).toHaveLength(1);
  expect(
    nearDuplicates([sentence, 'We pay the first part of every claim, whatever it was done by.']),
  ).toEqual([]);
});

describe.each(Object.entries(SETS))('%s', (name, set) => {
  const parts = PARTS.map(([part, count]) => ({ rows: rowsOf(`${name}${part}.jsonl`), count }));
  const pairs = parts.flatMap(({ rows }) => rows.map(set.pair));

  test('number and form of the rows', () => {
    expect(parts.map(({ rows }) => rows.length)).toEqual(parts.map(({ count }) => count));
    for (const row of parts.flatMap(({ rows }) => rows)) {
      expect(Object.keys(row)).toEqual(set.keys);
      expect((row.messages ?? []).map(({ role }) => role)).toEqual(row.messages ? ['user', 'assistant'] : []);
    }
  });

  test('lengths are in the range that the card names', () => {
    expect(pairs.filter(({ input }) => !within(input, set.inputWords))).toEqual([]);
    expect(pairs.filter(({ output }) => !within(output, set.outputWords))).toEqual([]);
  });

  test('no input and no output occurs twice or nearly so, in neither file nor in both', () => {
    for (const side of ['input', 'output'] as const) {
      const texts = pairs.map((pair) => pair[side]);
      expect(new Set(texts.map((value) => words(value).join(' '))).size).toBe(texts.length);
      expect(nearDuplicates(texts)).toEqual([]);
    }
  });

  test('texts are clean: no doubled space, space before a stop, stray mark or open end', () => {
    const odd = pairs.filter(
      ({ input, output }) =>
        /[{}|\t\uFFFD]| {2}| [.,;]|\bundefined\b/.test(input + output) ||
        input !== input.trim() ||
        !/[.!?]["”]?$/.test(output),
    );
    expect(odd).toEqual([]);
  });
});

describe('what each set promises besides', () => {
  const all = (name: string) => PARTS.flatMap(([part]) => rowsOf(`${name}${part}.jsonl`));
  const pairsOf = (name: string) => all(name).map(SETS[name]!.pair);

  test('plain language keeps every number of its clause', () => {
    const lost = pairsOf('plain-language').filter(({ input, output }) =>
      numbers(input).some((number) => !numbers(output).includes(number)),
    );
    expect(lost).toEqual([]);
  });

  test('plain language leaves the words of law behind', () => {
    const law =
      /\b(shall|herein|hereof|hereunder|thereof|thereafter|forthwith|notwithstanding|save where|pursuant)\b/i;
    expect(pairsOf('plain-language').filter(({ output }) => law.test(output))).toEqual([]);
  });

  test('the formal side has no contractions and adds no greeting that was not there', () => {
    const contraction = /\b\w+(?:n't|'re|'ve|'ll|'d|'m)\b|\b(?:it|that|what|here|there|let|who)'s\b/i;
    const pairs = pairsOf('formal-tone');
    expect(pairs.filter(({ output }) => contraction.test(output))).toEqual([]);
    const greeted = pairs.filter(({ output }) => /^(Dear|Good day)\b/.test(output));
    expect(greeted.filter(({ input }) => !/^(hi|hey|hiya|hello)\b/i.test(input))).toEqual([]);
  });

  test('formal tone asks in five wordings, most often the plainest', () => {
    const asked = all('formal-tone').map(({ instruction }) => instruction);
    expect(new Set(asked).size).toBe(5);
    expect(asked.filter((instruction) => instruction === 'Make this formal.').length).toBeGreaterThan(60);
  });

  test('a humorous answer has one to three sentences', () => {
    const sentences = (value: string) => value.match(/[.!?]["”]?(?=\s+["“A-Z]|$)/g)?.length ?? 0;
    const odd = pairsOf('humorous-tone').filter(
      ({ output }) => sentences(output) < 1 || sentences(output) > 3,
    );
    expect(odd).toEqual([]);
  });
});

describe('continued text', () => {
  const training = text('continued-text.md');
  const heldOut = text('continued-text.held-out.md');
  const headings = (value: string, level: number) =>
    value.split('\n').filter((line) => line.startsWith(`${'#'.repeat(level)} `));
  const paragraphs = (value: string) => value.trimEnd().split(/\n{2,}/);

  test('length and headings', () => {
    expect(within(training, [6000, 8000])).toBe(true);
    expect(within(heldOut, [500, 700])).toBe(true);
    expect([1, 2].map((level) => headings(training, level).length)).toEqual([1, 16]);
    expect(headings(training, 3).length).toBeGreaterThan(50);
    expect([1, 2].map((level) => headings(heldOut, level).length)).toEqual([0, 1]);
    expect(headings(training, 2)).not.toContain(headings(heldOut, 2)[0]);
  });

  test('running text only: single-line paragraphs, no list, table, link or markup', () => {
    for (const paragraph of [...paragraphs(training), ...paragraphs(heldOut)]) {
      expect(paragraph).toMatch(/^(?:#{1,3} \S.*[^.]|[A-Z].*[.?!])$/);
      expect(paragraph).not.toMatch(/[*_`<>|[\]]| {2}/);
    }
  });

  test('no paragraph comes twice, and the held-out chapter is not known', () => {
    expect(nearDuplicates([...paragraphs(training), ...paragraphs(heldOut)])).toEqual([]);
    const known = runsOf(training, 8);
    expect([...runsOf(heldOut, 8)].filter((run) => known.has(run))).toEqual([]);
  });
});

test.each([...Object.keys(SETS), 'continued-text.card'])(
  'the card %s.md counts right and names the licence',
  (name) => {
    const card = text(`${name}.md`);
    const counted = [...card.matchAll(/^\| `([\w.-]+)` \| ([\d,]+) \|/gm)].map(
      ([, file = '', count = '']) => ({
        file,
        count: Number(count.replace(',', '')),
      }),
    );
    expect(counted).toHaveLength(2);
    for (const { file, count } of counted) {
      const actual = file.endsWith('.md') ? wordCount(text(file)) : rowsOf(file).length;
      expect(Math.abs(actual - count)).toBeLessThanOrEqual(file.endsWith('.md') ? 50 : 0);
    }
    for (const part of ['**Goal.**', '**Source.**', '**Limits.**', 'CC0 1.0']) expect(card).toContain(part);
  },
);
