/** `fettle forecast`: a run learns again from a quarter and from half of its rows; what more would bring follows from that. */
import type { TriesPrice, TriesResult } from '../../../common/extras/tries/result.ts';
import { threads } from '../../../common/settings/computing.ts';
import { baseModel, runFolder } from '../../../common/settings/files.ts';
import { said } from '../../../common/words/language.ts';
import { SCORES } from '../../../common/words/scores.ts';
import { type WorkIo, workHere } from '../../app/work-here.ts';
import { withTimeLeft } from '../../changes.ts';
import { wantsJson } from '../../cli/arguments.ts';
import { EXIT } from '../../cli/command.ts';
import { printResult } from '../../cli/display.ts';
import { commandOf } from '../../cli/settings.ts';
import { about, duration, number, percent, percentRange, plainSpaces, plural } from '../../cli/words.ts';
import { parserOf } from '../../engine/config/config.ts';

const SETTINGS = [runFolder, baseModel, threads] as const;
const parse = parserOf(SETTINGS);

export const command = commandOf({
  name: 'forecast',
  settings: SETTINGS,
  parse,
  usage: 'forecast --run FOLDER [flags]',
  about:
    'For a run of a language model that learned answers. Its plan learns again from a quarter and from half of its rows, as many passes each, and ' +
    'all three are asked the same test rows. From their scores follows what twice and four times the rows would likely bring. Ctrl-C stops; the ' +
    'same command continues.',
  examples: ['fettle forecast --run runs/first', 'fettle forecast --run runs/first --json'],
  async run(config, args, streams) {
    const note = (text: string) => void (wantsJson(args) || streams.err.write(`${plainSpaces(text)}\n`));
    const work = ({ emit = () => {}, stop }: WorkIo) =>
      workHere('tries', config, {
        ...(stop && { stop }),
        emit: withTimeLeft((event) => ('tries' in event ? note(priceText(event.tries)) : emit(event))),
      });
    await printResult(args, streams, work, triesText);
    return EXIT.ok;
  },
});

function priceText({ rows: [quarter, half], asked, seconds }: TriesPrice): string {
  const what = `Two tries, on ${number(quarter)} and ${number(half)} rows, and ${plural(asked, 'test row')} asked after each`;
  return `${what}: ${about(seconds)}. Ctrl-C stops; nothing is lost.`;
}

function triesText({ score, asked, points, forecasts, seconds }: TriesResult): string {
  const [now, ...more] = forecasts;
  const measured = points.map(({ rows, score: value }) => `${percent(value)} with ${number(rows)}`);
  const range = ({ accuracy, isClose }: TriesResult['forecasts'][0]) =>
    isClose ? percentRange(accuracy) : `${percent(accuracy.low)} to ${percent(accuracy.high)}`;
  return [
    `Score       ${said(SCORES[score])}, of ${plural(asked, 'test row')}`,
    `Measured    ${measured.join(', ')} rows`,
    `Now         likely ${range(now)}`,
    ...more.map(
      (one, i) =>
        `${i === 0 ? 'With more   ' : ' '.repeat(12)}${plural(one.rows - now.rows, 'more row')}: likely ${range(one)}`,
    ),
    `Time        ${duration(seconds)}`,
    '',
  ].join('\n');
}
