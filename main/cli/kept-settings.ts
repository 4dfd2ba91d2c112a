/** `fettle settings`: what a plan counts with for electricity, kept for all later plans, in the window as well. */

import type { Costs } from '../app/grounds.ts';
import type { Arguments } from './arguments.ts';
import type { Command, Streams } from './command.ts';
import { costFlags, costsOf } from './costs.ts';
import { EXIT } from './exit-codes.ts';
import { HELP_FLAG, JSON_FLAG } from './flags.ts';

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
    streams.out.write(args.values.get('json') === true ? `${JSON.stringify(kept)}\n` : textOf(kept));
    return EXIT.ok;
  } finally {
    store.close();
  }
}

function textOf({ watts, pricePerKwh, currency }: Costs): string {
  const power =
    watts === null ? `not known: set it with ${EXAMPLE} --watts 150` : `${watts} W while it trains`;
  return `Power    ${power}\nPrice    ${pricePerKwh} ${currency} a kWh\n`;
}
