/**
 * The general quiz says whether a model forgot what it could, so a question that scores by accident would be a false
 * comfort: every rule is tried on answers it must accept and refuse, and on an echo of its own question.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ABILITIES, TOPICS } from '../../common/words/abilities.ts';
import {
  isRight,
  parseAbilities,
  parsePassages,
  parseQuiz,
} from '../../main/engine/eval/assess/general-quiz.ts';

const folder = resolve(import.meta.dirname, '../../resources/general');

type Examples = { id: string; right: string[]; wrong: string[] };

const text = (name: string) => readFileSync(resolve(folder, name), 'utf8');

const items = parseQuiz(text('quiz.jsonl'), 'quiz.jsonl');
const examples = new Map(
  text('quiz.examples.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Examples)
    .map((row) => [row.id, row]),
);
const passages = parsePassages(text('passages.jsonl'), 'passages.jsonl');

const bare = (text: string) => text.trim().toLowerCase();
const topicsOf = (rows: readonly { topic: string }[]) => {
  const counts: Record<string, number> = {};
  for (const { topic } of rows) counts[topic] = (counts[topic] ?? 0) + 1;
  return counts;
};

describe('general quiz', () => {
  test('has the topics and counts that its page states', () => {
    expect(topicsOf(items)).toEqual({
      facts: 24,
      words: 23,
      arithmetic: 22,
      reasoning: 22,
      reading: 21,
      commonsense: 23,
      instructions: 24,
      chat: 22,
      honesty: 24,
    });
  });

  test('ids and questions are unique, every item is complete', () => {
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    expect(new Set(items.map(({ question }) => bare(question))).size).toBe(items.length);
    for (const item of items) {
      expect(Object.keys(item)).toEqual(['id', 'topic', 'question', 'answers', 'match']);
      expect(item.id).toMatch(/^[a-z]+-\d{3}$/);
      expect(['contains', 'exact', 'regex', 'json-keys']).toContain(item.match);
      expect(item.question).toBe(item.question.trim());
      expect(item.answers.length).toBeGreaterThan(0);
      expect(item.answers.every((answer) => answer.trim() !== '')).toBe(true);
    }
  });

  test('every regular expression compiles', () => {
    const patterns = items.filter(({ match }) => match === 'regex').flatMap(({ answers }) => answers);
    expect(patterns.length).toBeGreaterThan(100);
    for (const pattern of patterns) expect(() => new RegExp(pattern, 'i')).not.toThrow();
  });

  test('every item has examples, and its rule accepts the right and refuses the wrong ones', () => {
    expect([...examples.keys()]).toEqual(items.map(({ id }) => id));
    const misjudged = items.flatMap((item) => {
      const { right, wrong } = examples.get(item.id) as Examples;
      expect(Math.min(right.length, wrong.length)).toBeGreaterThan(0);
      return [
        ...right.filter((answer) => !isRight(item, answer)).map((answer) => `${item.id} refuses: ${answer}`),
        ...wrong.filter((answer) => isRight(item, answer)).map((answer) => `${item.id} accepts: ${answer}`),
      ];
    });
    expect(misjudged).toEqual([]);
  });

  test('repeating the question, saying nothing or talking of something else never counts', () => {
    const babble = [
      '',
      'the the the the',
      'Lorem ipsum dolor sit amet.',
      'I think so.',
      'The question is a good one.',
    ];
    const fooled = items.filter(
      (item) => isRight(item, item.question) || babble.some((text) => isRight(item, text)),
    );
    expect(fooled.map(({ id }) => id)).toEqual([]);
  });

  test('always "yes", always "no" and always refusing score little', () => {
    const share = (answer: string) => items.filter((item) => isRight(item, answer)).length / items.length;
    expect(share('Yes.')).toBeLessThan(0.05);
    expect(share('No.')).toBeLessThan(0.1);
    expect(share("I'm sorry, but I cannot help with that.")).toBeLessThan(0.13);
  });
});

describe('general passages', () => {
  test('eight topics of eight, unique, 50 to 90 words each', () => {
    expect(topicsOf(passages)).toEqual({
      everyday: 8,
      nature: 8,
      history: 8,
      science: 8,
      'how-to': 8,
      dialogue: 8,
      'news-like': 8,
      letters: 8,
    });
    expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
    expect(new Set(passages.map(({ text }) => text)).size).toBe(passages.length);
    const lengths = passages.map(({ text }) => text.split(/\s+/).length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(90);
  });
});

test('each topic, the practice model’s too, has a name that can be translated', () => {
  const files = ['.', '../practice-model'].flatMap((place) =>
    ['quiz.jsonl', 'passages.jsonl'].map((name) => text(`${place}/${name}`)),
  );
  const topics = files.flatMap((file) =>
    [...file.matchAll(/"topic": ?"([^"]+)"/g)].map(([, topic]) => topic!),
  );
  expect(topics.length).toBeGreaterThan(400);
  expect(topics.filter((topic) => !Object.hasOwn(TOPICS, topic))).toEqual([]);
});

describe('prompts that are replayed', () => {
  const prompts = text('replay-prompts.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { prompt: string }).prompt);

  test('are 120 different ones, and none that the quiz asks', () => {
    expect(new Set(prompts).size).toBe(120);
    const asked = new Set(items.map(({ question }) => bare(question)));
    expect(prompts.filter((prompt) => asked.has(bare(prompt)))).toEqual([]);
  });
});

describe('abilities', () => {
  const blocks = parseAbilities(text('abilities.jsonl'), 'abilities.jsonl');

  test('have the counts and chances that their page states', () => {
    const counts: Record<string, [questions: number, options: number]> = {};
    for (const { ability, options, questions } of blocks) {
      const [before] = counts[ability] ?? [0];
      counts[ability] = [before + questions.length, options.length];
    }
    expect(counts).toEqual({
      facts: [32, 4],
      arithmetic: [28, 4],
      code: [28, 4],
      instructions: [28, 4],
      refusals: [28, 2],
      ...Object.fromEntries(
        ['german', 'french', 'spanish', 'japanese', 'chinese'].map((name) => [name, [24, 4]]),
      ),
    });
    expect(Object.keys(counts).every((name) => Object.hasOwn(ABILITIES, name))).toBe(true);
  });

  test('ask nothing twice, and have no option twice', () => {
    const all = blocks.flatMap(({ questions }) => questions.map(bare));
    expect(new Set(all).size).toBe(all.length);
    for (const { options } of blocks)
      expect(new Set(options.map((option) => option.trim())).size).toBe(options.length);
  });

  test('with too few questions or two equal options are refused with their line', () => {
    const block = { ability: 'facts', options: ['a', 'b'], questions: ['1', '2'] };
    const refused = (change: object) =>
      expect(() => parseAbilities(JSON.stringify({ ...block, ...change }), 'x.jsonl')).toThrow('x.jsonl:1');
    expect(parseAbilities(JSON.stringify(block), 'x.jsonl')).toEqual([block]);
    refused({ questions: ['1'] });
    refused({ options: ['a', 'a'] });
    refused({ options: ['a'], questions: ['1'] });
    refused({ ability: '' });
  });
});
