/** `fettle devices remove nvidia`: deletes the libraries for NVIDIA's cards; they can be got again at any time. */
import { removePack } from '../../packs/pack.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { bytes } from '../words.ts';
import { placeOf } from './packs.ts';

export const command: Command = {
  usage: 'devices remove nvidia [flags]',
  about:
    'Deletes the pack, and what has arrived of one that is not whole. Trainings then compute on something else.',
  examples: ['fettle devices remove nvidia'],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['PACK'],
  run,
};

async function run({ values, positionals }: Arguments, streams: Streams): Promise<number> {
  const { packs } = placeOf(positionals[0] ?? '');
  const freedBytes = await removePack(packs);
  const text =
    freedBytes === 0 ? 'There was no NVIDIA pack.' : `Deleted the NVIDIA pack, ${bytes(freedBytes)} freed.`;
  streams.out.write(
    values.get('json') === true ? `${JSON.stringify({ pack: 'nvidia', freedBytes })}\n` : `${text}\n`,
  );
  return EXIT.ok;
}
