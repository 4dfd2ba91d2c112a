/** `fettle learn time`: operations of a training, and its time and cost on graphics cards, by the textbook. */
import { type TimeHere, type TimeLesson, TimeQuestion } from '../../../common/extras/learn/calls.ts';
import { closest } from '../../../common/values.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG } from '../../cli/arguments.ts';
import { type Command, EXIT, printOne, type Streams } from '../../cli/command.ts';
import { columnsText } from '../../cli/runs/list.ts';
import { bytes, duration, number } from '../../cli/words.ts';
import { ACCELERATORS } from '../../plan/accelerators.ts';
import { MODEL_FLAGS, questionOf } from './question.ts';

const FLAGS: readonly Flag[] = [
  ...MODEL_FLAGS,
  {
    name: 'rows',
    value: 'N',
    about: 'rows of the data',
    group: 'Work',
    fallback: '10000',
    alsoCalled: ['examples', 'samples'],
  },
  {
    name: 'tokens-per-row',
    value: 'N',
    about: 'average tokens per row',
    group: 'Work',
    fallback: '500',
    alsoCalled: ['tokens', 'length'],
  },
  { name: 'epochs', value: 'N', about: 'passes over the rows', group: 'Work', fallback: '3' },
  {
    name: 'utilisation',
    value: 'SHARE',
    about: 'share of the published speed that training reaches',
    group: 'Work',
    fallback: '0.4',
    alsoCalled: ['mfu', 'utilization', 'efficiency'],
  },
  {
    name: 'recompute',
    about: 'activation recompute, to save memory',
    group: 'Work',
    negatable: true,
    alsoCalled: ['gradient-checkpointing', 'checkpointing'],
  },
  {
    name: 'price',
    value: 'CARD=PRICE',
    about: 'price of an hour on a card, such as a100-80=2.10; can be repeated',
    group: 'Prices',
    fallback: 'that of the app, else an assumption of ours',
    alsoCalled: ['prices', 'price-per-hour', 'hourly', 'rent'],
    repeats: true,
  },
  {
    name: 'price-per-kwh',
    value: 'PRICE',
    about: 'price of electricity for this computer',
    group: 'Prices',
    fallback: 'that of the settings',
    alsoCalled: ['electricity', 'kwh'],
  },
  {
    name: 'watts',
    value: 'N',
    about: 'power of this computer in training',
    group: 'Prices',
    fallback: 'that of the settings',
    alsoCalled: ['power'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'learn time [flags]',
  about:
    'Textbook estimate from published rates, with assumed prices where none are given. What a run takes on this computer is told by `fettle plan`.',
  examples: [
    'fettle learn time --parameters 7B --rows 10000 --tokens-per-row 500 --epochs 3',
    'fettle learn time --model Qwen/Qwen2.5-1.5B --method lora --rows 2000',
    'fettle learn time --parameters 7B --price a100-80=2.10 --price l4=0.65',
    'fettle learn time --parameters 1B --price-per-kwh 0.28 --watts 90',
  ],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const question = await questionOf(TimeQuestion, { ...args, values: withPrices(args.values) });
  const { knownHere } = await import('../../app/grounds.ts');
  const { timeLesson } = await import('./lessons.ts');
  const { computer, cardPrices } = await knownHere();
  const lesson = timeLesson({ ...question, prices: { ...cardPrices, ...question.prices } }, computer);
  printOne(args, streams, lesson, () => timeText(lesson));
  return EXIT.ok;
}

/** The prices of `--price CARD=PRICE` by the ids of the cards. Throws `AppError('bad-usage')`. */
function withPrices(values: Arguments['values']): Arguments['values'] {
  const { price, ...others } = Object.fromEntries(values);
  if (price === undefined) return values;
  const prices = Object.fromEntries([price].flat().map((given) => priceOf(String(given))));
  return new Map(Object.entries({ ...others, prices }));
}

const MOST_PRICE = 10_000;

function priceOf(given: string): [id: string, price: number] {
  const [, card = '', digits = ''] = /^(.+)=(\d+(?:\.\d+)?)$/.exec(given.trim()) ?? [];
  const ids = ACCELERATORS.map(({ id }) => id);
  const id = ids.find((each) => each === card.toLowerCase());
  if (id !== undefined && Number(digits) <= MOST_PRICE) return [id, Number(digits)];
  const isPrice = card !== '' && Number(digits) <= MOST_PRICE;
  const meant = isPrice ? closest(card.toLowerCase(), ids) : undefined;
  throw badUsage(
    `--price must be a card and the price of an hour on it, up to ${number(MOST_PRICE)}; got "${given}".`,
    meant
      ? `Did you mean ${meant}=${digits}?`
      : `Such as --price a100-80=2.10. The cards: ${ids.join(', ')}.`,
  );
}

export function timeText(answer: TimeLesson): string {
  const { tokens, perToken, flops, machines, currency, pricesFrom, neededBytes, here } = answer;
  const each = Object.values(perToken).reduce((sum, part) => sum + part, 0);
  const head = ['Graphics card', 'Memory', 'Peak', 'Time', `Cost (${currency})`, ''];
  const rows = machines.map((card) => [
    card.name,
    bytes(card.memoryBytes),
    `${number(card.peakFlops / 1e12)} TFLOP/s`,
    duration(card.seconds),
    card.cost.toFixed(2),
    fitText(card.fits),
  ]);
  const assumed = machines.filter(({ assumedPrice }) => assumedPrice).length;
  const which = assumed < machines.length ? 'Prices that were not given' : 'Prices';
  return `${[
    `${number(tokens)} tokens x ${(each / 1e9).toFixed(1)} billion operations = ${flops.toExponential(2)} operations`,
    '',
    ...columnsText([head, ...(here ? [rowOf(here)] : []), ...rows], 40),
    '',
    `Memory needed by the textbook, a row at a time in 16 bits (4 for QLoRA): ${bytes(neededBytes)}.`,
    here
      ? `On this computer, which computes in 32 bits: ${bytes(here.neededBytes)}. Its speed was measured${here.kwh === null ? '; say --watts to know what the electricity costs' : ''}.`
      : 'The speed of this computer is not known yet: `fettle hardware --bench` measures it.',
    ...(assumed > 0 ? [`${which} are assumptions of ${pricesFrom}, not offers: --price takes others.`] : []),
  ].join('\n')}\n`;
}

const fitText = (fits: boolean) => (fits ? '' : 'does not fit');

function rowOf({ memoryBytes, flops, seconds, cost, currency, fits }: TimeHere): string[] {
  const [memory, speed] = [bytes(memoryBytes), `${(flops / 1e12).toPrecision(2)} TFLOP/s`];
  const money = cost === null ? '' : `${cost.toFixed(2)} ${currency}`;
  return ['This computer', memory, speed, duration(seconds), money, fitText(fits)];
}
