/** The page about forgetting, and the words of its experiment. */
import type { LessonVariant } from '../../../../common/api/contract.ts';
import { number, percent, plural, rateText } from '../../../../common/words/format.ts';
import type { LearnPage } from '../../page.ts';

export const forgetting: LearnPage = {
  id: 'forgetting',
  title: 'Forgetting',
  lead: 'The third wall: what moves a model towards your task moves it away from something else. See it happen, and prevent it.',
  sections: [
    {
      title: 'Why a model forgets',
      paragraphs: [
        'A model keeps everything it knows in the same [[weights]]. Training on your rows asks of each weight only whether your rows get better, and nobody asks about the rest. Many steps, a high [[learning rate]] and few kinds of rows make a model that does one thing and has unlearned the others. In large doses that is called [[catastrophic forgetting]].',
        'It cannot be seen in the [[loss]] of your rows, which only gets better. So Fettle asks a quiz that has nothing to do with them, before and after.',
      ],
    },
    {
      title: 'An experiment',
      paragraphs: [
        'The [[practice model]] knows a small made-up world, and there is a quiz about it. Train it too hard on something else, sorting the messages of customers, and look at what becomes of the quiz. Then try the remedies, each with that one thing changed.',
        'These are real trainings on this computer. Each takes about half a minute on a quiet computer with two cores, as the demo does, and longer on a busy one. They wait in the queue like any other, can be cancelled there, and stay in the history with the tag "lesson".',
      ],
      figure: 'experiment',
    },
    {
      title: 'What helps',
      paragraphs: ['None of these is free; each trades some learning for some keeping.'],
      points: [
        'A lower learning rate: smaller steps disturb less of what was there.',
        'Fewer [[epochs]], or [[early stopping]]: most forgetting happens after the rows are learned.',
        '[[Replay]]: general rows among yours, one in ten to three in ten, so that old knowledge stays in use. It does not make up for a rate that is much too high, as the experiment shows.',
        '[[LoRA]]: the weights stay as they are, and the small [[adapter]] can overwrite less. On a very small model with a high rate it forgets too.',
        '[[Stay close]]: the weights are pulled back to where they began.',
        'A [[blend]], which needs no training at all: the weights are put between those before and those after. See below.',
      ],
    },
    {
      title: 'Half-way back',
      paragraphs: [
        'Training moves the weights from one place to another, and what lies between the two is a model, too: the untouched weights plus a share of what training changed. So a [[blend]] gets back some of the old for some of the new. How much of each differs from run to run, and larger models are reported to give up little. It takes seconds to find out: Fettle makes a run of its own of it, and assesses that.',
        'Measured: after the demo of the [[practice model]], 0.7 of the change brought its quiz from 85 back to 89%, where 90% is what it had, and of 100 messages 87 got the right topic, where 88 had: a bargain. Half of the change was too little: 24 of 100, because most answers lost their form. Trained too hard, as above, the model had 88 messages right and none of the quiz; with half of that change 85 and 28%, with 0.3 of it 73 and 81%.',
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

/** What a training of the experiment came to, as shares. */
interface Outcome {
  readonly quizBefore: number;
  readonly quizAfter: number;
  readonly taskAfter: number;
}

/** From this share of the quiz on, something was clearly lost: as many points as make the mark of a card red. */
const MUCH = 0.1;

interface Settings {
  readonly method: 'full' | 'lora';
  readonly learningRate: number;
  readonly epochs: number;
  readonly replay: number;
}

const VARIANTS: Readonly<Record<LessonVariant, { title: string; about: string }>> = {
  'too-hard': {
    title: 'Too hard',
    about: 'All weights, with ten times the rate that is good for this model.',
  },
  lora: { title: 'LoRA instead', about: 'The same rate and as many passes, but only adapters are trained.' },
  replay: { title: 'With replay', about: 'As hard as the first, with general rows mixed in.' },
  'lower-rate': { title: 'A lower rate', about: 'All weights again, at a tenth of the rate.' },
};

export const forgettingWords = {
  variants: VARIANTS,
  settings: ({ method, learningRate, epochs, replay }: Settings) =>
    [
      method === 'full' ? 'all weights' : 'LoRA',
      `rate ${rateText(learningRate)}`,
      plural(epochs, 'epoch'),
      ...(replay > 0 ? [`${percent(replay)} replay`] : []),
    ].join(', '),
  start: 'Train it too hard',
  startOthers: 'Now try the three remedies',
  again: 'Make all four again',
  loading: 'Looking for earlier experiments',
  waiting: 'Waiting in the queue',
  training: 'Training',
  state: {
    waiting: 'Waits in the queue.',
    running: 'Is being trained.',
    paused: 'Paused. Resume it on its page.',
    done: 'Done.',
    'stopped-early': 'Stopped early.',
    stopped: 'Was cancelled.',
    failed: 'Failed. Its page says why.',
    interrupted: 'Interrupted. Resume it on its page.',
  },
  notAssessed: 'Trained, but the quiz was not asked. Its page can do that.',
  notYet: 'Not tried yet.',
  cancel: 'Cancel',
  open: 'Open the run',
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
        ? `${number(-points)} points of the quiz won`
        : 'nothing of the quiz lost',
  asked: (items: number, rows: number) =>
    `Read from the assessments of these runs: ${number(items)} quiz questions, ${plural(rows, 'message')} that were not trained on.`,
  broke: (question: string, before: string, after: string) =>
    `For example: asked "${question}", it said "${before}" before and "${after}" after.`,
  conclusion: {
    none: 'Press the button to begin.',
    hard: ({ quizBefore, quizAfter, taskAfter }: Outcome) => {
      const figures = `The quiz went from ${percent(quizBefore)} to ${percent(quizAfter)}, and ${percent(taskAfter)} of the messages are sorted right.`;
      return quizBefore - quizAfter >= MUCH
        ? `${figures} What was learned was paid for with what was known. Now the remedies.`
        : `${figures} This time little was forgotten. The remedies show what they make of it.`;
    },
    best: (title: string, lost: number, hardLost: number) =>
      `Of the remedies, "${title}" kept most: ${number(Math.max(0, lost))} points lost, where training too hard lost ${number(Math.max(0, hardLost))}.`,
  },
} as const;
