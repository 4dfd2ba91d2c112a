/** The words of searches of settings. */

import type { SearchState } from '../../../common/extras/search/calls.ts';
import { about, number, plural } from '../../../common/words/format.ts';

export const search = {
  title: 'Tried settings',
  lead: 'Short trainings show which settings suit your rows.',
  back: 'All searches',
  loading: 'Loading the searches',
  empty: {
    title: 'No settings tried yet',
    about: 'Open “Try settings” in the last step of a new run.',
    action: 'New run',
  },
  gone: { title: 'This search is not here', about: 'Its runs are in the history.' },

  /** In the plan step. */
  begin: 'Try settings',
  beginLead: 'Trains several settings briefly and keeps the better half each time. Takes the guessing out.',
  tries: 'Settings to try',
  trainsBest: 'Then train the best to the end',
  takes: (seconds: number, rest: number) =>
    `Trying them takes ${about(seconds)}, training the best ${about(rest)} more.`,
  takesUnknown: 'How long it takes is unknown until the speed of this computer is measured.',
  computing: 'Working out the time',
  start: 'Try settings',

  states: { running: 'Running', stopped: 'Stopped', done: 'Done', failed: 'Failed' } satisfies Record<
    SearchState,
    string
  >,
  leads: {
    running: (left: string | null) =>
      left === null ? 'Comparing settings.' : `Comparing settings, ${left}.`,
    stopped: 'Stopped. What was found is kept.',
    done: 'All settings are compared.',
    failed: 'The search could not go on.',
  },
  left: (seconds: number) => `${about(seconds)} left`,
  found: (count: number) => plural(count, 'setting'),
  caption: 'Settings by their loss on test rows',
  columns: { place: 'Place', loss: 'Test loss', trained: 'Trained', state: 'State' },
  listColumns: { name: 'Search', tried: 'Tried', created: 'Started' },
  trained: (step: number, steps: number) => `${number(step)} of ${plural(steps, 'step')}`,
  unstable: 'unstable',
  rows: { best: 'Best', going: 'Still in', now: 'Training', out: 'Out', waiting: 'Waiting' },
  note: 'Higher places were trained for longer, or have the lower loss. Out: the worse half of its round.',
  stop: 'Stop',
  resume: 'Resume',
  trainBest: 'Train the best',
  useBest: 'Use in a new plan',
  compare: 'Compare runs',
  forget: 'Remove from list',
} as const;
