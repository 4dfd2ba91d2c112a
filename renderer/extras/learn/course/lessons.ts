/** The lessons as the page shows them: which parts of the learning pages they take, what came of their experiment, and their words. */
import {
  COURSE,
  type CourseFacts,
  LESSON_IDS,
  type LessonId,
} from '../../../../common/extras/learn/course.ts';
import { courseText as text } from '../text/course.ts';
import { learnPages } from '../text/learn.ts';
import type { LearnSection } from '../text/page.ts';

interface Taken {
  /** The learning page that has more, and which of its sections the lesson shows. */
  readonly page: string;
  readonly sections: readonly number[];
  /** Whether the practice model is trained in it, beside the sections' own figures. */
  readonly hasTrial?: true;
}

/** In the order of the lessons. */
const TAKEN: Readonly<Record<LessonId, Taken>> = {
  tuning: { page: 'fine-tuning', sections: [1, 3], hasTrial: true },
  memory: { page: 'memory', sections: [0] },
  time: { page: 'time', sections: [0, 1, 2] },
  forgetting: { page: 'forgetting', sections: [0, 1, 2] },
  lora: { page: 'lora', sections: [0, 1, 2, 3] },
  judging: { page: 'judging', sections: [0, 1, 2] },
};

/** The choice of the prediction that came true; null before the experiment was made. */
const CAME_TRUE: Readonly<Record<LessonId, (facts: CourseFacts) => string | null>> = {
  tuning({ gentle }) {
    if (gentle === null) return null;
    if (gentle.taskAfter < 0.5) return 'few-few';
    return gentle.taskBefore < 0.3 ? 'few-most' : 'half-most';
  },
  memory: ({ memory }) => {
    const times = memory.totalBytes / memory.weightBytes;
    return times < 1.5 ? 'same' : times < 3 ? 'twice' : times < 8 ? 'four' : 'more';
  },
  time({ time }) {
    const share = time.loraSeconds / time.fullSeconds;
    return share < 0.1 ? 'hundredth' : share < 0.58 ? 'half' : share < 0.85 ? 'two-thirds' : 'same';
  },
  forgetting({ hard }) {
    if (hard === null) return null;
    const left = hard.quizAfter / hard.quizBefore;
    return left > 0.7 ? 'most' : left > 0.3 ? 'half' : 'little';
  },
  lora({ adapter }) {
    const share = adapter.adapter / adapter.matrix;
    return share > 0.3 ? 'half' : share > 0.03 ? 'tenth' : 'hundredth';
  },
  judging({ judged: { few } }) {
    const points = 50 * (few.high - few.low);
    return points < 3.5 ? 'little' : points < 15 ? 'some' : 'much';
  },
};

export interface Choice {
  readonly value: string;
  readonly title: string;
}

/** A lesson with its words and figures. */
export interface Lesson {
  readonly id: LessonId;
  readonly number: number;
  readonly title: string;
  readonly goal: string;
  readonly page: { readonly id: string; readonly title: string };
  readonly sections: readonly LearnSection[];
  readonly hasTrial: boolean;
  readonly tasks: readonly string[];
  readonly prediction: string;
  readonly predictions: readonly Choice[];
  readonly question: string;
  readonly answers: readonly (Choice & { readonly feedback: string; readonly isRight: boolean })[];
  /** What the experiment came to, in a sentence, and the prediction that was right; null before it was made. */
  readonly outcome: { readonly sentence: string; readonly choice: string } | null;
}

type Words = string | ((facts: never) => string);
const said = (words: Words, facts: CourseFacts) =>
  typeof words === 'string' ? words : words(facts as never);

export function lessonOf(id: LessonId, facts: CourseFacts): Lesson {
  const words = text.lessons[id];
  const { page: pageId, sections, hasTrial = false } = TAKEN[id];
  const page = learnPages.find((one) => one.id === pageId)!;
  const { predictions, answers, right } = COURSE[id];
  const choices = words.choices as Readonly<Record<string, string>>;
  const titles = words.answers as Readonly<Record<string, string>>;
  const feedback = words.feedback as Readonly<Record<string, Words>>;
  return {
    id,
    number: LESSON_IDS.indexOf(id) + 1,
    title: words.title,
    goal: words.goal,
    page: { id: page.id, title: page.title },
    sections: sections.map((index) => page.sections[index]!),
    hasTrial,
    tasks: words.tasks,
    prediction: said(words.prediction, facts),
    predictions: predictions.map((value) => ({ value, title: choices[value]! })),
    question: said(words.question, facts),
    answers: answers.map((value) => ({
      value,
      title: titles[value]!,
      feedback: said(feedback[value]!, facts),
      isRight: value === right,
    })),
    outcome: outcomeOf(id, facts),
  };
}

function outcomeOf(id: LessonId, facts: CourseFacts): Lesson['outcome'] {
  const choice = CAME_TRUE[id](facts);
  if (choice === null) return null;
  const { lessons } = text;
  if (id === 'tuning') return { choice, sentence: lessons.tuning.happened(facts.gentle!) };
  if (id === 'forgetting') return { choice, sentence: lessons.forgetting.happened(facts.hard!) };
  return { choice, sentence: lessons[id].happened(facts) };
}

export const lessonsWith = (facts: CourseFacts): readonly Lesson[] =>
  LESSON_IDS.map((id) => lessonOf(id, facts));
