/** `fettle merge`: adds up adapters, each with a weight. */
import { MERGE_SETTINGS } from '../../../common/extras/blend/command-settings.ts';
import type { MergeResult } from '../../../common/extras/blend/merge-result.ts';
import { type WorkIo, workHere } from '../../app/work-here.ts';
import { EXIT } from '../../cli/command.ts';
import { printResult } from '../../cli/display.ts';
import { commandOf } from '../../cli/settings.ts';
import { number, plural, within } from '../../cli/words.ts';
import { parserOf } from '../../engine/config/config.ts';

const parse = parserOf(MERGE_SETTINGS);

export const command = commandOf({
  name: 'merge',
  settings: MERGE_SETTINGS,
  parse,
  usage: 'merge --adapter FOLDER --adapter FOLDER --out FOLDER [--weight NUMBERS]',
  about:
    'The result changes the model by the weighted sum of what the adapters change, exactly: ranks stand side by side. It is a PEFT ' +
    'folder for --adapter. All must belong to the same base model.',
  examples: ['fettle merge --adapter runs/polite --adapter runs/short --weight 0.7,0.3 --out runs/both'],
  async run(config, args, streams) {
    const work = (io: WorkIo) => workHere('merge', config, io);
    await printResult(args, streams, work, mergeText);
    return EXIT.ok;
  },
});

function mergeText({ adapters, modules, rank, out }: MergeResult): string {
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
