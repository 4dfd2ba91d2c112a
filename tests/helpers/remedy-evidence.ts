/** What a run of 200 test rows shows, by which remedies are chosen. */
import type { ClosedFigures, Estimate, Rival } from '../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../main/engine/config/config.ts';
import type { CoursePoint } from '../../main/engine/eval/assess/course.ts';
import type { ClosedErrors } from '../../main/engine/eval/assess/mixups.ts';
import type { RemedyEvidence } from '../../main/engine/eval/assess/remedy.ts';
import type { VerdictFigures } from '../../main/engine/eval/assess/verdict-figures.ts';

export const FILES = { model: '/m', data: '/d.jsonl', out: '/runs/one' };
export const config = parseRunConfig({
  ...FILES,
  learningRate: 3e-4,
  epochs: 4,
  lora: { rank: 16, alpha: 16 },
});
export const at = (value: number, width = 0.02): Estimate => ({
  value,
  low: value - width,
  high: value + width,
});

/** Courses of a test loss by steps of one size, the first before the training. */
export const course = (...losses: number[]): CoursePoint[] => losses.map((loss, i) => ({ moved: i, loss }));
export const FALLING = course(2, 1, 0.8, 0.7, 0.6);
export const LEVEL = course(2, 0.8, 0.61, 0.605, 0.6);
export const RISING = course(2, 2.1, 2.4, 2.6, 3);
export const TURNED = course(2, 0.6, 0.5, 0.7, 0.9);

export function rival(name: Rival['name'], right: number, lead: number): Rival {
  return { name, score: { name: 'known', rows: 200, ...at(right) }, lead: at(lead), seconds: 1 };
}

export function closed(right: number): ClosedFigures {
  const figure = (value: number) => ({ key: null, rows: 200, ...at(value) });
  const compared = { before: figure(0.1), after: figure(right), gain: at(right - 0.1) };
  return { answers: 12, known: compared, fields: [], form: compared };
}

export const row = (text: string, isTest = true) => ({ text, answer: 'card', given: 'cash', isTest });
export const ERRORS: ClosedErrors = {
  rows: 200,
  wrong: 34,
  mixup: {
    key: null,
    names: ['card', 'cash'],
    rows: [...[...'abcdefg'].map((text) => row(text)), row('h', false)],
  },
  categories: [{ name: 'card', asked: 20, wrong: 9, taught: 30 }],
};

export interface Case extends Partial<Omit<RemedyEvidence, 'course' | 'figures'>> {
  readonly points?: readonly CoursePoint[];
  readonly figures?: Partial<VerdictFigures>;
}

export function evidence({ points = LEVEL, figures, ...rest }: Case): RemedyEvidence {
  return {
    config,
    done: { steps: 100 },
    trainingSeconds: 300,
    verdict: { learned: 'yes', forgot: 'nothing' },
    errors: null,
    curve: null,
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

/** A run that forgot, and one whose answers are not right or wrong. */
export const forgot = { learned: 'yes', forgot: 'much' } as const;
export const free = { task: 'free', closed: null } as const;
