/** The page about forgetting, and the words of its experiment. */
import type { LessonVariant } from '../../../../common/api/contract.ts';
import { number, percent, plural, rateText } from '../../../../common/words/format.ts';
import type { LearnPage } from '../../page.ts';

export const forgetting: LearnPage = {
  id: 'forgetting',
  title: 'Forgetting',
  lead: 'What moves a model towards your task moves it away from something else. See it happen, and prevent it.',
  sections: [
    {
      title: 'Why a model forgets',
      paragraphs: [
        'A model keeps all its knowledge in the same [[weights]], and training only asks if your rows get better. With many steps, a high [[learning rate]] and few kinds of rows, it learns one thing and unlearns the others. In large doses that is [[catastrophic forgetting]].',
        'The [[loss]] of your rows cannot show it, because it only gets better. So Fettle asks a quiz on other things, before and after.',
      ],
    },
    {
      title: 'An experiment',
      paragraphs: [
        "The [[practice model]] knows a small made-up world, and a quiz asks about it. Train it too hard on something else, filing customer messages by a shop's own codes, and watch the quiz. Then try three remedies, each with one thing changed.",
        'These are real trainings on your computer, half a minute each if it is not busy. They wait in the queue like any other, and you can cancel them there. The history keeps them with the tag "lesson".',
      ],
      figure: 'experiment',
    },
    {
      title: 'What helps',
      paragraphs: ['None of these is free: each trades some learning for some keeping.'],
      points: [
        'A lower learning rate: smaller steps disturb less.',
        'Fewer [[epochs]], or [[early stopping]]: most forgetting happens after the rows are learned.',
        '[[Replay]]: general rows among yours, 10 to 30%, keep old knowledge in use. They do not make up for a rate that is far too high.',
        '[[LoRA]]: the weights stay frozen, and the small [[adapter]] can overwrite less. A very small model with a high rate still forgets.',
        '[[Stay close]]: each step pulls the weights back to where they started.',
        'A [[blend]], which needs no training at all. See below.',
      ],
    },
    {
      title: 'Half-way back',
      paragraphs: [
        'A [[blend]] brings back some of the old for some of the new. Training moves the weights, and every point on the way is a model too: the base model plus a share of the change. How well it works differs from run to run. Fettle makes a blend in seconds, as a run of its own, and tests it.',
        'The demo of the [[practice model]], which mixes in general rows, forgets nothing measurable, so a blend only costs: it knows 83% of the answers, and all that it writes have the form. With 0.7 of the change it knows 81%, and 16% of its answers lose the form.',
        'Trained too hard, as above, the model knew 74% of the answers and 0% of the quiz (90% before training). Half of that change gave 77 and 20%, and 0.3 of it 79 and 80%: better at both.',
      ],
    },
  ],
  sources: [
    'The effect: M. McCloskey and N. Cohen, "Catastrophic Interference in Connectionist Networks", 1989.',
    'Pulling weights back, as Fettle does: X. Li, Y. Grandvalet and F. Davoine, "Explicit Inductive Bias for Transfer Learning with Convolutional Networks", 2018 (arXiv 1802.01483).',
    'Pulling back those weights that matter most: J. Kirkpatrick and others, "Overcoming catastrophic forgetting in neural networks", 2017 (arXiv 1612.00796).',
    'Weights in between: M. Wortsman and others, "Robust fine-tuning of zero-shot models", 2022 (arXiv 2109.01903).',
    'LoRA: D. Biderman and others, "LoRA Learns Less and Forgets Less", 2024 (arXiv 2405.09673).',
  ],
};

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
}

const VARIANTS: Readonly<Record<LessonVariant, { title: string; about: string }>> = {
  'too-hard': {
    title: 'Too hard',
    about: 'All weights, at ten times the learning rate that suits this model.',
  },
  lora: { title: 'LoRA instead', about: 'The same rate and epochs, but only adapters are trained.' },
  replay: { title: 'With replay', about: 'As hard, with general rows mixed in.' },
  'lower-rate': { title: 'A lower rate', about: 'All weights, at a tenth of the rate.' },
};

export const forgettingWords = {
  variants: VARIANTS,
  settings: ({ method, learningRate, epochs, replay }: LessonSettings) =>
    [
      method === 'full' ? 'all weights' : 'LoRA',
      `rate ${rateText(learningRate)}`,
      plural(epochs, 'epoch'),
      ...(replay > 0 ? [`${percent(replay)} replay`] : []),
    ].join(', '),
  start: 'Train it too hard',
  startOthers: 'Try the three remedies',
  again: 'Train all four again',
  loading: 'Loading earlier experiments',
  waiting: 'Waiting in the queue',
  training: 'Training',
  state: {
    waiting: 'Waiting in the queue.',
    running: 'Training.',
    paused: 'Paused. Resume it on its page.',
    done: 'Done.',
    'stopped-early': 'Stopped early.',
    stopped: 'Cancelled.',
    failed: 'Failed. Its page says why.',
    interrupted: 'Interrupted. Resume it on its page.',
  },
  notAssessed: 'Trained, but not tested. Its page can do that.',
  notYet: 'Not tried yet.',
  cancel: 'Cancel',
  open: 'Open run',
  quiz: 'Quiz about its world',
  task: 'Messages sorted right',
  before: 'before',
  after: 'after',
  bar: (name: string, before: number, after: number) =>
    `${name}: ${percent(before)} before, ${percent(after)} after`,
  lost: (points: number) =>
    points >= 0.5
      ? `${number(points)} points of the quiz lost`
      : points <= -0.5
        ? `${number(-points)} points of the quiz gained`
        : 'nothing of the quiz lost',
  asked: (items: number, rows: number) =>
    `From the tests of these runs: ${number(items)} quiz questions and ${plural(rows, 'message')} that the model had not seen.`,
  broke: (question: string, before: string, after: string) =>
    `For example, asked "${question}", it said "${before}" before and "${after}" after.`,
  conclusion: {
    none: 'Press the button to start.',
    hard: ({ quizBefore, quizAfter, taskAfter }: Outcome) => {
      const figures = `The quiz went from ${percent(quizBefore)} to ${percent(quizAfter)}, and ${percent(taskAfter)} of the messages are sorted right.`;
      return quizBefore - quizAfter >= MUCH
        ? `It forgot much to learn this. ${figures} Now try the remedies.`
        : `It forgot little this time. ${figures} See what the remedies change.`;
    },
    best: (title: string, lost: number, hardLost: number) =>
      `"${title}" kept most: it lost ${number(Math.max(0, lost))} points, training too hard lost ${number(Math.max(0, hardLost))}.`,
  },
} as const;
