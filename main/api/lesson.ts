/**
 * The experiment on forgetting: the practice model is trained too hard, and then once with each remedy and nothing else changed.
 * The trainings are ordinary jobs and ordinary runs; tags find them again. What a run came to is read from its assessment.
 */
import path from 'node:path';
import type { AssessResult, Job, RunRequest } from '../../common/api/contract.ts';
import type { LessonRun, LessonVariant } from '../../common/api/learn.ts';
import { AppError } from '../../common/errors.ts';
import { resourcesFolder } from '../paths.ts';
import { train } from './jobs.ts';
import type { Parts } from './parts.ts';

export const LESSON_TAG = 'lesson';
/** The practice model's id in the list of models. */
const PRACTICE = 'practice';

type Settings = LessonRun['settings'];

/** Too hard: ten times the rate that docs/log.md found good for this model, and the last weights whatever they are. */
const TOO_HARD: Settings = { method: 'full', learningRate: 2e-3, epochs: 5, replay: 0 };

const VARIANTS: readonly (readonly [LessonVariant, name: string, Settings])[] = [
  ['too-hard', 'Lesson: trained too hard', TOO_HARD],
  ['lora', 'Lesson: LoRA instead', { ...TOO_HARD, method: 'lora' }],
  ['replay', 'Lesson: with replay', { ...TOO_HARD, replay: 0.3 }],
  ['lower-rate', 'Lesson: a lower rate', { ...TOO_HARD, learningRate: 2e-4 }],
];

/** How each variant is trained. */
export function lessonSettings(): Pick<LessonRun, 'variant' | 'settings'>[] {
  return VARIANTS.map(([variant, , settings]) => ({ variant, settings }));
}

/** The variants with the newest run of each. */
export function lessonRuns(store: Parts['store']): LessonRun[] {
  const { rows } = store.runs.list({
    ...{ tag: LESSON_TAG, sort: 'created', descending: true, offset: 0, limit: 1000 },
  });
  return VARIANTS.map(([variant, , settings]) => {
    const run = rows.find(({ tags }) => tags.includes(tagOf(variant))) ?? null;
    const assessment = run === null ? null : store.assessments.get(run.id);
    return { variant, settings, run, result: assessment && resultOf(assessment) };
  });
}

/** Puts the named trainings into the queue, each tagged as part of the lesson. */
export async function startLesson(parts: Parts, variants: readonly LessonVariant[]): Promise<Job[]> {
  if (!parts.store.models.find(PRACTICE)?.available)
    throw new AppError(
      'no-model',
      'The practice model that comes with Fettle is missing.',
      'Install Fettle again: the experiment needs it.',
    );
  const jobs: Job[] = [];
  for (const [variant, name, settings] of VARIANTS) {
    if (!variants.includes(variant)) continue;
    const tags = [LESSON_TAG, tagOf(variant)];
    jobs.push(await train(parts, { request: requestOf(name, settings), tags }));
  }
  return jobs;
}

function tagOf(variant: LessonVariant): string {
  return `${LESSON_TAG} ${variant}`;
}

function requestOf(name: string, settings: Settings): RunRequest {
  const sample = (ending: string) =>
    path.join(resourcesFolder(), 'samples', `support-messages${ending}.jsonl`);
  return {
    ...{ name, modelId: PRACTICE, prompts: [] },
    data: { paths: [sample('')], system: 'Sort the messages of customers.' },
    evalPaths: [sample('.held-out')],
    settings: {
      ...settings,
      ...{ maxLength: 256, tokensPerMicroBatch: 1024 },
      // the best weights would hide what the last ones have become
      keepBest: false,
    },
  };
}

/** The figures of the lesson; null where the quiz or the rows were not asked. */
function resultOf({ forgetting, answers }: AssessResult): LessonRun['result'] {
  const quiz = forgetting?.quiz;
  const share = (which: 'before' | 'after') => {
    const found = answers?.variants.find(({ variant }) => variant === which);
    return (found?.labelRight ?? found?.right)?.value ?? null;
  };
  const [before, after] = [share('before'), share('after')];
  if (!quiz || !answers || before === null || after === null) return null;
  const broken = quiz.broke[0];
  return {
    ...{
      quizItems: quiz.total.items,
      quizBefore: quiz.total.before.value,
      quizAfter: quiz.total.after.value,
    },
    ...{ taskBefore: before, taskAfter: after, taskRows: answers.rows },
    broke: broken ? { question: broken.question, before: broken.before, after: broken.after } : null,
  };
}
