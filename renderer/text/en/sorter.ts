/** The words of the quick way to sort. */
import { bytes, percent } from '../../../common/words/format.ts';

export const sorterText = {
  title: 'The quick way',
  lead: 'A sorter that learns your rows in seconds, without a language model.',
  name: (of: string) => `${of}: sorter`.slice(0, 200),
  running: 'Reading the rows',
  finish: 'Stop and keep the best',
  use: 'Use this sorter',
  language: 'Train a language model',
  again: 'Train again',
  kept: 'It is in your history. Nothing more to do, unless you want a model that also writes.',
  wait: 'Ready in a moment.',
  best: 'Best',
  open: 'Open',
  tried: {
    title: 'Ways that were tried',
    lead: 'Each one was kept. Open one to compare it, sort with it or save it.',
  },
  caption: 'Ways to sort',
  columns: { way: 'Sorts by', right: 'Right', at: 'Ready after' },
  picture: 'How many rows are right, and after how many seconds. The table below has the figures.',
  start: 'Start',
  right: (share: number) => `${percent(share)} right`,
  none: {
    title: 'Your rows have no categories.',
    about: 'Sorting needs rows that share their answers. Continue with a language model.',
  },
  encoder: {
    title: 'A model that reads often gets more right',
    about: (name: string, size: number, isMultilingual: boolean) =>
      `${name} knows ${isMultilingual ? 'about 100 languages' : 'English'}. It is ${bytes(size)} to download, once. Without it, words are counted.`,
    decline: 'Not now',
  },
} as const;
