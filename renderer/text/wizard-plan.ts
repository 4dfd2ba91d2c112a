/** The words of the wizard's plan step, and the reasons for the settings that it proposes. */
import { about, bytes, count, energy, figure, flops, money, number, percent, plural } from './format.ts';

type Method = 'lora' | 'full';

const METHODS: Readonly<Record<Method, string>> = { lora: 'LoRA', full: 'Full fine-tuning' };

export const reasons = {
  practice:
    'The practice model is very small: it learns well at a high learning rate and reads 256 tokens at once.',
  rate: (rate: number, parameters: number | null, method: Method) =>
    `Learning rate ${figure(rate)}: usual for ${METHODS[method]}${parameters === null ? '' : ` at ${count(parameters)} weights`}; smaller models take larger steps.`,
  epochs: (epochs: number, rows: number) =>
    `${plural(epochs, 'pass', 'passes')} over ${plural(rows, 'row')}: few rows must be seen more often, many less.`,
  length: (limit: number, most: number) =>
    most <= limit
      ? `Rows of up to ${number(limit)} tokens: your longest has ${number(most)}.`
      : `Rows of up to ${number(limit)} tokens: longer ones would need much memory and are cut off.`,
  heldOut: 'A fifth of the rows is held out: with so few, a tenth would be too little to measure on.',
} as const;

export const plan = {
  title: 'What will it take?',
  lead: 'Nothing has begun yet. The figures come from the computation that will run.',
  name: 'Name of the run',
  answer: (method: Method, seconds: number | null) =>
    `${METHODS[method]}${seconds === null ? '' : `, ${about(seconds)}`}`,
  defaultName: (data: string, model: string) => `${data} with ${model}`,
  untitled: 'New run',

  method: 'Method',
  methods: {
    lora: {
      title: 'LoRA',
      about:
        'Trains small adapters beside the model. Needs little memory, forgets little, and the result is a small file.',
    },
    full: {
      title: 'Full fine-tuning',
      about:
        'Trains every weight. Needs several times the memory and forgets more; for small models and much data.',
    },
  },
  recommended: 'Recommended',
  why: {
    lora: 'LoRA is recommended: it needs less memory and keeps more of what the model knows.',
    full: 'Full fine-tuning is recommended for this model: it is so small that training all of it costs little, and it learned more that way when we measured it.',
  },
  chosen: 'Chosen',
  choose: (title: string) => `Choose ${title}`,
  figures: {
    memory: 'Memory at the peak',
    time: 'Time',
    trained: 'Weights trained',
    steps: 'Steps',
  },
  trained: (trained: number, all: number) =>
    `${count(trained)} of ${count(all)} (${percent(trained / all, trained / all < 0.1 ? 1 : 0)})`,
  computing: 'Working out the figures',
  outdated: 'These figures are from before your last change.',

  memory: 'Memory',
  memoryBar: (method: Method) => `At the peak, ${METHODS[method]}`,
  memoryParts: {
    weights: 'Weights',
    state: 'Trained weights and optimizer',
    working: 'Working room',
    program: 'Program',
  },
  memoryVerdict: {
    good: (free: number) => `It fits: ${bytes(free)} are free.`,
    warn: (free: number) => `It is tight: ${bytes(free)} are free. Close other programs before you start.`,
    bad: (free: number) =>
      `It does not fit: only ${bytes(free)} are free. The run would be very slow or be ended by the system.`,
  },
  memoryFixes:
    'Lower the longest row or the tokens at once, choose LoRA or a smaller model, or close other programs.',

  time: 'Time and cost',
  timeUnknown: 'Not known: the speed of this computer has not been measured.',
  timeMeasure: 'Measure now (a second)',
  timeMeasuring: 'Measuring',
  time3: (seconds: number) => `${about(seconds)} of training`,
  timeBasis: (steps: number, flopsPerStep: number, speed: number | null) =>
    `Rests on ${plural(steps, 'step')} of ${operations(flopsPerStep)} each${speed === null ? '' : ` and a measured ${flops(speed)}`}. Loading, evaluations and the comparison at the end come on top.`,
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
  replayHint: 'A tenth of the training is general text. The best known protection; takes a tenth longer.',
  stayClose: 'Stay close to the original',
  stayCloseHint: 'Pulls the weights gently back to where they began. Learns a little slower.',

  proposed: 'Why these settings',
  fromRun: 'The settings are those of the run that this one repeats.',
  yours: (n: number) => `${plural(n, 'setting')} set by you`,
  settings: 'All settings',
  settingsLead: 'Each with its default and range. The figures above follow every change.',
  settingName,
  fallback: (value: string) => `Default: ${value}`,
  range: (min: number, max: number) => `${short(min)} to ${short(max)}`,
  atLeast: (min: number) => `at least ${short(min)}`,
  proposedValue: (value: string) => `proposed: ${value}`,
  reset: (name: string) => `Back to the proposed value: ${name}`,
  useNumber: (word: string) => `Leave empty for "${word}"`,
  notSet: 'not set',
  on: 'on',
  off: 'off',

  start: 'Start training',
  startAt: 'Start later',
  startAtLabel: 'Time of day',
  startAtHint: 'Fettle has to be running then. The run waits in the queue until its time.',
  startAtButton: (time: string) => `Start at ${time}`,
  tomorrow: 'tomorrow',
  missing: { model: 'Choose a model first.', data: 'Choose data first.' },
  goTo: (name: string) => `Go to: ${name}`,
  starting: 'Starting',
} as const;

/** Names that do not read well by themselves. */
const SETTING_NAMES: Readonly<Record<string, string>> = {
  'lora.rank': 'Rank',
  'lora.alpha': 'Alpha',
  'lora.dropout': 'Dropout',
  'lora.targets': 'Layers',
  'lora.rsLora': 'Rank-stabilised LoRA',
  eps: 'Epsilon',
  maxGradNorm: 'Longest gradient',
  maxLength: 'Longest row',
  stayClose: 'Stay close to the original',
  trainOn: 'What is learned',
};

/** `tokensPerMicroBatch` as people read it: Tokens per micro batch. */
function settingName(name: string): string {
  const words = name.replace(/([A-Z]|\d+)/g, ' $1').toLowerCase();
  return SETTING_NAMES[name] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function operations(value: number): string {
  if (value >= 1e12) return `${number(value / 1e12, 1)} trillion operations`;
  if (value >= 1e9) return `${number(value / 1e9, 1)} billion operations`;
  return `${number(value / 1e6)} million operations`;
}

function short(value: number): string {
  return Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(0)
    : String(value);
}
