/** The words of the wizard's plan step; those of single settings, and why they are what they are, stand in common/settings/. */

import type {
  DeviceOffer,
  IfYouHad,
  LengthChoice,
  MemoryPart,
  PlanMethod,
  RangedFigure,
  RestsOn,
  TimePart,
} from '../../../common/api/contract.ts';
import { DEVICE_NAMES } from '../../../common/settings/computing.ts';
import {
  rangeWords,
  settingAbout,
  settingDefault,
  settingName,
  valueWords,
} from '../../../common/settings/form.ts';
import { METHOD_NAMES } from '../../../common/settings/method.ts';
import { smallShare } from '../../../common/settings/phrases.ts';
import { fieldWords } from '../../../common/settings/plan.ts';
import {
  about,
  bytes,
  count,
  duration,
  energy,
  measure,
  money,
  number,
  percent,
  plural,
} from '../../../common/words/format.ts';

const RESTS_ON: Readonly<Record<RestsOn, string>> = {
  formula: 'computed from the graph that will run',
  benchmark: 'computed from that graph and the measured speed of this computer',
  runs: 'computed from that graph and corrected by your earlier runs on this computer',
  probe: 'measured in three real steps',
};

const TIME_PARTS: Readonly<Record<TimePart, string>> = {
  start: 'to start',
  steps: 'training',
  evaluation: 'measuring held-out rows',
  samples: 'answering your prompts',
  checkpoints: 'writing',
  assessment: 'comparing at the end',
};

export const plan = {
  title: 'What will it take?',
  lead: 'Nothing has begun yet. The figures come from the computation that will run.',
  name: 'Name of the run',
  answer: (method: PlanMethod, seconds: number | null) =>
    `${METHOD_NAMES[method]}${seconds === null ? '' : `, ${about(seconds)}`}`,
  defaultName: (data: string, model: string) => `${data} with ${model}`,
  untitled: 'New run',

  wish: 'What matters most?',
  wishes: { best: 'Best quality', tonight: 'Ready by tonight', own: 'My own settings' },
  wishAbout: {
    best: 'What suits the model and your rows best, however long it takes.',
    tonight: 'The same, and then fewer passes or shorter rows, until it ends in time.',
    own: 'Set what you like below; the rest follows it, as it suits your model and rows.',
  },
  wishHours: 'Has to end within',
  wishHoursUnit: 'hours',

  method: 'Method',
  methods: {
    full: { title: 'Full fine-tuning', about: 'Trains every weight.' },
    lora: { title: 'LoRA', about: 'Trains small adapters beside the model.' },
    qlora: { title: 'QLoRA', about: 'LoRA, with the model held in 4 bits.' },
  } satisfies Readonly<Record<PlanMethod, { title: string; about: string }>>,
  recommended: 'Recommended',
  recommends: (method: PlanMethod, why: string) => `${METHOD_NAMES[method]} is recommended. ${why}`,
  nothingFits: 'No method fits into the free memory of this computer.',
  late: 'too slow',
  chosen: 'Chosen',
  figures: {
    memory: 'Memory',
    time: 'Time',
    trained: 'Weights trained',
  },
  trained: (trained: number, all: number) => {
    const share = percent(trained / all, trained / all < 0.1 ? 1 : 0);
    // in a narrow card the percent sign would stand alone
    return `${count(trained)} of ${count(all)} (${share.replace(' ', '\u00a0')})`;
  },
  computing: 'Working out the figures',
  comparing: 'The comparison is from before your last change and is being worked out again.',
  outdated: 'These figures are from before your last change.',

  memory: 'Memory',
  memoryBar: (method: PlanMethod) => `At the peak, ${METHOD_NAMES[method]}`,
  cardBar: (name: string) => `In the memory of ${name}`,
  memoryParts: {
    program: 'Program',
    weights: 'Weights',
    adapters: 'Trained weights',
    gradients: 'Gradients',
    optimizer: 'Optimizer',
    activations: 'Activations',
    logits: 'Head and loss',
    working: 'Working room',
    'mapped-again': 'Mapped twice',
  } as Readonly<Record<MemoryPart, string>>,
  memoryBasis: ({ low, high, restsOn }: RangedFigure) =>
    `Nine times of ten between ${bytes(low)} and ${bytes(high)}: ${RESTS_ON[restsOn]}.`,
  memoryVerdict: {
    good: (free: number) => `It fits: ${bytes(free)} are free.`,
    warn: (free: number) => `It is tight: ${bytes(free)} are free. Close other programs before you start.`,
    bad: (free: number) =>
      `It does not fit: only ${bytes(free)} are free. The run would be very slow or be ended by the system.`,
  },
  memoryFixes:
    'Lower the length limit or the tokens at once, choose LoRA or a smaller model, or close other programs.',

  disk: (needed: number) =>
    `Before the first training, ${bytes(needed)} of weights are prepared on the disk, once.`,
  diskFull: (needed: number, free: number) =>
    `The disk has too little room: the weights are prepared once, ${bytes(needed)}, and ${bytes(free)} are free`,
  diskFixes: 'Free some space before you begin, or take a method or a model with smaller weights.',

  time: 'Time and cost',
  timeUnknown: 'Not known: the speed of this computer has not been measured.',
  timeMeasure: 'Measure now (about 15 s)',
  timeMeasuring: 'Measuring',
  wholeTime: (parts: readonly { part: TimePart; seconds: number }[]) => {
    const comparing = parts.find(({ part }) => part === 'assessment')?.seconds ?? 0;
    const all = parts.reduce((sum, { seconds }) => sum + seconds, 0);
    const training = `${about(all - comparing)} of training`;
    return comparing < 1 ? training : `${training}, then ${about(comparing)} of comparing`;
  },
  timeParts: (parts: readonly { part: TimePart; seconds: number }[]) =>
    parts
      .filter(({ seconds }) => seconds >= 1)
      .map(({ part, seconds }) => `${duration(seconds)} ${TIME_PARTS[part]}`)
      .join(', '),
  timeBasis: ({ low, high, restsOn }: RangedFigure) =>
    `Nine times of ten between ${duration(low)} and ${duration(high)}: ${RESTS_ON[restsOn]}.`,
  tryOut: 'Try three steps',
  trying: 'Taking three steps',
  tryHint: (seconds: number | null) =>
    `Takes three real steps, after others that warm up, and one look at the held-out rows, then throws them away. What they need replaces the estimate.${seconds === null ? '' : ` This takes about ${duration(seconds)}.`}`,
  rows: (training: number, test: number) =>
    `${plural(training, 'row')} to train on, ${plural(test, 'test row')}`,
  steps: (steps: number, rows: number, length: number) =>
    `${plural(steps, 'step')}, each of ${plural(rows, 'packed row')} of ${plural(length, 'token')}`,
  cost: (kwh: number, cost: number | null, currency: string) =>
    cost === null
      ? `About ${energy(kwh)} of electricity`
      : `About ${energy(kwh)} of electricity: ${money(cost, currency)}`,
  costUnknown: 'What it costs is shown when the power of this computer (in watts) is set.',
  costSettings: 'Set power and price',
  costBasis: (watts: number, price: number, currency: string) =>
    `From ${number(watts)} W and ${money(price, currency)} a kWh, as set in Settings.`,

  computeOn: 'Compute on',
  fettleChooses: 'Fettle chooses',
  fettleChoosesNow: (name: string) => `Fettle chooses: ${name}`,
  fettleChoosesAbout:
    'Takes what was measured here to be the fastest for the run, where it fits into the memory there.',
  deviceName: ({ device, executor, card }: Pick<DeviceOffer, 'device' | 'executor' | 'card'>) => {
    if (executor === 'tfjs') return card === null ? 'TensorFlow’s library' : `${card} (TensorFlow.js)`;
    return device === 'cpu' ? 'Processor' : `${card ?? 'Graphics card'} (${DEVICE_NAMES[device]})`;
  },
  measureLead: 'Only a measurement tells what is faster.',
  measureLink: 'Measure the graphics card',
  cardMemory: (name: string, { value, low, high }: RangedFigure, free: number | null) =>
    `Of the memory of ${name}: ${bytes(value)}${free === null ? '' : `, ${bytes(free)} are free`}. Nine times of ten between ${bytes(low)} and ${bytes(high)}.`,

  forgetting: 'Risk of forgetting',
  risks: { low: 'low', medium: 'medium', high: 'high' },
  riskReasons: {
    lora: 'LoRA leaves the weights of the model as they are.',
    full: 'Every weight is changed, those that hold other knowledge too.',
    small: 'A very small model has little room: what it learns takes the place of what it knew.',
    fast: 'The learning rate is more than twice the usual one.',
    long: 'The rows are seen more than twice as often as usual.',
    replay: 'General rows are mixed in, which keeps old knowledge in use.',
    'stay-close': 'The weights are pulled back to where they began.',
  },
  riskAbout: 'What it really forgot is measured at the end, with a general quiz before and after.',
  replay: 'Mix in general rows (replay)',
  replayHint:
    'A tenth of the training is general text, which keeps old knowledge in use; takes a tenth longer. It does not make up for a learning rate that is too high: with ten times the usual rate our practice model kept 24 of 244 quiz answers although three tenths were general text, and 233 without any at the usual rate.',
  stayClose: 'Stay close to the original',
  stayCloseHint: 'Pulls the weights gently back to where they began. Learns a little slower.',

  nearest: 'What would fit',
  nearestDo: {
    'close-programs': 'Look again',
    method: 'Use it',
    length: 'Cut off there',
    'micro-batch': 'Take fewer',
    rank: 'Lower it',
    model: 'Choose a model',
  },

  values: 'The settings, and why',
  value: fieldWords,
  why: 'Why?',
  whyOf: (name: string) => `Why: ${name}`,
  takeBack: 'Back to what is proposed',

  cuts: (longest: number, limit: number, lost: number) =>
    limit >= longest
      ? `Longest row: ${plural(longest, 'token')}, nothing is cut off`
      : `Longest row: ${plural(longest, 'token')}, limit ${number(limit)}: ${lost === 0 ? 'nothing' : smallShare(lost)} of what is learned is cut off`,
  cutsAbout:
    'A shorter limit needs less memory and time. Answers stand at the end of rows, so what is cut off is mostly what should be learned.',
  cutsCaption: 'Limits on the length of rows, with what each loses',
  cutColumns: {
    limit: 'Limit',
    rows: 'Rows cut off',
    tokens: 'Tokens lost',
    labelled: 'Learned tokens lost',
  },
  cutLimit: (limit: number) => plural(limit, 'token'),
  cutRows: ({ rowsCut, rowsCutShare }: LengthChoice) =>
    rowsCut === 0 ? 'none' : `${number(rowsCut)} (${smallShare(rowsCutShare)})`,
  cutShare: (share: number) => (share === 0 ? 'none' : smallShare(share)),
  cutProposed: 'proposed',
  cutTexts: (texts: number) =>
    `${plural(texts, 'running text')} ${texts === 1 ? 'is' : 'are'} divided at the limit and lose${texts === 1 ? 's' : ''} nothing.`,
  fromRun: 'The settings are those of the run that this one repeats.',
  yours: (n: number) => `${plural(n, 'setting')} set by you`,
  settings: 'All settings',
  settingsLead:
    'Each with its default and range; a learning rate of 2e-4 is 0.0002. The figures above follow every change.',
  settingName,
  fallback: (value: string) => `Default: ${value}`,
  asUsual: 'the default',
  settingAbout,
  settingDefault,
  valueWords,
  rangeWords,
  proposedValue: (value: string) => `proposed: ${value}`,
  reset: (name: string) => `Back to the proposed value: ${name}`,
  useNumber: (word: string) => `Leave empty for "${word}"`,
  withSpaces: 'Several have spaces between them',
  on: 'on',

  start: 'Start training',
  startAt: 'Start later',
  startAtLabel: 'Time of day',
  startAtHint: 'Fettle has to be running then. The run waits in the queue until its time.',
  startAtButton: (time: string) => `Start at ${time}`,
  missing: { model: 'Choose a model first.', data: 'Choose data first.' },
  goTo: (name: string) => `Go to: ${name}`,
} as const;

/** Shorter times are "less than a minute". */
const MINUTE = 50;

/** What is said of a run on graphics cards that are not here. */
export const ifYouHadWords = {
  title: 'If you had',
  /** On a rented NVIDIA H100 SXM: about 4 minutes, about 0.20 USD. */
  line: ({
    name,
    fits,
    memoryBytes,
    neededBytes,
    seconds,
    cost,
    pricePerHour,
    currency,
  }: IfYouHad): string => {
    if (!fits)
      return `On a rented ${name}: too big for its ${bytes(memoryBytes)}, because it needs ${bytes(neededBytes)} in 16 bits.`;
    const price =
      seconds.value < MINUTE
        ? `less than ${measure(number(pricePerHour / 60, 2), currency)}`
        : `about ${measure(number(cost.value, 2), currency)}`;
    return `On a rented ${name}: ${about(seconds.value)}, ${price}.`;
  },
  basis: ({ utilisation: { low, high }, pricesFrom }: IfYouHad): string =>
    `From the makers' published figures, not measured: computing in 16 bits, at ${percent(low)} to ${percent(high)} of what they promise. Prices are our assumptions of ${pricesFrom}.`,
} as const;
