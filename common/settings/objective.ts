/** What a training teaches: right answers, to prefer better answers to worse ones, or to sort texts with a head of its own. */
import { say } from '../words/language.ts';
import { type Beside, choice, number, setting } from './row.ts';

/** The objectives with their numbers: what `beta` is where nobody says, and which of the other numbers they know. */
const OVER_PAIRS = {
  dpo: { beta: 0.1, knows: ['labelSmoothing', 'sftWeight'] },
  ipo: { beta: 0.1, knows: ['sftWeight'] },
  orpo: { beta: 0.1, knows: ['sftWeight'] },
  simpo: { beta: 2, knows: ['targetMargin', 'sftWeight'] },
  kto: { beta: 0.1, knows: ['goodWeight', 'badWeight'] },
} as const satisfies Record<string, { beta: number; knows: readonly string[] }>;

/** Whether it learns from answers beside each other instead of from right ones. */
export function isOverPairs({ objective = 'answers' }: Pick<Beside, 'objective'>): boolean {
  return Object.hasOwn(OVER_PAIRS, objective);
}

const known = (name: string, { objective }: Beside): boolean =>
  isOverPairs({ objective }) &&
  (name === 'beta' || OVER_PAIRS[objective as keyof typeof OVER_PAIRS].knows.some((one) => one === name));

/** What the number of an objective has in common with the others. */
const numberOf = <const Name extends string>(name: Name) => ({
  elsewhere: { to: 'refused with objective' },
  settle: (value: number | undefined, beside: Beside) => (known(name, beside) ? value : undefined),
  resumed: true as const,
  unused: (value: unknown, settled: Beside) =>
    value === undefined || known(name, settled)
      ? null
      : ([
          say`{${name}} has no effect on the objective ${settled.objective ?? 'answers'}.`,
          say`Leave it out, or choose another {objective}.`,
        ] as const),
});

export const OBJECTIVE = [
  setting('objective', 'Training', {
    type: choice('answers', 'dpo', 'ipo', 'orpo', 'simpo', 'kto', 'sort'),
    default: 'answers',
    about: 'what is learned: right answers, to prefer better ones, or to sort texts',
    elsewhere: {
      to: 'answers: TRL’s SFTTrainer',
      refused: (value: string | undefined) =>
        value !== undefined && say`{objective} ${value} can be trained on this computer only`,
    },
    alsoCalled: ['loss-type', 'pref-loss', 'rl'],
    allowed: (value: string, { replay = 0, lora, samplePrompts = [] }) => [
      value === 'sort' &&
        replay > 0 &&
        say`{replay} mixes in answers, and {objective} sort learns none; leave one of them out`,
      value === 'sort' &&
        samplePrompts.length > 0 &&
        say`{samplePrompts} are answered, and {objective} sort learns no answers; leave them out`,
      isOverPairs({ objective: value }) &&
        replay > 0 &&
        say`{replay} mixes in single answers, and {objective} ${value} compares two; leave one of them out`,
      isOverPairs({ objective: value }) &&
        (lora?.dropout ?? 0) > 0 &&
        say`{lora.dropout} must be 0 with {objective} ${value}: it would blur what is compared`,
    ],
    settle: (value: 'answers' | 'sort' | keyof typeof OVER_PAIRS) =>
      value === 'answers' ? undefined : value,
    resumed: true,
    plan: { isLimit: true, values: ['answers', 'dpo', 'ipo', 'orpo', 'simpo', 'kto', 'sort'] },
    words: {
      name: 'Objective',
      about: 'learns right answers, to prefer better ones, or to sort',
      values: {
        answers: 'right answers',
        dpo: 'DPO: better answers',
        ipo: 'IPO: better answers, gently',
        orpo: 'ORPO: better answers, not their questions, without comparing with the model before',
        simpo: 'SimPO: better answers whatever their length',
        kto: 'KTO: rated answers, each beside the one of the row before',
        sort: 'categories, chosen by a head of their own',
      },
    },
  }),
  setting('beta', 'Training', {
    ...numberOf('beta'),
    type: number(1e-6, 1000),
    about: 'preferences: a larger one keeps the model closer to what it was',
    fallback: '0.1; 2 for simpo',
    alsoCalled: ['pref-beta', 'dpo-beta', 'orpo-alpha', 'lambda'],
    words: {
      name: 'Beta',
      about: 'a larger one keeps the model closer to what it was',
      usual: '0.1; 2 with SimPO',
    },
  }),
  setting('labelSmoothing', 'Training', {
    ...numberOf('labelSmoothing'),
    type: number(0, 0.49),
    about: 'dpo: share of pairs that may be the wrong way round',
    fallback: '0',
    alsoCalled: ['label-smoothing-factor'],
    words: { name: 'Label smoothing', about: 'share of pairs that may be the wrong way round' },
  }),
  setting('targetMargin', 'Training', {
    ...numberOf('targetMargin'),
    type: number(0, 1000),
    about: 'simpo: how much better a better answer should be (gamma)',
    fallback: '0.5',
    alsoCalled: ['simpo-gamma', 'gamma', 'margin'],
    words: { name: 'Target margin', about: 'how much better a better answer should be' },
  }),
  setting('sftWeight', 'Training', {
    ...numberOf('sftWeight'),
    type: number(0, 1000),
    about: 'weight of the loss of the better answers themselves',
    fallback: '1 for orpo, otherwise 0',
    alsoCalled: ['rpo-alpha', 'pref-ftx', 'cpo-alpha'],
    words: {
      name: 'Weight of the answers',
      about: 'how much the better answers are learned themselves',
      usual: '1 with ORPO, otherwise 0',
    },
  }),
  setting('goodWeight', 'Training', {
    ...numberOf('goodWeight'),
    type: number(0, 1000),
    about: 'kto: weight of answers that were rated as good',
    fallback: '1',
    words: { name: 'Weight of good answers', about: 'how much answers count that were rated as good' },
  }),
  setting('badWeight', 'Training', {
    ...numberOf('badWeight'),
    type: number(0, 1000),
    about: 'kto: weight of answers that were rated as bad',
    fallback: '1',
    words: { name: 'Weight of bad answers', about: 'how much answers count that were rated as bad' },
  }),
] as const;
