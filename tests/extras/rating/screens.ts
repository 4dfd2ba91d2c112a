import { type Screen, text } from '../../helpers/screens/screen.ts';

export const ratingScreens: readonly Screen[] = [
  {
    name: 'rate',
    title: 'Rating: which models answer which prompts',
    at: 'rate',
    ready: text('Customer letters'),
    main: true,
  },
  {
    name: 'rate-file',
    title: 'Rating: prompts of a file',
    at: 'rate',
    act: (page) => page.getByRole('tab', { name: 'File' }).click(),
    ready: text(/rows as JSONL or CSV/),
  },
  {
    name: 'rate-pair',
    title: 'Rating: a pair of answers',
    at: 'rate/a1b2c3',
    ready: (page) => page.getByRole('button', { name: /^First is better/, disabled: false }),
    main: true,
    wide: true,
  },
  {
    name: 'rate-gone',
    title: 'Rating: a list that is gone',
    at: 'rate/ffffff',
    ready: text('These ratings are not here any more.'),
  },
];
