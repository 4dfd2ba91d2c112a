/** Days, months, seasons and the times of the day. */
import text from '../../../../resources/practice-model/source/world/topics/days.json' with { type: 'json' };
import { type FactKind, factTopic, kinds } from '../facts.ts';
import { table } from '../text.ts';

const { DAYS, MONTHS, ORDINALS, SEASON_OF } = text;
const SEASONS = ['spring', 'summer', 'autumn', 'winter'];

const ring = (list: readonly string[]) =>
  list.map((item, i) => {
    const at = (step: number) => list[(i + step + list.length) % list.length] as string;
    return { item, next: at(1), prev: at(-1), second: at(2), ordinal: ORDINALS[i] as string };
  });
const dayRows = ring(DAYS);
const monthRows = ring(MONTHS);
const seasonRows = ring(SEASONS);
const monthSeasons = MONTHS.map((month, i) => ({ month, season: SEASON_OF[i] as string }));
const weekend = DAYS.map((day) => {
  const free = day.startsWith('S');
  return {
    day,
    word: free ? 'yes' : 'no',
    reply: free ? `Yes, ${day} is at the weekend` : `No, ${day} is not at the weekend`,
  };
});
const seasonWeather = table(text.seasonWeather);
const seasonThings = table(text.seasonThings);
const TIMES = table(text.TIMES);
const UNITS = table(text.UNITS);

/** What comes after, before and between, for days, months and seasons alike. */
function inOrder(ringRows: typeof dayRows, noun: string): FactKind[] {
  const rows = ringRows.map((row) => ({ ...row, noun }));
  return kinds(text.IN_ORDER, [rows, rows, rows]);
}

const FACTS: FactKind[] = [
  ...inOrder(dayRows, 'day'),
  ...inOrder(monthRows, 'month'),
  ...inOrder(seasonRows, 'season'),
  ...kinds(text.FACTS, [
    dayRows,
    dayRows,
    monthRows,
    dayRows,
    monthSeasons,
    weekend,
    seasonWeather,
    seasonThings,
    TIMES,
    UNITS,
  ]),
];

export const days = factTopic('days', FACTS);
