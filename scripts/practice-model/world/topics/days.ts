/** Days, months, seasons and the times of the day. */
import { type FactKind, factTopic } from '../facts.ts';
import { table, words } from '../text.ts';

const DAYS = words('Monday Tuesday Wednesday Thursday Friday Saturday Sunday');
const MONTHS = words('January February March April May June July August September October November December');
const SEASONS = words('spring summer autumn winter');
const ORDINALS = words('first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth');
const SEASON_OF = words(
  'winter winter spring spring spring summer summer summer autumn autumn autumn winter',
);

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
const seasonWeather = table(`
season|like
spring|mild
summer|hot
autumn|windy
winter|cold
`);
const seasonThings = table(`
thing|season
the leaves turn brown|autumn
the first flowers come out|spring
people swim in the lake|summer
the trees lose their leaves|autumn
people build snowmen|winter
birds build their nests|spring
the nights get very long|winter
`);
const TIMES = table(`
act|time
eat breakfast|in the morning
get up|in the morning
go to school|in the morning
eat lunch|at noon
have tea and cake|in the afternoon
come home from school|in the afternoon
eat dinner|in the evening
go to bed|in the evening
read a bedtime story|in the evening
sleep|at night
dream|at night
see the stars|at night
`);
const UNITS = table(`
count|small|big
7|days|a week
12|months|a year
24|hours|a day
60|minutes|an hour
60|seconds|a minute
4|seasons|a year
2|days|a weekend
365|days|a year
52|weeks|a year
10|years|a decade
100|years|a century
`);

const afterBefore = (rows: typeof dayRows, noun: string): FactKind[] => [
  {
    rows,
    questions: [
      `What ${noun} comes after [item]?`,
      `Which ${noun} comes after [item]?`,
      `What ${noun} follows [item]?`,
      `What is the ${noun} after [item]?`,
      `Which ${noun} is next after [item]?`,
      `After [item] comes which ${noun}?`,
      `Tell me the ${noun} after [item].`,
      `[Item] is over. Which ${noun} comes now?`,
    ],
    answer: 'After [item] comes [next].',
    short: '[next]',
    follow: '{And|What comes} after [item]?',
    weight: 3,
  },
  {
    rows,
    questions: [
      `What ${noun} comes before [item]?`,
      `Which ${noun} comes before [item]?`,
      `What is the ${noun} before [item]?`,
      `Which ${noun} is just before [item]?`,
      `Before [item] comes which ${noun}?`,
      `Tell me the ${noun} before [item].`,
    ],
    answer: 'Before [item] comes [prev].',
    short: '[prev]',
    follow: '{And|What comes} before [item]?',
    weight: 3,
  },
  {
    rows,
    questions: [
      `Which ${noun} is between [item] and [second]?`,
      `What ${noun} comes between [item] and [second]?`,
      `Which ${noun} lies between [item] and [second]?`,
      `What is between [item] and [second]?`,
      `Tell me what is between [item] and [second].`,
      `Name the ${noun} between [item] and [second].`,
    ],
    answer: 'Between [item] and [second] is [next].',
    short: '[next]',
    follow: 'And between [item] and [second]?',
    weight: 2,
  },
];

const FACTS: FactKind[] = [
  ...afterBefore(dayRows, 'day'),
  ...afterBefore(monthRows, 'month'),
  ...afterBefore(seasonRows, 'season'),
  {
    rows: dayRows,
    questions: [
      'If today is [item], what day is tomorrow?',
      'Today is [item]. What day is tomorrow?',
      'It is [item] today. What is tomorrow?',
      'Today it is [item]. Which day will it be tomorrow?',
    ],
    answer: 'Tomorrow is [next].',
    short: '[next]',
    weight: 3,
  },
  {
    rows: dayRows,
    questions: [
      'If today is [item], what day was yesterday?',
      'Today is [item]. What day was yesterday?',
      'It is [item] today. What was yesterday?',
      'Today it is [item]. Which day was it yesterday?',
    ],
    answer: 'Yesterday was [prev].',
    short: '[prev]',
    weight: 3,
  },
  {
    rows: monthRows,
    questions: [
      'What is the [ordinal] month of the year?',
      'Which month is the [ordinal]?',
      'Which month is the [ordinal] of the year?',
      'Name the [ordinal] month.',
      'Tell me the [ordinal] month of the year.',
    ],
    answer: 'The [ordinal] month is [item].',
    short: '[item]',
    follow: 'And the [ordinal] month?',
    weight: 2,
  },
  {
    rows: dayRows,
    questions: [
      'What is the [ordinal] day of the week?',
      'Which day is the [ordinal] of the week?',
      'Name the [ordinal] day of the week.',
      'Tell me the [ordinal] day of the week.',
    ],
    answer: 'The [ordinal] day of the week is [item].',
    short: '[item]',
    follow: 'And the [ordinal] day?',
    weight: 2,
  },
  {
    rows: monthSeasons,
    questions: [
      'In which season is [month]?',
      'What season is it in [month]?',
      'Which season is [month] in?',
      'Which season do we have in [month]?',
      'Tell me the season of [month].',
      'Is [month] in spring, summer, autumn or winter?',
    ],
    answer: '[Month] is in [season].',
    short: '[season]',
    follow: 'And [month]?',
    weight: 2,
  },
  {
    rows: weekend,
    questions: [
      'Is [day] at the weekend?',
      'Does [day] belong to the weekend?',
      'Is [day] a day of the weekend?',
      'Is it the weekend on [day]?',
      'Is [day] part of the weekend?',
      'Is it true that [day] is at the weekend?',
      'Do we have the weekend on [day]?',
    ],
    answer: '[reply].',
    short: '[word]',
    follow: 'And [day]?',
    weight: 2,
  },
  {
    rows: seasonWeather,
    questions: [
      'What is the weather like in [season]?',
      'How is the weather in [season]?',
      'What weather do we have in [season]?',
      'Is it hot, mild, windy or cold in [season]?',
    ],
    answer: 'It is [like] in [season].',
    short: '[like]',
    follow: 'And in [season]?',
    weight: 2,
  },
  {
    rows: seasonThings,
    questions: [
      'In which season is it that [thing]?',
      'When is it that [thing]?',
      'It is the time when [thing]. Which season is it?',
      'Outside, [thing]. Which season is it?',
    ],
    answer: 'It is [season].',
    short: '[season]',
    weight: 2,
  },
  {
    rows: TIMES,
    questions: [
      'When do you [act]?',
      'At what time of the day do you [act]?',
      'When do people [act]?',
      'Tell me when people [act].',
      'What is the usual time to [act]?',
    ],
    answer: 'You [act] [time].',
    short: '[time]',
    follow: 'And when do you [act]?',
    weight: 2,
  },
  {
    rows: UNITS,
    questions: [
      'How many [small] are there in [big]?',
      'How many [small] does [big] have?',
      'How many [small] are in [big]?',
      '[Big] has how many [small]?',
      'How many [small] make [big]?',
      'Tell me how many [small] [big] has.',
    ],
    answer: '[Big] has [count] [small].',
    short: '[count]',
    follow: 'And how many [small] are in [big]?',
    weight: 2.5,
  },
];

export const days = factTopic('days', FACTS);
