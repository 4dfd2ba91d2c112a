/** The page about forgetting, and the words of its experiment. */
import { number, percent, rateText } from '../../../../common/words/format.ts';
import english from '../../../../words/en/pages/learn-forgetting.json' with { type: 'json' };
import { texts } from '../../../text/texts.ts';
import type { LearnPage } from './page.ts';

/** The result of a training of the experiment, as shares. */
interface Outcome {
  readonly quizBefore: number;
  readonly quizAfter: number;
  readonly taskAfter: number;
}

/** From this share of the quiz on, much was lost: the same share that turns the mark of a card red. */
export const MUCH = 0.1;

interface LessonSettings {
  readonly method: 'full' | 'lora';
  readonly learningRate: number;
  readonly epochs: number;
  readonly replay: number;
  readonly rows: number;
  readonly topics: number;
}

const words = texts('learn-forgetting', english, {
  forgettingWords: {
    settings: ({ method, learningRate, epochs, replay, rows, topics }: LessonSettings) => ({
      weights: method === 'full' ? 'all' : 'some',
      rate: rateText(learningRate),
      epochs,
      hasReplay: replay > 0,
      replay: percent(replay),
      rows,
      topics,
    }),
    bar: (name: string, before: number, after: number) => ({
      name,
      before: percent(before),
      after: percent(after),
    }),
    lost: (points: number) => ({
      rose: points >= 0.5,
      points: number(points),
      fell: points <= -0.5,
      numberPoints: number(-points),
    }),
    asked: (items: number, rows: number) => ({ items, rows }),
    broke: (question: string, before: string, after: string) => ({ question, before, after }),
    conclusion: {
      hard: ({ quizBefore, quizAfter, taskAfter }: Outcome) => ({
        forgot: quizBefore - quizAfter >= MUCH,
        quizBefore: percent(quizBefore),
        quizAfter: percent(quizAfter),
        taskAfter: percent(taskAfter),
      }),
      best: (title: string, lost: number, hardLost: number) => ({
        title,
        lost: Math.max(0, lost),
        hardLost: Math.max(0, hardLost),
      }),
    },
  },
});

export const forgetting = words.forgetting as LearnPage;
export const { forgettingWords } = words;
