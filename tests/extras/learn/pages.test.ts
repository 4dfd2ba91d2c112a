/** The learning pages: what they say in figures is what the functions give, every address leads somewhere, docs/learn is up to date. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LessonRun } from '../../../common/extras/learn/calls.ts';
import { MemoryQuestion, TimeQuestion } from '../../../common/extras/learn/calls.ts';
import { bytes, withUnits } from '../../../common/words/format.ts';
import { trainingMemory, trainingTime } from '../../../main/extras/learn/textbook.ts';
import {
  bestRemedy,
  FIRST_MEMORY,
  FIRST_TIME,
  memoryLines,
  pointsLost,
  textbookParts,
} from '../../../renderer/extras/learn/figures.ts';
import { memory } from '../../../renderer/extras/learn/text/memory.ts';
import type { LearnPage, LearnSection } from '../../../renderer/extras/learn/text/page.ts';
import { time } from '../../../renderer/extras/learn/text/time.ts';
import { forgettingWords, learnPages, memoryWords, timeWords } from '../../../renderer/extras/learn/text.ts';
import { entryOf, glossaryOf } from '../../../renderer/text/glossary.ts';
import type { GlossaryText } from '../../../renderer/text/page.ts';
import { textsIn } from '../../../renderer/text/texts.ts';
import { FOLDER, learnDocs } from './docs/write.ts';

const words = await textsIn('de');
const pages = Object.values(words) as LearnPage[];
const german = {
  glossaryText: words.glossaryText as GlossaryText,
  learnPages: learnPages.map(({ id }) => pages.find((page) => page.id === id)!),
};

const RENDERER = path.resolve(import.meta.dirname, '../../../renderer');
const textOf = (page: (typeof learnPages)[number]) =>
  withUnits(page.sections.flatMap((each) => each.paragraphs).join(' '));

describe('the arithmetic of memory', () => {
  const linesOf = (given: object) => {
    const question = MemoryQuestion.parse(given);
    const answer = trainingMemory({ ...question, shape: null });
    return memoryLines(answer, question).map((line) => line.replaceAll('\u00a0', ' '));
  };

  it('shows how each part of the textbook case comes about, and their sum', () => {
    expect(linesOf({})).toEqual([
      'Weights: 7B × 2 bytes = 14 GB',
      'Gradients: 7B × 2 bytes = 14 GB',
      'Moments of the optimizer: 7B × 4 bytes = 28 GB',
      'Memory: Weights 14 GB + Gradients 14 GB + Moments of the optimizer 28 GB = 56 GB',
    ]);
  });

  it('counts activations by tokens, and what adapters keep by their own weights', () => {
    const lines = linesOf({ method: 'qlora', format: 'int4', batch: 2, length: 512 });
    expect(lines[0]).toBe('Weights: 7B × 0.5625 bytes = 3.9 GB');
    expect(lines).toContainEqual(expect.stringMatching(/^Adapters: 40M × \d bytes = /));
    expect(lines).toContainEqual(expect.stringMatching(/^Activations: 2 rows × 512 tokens × [\d.]+ MB = /));
  });
});

describe('figures in the texts', () => {
  it('of memory are those of the textbook', () => {
    const total = (given: object) => bytes(trainingMemory(MemoryQuestion.parse(given)).totalBytes);
    expect(textOf(memory)).toContain(`four times as much, ${total({})},`);
    expect(textOf(memory)).toContain(`${total({ masterWeights: true })} for 7 billion`);
    expect(textOf(memory)).toContain('has 14\u00a0GB of weights');
  });

  it('of activations are those of the textbook, step by step', () => {
    const layers = 32;
    const activations = (given: object) => {
      const { parts, ...shape } = trainingMemory(MemoryQuestion.parse({ batch: 1, ...given }));
      expect(shape).toMatchObject({ layers, width: 4096 });
      return parts.find(({ part }) => part === 'activations')!.bytes;
    };
    const whole = activations({});
    expect(whole).toBe(layers * 1024 * (139_264 + 163_840));
    expect(textOf(memory)).toContain(`that is ${bytes(whole / layers)} a layer, and ${bytes(whole)} for all`);
    expect(textOf(memory)).toContain(`${bytes(activations({ recompute: 'selective' }) / layers)} a layer in`);
    expect(textOf(memory)).toContain(`× 2 bytes, ${bytes(activations({ recompute: 'full' }) / layers)},`);
  });

  it('of time are those of the textbook', () => {
    const given = { rows: 1000, tokensPerRow: 1000, epochs: 1 };
    const { flops, perToken } = trainingTime(TimeQuestion.parse(given));
    expect(textOf(time)).toContain(
      `a million tokens: 6 × 7 billion × 1 million = ${flops / 1e15} million billion operations. Written short that is 4.2 × 10¹⁶,`,
    );
    const each = perToken.forward + perToken.valueGradients + perToken.weightGradients;
    expect(timeWords.sum(1e6, each, flops)).toBe(
      '1,000,000 tokens × 42.0 billion operations = 4.20\u00a0×\u00a010¹⁶ operations',
    );
  });
});

describe('what the calculators ask at first', () => {
  it('is the textbook’s case, as the application and the command line have it', () => {
    const { billions, ...memoryFirst } = FIRST_MEMORY;
    expect({ ...memoryFirst, parameters: billions * 1e9 }).toEqual(MemoryQuestion.parse({}));
    const { billions: size, percentOfPeak, ...timeFirst } = FIRST_TIME;
    expect(TimeQuestion.parse({})).toMatchObject({
      ...{ ...timeFirst, parameters: size * 1e9, utilisation: percentOfPeak / 100 },
    });
  });
});

describe('the pages', () => {
  it('have ids of their own', () => {
    expect(new Set(learnPages.map(({ id }) => id)).size).toBe(learnPages.length);
  });

  it('are where pages link to', () => {
    const ids = new Set(['course', ...learnPages.map(({ id }) => id)]);
    const names = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' });
    const linked = names
      .filter((name) => /\.(ts|svelte)$/.test(name))
      .flatMap((name) => [
        ...readFileSync(path.join(RENDERER, name), 'utf8').matchAll(/'learn', '([\w-]+)'/g),
      ])
      .map(([, id]) => id!);
    expect(linked.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('show each figure once', () => {
    const figures = learnPages.flatMap(({ sections }) => sections.flatMap(({ figure }) => figure ?? []));
    expect(new Set(figures).size).toBe(figures.length);
    expect(figures).toHaveLength(10);
  });
});

describe('the German pages', () => {
  const germanGlossary = glossaryOf(german.glossaryText, 'de');
  const sectionsOf = (pages: typeof learnPages) =>
    pages.flatMap((page) => page.sections.map((section) => ({ page: page.id, ...section })));
  const bodyOf = ({ paragraphs, points = [], after = [] }: LearnSection) =>
    [...paragraphs, ...points, ...after].join(' ');
  const linkedIn = (section: LearnSection, find: typeof germanGlossary.entryOf) =>
    [...bodyOf(section).matchAll(/\[\[([^\]|]+)/g)].map(([, word]) => find(word!)?.id ?? word).sort();
  /** Figures without their separators: 1,024 and 0.7 are 1.024 and 0,7 there. */
  const figuresIn = (section: LearnSection) =>
    [...bodyOf(section).matchAll(/\d[\d.,⁰-⁹]*/g)].map(([figure]) => figure.replace(/\D/g, '')).sort();
  const pairs = sectionsOf(learnPages).map((english, at) => ({
    english,
    other: sectionsOf(german.learnPages)[at]!,
  }));

  it('have the same sections and figures', () => {
    expect(german.learnPages.map(({ id }) => id)).toEqual(learnPages.map(({ id }) => id));
    const shapes = (pages: typeof learnPages) =>
      sectionsOf(pages).map(({ page, figure, invitation, paragraphs, points, after }) => [
        page,
        figure,
        invitation === undefined,
        ...[paragraphs, points, after].map((each) => each?.length),
      ]);
    expect(shapes(german.learnPages)).toEqual(shapes(learnPages));
  });

  it.each(pairs)(
    'say the same in figures, and link to the same entries: $other.title',
    ({ english, other }) => {
      expect(figuresIn(other)).toEqual(figuresIn(english));
      expect(linkedIn(other, germanGlossary.entryOf)).toEqual(linkedIn(english, entryOf));
    },
  );
});

describe('docs/learn', () => {
  it('has no word of what only the application has: bars that move, numbers to choose', async () => {
    const invitations = learnPages.flatMap(({ sections }) =>
      sections.flatMap((each) => each.invitation ?? []),
    );
    expect(invitations.length).toBeGreaterThan(1);
    const text = [...(await learnDocs()).values()].join('');
    expect(invitations.filter((one) => text.includes(one))).toEqual([]);
    expect(text).not.toMatch(/slider|bar (above|below)|move the/i);
  });

  it('keeps commands set apart', async () => {
    expect((await learnDocs()).get('README.md')).toContain('`fettle learn memory`');
  });

  it('is what `npm run docs:learn` writes', async () => {
    const files = await learnDocs();
    expect(readdirSync(FOLDER).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(readFileSync(path.join(FOLDER, name), 'utf8'), name).toBe(text);
  });

  it('has an anchor for each of its links', async () => {
    const files = await learnDocs();
    const anchors = new Set(
      [...files.get('glossary.md')!.matchAll(/<a id="([\w-]+)">/g)].map(([, id]) => id),
    );
    const links = [...files.values()].flatMap((text) => [...text.matchAll(/\(glossary\.md#([\w-]+)\)/g)]);
    expect(links.length).toBeGreaterThan(40);
    expect(links.filter(([, id]) => !anchors.has(id))).toEqual([]);
  });
});

describe('the bars', () => {
  it('draw every part of the answer as it came', () => {
    const answer = trainingMemory(MemoryQuestion.parse({ masterWeights: true, batch: 2 }));
    const parts = textbookParts(answer);
    expect(parts.map(({ value }) => value)).toEqual(answer.parts.map((part) => part.bytes));
    expect(new Set(parts.map(({ kind }) => kind)).size).toBe(5);
  });
});

describe('what the estimate was made with, where a choice is missing', () => {
  it('is said in words, one for each', () => {
    expect(memoryWords.otherwise(['adamw', 'shorter-rows'])).toBe(
      'Estimated with AdamW, because Fettle has no SGD; with rows cut at the context length of the model.',
    );
  });
});

describe('what the experiment came to', () => {
  const result = (quizAfter: number) => ({ quizBefore: 0.8, quizAfter }) as NonNullable<LessonRun['result']>;
  const one = (variant: LessonRun['variant'], quizAfter: number | null) =>
    ({
      variant,
      part: variant === 'too-hard' ? 'hard' : variant === 'one-topic' ? 'data' : 'remedy',
      result: quizAfter === null ? null : result(quizAfter),
    }) as LessonRun;

  it('is lost points, and the remedy that kept most', () => {
    expect(pointsLost(result(0.2))).toBeCloseTo(60, 9);
    const runs = [
      one('too-hard', 0.9),
      one('lora', 0.5),
      one('replay', 0.7),
      one('lower-rate', null),
      one('one-topic', 0.8),
    ];
    expect(bestRemedy(runs)?.variant).toBe('replay');
    expect(bestRemedy([one('too-hard', 0.2), one('lora', null)])).toBeNull();
  });

  it('is said as it came out, whether much was forgotten or little', () => {
    const { hard } = forgettingWords.conclusion;
    const most = { quizBefore: 0.9, quizAfter: 0, taskAfter: 0.88 };
    expect(hard(most)).toMatch(
      /^It forgot much .* from 90% to 0%, and 88% of the messages are sorted right\./,
    );
    expect(hard({ ...most, quizAfter: 0.86 })).toContain('It forgot little');
    expect(hard({ ...most, quizAfter: 0.86 })).not.toContain('forgot much');
  });

  it('has rates as they are written everywhere', () => {
    const { settings } = forgettingWords;
    const given = { method: 'full', epochs: 5, replay: 0.3, rows: 600, topics: 4 } as const;
    expect(settings({ ...given, learningRate: 2e-3 })).toBe(
      'all weights, rate 2e-3, 5 epochs, 30% replay, 600 rows, 4 topics',
    );
    expect(settings({ ...given, learningRate: 2e-4 })).toContain('rate 2e-4,');
  });
});
