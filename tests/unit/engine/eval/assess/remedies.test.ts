import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseRunConfig } from '../../../../../main/engine/config/config.ts';
import { remediesFor, writeRemedies } from '../../../../../main/engine/eval/assess/remedies.ts';
import { forecastOf } from '../../../../../main/engine/eval/rivals/forecast.ts';
import * as extras from '../../../../../main/engine/extras/remedies.ts';
import {
  at,
  type Case,
  closed,
  config,
  ERRORS,
  evidence,
  FALLING,
  FILES,
  forgot,
  free,
  RISING,
  rival,
  row,
  TURNED,
} from '../../../../helpers/remedy-evidence.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const run = path.join(folder, 'run');

/** Those of the core. */
const namesOf = (one: Case) => remediesFor(evidence(one)).flatMap(({ name }) => (name in extras ? [] : name));
const find = (name: string, one: Case) => remediesFor(evidence(one)).find((plan) => plan.name === name);

/** What word counts learn: errors of 0.4, 0.32, 0.25 and 0.2. */
const POINTS = [0.4, 0.32, 0.25, 0.2].map((share, i) => ({
  ...{ rows: 24 * 2 ** i, asked: 240 },
  wrong: Math.round(240 * share),
}));
const CURVE = {
  ...{ points: POINTS, forecast: forecastOf(POINTS), taught: 240 },
  gains: [{ answer: 'pin', rows: 30, wrong: 9 }],
};

describe('what helps, by what a run shows', () => {
  it.each<[what: string, evidence: Case, names: readonly string[]]>([
    ['all is right', { figures: { closed: closed(0.995) }, points: FALLING }, []],
    ['the loss still falls', { points: FALLING }, ['more-passes']],
    ['the loss is level', {}, ['larger-model']],
    ['the loss is level, and nearly all is right', { figures: { closed: closed(0.96) } }, []],
    ['the loss rose', { points: RISING }, ['lower-rate']],
    ['the loss turned', { points: TURNED }, ['more-rows']],
    ['rows are memorised', { points: FALLING, figures: { memorised: true } }, ['more-rows']],
    [
      'own rows are known',
      { points: FALLING, figures: { fit: { training: at(0.1), heldOut: at(0.6) } } },
      ['more-rows'],
    ],
    ['too little was measured', { points: FALLING, verdict: { learned: 'unknown', forgot: 'unknown' } }, []],
    [
      'words alone do better',
      { figures: { closed: closed(0.83), rivals: [rival('counter', 0.93, -0.1)] } },
      ['use-counter', 'larger-model'],
    ],
    [
      'vectors do better than words alone',
      {
        figures: {
          closed: closed(0.83),
          rivals: [rival('vectors', 0.95, -0.12), rival('counter', 0.93, -0.1)],
        },
      },
      ['use-vectors', 'larger-model'],
    ],
    [
      'words do about as well',
      { figures: { closed: closed(0.83), rivals: [rival('counter', 0.84, -0.01)] } },
      ['larger-model'],
    ],
    [
      'another way does better',
      { figures: { closed: closed(0.83), rivals: [rival('nearest', 0.93, -0.1)] } },
      ['larger-model'],
    ],
    ['two are mixed up', { errors: ERRORS }, ['mixed-up', 'larger-model']],
    [
      'words learn from more rows',
      { figures: { closed: closed(0.83), rivals: [rival('counter', 0.8, 0.03)] }, curve: CURVE },
      ['more-rows', 'larger-model'],
    ],
    ['a model that sorts forgot', { verdict: forgot, points: FALLING }, ['more-passes', 'replay']],
    [
      'a model that talks forgot',
      { verdict: forgot, points: FALLING, figures: free },
      ['replay', 'more-passes'],
    ],
    [
      'it forgot with general rows',
      { verdict: forgot, figures: free, config: { ...config, replay: 0.1 } },
      ['larger-model'],
    ],
    [
      'it forgot and learned little',
      { verdict: { learned: 'partly', forgot: 'much' }, points: FALLING, figures: free },
      ['more-passes', 'replay'],
    ],
  ])('%s', (_, one, names) => {
    expect(namesOf(one)).toEqual(names);
  });

  it('is three at most, the largest gain for the time first, and what nothing tells last', () => {
    const all = {
      points: FALLING,
      errors: ERRORS,
      curve: CURVE,
      verdict: forgot,
      figures: { closed: closed(0.83), rivals: [rival('counter', 0.93, -0.1)] },
    };
    expect(namesOf(all)).toEqual(['use-counter', 'more-passes', 'mixed-up']);
    // an hour of training for as much stands behind a quick look
    expect(namesOf({ ...all, curve: null, trainingSeconds: 3600 })[1]).toBe('mixed-up');
  });
});

describe('what a way should bring', () => {
  it('of more passes is a range that the course carries', () => {
    const { gain, seconds } = find('more-passes', { points: FALLING })!;
    // from 0.8 to 0.6 in the second half: a power of 0.415; errors fall with the loss
    expect(gain).toMatchObject({ of: 'score', basis: 'forecast' });
    expect(gain!.low).toBeCloseTo(0.17 * (1 - 2 ** (-0.415 * 0.25 * 0.5)), 3);
    expect(gain!.high).toBeCloseTo(0.17 * (1 - 2 ** (-0.415 * 1.5)), 3);
    expect(seconds).toBe(600);
  });

  it('of free answers is the loss alone, and unknown without a course', () => {
    const { gain } = find('more-passes', { points: FALLING, figures: free })!;
    expect(gain).toMatchObject({ of: 'loss' });
    expect(gain!.high).toBeCloseTo(0.25, 2);
    const coarse = [
      { moved: 0, loss: 2 },
      { moved: 4, loss: 1 },
    ];
    expect(find('more-passes', { points: coarse })!.gain).toBeNull();
  });

  it('of JSON with many answers is counted in fields', () => {
    const score = { name: 'fields', rows: 100, before: at(0.2), after: at(0.7), gain: at(0.5) } as const;
    const { gain } = find('more-passes', {
      points: FALLING,
      figures: { task: 'json', closed: null, score },
    })!;
    expect(gain).toMatchObject({ of: 'fields', basis: 'forecast' });
    expect(gain!.high).toBeCloseTo(0.3 * (1 - 2 ** (-0.415 * 1.5)), 3);
  });

  it('of word counts is what was measured', () => {
    const figures = { closed: closed(0.83), rivals: [rival('counter', 0.93, -0.1)] };
    const { gain } = find('use-counter', { figures })!;
    expect(gain).toMatchObject({ basis: 'measured', value: 0.1 });
    expect([gain!.low, gain!.high]).toEqual([expect.closeTo(0.08), expect.closeTo(0.12)]);
  });

  it('of two categories is their share of the errors, and of rows what words gained', () => {
    const { gain, rows } = find('mixed-up', { errors: ERRORS })!;
    expect([gain, rows!.length]).toEqual([{ of: 'score', basis: 'most', low: 0, high: 0.035 }, 8]);
    const figures = { closed: closed(0.83), rivals: [rival('counter', 0.8, 0.03)] };
    const more = find('more-rows', { figures, errors: ERRORS, curve: CURVE })!;
    // errors fall on a logit scale by the fall that was seen, give or take what a curve may bend
    const left = CURVE.forecast.left(0.17, 2);
    expect(more.gain).toMatchObject({ of: 'score', basis: 'forecast' });
    expect(more.gain!.high).toBeCloseTo(0.17 - left.low, 9);
    expect(more.gain!.high).toBeGreaterThan(0.05);
    expect(more.gain!.low).toBeLessThan(0.17 - left.value);
    const { low, high } = CURVE.forecast.at(480);
    const [least, most, now] = [low, high, CURVE.forecast.at(240).value].map((share) =>
      Math.round(100 * share),
    );
    expect(more.why).toBe(
      `With twice the rows, word counts would likely get ${least}% to ${most}% right, ${now}% today. Most to gain: “pin” (9 of 30 wrong).`,
    );
    const flat = { ...CURVE, points: CURVE.points.map((point) => ({ ...point, wrong: 48 })) };
    expect(find('more-rows', { figures, errors: ERRORS, curve: flat })).toBeUndefined();
    const memorised = find('more-rows', {
      figures: { ...figures, memorised: true },
      errors: ERRORS,
      curve: flat,
    })!;
    expect(memorised.why).toContain('“card” (9 of 20 wrong)');
  });

  it('of more rows is said to be unknown where no counter learns the same', () => {
    const more = find('more-rows', { figures: { ...free, memorised: true } })!;
    expect(more.gain).toBeNull();
    expect(more.why).toMatch(/help most\. How much, only a training with them shows\.$/);
  });

  it('of JSON with many answers follows from its fields', () => {
    const score = { name: 'fields', rows: 100, before: at(0.3), after: at(0.7), gain: at(0.4) } as const;
    const curve = { ...CURVE, fields: ['area', 'food'], others: [] };
    const more = find('more-rows', { figures: { task: 'json', closed: null, score }, curve })!;
    expect(more.gain).toMatchObject({ of: 'fields', basis: 'forecast' });
    expect(more.gain!.high).toBeCloseTo(0.3 - CURVE.forecast.left(0.3, 2).low, 9);
    expect(more.why).toMatch(
      /^With twice the rows, word counts would likely get \d+% to \d+% of the fields right/,
    );
  });

  it('of general rows is what the forecast of forgetting leaves', () => {
    const quiz = { items: 200, before: 0.4, after: 0.2, change: at(-0.2, 0.05) };
    const { gain } = find('replay', { verdict: forgot, figures: { ...free, quiz } })!;
    expect(gain).toMatchObject({ of: 'quiz', basis: 'forecast' });
    expect(gain!.low).toBeGreaterThan(0);
    expect(gain!.high).toBeLessThan(0.25);
  });

  it('leaves out test rows of another file, which are not edited beside the training rows', () => {
    const apart = parseRunConfig({ ...FILES, evalData: '/e.jsonl' });
    expect(find('mixed-up', { errors: ERRORS, config: apart })!.rows).toEqual([row('h', false)]);
  });
});

describe('what a way changes', () => {
  const bound = { earlyStopping: 3, keepBest: true };

  it('is said on the button', () => {
    const passes = find('more-passes', { points: FALLING })!;
    expect([passes.changes, passes.action]).toEqual([{ epochs: 8, ...bound }, 'Train with 8 passes']);
    const limited = parseRunConfig({ ...FILES, maxSteps: 30 });
    const steps = find('more-passes', { points: FALLING, config: limited })!;
    expect([steps.changes, steps.action]).toEqual([{ maxSteps: 200, ...bound }, 'Train for 200 steps']);
    const lower = find('lower-rate', { points: RISING })!;
    expect([lower.changes, lower.action]).toEqual([{ learningRate: 1e-4 }, 'Train at a rate of 1e-4']);
    expect(find('mixed-up', { errors: ERRORS })!.action).toBe('Look at 8 rows');
  });

  it.each(['dpo', 'kto'])('is nothing that %s rules out', (objective) => {
    const preferred = parseRunConfig({ ...FILES, objective });
    expect(namesOf({ verdict: forgot, figures: free, config: preferred })).not.toContain('replay');
  });
});

describe('writeRemedies', () => {
  it('writes complete configurations that train into folders of their own', async () => {
    const plans = remediesFor(evidence({ verdict: forgot, points: FALLING }));
    const written = await writeRemedies(config, run, plans);
    expect(written.map(({ name }) => name)).toEqual(plans.map(({ name }) => name));
    for (const { name, file } of written) {
      const saved = JSON.parse(readFileSync(file!, 'utf8'));
      expect(parseRunConfig(saved)).toEqual(saved);
      expect(saved.out).toBe(`${run}-${name}`);
    }
  });

  it('has no file where a person has to choose', async () => {
    const plans = remediesFor(evidence({ errors: ERRORS }));
    for (const { file } of await writeRemedies(config, run, plans)) expect(file).toBeNull();
  });
});
