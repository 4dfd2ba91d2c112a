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
import type { ForgettingForecast } from '../../../common/settings/forgetting.ts';
import { METHOD_NAMES } from '../../../common/settings/method.ts';
import { smallShare } from '../../../common/settings/phrases.ts';
import {
  about,
  bytes,
  bytesRange,
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
  formula: 'Estimated from the model, your rows and the settings.',
  benchmark: 'Estimated from the measured speed of this computer.',
  runs: 'Estimated, and corrected by your earlier runs on this computer.',
  probe: 'Measured in three real steps.',
};

const TIME_PARTS: Readonly<Record<TimePart, string>> = {
  start: 'to start',
  look: 'trying learning rates',
  steps: 'training',
  evaluation: 'checking the test rows',
  samples: 'answering your test questions',
  checkpoints: 'saving',
  assessment: 'comparing with the base model',
};

/** A part of what a model knew: a share of it, or most of it. */
function lostPart(share: number): string {
  return share > 0.85 ? 'most' : `about ${percent(Math.round(10 * share) / 10)}`;
}

/** Shorter times are "less than a minute". */
export const MINUTE = 50;
/** Smaller costs are below it: nobody pays in tenths of one. */
export const CENT = 0.01;

export const plan = {
  title: 'What will it take?',
  name: 'Name of the run',
  answer: (method: PlanMethod, seconds: number | null) =>
    `${METHOD_NAMES[method]}${seconds === null ? '' : `, ${about(seconds)}`}`,
  defaultName: (data: string, model: string) => `${data} with ${model}`,
  untitled: 'New run',

  wish: 'What matters most?',
  wishes: { best: 'Best quality', tonight: 'Ready by tonight', own: 'My settings' },
  /** The names of the others say what they do. */
  wishAbout: {
    best: undefined,
    tonight: undefined,
    own: 'Change what you like. The rest adapts.',
  },
  wishHours: 'Finish within',
  wishHoursUnit: 'hours',

  method: 'Method',
  methods: {
    full: { title: 'Full fine-tuning', about: 'Trains the whole model' },
    lora: { title: 'LoRA', about: 'Trains a small add-on' },
    qlora: { title: 'QLoRA', about: 'LoRA, less memory' },
  } satisfies Readonly<Record<PlanMethod, { title: string; about: string }>>,
  recommended: 'Recommended',
  nothingFits: 'No method fits the free memory of this computer.',
  late: 'too slow',
  trained: (trained: number, all: number) => {
    const share = percent(trained / all, trained / all < 0.1 ? 1 : 0);
    return `Trains ${count(trained)} of ${count(all)} weights (${share}).`;
  },
  computing: 'Working out the figures',
  comparing: 'Updating the comparison',
  outdated: 'These figures are from before your last change.',

  memory: 'Memory',
  memoryLine: {
    good: (low: number, high: number, free: number) =>
      `Likely ${bytesRange(low, high)} of ${bytes(free)} free. It fits.`,
    warn: (low: number, high: number, free: number) =>
      `Tight: likely ${bytesRange(low, high)} of ${bytes(free)} free. Close other programs before you start.`,
    bad: (low: number, high: number, free: number) =>
      `Too big: needs ${bytesRange(low, high)}, and ${bytes(free)} is free.`,
  },
  memoryFixes: 'Choose a method that fits, a smaller model or shorter rows, or close other programs.',
  memoryBar: (method: PlanMethod) => `Peak memory, ${METHOD_NAMES[method]}`,
  cardBar: (name: string) => `Memory of ${name}`,
  memoryParts: {
    program: 'Program',
    weights: 'Weights',
    adapters: 'Trained weights',
    gradients: 'Gradients',
    optimizer: 'Optimizer',
    activations: 'Activations',
    logits: 'Output and loss',
    working: 'Working memory',
    'mapped-again': 'Mapped twice',
  } as Readonly<Record<MemoryPart, string>>,
  basis: ({ restsOn }: RangedFigure) => RESTS_ON[restsOn],

  disk: (needed: number) => `The first run stores ${bytes(needed)} of prepared weights on your disk.`,
  kept: (needed: number) =>
    `While it trains, the run keeps ${bytes(needed)} on your disk: what its frozen layers compute.`,
  diskFull: (needed: number, free: number) =>
    `Not enough disk space: ${bytes(needed)} is needed, and ${bytes(free)} is free.`,
  diskFixes: 'Free some space, or choose a smaller model.',

  time: 'Time and cost',
  timeShort: 'Time',
  timeUnknown: 'Unknown until the speed of this computer is measured.',
  timeMeasure: 'Measure now (20 s)',
  timeMeasuring: 'Measuring',
  timeLine: (seconds: number, kwh: number | null, cost: number | null, currency: string) => {
    const time = `${about(seconds)} of training`;
    if (kwh === null) return `${time}.`;
    if (cost !== null && cost < CENT) return `${time}, less than ${measure(number(CENT, 2), currency)}.`;
    return `${time}, about ${cost === null ? energy(kwh) : money(cost, currency)}.`;
  },
  look: (seconds: number | null) =>
    `Before the run, three learning rates are tried${seconds === null ? '' : ` for ${duration(seconds)}`}. The best goes on.`,
  timeParts: (parts: readonly { part: TimePart; seconds: number }[]) =>
    parts
      .filter(({ seconds }) => seconds >= 1)
      .map(({ part, seconds }) => `${duration(seconds)} ${TIME_PARTS[part]}`)
      .join(', '),
  timeRange: ({ low, high }: RangedFigure) => `Likely ${duration(low)} to ${duration(high)}.`,
  tryOut: 'Try three steps',
  trying: 'Trying three steps',
  tryHint: (seconds: number | null) =>
    `Runs three steps for real, then discards them.${seconds === null ? '' : ` Takes about ${duration(seconds)}.`}`,
  rows: (training: number, test: number) =>
    `${plural(training, 'training row')}, ${plural(test, 'test row')}`,
  steps: (steps: number, rows: number, length: number) =>
    `${plural(steps, 'step')} of ${plural(rows, 'packed row')} with ${plural(length, 'token')} each`,
  costBasis: (kwh: number, watts: number, price: number, currency: string) =>
    `${energy(kwh)} of electricity at ${measure(number(watts), 'W')} and ${money(price, currency)} per kWh.`,
  costUnknown: 'To see the cost, set the power of this computer.',
  costSettings: 'Set power and price',

  computeOn: 'Runs on',
  fettleChooses: 'Choose for me',
  fettleChoosesNow: (name: string) => `Choose for me: ${name}`,
  fettleChoosesAbout: 'The fastest device measured here that has enough memory.',
  deviceName: ({ device, executor, card }: Pick<DeviceOffer, 'device' | 'executor' | 'card'>) => {
    if (executor === 'tfjs') return card === null ? 'TensorFlow’s library' : `${card} (TensorFlow.js)`;
    if (executor === 'openvino') return 'Processor with the speed pack';
    return device === 'cpu' ? 'Processor' : `${card ?? 'Graphics card'} (${DEVICE_NAMES[device]})`;
  },
  measureLead: 'A measurement shows which is faster.',
  measureLink: 'Measure the graphics card',
  cardMemory: ({ low, high }: RangedFigure, free: number | null) =>
    `Likely ${bytesRange(low, high)}${free === null ? '' : ` of ${bytes(free)} free`}.`,

  forgetting: 'Risk of forgetting',
  risks: { low: 'Low', medium: 'Medium', high: 'High' },
  riskWords: ({ risk, lostShare, isFixedForm }: ForgettingForecast) => {
    if (risk === 'low') return 'Probably keeps what it knew.';
    return isFixedForm
      ? 'Matters only if it also chats.'
      : `May lose ${lostPart(lostShare)} of what it knew.`;
  },
  riskBasis: ({ risk, lostShare, isFixedForm }: ForgettingForecast) => {
    const lost =
      risk === 'low'
        ? 'It will probably keep what it knew.'
        : `It may lose ${lostPart(lostShare)} of what it knew.`;
    const fixed = isFixedForm ? ' A model that sorts answers other questions with its categories too.' : '';
    return `${lost}${risk === 'low' ? '' : fixed} Estimated from model size, learning rate, steps and answers, as measured with models of 4 and 135 million parameters.`;
  },
  riskAbout: 'A quiz before and after training measures what it really forgot.',
  protect: 'Protect what it knows',
  replay: 'Mix in general text (replay)',
  replayHint: 'A tenth of training is general text. Takes about a tenth longer.',
  stayClose: 'Stay close to the original',
  stayCloseHint: 'Keeps the weights close to where they began. Learns a little slower.',

  nearest: 'What would fit',
  nearestDo: {
    'close-programs': 'Check again',
    method: 'Use it',
    length: 'Shorten rows',
    'micro-batch': 'Use fewer',
    rank: 'Lower it',
    model: 'Choose a model',
  },

  details: 'Details',
  others: 'Methods compared',
  options: 'More options',
  values: 'Chosen settings',
  whyOf: (name: string) => `Why: ${name}`,
  takeBack: 'Undo all changes',

  cuts: 'Row length',
  cutsNow: (longest: number, limit: number, lost: number) =>
    limit >= longest
      ? `Your longest row has ${plural(longest, 'token')}. Nothing is cut off.`
      : `Your longest row has ${plural(longest, 'token')}, the limit is ${number(limit)}. ${lost === 0 ? 'Nothing' : smallShare(lost)} of what is learned is cut off.`,
  cutsAbout: 'A shorter limit needs less memory and time. It cuts off the ends of long rows.',
  cutsCaption: 'Limits on row length, and what each one loses',
  cutColumns: {
    limit: 'Limit',
    rows: 'Rows cut off',
    tokens: 'Tokens lost',
    labelled: 'Learned text lost',
  },
  cutLimit: (limit: number) => plural(limit, 'token'),
  cutRows: ({ rowsCut, rowsCutShare }: LengthChoice) =>
    rowsCut === 0 ? 'none' : `${number(rowsCut)} (${smallShare(rowsCutShare)})`,
  cutShare: (share: number) => (share === 0 ? 'none' : smallShare(share)),
  cutProposed: 'recommended',
  cutTexts: (texts: number) =>
    `${plural(texts, 'long text')} ${texts === 1 ? 'is' : 'are'} split at the limit, and nothing is lost.`,
  fromRun: 'These are the settings of the run that you repeat.',
  yours: (n: number) => `${plural(n, 'setting')} set by you`,
  settings: 'All settings',
  settingsLead: 'Leave a field empty and Fettle decides.',
  meaning: (name: string) => `What it means: ${name}`,
  fallback: (value: string) => `Default: ${value}`,
  asUsual: 'the default',
  proposedValue: (value: string) => `Recommended: ${value}`,
  reset: (name: string) => `Reset ${name}`,
  useNumber: (word: string) => `Leave empty for “${word}”`,
  withSpaces: 'Separate several with spaces',

  start: 'Start training',
  startAt: 'Start later',
  startAtLabel: 'Start time',
  startAtHint: 'Keep Fettle open until then.',
  startAtButton: (time: string) => `Start at ${time}`,
  elsewhere: {
    title: 'Train elsewhere',
    near: 'Train on a larger computer of yours.',
    target: 'Computer',
    basisTitle: 'How this is estimated',
    goes: (host: string) => `Your rows go to ${host}. The result returns and is compared here.`,
    sendModel: 'Send the model from here',
    sendModelHint: 'Otherwise that computer downloads it, if it can.',
    start: (name: string) => `Start on ${name}`,
    none: 'Add a larger computer in Settings to train there.',
    settings: 'Open Settings',
  },
  missing: { model: 'Choose a model first.', data: 'Choose data first.' },
  goTo: (name: string) => `Go to ${name}`,
} as const;

/** What is said of a run on graphics cards that are not here. */
export const ifYouHadWords = {
  title: 'On a rented card',
  /** NVIDIA H100 SXM: about 4 minutes, about 0.20 USD. */
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
      return `${name}: too small. It has ${bytes(memoryBytes)}, and ${bytes(neededBytes)} is needed.`;
    const price =
      seconds.value < MINUTE
        ? `less than ${measure(number(pricePerHour / 60, 2), currency)}`
        : `about ${measure(number(cost.value, 2), currency)}`;
    return `${name}: ${about(seconds.value)}, ${price}.`;
  },
  basis: ({ utilisation: { low, high }, waits, pricesFrom }: IfYouHad): string => {
    const speed = waits
      ? 'a model this small mostly keeps the card waiting'
      : `${percent(low)} to ${percent(high)} of full speed`;
    return `Estimated from the makers’ figures, not measured: ${speed}. Prices are assumptions of ${pricesFrom}.`;
  },
} as const;
