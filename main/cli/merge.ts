/** `fettle merge`: adds up adapters, each with a weight, to one adapter. */
import type { MergeResult } from '../../common/protocol/protocol.ts';
import { MERGE_SETTINGS } from '../../common/settings/commands.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseMergeConfig } from '../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, type Streams } from './command.ts';
import { printResult } from './display.ts';
import { settle } from './settings.ts';
import { number, plural, within } from './words.ts';

const EXAMPLE = 'fettle merge --adapter runs/polite --adapter runs/short --weight 0.7,0.3 --out runs/both';

const FLAGS: readonly Flag[] = [...flagsOf(MERGE_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'merge --adapter FOLDER --adapter FOLDER --out FOLDER [--weight NUMBERS]',
  about:
    'The result changes the model by the weighted sum of what the adapters change, exactly: ranks stand side by side. It is a PEFT ' +
    'folder for --adapter. All must belong to the same base model.',
  examples: [EXAMPLE],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const config = settle(args, FLAGS, [], { name: 'merge', example: EXAMPLE }, parseMergeConfig);
  const work = (io: WorkIo) => workHere<MergeResult>('merge', config, io);
  await printResult(args, streams, work, resultText);
  return EXIT.ok;
}

/** The result as a person reads it. */
function resultText({ adapters, modules, rank, out }: MergeResult): string {
  const indent = '            ';
  return [
    ...adapters.map(
      ({ folder, weight }, i) =>
        `${i === 0 ? 'Added up    ' : indent}${number(weight, 3)} × ${within(folder, indent)}`,
    ),
    `Adapter     rank ${number(rank)} in ${plural(modules, 'module')}`,
    `Written     ${within(out, indent)}`,
    '',
  ].join('\n');
}
