/** `fettle data check`: what is wrong with data, worst first, and a mended file where that is asked for. */

import { parseDoctorConfig } from '../../engine/config/config.ts';
import { DoctorFields } from '../../engine/config/schemas.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Streams } from '../command.ts';
import { openDisplay } from '../display.ts';
import { EXIT } from '../exit-codes.ts';
import { type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { onInterrupt } from '../interrupt.ts';
import { settle } from '../settings.ts';
import { styleFor } from '../style.ts';
import { reportText } from './doctor-text.ts';

const EXAMPLE = 'fettle data check rows.jsonl';

const FLAGS: readonly Flag[] = [
  ...flagsOf(DoctorFields).filter(({ name }) => name !== 'data'),
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'data check FILE… [--fix NAMES --out FILE] [flags]',
  about:
    'Reads the rows as `fettle train` does and changes nothing in them: fixes go to a new file (--preview shows them first), and `fettle data undo mended.jsonl --out restored.jsonl` takes them back. It ends with exit code 0 whatever it finds, and with 3 only where no row can be read. With --json it prints one object with the findings.',
  examples: [
    EXAMPLE,
    `${EXAMPLE} --eval-data held-out.jsonl --model models/SmolLM2.gguf`,
    `${EXAMPLE} --fix all,near-duplicates --preview`,
    `${EXAMPLE} --fix all --out mended.jsonl`,
  ],
  flags: FLAGS,
  positionals: ['FILE…'],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const files = [{ name: 'the arguments', settings: { data: [...args.positionals] } }];
  const config = settle(args, FLAGS, files, { name: 'data check', example: EXAMPLE }, parseDoctorConfig);
  const json = args.values.get('json') === true;
  const display = json ? undefined : openDisplay(streams, false);
  const interrupt = onInterrupt(() => display?.note('Stopping. Press Ctrl-C again to end at once.'));
  try {
    const { checkData } = await import('../../engine/session/session.ts');
    const report = await checkData(config, { emit: (event) => display?.show(event), stop: interrupt.stop });
    display?.close();
    const style = styleFor(streams.out, process.env);
    const width = Math.min(streams.out.columns || 110, 110);
    streams.out.write(json ? `${JSON.stringify(report)}\n` : reportText(report, style, width));
    return EXIT.ok;
  } finally {
    display?.close();
    interrupt.release();
  }
}
