/** Electricity on the command line: power, price and currency, and `fettle settings`, which keeps them. */
import type { z } from 'zod';
import { defined } from '../../common/values.ts';
import type { Costs } from '../app/grounds.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, printOne, type Streams } from './command.ts';

/** What takes the power away that was set before. */
const NOT_KNOWN = 'none';

/** The flags; `fallback`: what holds where one is left out. */
export function costFlags(group: string, fallback: string): readonly Flag[] {
  return [
    {
      name: 'watts',
      about: 'power of this computer in training, for energy and cost',
      value: 'N',
      group,
      fallback,
      alsoCalled: ['power', 'wattage'],
    },
    {
      name: 'price-per-kwh',
      about: 'price of a kilowatt hour',
      value: 'N',
      group,
      fallback,
      alsoCalled: ['kwh-price', 'electricity-price', 'price'],
    },
    {
      name: 'currency',
      about: 'currency of the price, such as EUR',
      value: 'NAME',
      group,
      fallback,
    },
  ];
}

/**
 * What is said of electricity; what is left out is not there. Throws an AppError beyond the bounds of the settings, with `example` as what
 * to write.
 */
export async function costsOf({ values }: Arguments, example: string): Promise<Partial<Costs>> {
  if (!costFlags('', '').some(({ name }) => values.has(name))) return {};
  const { Settings } = await import('../../common/api/computer.ts');
  const { shape } = Settings;
  const number = (name: string, type: z.ZodNumber): number | undefined => {
    const given = values.get(name) as string | undefined;
    if (given === undefined) return undefined;
    const value = Number(given);
    if (given.trim() !== '' && type.safeParse(value).success) return value;
    const message = `--${name} must be a number from ${type.minValue} to ${type.maxValue}; got "${given}".`;
    throw badUsage(message, `For example: ${example} --watts 150 --price-per-kwh 0.3`);
  };
  const currency = (values.get('currency') as string | undefined)?.trim();
  if (currency !== undefined && !shape.currency.safeParse(currency).success) {
    const message = `--currency must be a name of at most ${shape.currency.maxLength} letters; got "${currency}".`;
    throw badUsage(message, 'Write --currency EUR.');
  }
  const watts = values.get('watts') === NOT_KNOWN ? null : number('watts', shape.watts.unwrap());
  return defined({ watts, pricePerKwh: number('price-per-kwh', shape.pricePerKwh), currency });
}

const EXAMPLE = 'fettle settings';

export const command: Command = {
  usage: 'settings [--watts N] [--price-per-kwh N] [--currency NAME]',
  about:
    'Shows or sets the power and the electricity price used in estimates. `--watts none` removes the power.',
  examples: [
    EXAMPLE,
    `${EXAMPLE} --watts 150 --price-per-kwh 0.32 --currency EUR`,
    `${EXAMPLE} --watts none`,
  ],
  flags: [...costFlags('Electricity', 'stays as it is'), JSON_FLAG, HELP_FLAG],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const change = await costsOf(args, EXAMPLE);
  const { openHistory } = await import('../app/history.ts');
  const store = await openHistory();
  try {
    const { watts, pricePerKwh, currency } =
      Object.keys(change).length > 0 ? store.settings.set(change) : store.settings.get();
    const kept: Costs = { watts, pricePerKwh, currency };
    printOne(args, streams, kept, () => textOf(kept));
    return EXIT.ok;
  } finally {
    store.close();
  }
}

function textOf({ watts, pricePerKwh, currency }: Costs): string {
  const power =
    watts === null ? `not known: set it with ${EXAMPLE} --watts 150` : `${watts} W while it trains`;
  return `Power    ${power}\nPrice    ${pricePerKwh} ${currency} per kWh\n`;
}
