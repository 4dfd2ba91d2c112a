/** The shop corner of the practice model's world: broad, repeatable, whole sentences, and a quiz that training never saw. */
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../scripts/practice-model/draw.ts';
import { expand, tidy } from '../../../scripts/practice-model/shop/grammar.ts';
import { shopPassages, shopQuiz, shopSamples } from '../../../scripts/practice-model/shop/index.ts';
import { isReserved, letterFor, withNoun } from '../../../scripts/practice-model/shop/letter.ts';
import { MEANINGS } from '../../../scripts/practice-model/shop/meanings.ts';
import { exchangesFor } from '../../../scripts/practice-model/shop/questions.ts';
import { SLOTS, thingSlots } from '../../../scripts/practice-model/shop/words.ts';

const samples = [...shopSamples(seeded(1), 4000)];
const passages = [...shopPassages(seeded(2), 1500)];
const quiz = [1, 2, 3, 4].flatMap((seed) => shopQuiz(seeded(seed)));
const texts = [
  ...samples.flatMap((sample) => sample.messages.map((message) => message.content)),
  ...passages.map((passage) => passage.text),
  ...quiz.flatMap((item) => [item.question, ...item.answers]),
];

describe('breadth', () => {
  it.each(MEANINGS.map((meaning) => [meaning.choice, meaning] as const))(
    '%s has 60 templates',
    (_, meaning) => {
      const templates = new Set(meaning.situations.flatMap((situation) => situation.texts));
      expect(templates.size).toBeGreaterThanOrEqual(60);
    },
  );

  it('names at least 150 things', () => {
    expect(new Set(thingSlots().thing).size).toBeGreaterThanOrEqual(150);
  });

  it('every template expands with the things of its situation', () => {
    for (const { situations } of MEANINGS) {
      for (const { texts: templates, pool } of situations) {
        for (const template of templates) {
          const text = expand(template, { ...SLOTS, ...thingSlots(pool) }, seeded(7), new Map());
          expect(text).not.toMatch(/[{}[\]|]/);
        }
      }
    }
  });
});

describe('text', () => {
  it('is the same for the same seed and another for another', () => {
    expect([...shopSamples(seeded(5), 50)]).toEqual([...shopSamples(seeded(5), 50)]);
    expect([...shopPassages(seeded(5), 50)]).toEqual([...shopPassages(seeded(5), 50)]);
    expect([...shopSamples(seeded(5), 50)]).not.toEqual([...shopSamples(seeded(6), 50)]);
  });

  it('has no unfilled slot, no empty turn and nothing of the answer format', () => {
    for (const text of texts) {
      expect(text).not.toMatch(/[{}[\]|]|undefined|\bnull\b|product-question/);
      expect(text).not.toContain('"topic"');
      expect(text.trim().length).toBeGreaterThan(0);
    }
  });

  it('says a and an by sound', () => {
    const random = seeded(3);
    const things = thingSlots().thing as string[];
    const vowels = things.filter((thing) => 'aeiou'.includes(thing.charAt(0)));
    const others = things.filter((thing) => !vowels.includes(thing));
    const wrong = new RegExp(`\\b(a (${vowels.join('|')})|an (${others.join('|')}))\\b`, 'i');
    const cores = Array.from({ length: 3000 }, (_, i) => letterFor(random, i % 2 === 0).core);
    for (const text of [...cores, ...passages.map((passage) => passage.text)]) {
      expect(text.match(wrong)?.[0], text).toBeUndefined();
    }
    expect(tidy('a hour ago a used oven and an unit with a old lamp')).toBe(
      'An hour ago a used oven and a unit with an old lamp',
    );
  });

  it('alternates turns and starts with the customer', () => {
    for (const { messages: all } of samples) {
      // a system message may come before the customer's
      const messages = all[0]?.role === 'system' ? all.slice(1) : all;
      expect(messages.length % 2).toBe(0);
      messages.forEach((message, i) => {
        expect(message.role).toBe(i % 2 === 0 ? 'user' : 'assistant');
      });
    }
  });
});

describe('facts', () => {
  it('agree with a noun in number, and say something where there is none', () => {
    expect(withNoun('The [noun] [is] broken.', 'plates', true)).toBe('The plates are broken.');
    expect(withNoun('I am sorry that your [noun] [does] not work.', 'lamp', false)).toBe(
      'I am sorry that your lamp does not work.',
    );
    expect(withNoun('The [noun] [is] broken.', undefined, false)).toBe('Something is broken.');
  });

  it('name a thing that the message names', () => {
    const random = seeded(11);
    for (let i = 0; i < 1000; i++) {
      const letter = letterFor(random, false);
      if (letter.noun) expect(letter.core.toLowerCase()).toContain(letter.noun.toLowerCase());
    }
  });

  it('call a message urgent by its facts: cross ones are so no more often than others', () => {
    const random = seeded(12);
    const urgent = { cross: 0, other: 0 };
    const all = { cross: 0, other: 0 };
    for (let i = 0; i < 6000; i++) {
      const letter = letterFor(random, false, MEANINGS[0]);
      const kind = letter.cross ? 'cross' : 'other';
      all[kind]++;
      if (letter.urgent) urgent[kind]++;
    }
    expect(Math.abs(urgent.cross / all.cross - urgent.other / all.other)).toBeLessThan(0.08);
    expect(urgent.other / all.other).toBeGreaterThan(0.15);
  });

  it('answer yes and no about equally often', () => {
    const random = seeded(13);
    let yes = 0;
    let no = 0;
    for (let i = 0; i < 4000; i++) {
      for (const { question, answer } of exchangesFor(letterFor(random, false), random, 1)) {
        if (!MEANINGS.some((meaning) => meaning.asked.some((asked) => question.startsWith(asked)))) continue;
        if (answer.startsWith('Yes')) yes++;
        else no++;
      }
    }
    expect(yes / (yes + no)).toBeGreaterThan(0.45);
    expect(yes / (yes + no)).toBeLessThan(0.65);
  });
});

describe('quiz', () => {
  it('has 30 items with an answer each, repeatable', () => {
    expect(shopQuiz(seeded(9))).toHaveLength(30);
    expect(shopQuiz(seeded(9))).toEqual(shopQuiz(seeded(9)));
    for (const item of quiz) expect(item.answers[0]).toMatch(/^[A-Z].*[.!]$/);
  });

  it('asks about wordings that training never shows', () => {
    const random = seeded(21);
    const reserved = new Set(Array.from({ length: 2000 }, () => letterFor(random, true).core));
    const trained = Array.from({ length: 20_000 }, () => letterFor(random, false).core);
    expect(trained.some((core) => reserved.has(core) || isReserved(core))).toBe(false);
    const asked = new Set(quiz.map((item) => item.question));
    expect(samples.some((sample) => asked.has(sample.messages[0]?.content ?? ''))).toBe(false);
  });
});
