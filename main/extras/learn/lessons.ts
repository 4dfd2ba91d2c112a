/**
 * The lessons: the textbook's figures with what Fettle's own graph and this computer's speed say beside them; and the experiment on
 * forgetting. In it the practice model is trained too hard, then once with each remedy and nothing else changed, and at last with a lower
 * rate on fewer rows or fewer topics, for as many steps: ordinary jobs and runs, which tags find again. What a run came to is read from its
 * assessment.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AssessResult, CatalogModel, Job, LocalModel } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import type {
  LessonRun,
  LessonVariant,
  MemoryLesson,
  MemoryQuestion,
  TimeLesson,
  TimeQuestion,
} from '../../../common/extras/learn/calls.ts';
import { said, say } from '../../../common/words/language.ts';
import { type KnownGrounds, knownHere, type ThisComputer } from '../../app/grounds.ts';
import type { Parts } from '../../app/parts.ts';
import { firstOf, type PracticeRun, practiceRows, trainPractice } from '../../app/practice.ts';
import { keep, UPLOADS } from '../../app/uploads.ts';
import { askHere } from '../../app/work-here.ts';
import { readCatalog, withLocal } from '../../hub/catalog.ts';
import { resourcesFolder } from '../../paths.ts';
import { shapeOf } from '../../plan/shapes.ts';
import { graphCase, graphMemory, type ModelHere } from './lesson-graph.ts';
import { type Sized, timeHere, trainingMemory, trainingTime } from './textbook.ts';

const LESSON_TAG = 'lesson';

type Settings = LessonRun['settings'];

/** Too hard: ten times the rate that docs/log/practice-model.md found good for this model, and the last weights whatever they are. */
const TOO_HARD: Settings = {
  method: 'full',
  learningRate: 2e-3,
  epochs: 5,
  replay: 0,
  rows: 600,
  topics: 4,
};
const LOWER: Settings = { ...TOO_HARD, learningRate: 2e-4 };

const VARIANTS: readonly (readonly [LessonVariant, LessonRun['part'], name: string, Settings])[] = [
  ['too-hard', 'hard', 'Lesson: trained too hard', TOO_HARD],
  ['lora', 'remedy', 'Lesson: LoRA instead', { ...TOO_HARD, method: 'lora' }],
  ['replay', 'remedy', 'Lesson: with replay', { ...TOO_HARD, replay: 0.3 }],
  ['lower-rate', 'remedy', 'Lesson: a lower rate', LOWER],
  // fewer rows more often: as many rows are seen in all
  ['rows-100', 'data', 'Lesson: 100 rows', { ...LOWER, rows: 100, epochs: 30 }],
  ['rows-30', 'data', 'Lesson: 30 rows', { ...LOWER, rows: 30, epochs: 100 }],
  ['one-topic', 'data', 'Lesson: one topic', { ...LOWER, rows: 100, epochs: 30, topics: 1 }],
];

export function lessonSettings(): Pick<LessonRun, 'variant' | 'part' | 'settings'>[] {
  return VARIANTS.map(([variant, part, , settings]) => ({ variant, part, settings }));
}

/** The variants with the newest run of each. */
export function lessonRuns(store: Parts['store']): LessonRun[] {
  const { rows } = store.runs.list({
    tag: LESSON_TAG,
    sort: 'created',
    descending: true,
    offset: 0,
    limit: 1000,
  });
  return VARIANTS.map(([variant, part, , settings]) => {
    const run = rows.find(({ tags }) => tags.includes(tagOf(variant))) ?? null;
    const assessment = run === null ? null : store.assessments.get(run.id);
    return { variant, part, settings, run, result: assessment && resultOf(assessment) };
  });
}

/** Puts the named trainings into the queue, each tagged as part of the lesson. */
export async function startLesson(parts: Parts, variants: readonly LessonVariant[]): Promise<Job[]> {
  const wanted = VARIANTS.filter(([variant]) => variants.includes(variant));
  const runs: PracticeRun[] = [];
  for (const [variant, , name, { rows, topics, ...settings }] of wanted)
    runs.push({
      name: said(name),
      settings: { ...settings, tokensPerMicroBatch: 1024 },
      tags: [LESSON_TAG, tagOf(variant)],
      ...(rows < TOO_HARD.rows && { rows: await fewerRows(parts, rows, topics) }),
    });
  return trainPractice(parts, runs);
}

/** A file in the data folder with the first `rows` rows of `topics` desks of the sample, as many of each. */
async function fewerRows({ store }: Parts, rows: number, topics: number): Promise<string> {
  const sample = await readFile(practiceRows().data, 'utf8');
  const name = `support-messages-${rows}-rows-${topics}-topics.jsonl`;
  return await keep(path.join(store.folder, UPLOADS), name, `${firstOf(sample, rows, topics).join('\n')}\n`);
}

function tagOf(variant: LessonVariant): string {
  return `${LESSON_TAG} ${variant}`;
}

/** What was right before and after: what the models know, as in the verdict; of older runs what they wrote. */
function taskOf({
  closed,
  answers,
}: AssessResult): Pick<NonNullable<LessonRun['result']>, 'taskBefore' | 'taskAfter' | 'taskRows'> | null {
  if (closed) {
    const { before, after } = closed.known;
    return { taskBefore: before.value, taskAfter: after.value, taskRows: after.rows };
  }
  const share = (which: 'before' | 'after') => {
    const found = answers?.variants.find(({ variant }) => variant === which);
    return (found?.labelRight ?? found?.right)?.value ?? null;
  };
  const [taskBefore, taskAfter] = [share('before'), share('after')];
  if (!answers || taskBefore === null || taskAfter === null) return null;
  return { taskBefore, taskAfter, taskRows: answers.rows };
}

/** The figures of the lesson; null where the quiz or the rows were not asked. */
function resultOf(assessment: AssessResult): LessonRun['result'] {
  const quiz = assessment.forgetting?.quiz;
  const task = taskOf(assessment);
  if (!quiz || !task) return null;
  const broken = quiz.broke[0];
  return {
    ...{
      quizItems: quiz.total.items,
      quizBefore: quiz.total.before.value,
      quizAfter: quiz.total.after.value,
    },
    ...task,
    abilities: assessment.forgetting?.abilities?.measured ?? [],
    broke: broken ? { question: broken.question, before: broken.before, after: broken.after } : null,
  };
}

/** The question with size and shape of the model of the catalog that it names. Throws `AppError('no-model')`. */
export async function sized<Question extends { repo?: string | undefined; parameters: number }>(
  { hub }: Pick<Parts, 'hub'>,
  question: Question,
) {
  const { repo, ...others } = question;
  if (repo === undefined) return others;
  const model = (await hub.catalog()).find((each) => each.repo === repo);
  if (!model)
    throw new AppError(
      'no-model',
      say`There is no ${repo} in the catalogue.`,
      say`Choose a model of the catalogue, or type its number of parameters.`,
    );
  return { ...others, parameters: model.parameters, shape: shapeOf(repo) };
}

/** The model of the catalog where its files are on this computer. */
export function modelHere(
  repo: string | undefined,
  catalog: readonly CatalogModel[],
  models: readonly LocalModel[],
): LocalModel | null {
  const localId = catalog.find((each) => each.repo === repo)?.localId;
  return models.find(({ id, available }) => id === localId && available) ?? null;
}

/** By what the graph of a lesson is priced. */
interface LessonGraphs {
  /** The model that is meant, where it is on this computer: its own files say more than a table of shapes. */
  readonly here: ModelHere | null;
  readonly prices: Parts['engine']['prices'];
  readonly known: KnownGrounds;
}

/** What Fettle's own graph takes for a question about the model `repo` of the catalog, or about a number of weights; or why there is none. */
async function lessonGraph(
  question: Sized<MemoryQuestion>,
  repo: string | undefined,
  { here, prices, known }: LessonGraphs,
  signal?: AbortSignal,
): Promise<Pick<MemoryLesson, 'graph' | 'noGraph'>> {
  const found = graphCase(question, here, repo !== undefined);
  if (typeof found === 'string') return { graph: null, noGraph: found };
  const [price] = await prices([found.priced], signal);
  return price
    ? { graph: graphMemory(found, price, known.of(price.executor)), noGraph: null }
    : { graph: null, noGraph: 'not-here' };
}

/** The lesson on memory: the textbook's figures, and with `by` what Fettle's own graph takes. */
export async function memoryLesson(
  question: Sized<MemoryQuestion>,
  repo: string | undefined,
  by: LessonGraphs | null,
  signal?: AbortSignal,
): Promise<MemoryLesson> {
  const graph = by
    ? await lessonGraph(question, repo, by, signal)
    : { graph: null, noGraph: 'not-asked' as const };
  return { textbook: trainingMemory(question), ...graph };
}

/** The same at a terminal; the practice model is here even if the application was never opened. */
export async function memoryLessonHere(
  question: Sized<MemoryQuestion>,
  repo: string | undefined,
): Promise<MemoryLesson> {
  const known = await knownHere();
  const catalog = await readCatalog(resourcesFolder());
  const bundled = catalog.find((each) => each.repo === repo && each.bundled);
  const here = bundled
    ? { ...bundled, path: path.join(resourcesFolder(), 'practice-model') }
    : modelHere(repo, withLocal(catalog, known.models), known.models);
  return askHere(({ prices }) => memoryLesson(question, repo, { here, prices, known }));
}

/** The time of a training by the textbook, and on this computer where its speed is known. */
export function timeLesson(question: Sized<TimeQuestion>, computer: ThisComputer | null): TimeLesson {
  const answer = trainingTime(question);
  return { ...answer, here: computer && timeHere(question, answer.flops, computer) };
}
