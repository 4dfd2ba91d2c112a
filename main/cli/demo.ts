/** `fettle demo`: trains a very small model on bundled rows. */
import { AppError } from '../errors.ts';
import type { Command } from './command.ts';
import { HELP_FLAG, JSON_FLAG } from './flags.ts';

export const command: Command = {
  usage: 'demo [flags]',
  examples: ['fettle demo'],
  flags: [JSON_FLAG, HELP_FLAG],
  async run() {
    throw new AppError('not-built', 'The demo is not built yet.', '`fettle train --help` shows what works.');
  },
};
