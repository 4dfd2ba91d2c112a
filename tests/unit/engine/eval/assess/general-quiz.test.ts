import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { quizFigures } from '../../../../../main/engine/eval/assess/assess-figures.ts';
import {
  generalMaterial,
  isRight,
  parsePassages,
  parseQuiz,
  type QuizItem,
  shortened,
} from '../../../../../main/engine/eval/assess/general-quiz.ts';

const item = (match: QuizItem['match'], ...answers: string[]): QuizItem => ({
  ...{ id: '1', topic: 't', question: 'q' },
  answers,
  match,
});

describe('isRight', () => {
  it.each([
    ['exact', ['A cow says moo.'], 'a cow says MOO', true],
    ['exact', ['moo'], 'A cow says moo.', false],
    ['exact', ['four', '4'], '4.', true],
    ['contains', ['Paris'], 'The capital is paris.', true],
    ['contains', ['art'], 'a cart', false],
    ['contains', ['巴黎'], '首都是巴黎。', true],
    ['contains', ['4'], '14', false],
    ['contains', ['C++'], 'I like C++ best', true],
    ['contains', ['two words'], 'These are two words, yes', true],
    ['regex', ['^[a-z]+(, [a-z]+){2}$'], 'red, green, blue', true],
    ['regex', ['^\\W*five\\b'], 'Five it is', true],
    ['regex', ['^[a-z]+$'], 'two words', false],
    ['json-keys', ['colour'], '{"colour":"red","n":1}', true],
    ['json-keys', ['colour', 'n'], '{"colour":"red"}', false],
    ['json-keys', ['colour'], 'colour: red', false],
  ] as const)('%s %j of "%s": %s', (match, answers, said, right) => {
    expect(isRight(item(match, ...answers), said)).toBe(right);
  });

  it('agrees with the examples of the bundled quiz', async () => {
    const folder = path.resolve(import.meta.dirname, '../../../../../resources/general');
    const { quiz } = await generalMaterial('/no/such/model.gguf');
    const lines = readFileSync(path.join(folder, 'quiz.examples.jsonl'), 'utf8').trim().split('\n');
    const byId = new Map(quiz.map((one) => [one.id, one]));
    const wrong: string[] = [];
    for (const line of lines) {
      const examples = JSON.parse(line) as { id: string; right: string[]; wrong: string[] };
      const one = byId.get(examples.id)!;
      for (const said of examples.right) if (!isRight(one, said)) wrong.push(`${one.id} refuses ${said}`);
      for (const said of examples.wrong) if (isRight(one, said)) wrong.push(`${one.id} accepts ${said}`);
    }
    expect(lines.length).toBeGreaterThan(150);
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  it('are read line by line, empty ones skipped', () => {
    const text =
      '{"topic":"a","question":"q","answers":["x"]}\n\n{"id":7,"topic":"b","question":"r","answers":["y"],"match":"regex"}\r\n';
    expect(parseQuiz(text, 'f').map(({ id, topic, match }) => [id, topic, match])).toEqual([
      ['1', 'a', 'exact'],
      ['7', 'b', 'regex'],
    ]);
    expect(parsePassages('{"id":"p","topic":"a","text":"Once."}', 'f')).toEqual([
      { id: 'p', topic: 'a', text: 'Once.' },
    ]);
  });

  it.each([
    ['not json', 'f:1: expected a JSON object'],
    ['{"topic":"a","question":"q","answers":[]}', 'f:1: expected topic, question'],
    ['{"topic":"a","question":"q","answers":["("],"match":"regex"}', 'f:1: expected a regular expression'],
    ['{"topic":"a","question":"q","answers":["x"],"match":"fuzzy"}', 'f:1: expected topic'],
  ])('are refused with their line: %s', (text, message) => {
    expect(() => parseQuiz(text, 'f')).toThrow(message);
  });
});

describe('shortened', () => {
  it('keeps topics in proportion and the order of the file', () => {
    const items = ['a', 'a', 'a', 'a', 'b', 'b', 'c'].map((topic, i) => ({ topic, i }));
    expect(shortened(items, 5).map(({ i }) => i)).toEqual([0, 1, 4, 5, 6]);
    expect(shortened(items, 50)).toEqual(items);
  });
});

describe('quizFigures', () => {
  it('counts by topic and lists what broke', () => {
    const items = ['a', 'a', 'b'].map((topic, i) => ({ ...item('exact', `r${i}`), topic, id: String(i) }));
    const figures = quizFigures(items, ['r0', 'r1', 'no'], ['r0', 'what?', 'r2']);
    expect(figures.total).toMatchObject({ items: 3, before: { value: 2 / 3 }, after: { value: 2 / 3 } });
    expect(figures.topics.map(({ topic, after }) => [topic, after.value])).toEqual([
      ['a', 0.5],
      ['b', 1],
    ]);
    expect(figures.broke).toEqual([
      { topic: 'a', question: 'q', accepted: ['r1'], before: 'r1', after: 'what?' },
    ]);
    expect([figures.mended, figures.change.value]).toEqual([1, 0]);
  });
});
