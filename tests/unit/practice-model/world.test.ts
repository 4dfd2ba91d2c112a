/** The world of the practice model: the same each time, its quiz unseen in training, and its English well formed. */
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../scripts/practice-model/draw.ts';
import {
  type Sample,
  WORLD_TOPICS,
  worldHeldOutPassages,
  worldPassages,
  worldQuiz,
  worldSamples,
} from '../../../scripts/practice-model/world/index.ts';
import { isHeldOut, normalised } from '../../../scripts/practice-model/world/split.ts';
import { article, choose, fill, listed, plural, table } from '../../../scripts/practice-model/world/text.ts';

const samples = [...worldSamples(seeded(1), 20_000)];
const passages = [...worldPassages(seeded(2), 3000)];
const quiz = worldQuiz(seeded(3));
const texts = [
  ...samples.flatMap((sample) => sample.messages.map((message) => message.content)),
  ...passages.map((passage) => passage.text),
  ...quiz.flatMap((item) => [item.question, ...item.answers]),
];
const asked = (sample: Sample) => sample.messages.filter((message) => message.role === 'user');
const single = (sample: Sample) => sample.messages.length === 2;

describe('worldSamples', () => {
  it('gives the same dialogues for the same seed and others for another', () => {
    const first = [...worldSamples(seeded(9), 300)];
    expect([...worldSamples(seeded(9), 300)]).toEqual(first);
    expect([...worldSamples(seeded(10), 300)]).not.toEqual(first);
  });

  it('covers every topic', () => {
    const counts = new Map<string, number>();
    for (const { topic } of samples) counts.set(topic, (counts.get(topic) ?? 0) + 1);
    for (const topic of WORLD_TOPICS) expect(counts.get(topic), topic).toBeGreaterThan(700);
  });

  it('alternates the user and the assistant, after at most one system message', () => {
    for (const { messages } of samples) {
      const roles = messages.map((message) => message.role[0]).join('');
      expect(roles).toMatch(/^s?(ua){1,3}$/);
    }
  });

  it('has about 15 % dialogues of several exchanges and about 10 % with a system message', () => {
    const several = samples.filter((sample) => asked(sample).length > 1).length / samples.length;
    const system = samples.filter((sample) => sample.messages[0]?.role === 'system').length / samples.length;
    expect(several).toBeGreaterThan(0.12);
    expect(several).toBeLessThan(0.18);
    expect(system).toBeGreaterThan(0.08);
    expect(system).toBeLessThan(0.12);
  });

  it('answers the same question in the same way', () => {
    const answers = new Map<string, string>();
    for (const { messages } of samples.filter(single)) {
      const [question, answer] = [messages[0]?.content as string, messages[1]?.content as string];
      expect(answer, question).toBe(answers.get(question) ?? answer);
      answers.set(question, answer);
    }
  });
});

describe('worldPassages', () => {
  it('gives texts of 30 to 150 words, the same for the same seed', () => {
    for (const { text } of passages) {
      const words = text.split(/\s+/).length;
      expect(words, text).toBeGreaterThanOrEqual(30);
      expect(words, text).toBeLessThanOrEqual(150);
    }
    expect([...worldPassages(seeded(2), 50)]).toEqual(passages.slice(0, 50));
  });

  it('never gives a held-out one', () => {
    const heldOut = new Set(worldHeldOutPassages(seeded(4)).map((passage) => passage.text));
    expect(heldOut.size).toBe(60);
    expect(passages.filter((passage) => heldOut.has(passage.text))).toEqual([]);
  });
});

describe('worldQuiz', () => {
  it('asks 20 different questions of each topic', () => {
    for (const topic of WORLD_TOPICS) expect(quiz.filter((item) => item.topic === topic)).toHaveLength(20);
    expect(new Set(quiz.map((item) => normalised(item.question))).size).toBe(12 * 20);
    expect(worldQuiz(seeded(3))).toEqual(quiz);
  });

  it('asks nothing that training asks', () => {
    const seen = new Set(samples.flatMap(asked).map((message) => normalised(message.content)));
    expect(quiz.filter((item) => seen.has(normalised(item.question)))).toEqual([]);
  });

  it('has an answer to everything', () => {
    for (const item of quiz) {
      expect(item.question.trim()).toBe(item.question);
      expect(item.answers.length).toBeGreaterThan(0);
      for (const answer of item.answers) expect(answer.trim()).toMatch(/[\p{L}\p{N}}]/u);
    }
  });
});

describe('the English', () => {
  it('leaves no slot and no alternative unfilled', () => {
    for (const text of texts) {
      expect(text).not.toMatch(/\[(?:\w+ )?\w+\]|\{[^"]*\|/);
      expect(text).not.toMatch(/undefined| {2}|\.\.|\?\./);
    }
  });

  it('has the right article before a vowel', () => {
    for (const text of texts) {
      for (const [, used, word] of text.matchAll(/\b(an?) ([a-z]+)/gi)) {
        expect(used?.toLowerCase(), text).toBe(article(word as string));
      }
    }
  });

  it('speaks more than 2,500 different words', () => {
    const words = new Set(texts.flatMap((text) => text.toLowerCase().match(/[a-z']+/g) ?? []));
    expect(words.size).toBeGreaterThan(2500);
  });
});

describe('the grammar', () => {
  it('picks alternatives and fills slots in the shape asked for', () => {
    expect(fill('[A animal], [s animal], [up animal], [Animal]', { animal: 'owl' }, () => 0)).toBe(
      'An owl, owls, OWL, Owl',
    );
    expect(choose('{a|{b|c}}!', () => 0.99)).toBe('c!');
    expect(() => fill('[nothing]', {}, () => 0)).toThrow('nothing');
  });

  it('knows plurals, lists and tables', () => {
    expect(['mouse', 'box', 'city', 'toy', 'fish'].map(plural)).toEqual([
      'mice',
      'boxes',
      'cities',
      'toys',
      'fish',
    ]);
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
    expect(table(['x|y', '1|-', '2|3'])).toEqual([{ x: '1' }, { x: '2', y: '3' }]);
    expect(() => table(['x|y', '1'])).toThrow('cells');
  });

  it('holds out about one text in sixteen, whatever its capitals and punctuation', () => {
    const share =
      Array.from({ length: 8000 }, (_, i) => isHeldOut(`question ${i}`)).filter(Boolean).length / 8000;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.075);
    expect(isHeldOut('What is it?')).toBe(isHeldOut('what is  it'));
  });
});
