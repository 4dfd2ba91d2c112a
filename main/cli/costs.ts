/** What is said of electricity on the command line: power, price and currency, within the bounds that the application's settings have. */
import { defined } from '../api/defined.ts';
import { AppError } from '../errors.ts';
import type { Arguments } from './arguments.ts';
import type { Flag } from './flags.ts';
import type { Costs } from './grounds.ts';

const WATTS = { least: 1, most: 10_000 };
const PRICE = { least: 0, most: 100 };
const LONGEST_CURRENCY = 8;
/** What takes the power away that was set before. */
const NOT_KNOWN = 'none';

/** The flags; `fallback`: what holds where one is left out. */
export function costFlags(group: string, fallback: string): readonly Flag[] {
  return [
    {
      name: 'watts',
      about: 'power that this computer draws while it trains, for energy, cost and heat',
      value: 'N',
      ...{ group, fallback },
      alsoCalled: ['power', 'wattage'],
    },
    {
      name: 'price-per-kwh',
      about: 'what a kilowatt hour of electricity costs',
      value: 'N',
      ...{ group, fallback },
      alsoCalled: ['kwh-price', 'electricity-price', 'price'],
    },
    {
      name: 'currency',
      about: 'the currency of that price, such as EUR',
      value: 'NAME',
      ...{ group, fallback },
    },
  ];
}

/** What is said of electricity; what is left out is not there. Throws an AppError beyond the bounds, with `example` as what to write. */
export function costsOf({ values }: Arguments, example: string): Partial<Costs> {
  const number = (name: string, { least, most }: typeof WATTS): number | undefined => {
    const given = values.get(name) as string | undefined;
    if (given === undefined) return undefined;
    const value = Number(given);
    if (given.trim() !== '' && value >= least && value <= most) return value;
    const message = `--${name} must be a number from ${least} to ${most}; got "${given}".`;
    throw new AppError('bad-usage', message, `For example: ${example} --watts 150 --price-per-kwh 0.3`);
  };
  const currency = (values.get('currency') as string | undefined)?.trim();
  if (currency !== undefined && (currency === '' || currency.length > LONGEST_CURRENCY)) {
    const message = `--currency must be a name of at most ${LONGEST_CURRENCY} letters; got "${currency}".`;
    throw new AppError('bad-usage', message, 'Write --currency EUR.');
  }
  const watts = values.get('watts') === NOT_KNOWN ? null : number('watts', WATTS);
  return defined({ watts, pricePerKwh: number('price-per-kwh', PRICE), currency });
}
