import { describe, expect, it } from 'vitest';
import type { AssessResult, Estimate } from '../../../../../common/protocol/protocol.ts';
import { escaped, Html, html, niceTicks } from '../../../../../main/engine/eval/assess/report/html.ts';
import { reportHtml } from '../../../../../main/engine/eval/assess/report/report.ts';
import type { Metric } from '../../../../../main/engine/train/run-folder.ts';

const EVIL = `</pre><script>alert('x')</script>" onload="alert(1) & <img src=x> \u0000\u001b[2J\ud800`;
const one = (value: number): Estimate => ({ value, low: value - 0.1, high: value + 0.1 });
const losses = {
  ...{ rows: 12, labelledTokens: 300, before: one(3), after: one(2) },
  ...{ perplexityBefore: one(20), perplexityAfter: one(7.4), change: one(-1) },
};
const scores = (variant: 'before' | 'system' | 'examples' | 'after') => ({
  ...{ variant, rows: 12, gain: one(0.3), right: one(0.5), labelRight: one(0.6), validJson: one(0.7) },
  fields: { [EVIL]: one(0.5) },
});

const compared = (key: string | null) => ({
  before: { key, rows: 12, ...one(0.2) },
  after: { key, rows: 12, ...one(0.8) },
  gain: one(0.6),
});

const RESULT: AssessResult = {
  version: 1,
  run: `/runs/${EVIL.replaceAll('/', '')}`,
  model: 'models/m.gguf',
  method: 'lora',
  created: '2026-01-02T03:04:05.000Z',
  seconds: 12,
  trainingSeconds: 60,
  versions: { fettle: '0.1.0' },
  dataHash: 'abc',
  modelKey: 'def',
  settings: { data: EVIL, lora: { rank: 16 } },
  task: { kind: 'json', reason: EVIL, labelField: 'topic' },
  verdict: {
    ...{ learned: 'yes', forgot: 'little', memorised: false, promptingIsEnough: true },
    ...{ sentence: 'It learned this: 34% -> 93%.', remarks: [EVIL] },
    score: { name: 'known', rows: 10, ...one(0.6) },
  },
  loss: losses,
  answers: {
    ...{ rows: 12, score: 'right', examples: 8, maxNewTokens: 20, missing: [EVIL], systemPrompt: EVIL },
    variants: [scores('before'), scores('system'), scores('examples'), scores('after')],
    confusion: {
      before: {
        labels: ['a', EVIL],
        counts: [
          [1, 0, 2],
          [0, 0, 0],
        ],
      },
      after: {
        labels: ['a', EVIL],
        counts: [
          [3, 0, 0],
          [0, 2, 0],
        ],
      },
    },
    answered: Array.from({ length: 12 }, (_, i) => ({
      ...{ prompt: `${i} ${EVIL}`, wanted: EVIL, answers: { before: EVIL, after: EVIL } },
      scores: { before: 0, after: i % 2 },
    })),
  },
  closed: {
    answers: 4,
    known: compared(null),
    fields: [compared('topic'), compared(EVIL)],
    form: compared(null),
  },
  rivals: [
    { name: 'counter', score: { name: 'known', rows: 10, ...one(0.5) }, lead: one(0.1), seconds: 1 },
    { name: 'examples', score: { name: 'known', rows: 4, ...one(0.5) }, lead: one(0.1), seconds: null },
  ],
  memorisation: {
    ...{ trainingLoss: one(1), heldOutLoss: one(2), memorised: false, note: EVIL },
    overlap: {
      rows: 10,
      exactTraining: one(0.5),
      exactHeldOut: one(0.4),
      runTraining: one(0.5),
      runHeldOut: one(0.4),
    },
  },
  forgetting: {
    source: 'bundled',
    quiz: {
      total: { topic: 'all', items: 20, before: one(0.9), after: one(0.8) },
      topics: [
        { topic: EVIL, items: 10, before: one(0.9), after: one(0.8) },
        { topic: 'b', items: 10, before: one(0.9), after: one(0.8) },
      ],
      change: one(-0.1),
      broke: Array.from({ length: 7 }, () => ({
        ...{ topic: EVIL, question: EVIL, accepted: [EVIL], before: EVIL, after: EVIL },
      })),
      mended: 1,
    },
    passages: losses,
    passageTopics: [
      { topic: EVIL, before: 3, after: 3.1 },
      { topic: 'b', before: 3, after: 3.1 },
    ],
  },
  remedies: [
    {
      ...{ name: EVIL, why: EVIL, file: EVIL, seconds: 300 },
      gain: { of: 'score', basis: 'forecast', low: 0.02, high: 0.06 },
      rows: [{ text: EVIL, answer: EVIL, given: EVIL, isTest: true }],
    },
  ],
  notes: [EVIL],
  report: '/runs/x/report.html',
};

const METRICS = [
  ...[1, 2, 3].map((step) => ({ event: 'step', step, loss: 4 - step })),
  ...[0, 2].map((step) => ({ event: 'eval', step, loss: 4 - step })),
] as unknown as Metric[];

const VOID = new Set(['meta', 'br', 'img', 'input', 'hr', 'link']);

/** Checks that every element is closed in order, and gives the elements' names. */
function elementsOf(page: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  const body = page.replace(/<!doctype html>/, '').replace(/<style>[\s\S]*?<\/style>/, '');
  expect(body.replace(/<(?:\/?[a-z][a-z0-9]*(?: [a-z][a-zA-Z0-9-]*="[^"<]*")*\/?)>/g, '')).not.toMatch(
    /[<>]/,
  );
  for (const [, end, name, self] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(name);
    else {
      names.push(name!);
      if (!self && !VOID.has(name!)) open.push(name!);
    }
  }
  expect(open).toEqual([]);
  return names;
}

/** The names of all attributes. */
function attributesOf(page: string): string[] {
  const tags = [...page.matchAll(/<[a-z][a-z0-9]*((?: [a-z][a-zA-Z0-9-]*="[^"]*")*)\/?>/g)];
  return tags.flatMap(([, list]) => [...list!.matchAll(/([a-zA-Z0-9-]+)="[^"]*"/g)].map(([, name]) => name!));
}

describe('html', () => {
  it('escapes values, takes its own pieces as they are, and leaves out nothings', () => {
    const inner = html`<b>${'<&>'}</b>`;
    expect(html`${inner}${[1, inner]}${null}${false}${'"'}`.text).toBe(
      '<b>&lt;&amp;&gt;</b>1<b>&lt;&amp;&gt;</b>&quot;',
    );
    expect(new Html('<i>').text).toBe('<i>');
  });

  it('replaces what no page may hold', () => {
    expect(escaped('a\u0000b\u001bc\nd\te\ud800')).toBe('a\ufffdb\ufffdc\nd\te\ufffd');
  });
});

describe('the report', () => {
  const page = reportHtml(RESULT, METRICS);

  it('runs and loads nothing, whatever the answers hold', () => {
    const names = elementsOf(page);
    expect(names).not.toContain('script');
    expect(names).not.toContain('img');
    expect(attributesOf(page).filter((name) => /^(on|src|href|srcdoc|action)/.test(name))).toEqual([]);
    expect(page).not.toMatch(/url\(|@import|https?:/);
    expect(page).toContain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;');
    expect(page).toContain("default-src 'none'");
  });

  it('has every part, the verdict first', () => {
    const titles = [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'What it knows',
      'Simpler ways',
      'Scores on test rows',
      'Examples',
      'Loss',
      'Memorised rows',
      'What it forgot',
      'What would help most',
      'Details',
    ]);
    expect(page.indexOf('34% → 93%')).toBeLessThan(page.indexOf('<h2>'));
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).toContain('lora.rank');
    expect(page).toContain('@media print');
    expect(page).not.toContain('fettle train');
  });

  it('has simpler ways beside the score, and says where one was asked fewer rows', () => {
    expect(page).toContain('<h3>Knows the answer</h3>');
    expect(page).toContain('Word counts<');
    expect(page).toContain('The base model with examples in its prompt (4 rows)');
  });

  it('says what a way should bring and take, with its rows', () => {
    expect(page).toContain('About 2 to 6 more of 100 rows right, about 5 minutes of training');
    expect(page).toContain('<th>Taken for</th>');
  });

  it('is whole where nothing was measured', () => {
    const { closed: _, rivals: __, ...rest } = RESULT;
    const bare = { loss: null, answers: null, memorisation: null, forgetting: null, remedies: [], notes: [] };
    const names = elementsOf(reportHtml({ ...rest, ...bare }, []));
    expect(names.filter((name) => name === 'h2')).toHaveLength(1);
  });
});

describe('niceTicks', () => {
  it.each([
    [0, 10, [0, 5, 10]],
    [0.006, 7.67, [0, 2, 4, 6, 8]],
    [1.31, 1.42, [1.3, 1.35, 1.4, 1.45]],
    [2, 2, [2, 2.5]],
  ])('over %f to %f', (low, high, ticks) => {
    const found = niceTicks(low, high);
    expect(found[0]).toBeLessThanOrEqual(low);
    expect(found.at(-1)).toBeGreaterThanOrEqual(high);
    expect(found.length).toBeLessThanOrEqual(7);
    if (high > low) expect(found).toEqual(ticks);
  });
});
