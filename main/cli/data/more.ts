/** `fettle data more`: what more rows would bring, before anybody writes them. */
import type { CurveResult, RowForecast } from '../../../common/protocol/protocol.ts';
import { CURVE_SETTINGS } from '../../../common/settings/commands.ts';
import { rungName } from '../../../common/words/sorters.ts';
import { type WorkIo, workHere } from '../../app/work-here.ts';
import { parseCurveConfig } from '../../engine/config/config.ts';
import { EXIT } from '../command.ts';
import { printResult } from '../display.ts';
import { commandOf } from '../settings.ts';
import { duration, number, percent, percentRange, plural, printable } from '../words.ts';

export const command = commandOf({
  name: 'data more',
  settings: CURVE_SETTINGS,
  parse: parseCurveConfig,
  usage: 'data more --data FILE [flags]',
  about:
    'For rows that are sorted into categories, and for JSON answers. Learns from parts of the rows and asks the others, by word counts and by the ' +
    'vectors of an encoder, and says what twice and four times the rows would likely get right, and which categories or fields would gain most. ' +
    'It takes seconds.',
  examples: ['fettle data more --data mails.csv', 'fettle data more --data mails.csv --by words --json'],
  async run(config, args, streams) {
    await printResult(args, streams, (io: WorkIo) => workHere('curve', config, io), moreText);
    return EXIT.ok;
  },
});

function moreText(result: CurveResult): string {
  const { points, forecasts, gains, categories, fields, skippedRows, seconds } = result;
  const [now, ...more] = forecasts;
  const indent = ' '.repeat(12);
  const measured = points.map(
    ({ rows, asked, wrong }) => `${percent(1 - wrong / asked)} with ${number(rows)}`,
  );
  const skipped = skippedRows > 0 ? `, ${number(skippedRows)} unreadable` : '';
  return [
    `Sorted by   ${rungName(result)}`,
    `Rows        ${plural(now.rows, 'row')}${categories === null ? '' : ` in ${plural(categories, 'category', 'categories')}`}${skipped}`,
    ...(fields ? [`Fields      ${fields.forecast.map(printable).join(', ')}`] : []),
    ...(fields && fields.others.length > 0
      ? [`${indent}not ${fields.others.map(printable).join(', ')}: nearly every row has another value`]
      : []),
    `Measured    ${measured.join(', ')} rows`,
    `Now         ${rangeOf(now)}${fields ? ', as a share of the fields of a row' : ''}`,
    ...more.map(
      (one, i) =>
        `${i === 0 ? 'With more   ' : indent}${plural(one.rows - now.rows, 'more row')}: ${rangeOf(one)}`,
    ),
    ...gains.map(
      ({ answer, rows, wrong }, i) =>
        `${i === 0 ? 'Most gain   ' : indent}${printable(answer)}: ${number(wrong)} of ${plural(rows, 'row')} wrong`,
    ),
    `Time        ${duration(seconds)}`,
    '',
  ].join('\n');
}

/** The middle of a wide interval would say more than is known. */
const rangeOf = ({ accuracy, isClose }: RowForecast) =>
  isClose
    ? `likely ${percentRange(accuracy)} right`
    : `likely ${percent(accuracy.low)} to ${percent(accuracy.high)} right`;
