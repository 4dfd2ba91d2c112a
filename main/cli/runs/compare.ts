/** `fettle runs compare`: in what runs differ, and what that did. */
import type { RunDetails } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import { differences, testRowsDiffer } from '../../api/differences.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { ID_CHARS, pickRuns, withHistory } from './history.ts';
import { columnsText, lossText, timeText, verdictText } from './words.ts';

const MOST = 8;
const EXAMPLE = 'fettle runs compare 3f2a91c0 77d01b4e';
const CELL_CHARS = 40;
const DIFFERENT_ROWS =
  'These runs were measured on different test rows, so their losses and verdicts do not compare. Give both the same --eval-data.';

export const command: Command = {
  usage: 'runs compare ID ID… [flags]',
  about: `Two to ${MOST} runs side by side: settings that differ, losses, verdicts. With --json it prints one object.`,
  examples: [EXAMPLE],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['ID…'],
  run: (args, streams) =>
    withHistory(streams, (store) => {
      const runs = pickRuns(store, args.positionals);
      if (runs.length < 2 || runs.length > MOST)
        throw new AppError(
          'bad-usage',
          `Two to ${MOST} different runs can be compared; got ${runs.length}.`,
          `For example: ${EXAMPLE}`,
        );
      const found = {
        runs,
        differences: differences(runs.map(({ config }) => config)),
        testRowsDiffer: testRowsDiffer(runs),
      };
      streams.out.write(
        args.values.get('json') === true ? `${JSON.stringify(found)}\n` : `${compareText(runs)}\n`,
      );
      return EXIT.ok;
    }),
};

/** Runs as columns. */
export function compareText(runs: readonly RunDetails[]): string {
  const settings = differences(runs.map(({ config }) => config));
  const row = (name: string, of: (run: RunDetails) => string) => [name, ...runs.map(of)];
  const outcome = [
    row('Run', ({ name }) => name),
    row('Id', ({ id }) => id.slice(0, ID_CHARS)),
    row('State', ({ state }) => state),
    row('Loss before', ({ done }) => lossText(done?.heldOutLossBefore ?? null)),
    row('Lowest loss', ({ bestLoss }) => lossText(bestLoss)),
    row('Verdict', verdictText),
    row('Time', ({ seconds }) => timeText(seconds)),
  ];
  const different = settings.map(({ name, values }) => [name, ...values]);
  const lines = columnsText([...outcome, ...different], CELL_CHARS);
  const [above, below] = [lines.slice(0, outcome.length), lines.slice(outcome.length)];
  return [
    ...above,
    ...(testRowsDiffer(runs) ? ['', DIFFERENT_ROWS] : []),
    '',
    below.length > 0 ? 'Settings that differ' : 'All settings are the same.',
    ...below,
  ].join('\n');
}
