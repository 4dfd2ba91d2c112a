/** `fettle start`: will open the window; says so as long as there is none. */
import type { Command } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { HELP_FLAG } from './flags.ts';

const TEXT = `Fettle's window is not built yet. What works today is the command line:

  fettle demo                 fine-tune a very small model on bundled rows
  fettle train --help         fine-tune a model of your own
  fettle --help               everything else
`;

export const command: Command = {
  usage: 'start',
  examples: ['fettle start'],
  flags: [HELP_FLAG],
  async run(_args, streams) {
    streams.out.write(TEXT);
    return EXIT.ok;
  },
};
