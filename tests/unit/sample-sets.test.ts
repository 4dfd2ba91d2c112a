/**
 * The two written sample sets promise a form, a number of rows and independence of their held-out rows; whoever adds
 * a row that breaks one of these finds out here.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = resolve(import.meta.dirname, '../../resources/samples');
const NEAR = 0.8;

type Message = { role: string; content: string };
type Answers = { messages: Message[] };
type Product = { prompt: string; completion: string };

const read = <Row>(name: string): Row[] =>
  readFileSync(resolve(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

const words = (text: string) => text.toLowerCase().match(/[\p{L}\d]+/gu) ?? [];
const runs = (text: string, length: number) => {
  const all = words(text);
  if (all.length < length) return new Set([all.join(' ')]);
  return new Set(all.slice(length - 1).map((_, start) => all.slice(start, start + length).join(' ')));
};

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const run of a) if (b.has(run)) shared++;
  return shared / (a.size + b.size - shared);
}

/** The pairs of texts that share more than `NEAR` of their word trigrams (Jaccard). */
function nearPairs(texts: readonly string[]): string[][] {
  const sets = texts.map((text) => runs(text, 3));
  return texts.flatMap((text, i) =>
    texts.slice(i + 1).flatMap((other, k) => {
      const near = overlap(sets[i] as Set<string>, sets[i + 1 + k] as Set<string>) > NEAR;
      return near ? [[text, other]] : [];
    }),
  );
}

/** The runs of `length` words in the held-out texts that a training text has as well. */
function sharedRuns(training: readonly string[], heldOut: readonly string[], length: number): string[] {
  const known = new Set(training.flatMap((text) => [...runs(text, length)]));
  return heldOut.flatMap((text) => [...runs(text, length)]).filter((run) => known.has(run));
}

const odd = (text: string) => /[[\]{}|~]| {2}| [.,?!]|\\n|\bundefined\b|\ufffd/.test(text);

describe('support answers', () => {
  const training = read<Answers>('support-answers.jsonl');
  const heldOut = read<Answers>('support-answers.held-out.jsonl');
  const all = [...training, ...heldOut];
  const turns = (role: string) =>
    all.flatMap(({ messages }) => messages.filter((message) => message.role === role));
  const question = (row: Answers) => row.messages.find(({ role }) => role === 'user')?.content ?? '';
  const whole = (row: Answers) =>
    row.messages
      .filter(({ role }) => role !== 'system')
      .map(({ content }) => content)
      .join(' ');

  test('as many rows of each form as the card says', () => {
    const form = ({ messages }: Answers) => messages.map(({ role }) => role[0]).join('');
    for (const row of all) expect(form(row)).toMatch(/^s?(ua){1,2}$/);
    expect([training.length, heldOut.length]).toEqual([300, 30]);
    expect(training.filter((row) => form(row).startsWith('s'))).toHaveLength(16);
    expect(training.filter((row) => form(row).endsWith('uaua'))).toHaveLength(28);
  });

  test('every answer keeps to the house style', () => {
    const fluff = /feel free|sorry|apolog|thank|hope this|hesitate|happy to|great question|!/i;
    for (const { content } of turns('assistant')) {
      const [opening = '', ...steps] = content.split(/\n\d\. /);
      expect([content, opening.split(/[.?!](?=\s|$)/).filter((part) => part.trim()).length <= 4]).toEqual([
        content,
        true,
      ]);
      expect([content, steps.length <= 4]).toEqual([content, true]);
      expect(content).not.toMatch(fluff);
      expect(content).toMatch(/[.?]$/);
    }
  });

  test('no text is empty, untrimmed or carries marks of its making', () => {
    const texts = all.flatMap(({ messages }) => messages.map(({ content }) => content));
    expect(texts.filter((text) => text.trim() === '' || text !== text.trim() || odd(text))).toEqual([]);
  });

  test('no question occurs twice and no two rows are nearly the same', () => {
    expect(new Set(all.map(question)).size).toBe(all.length);
    expect(nearPairs(all.map(whole))).toEqual([]);
  });

  test('held-out wording is independent: no run of eight words is shared', () => {
    expect(sharedRuns(training.map(whole), heldOut.map(whole), 8)).toEqual([]);
  });
});

describe('product descriptions', () => {
  const training = read<Product>('product-descriptions.jsonl');
  const heldOut = read<Product>('product-descriptions.held-out.jsonl');
  const all = [...training, ...heldOut];
  const figures = (text: string) =>
    new Set((text.match(/\d[\d,.]*/g) ?? []).map((n) => n.replace(/[,.]+$/, '')));
  const name = (row: Product) => /^name: (.+)/.exec(row.prompt)?.[1] ?? '';

  test('300 and 30 rows with five attributes each', () => {
    expect([training.length, heldOut.length]).toEqual([300, 30]);
    for (const row of all) {
      expect(Object.keys(row)).toEqual(['prompt', 'completion']);
      expect(row.prompt).toMatch(/^name: .+\nmaterial: .+\ncolour: .+\nsize: .+\nfor: .+$/);
    }
  });

  test('every description names the product, keeps the length and ends shortly', () => {
    for (const row of all) {
      const length = row.completion.split(/\s+/).length;
      expect([name(row), length >= 40 && length <= 80]).toEqual([name(row), true]);
      expect(row.completion).toContain(name(row).split(' ')[0]);
      expect(words(row.completion.split(/(?<=[.!?]) /).at(-1) ?? '').length).toBeLessThanOrEqual(8);
    }
  });

  test('every figure of the list is in the text, and no other', () => {
    for (const row of all)
      expect([name(row), figures(row.completion)]).toEqual([name(row), figures(row.prompt)]);
  });

  test('materials and colours are named', () => {
    const small = new Set(['and', 'with', 'of', 'a', 'the', 'in', 'on', 'one', 'its', 'own']);
    const unnamed = all.filter((row) => {
      const text = new Set(words(row.completion));
      return (['material', 'colour'] as const).some((key) => {
        const value = new RegExp(`^${key}: (.+)$`, 'm').exec(row.prompt)?.[1] ?? '';
        const wanted = words(value).filter((word) => !small.has(word));
        return !wanted.some((word) => text.has(word));
      });
    });
    expect(unnamed.map(name)).toEqual([]);
  });

  test('no product occurs twice, no two texts are nearly the same, none has marks of its making', () => {
    expect(new Set(all.map((row) => name(row).split(' ')[0])).size).toBe(all.length);
    expect(nearPairs(all.map(({ completion }) => completion))).toEqual([]);
    expect(all.filter(({ completion }) => odd(completion) || completion !== completion.trim())).toEqual([]);
  });

  test('held-out texts share no run of eight words with the training texts', () => {
    const text = ({ completion }: Product) => completion;
    expect(sharedRuns(training.map(text), heldOut.map(text), 8)).toEqual([]);
  });
});
