/** What is said of electricity on the command line: power, price and currency, within the bounds that the application's settings have. */
import type { z } from 'zod';
import { AppError } from '../../common/errors.ts';
import { defined } from '../app/defined.ts';
import type { Costs } from '../app/grounds.ts';
import type { Arguments } from './arguments.ts';
import type { Flag } from './flags.ts';

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
 * What is said of electricity; what is left out is not there. Throws an AppError beyond the bounds of the settings, with `example` as what to
 * write.
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
    throw new AppError('bad-usage', message, `For example: ${example} --watts 150 --price-per-kwh 0.3`);
  };
  const currency = (values.get('currency') as string | undefined)?.trim();
  if (currency !== undefined && !shape.currency.safeParse(currency).success) {
    const message = `--currency must be a name of at most ${shape.currency.maxLength} letters; got "${currency}".`;
    throw new AppError('bad-usage', message, 'Write --currency EUR.');
  }
  const watts = values.get('watts') === NOT_KNOWN ? null : number('watts', shape.watts.unwrap());
  return defined({ watts, pricePerKwh: number('price-per-kwh', shape.pricePerKwh), currency });
}
