import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ClosedFigures, Estimate, Rival } from '../../../../../common/protocol/protocol.ts';
import { parseRunConfig, type RunConfig } from '../../../../../main/engine/config/config.ts';
import type { CoursePoint } from '../../../../../main/engine/eval/assess/course.ts';
import type { ClosedErrors } from '../../../../../main/engine/eval/assess/mixups.ts';
import {
  type RemedyEvidence,
  remediesFor,
  writeRemedies,
} from '../../../../../main/engine/eval/assess/remedies.ts';
import type { VerdictFigures } from '../../../../../main/engine/eval/assess/verdict-figures.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const FILES = { model: '/m', data: '/d.jsonl', out: path.join(folder, 'run') };
const config = parseRunConfig({ ...FILES, learningRate: 3e-4, epochs: 4, lora: { rank: 16, alpha: 16 } });
const at = (value: number, width = 0.02): Estimate => ({ value, low: value - width, high: value + width });

/** Courses of a test loss by steps of one size, the first before the training. */
const course = (...losses: number[]): CoursePoint[] => losses.map((loss, i) => ({ moved: i, loss }));
const FALLING = course(2, 1, 0.8, 0.7, 0.6);
const LEVEL = course(2, 0.8, 0.61, 0.605, 0.6);
const RISING = course(2, 2.1, 2.4, 2.6, 3);
const TURNED = course(2, 0.6, 0.5, 0.7, 0.9);

function rival(name: Rival['name'], right: number, lead: number): Rival {
  return { name, score: { name: 'known', rows: 200, ...at(right) }, lead: at(lead), seconds: 1 };
}

function closed(right: number): ClosedFigures {
  const figure = (value: number) => ({ key: null, rows: 200, ...at(value) });
  const compared = { before: figure(0.1), after: figure(right), gain: at(right - 0.1) };
  return { answers: 12, known: compared, fields: [], form: compared };
}

const row = (text: string, isTest = true) => ({ text, answer: 'card', given: 'cash', isTest });
const ERRORS: ClosedErrors = {
  rows: 200,
  wrong: 34,
  mixup: {
    key: null,
    names: ['card', 'cash'],
    rows: [...[...'abcdefg'].map((text) => row(text)), row('h', false)],
  },
  categories: [{ name: 'card', asked: 20, wrong: 9, taught: 30 }],
};

interface Case extends Partial<Omit<RemedyEvidence, 'course' | 'figures'>> {
  readonly points?: readonly CoursePoint[];
  readonly figures?: Partial<VerdictFigures>;
}

function evidence({ points = LEVEL, figures, ...rest }: Case): RemedyEvidence {
  return {
    config,
    done: { steps: 100 },
    trainingSeconds: 300,
    verdict: { learned: 'yes', forgot: 'nothing' },
    errors: null,
    halfErrors: null,
    parameters: 135e6,
    ...rest,
    course: points,
    figures: {
      task: 'label',
      score: null,
      closed: closed(0.83),
      loss: {
        ...{ rows: 200, before: 2, after: points.at(-1)!.loss, change: at(points.at(-1)!.loss - 2) },
        perplexity: at(Math.exp(points.at(-1)!.loss)),
      },
      prompted: [],
      quiz: null,
      passages: null,
      memorised: null,
      fit: null,
      course: points.map(({ loss }) => loss),
      ...figures,
    },
  };
}

const namesOf = (one: Case) => remediesFor(evidence(one)).map(({ name }) => name);
const find = (name: string, one: Case) => remediesFor(evidence(one)).find((plan) => plan.name === name);
const forgot = { learned: 'yes', forgot: 'much' } as const;
const free = { task: 'free', closed: null } as const;

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
      { figures: { closed: closed(0.83), rivals: [rival('counter', 0.8, 0.03)] }, halfErrors: 0.3 },
      ['more-rows', 'larger-model'],
    ],
    [
      'a blend',
      { points: FALLING, config: parseRunConfig({ ...FILES, blend: { of: '/r', strength: 0.5 } }) },
      [],
    ],
    ['a model that sorts forgot', { verdict: forgot, points: FALLING }, ['more-passes', 'replay', 'blend']],
    [
      'a model that talks forgot',
      { verdict: forgot, points: FALLING, figures: free },
      ['replay', 'blend', 'more-passes'],
    ],
    [
      'it forgot with general rows',
      { verdict: forgot, figures: free, config: { ...config, replay: 0.1 } },
      ['blend', 'larger-model'],
    ],
    [
      'it forgot and learned little',
      { verdict: { learned: 'partly', forgot: 'much' }, points: FALLING, figures: free },
      ['more-passes', 'replay', 'blend'],
    ],
  ])('%s', (_, one, names) => {
    expect(namesOf(one)).toEqual(names);
  });

  it('is three at most, the largest gain for the time first, and what nothing tells last', () => {
    const all = {
      points: FALLING,
      errors: ERRORS,
      halfErrors: 0.1,
      verdict: forgot,
      figures: { closed: closed(0.83), rivals: [rival('counter', 0.93, -0.1)] },
    };
    expect(namesOf(all)).toEqual(['use-counter', 'more-passes', 'mixed-up']);
    // an hour of training for as much stands behind a quick look
    expect(namesOf({ ...all, halfErrors: null, trainingSeconds: 3600 })[1]).toBe('mixed-up');
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
    const more = find('more-rows', { figures, errors: ERRORS, halfErrors: 0.3 })!;
    expect(more.gain!.high).toBeCloseTo(0.17 * (1 - (0.2 / 0.3) ** 2), 3);
    expect(more.why).toContain('“card” (9 of 20 wrong)');
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

  it('of a blend is less of the same training', () => {
    const strengthOf = (one: RunConfig) =>
      find('blend', { verdict: forgot, figures: free, config: one })!.changes;
    expect(strengthOf(config)).toEqual({ blend: { of: config.out, strength: 0.7 } });
    const blended = parseRunConfig({ ...FILES, blend: { of: '/runs/first', strength: 0.7 } });
    expect(strengthOf(blended)).toEqual({ blend: { of: '/runs/first', strength: 0.49 } });
  });

  it.each(['dpo', 'kto'])('is nothing that %s rules out', (objective) => {
    const preferred = parseRunConfig({ ...FILES, objective });
    expect(namesOf({ verdict: forgot, figures: free, config: preferred })).not.toContain('replay');
  });
});

describe('writeRemedies', () => {
  it('writes complete configurations that train into folders of their own', async () => {
    const plans = remediesFor(evidence({ verdict: forgot, points: FALLING }));
    const written = await writeRemedies(config, config.out, plans);
    expect(written.map(({ name }) => name)).toEqual(plans.map(({ name }) => name));
    for (const { name, file } of written) {
      const saved = JSON.parse(readFileSync(file!, 'utf8'));
      expect(parseRunConfig(saved)).toEqual(saved);
      expect(saved.out).toBe(`${config.out}-${name}`);
    }
  });

  it('has no file where a person has to choose, and trains a blend again', async () => {
    const plans = remediesFor(evidence({ errors: ERRORS }));
    for (const { file } of await writeRemedies(config, config.out, plans)) expect(file).toBeNull();
    const blended = parseRunConfig({ ...FILES, blend: { of: '/runs/first', strength: 0.7 } });
    const others = remediesFor(evidence({ verdict: forgot, figures: free, config: blended }));
    const written = await writeRemedies(blended, path.join(folder, 'blend'), others);
    const saved = written.flatMap(({ name, file }) =>
      file === null ? [] : [[name, 'blend' in JSON.parse(readFileSync(file, 'utf8'))]],
    );
    expect(Object.fromEntries(saved)).toEqual({ replay: false, blend: true });
  });
});
