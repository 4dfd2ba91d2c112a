/** The commands about data files, `fettle data …`: each has a file of its own in data/. */
import type { CommandEntry } from '../command.ts';

export const DATA_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'data show',
    summary: 'show how data files are read, and their first rows',
    alsoCalled: ['data head', 'data preview', 'data view', 'data inspect', 'head', 'preview'],
    load: () => import('./show.ts'),
  },
  {
    name: 'data check',
    summary: 'find what is wrong with data, and fix it in a new file',
    alsoCalled: [
      'data doctor',
      'data lint',
      'data validate',
      'data clean',
      'data fix',
      'doctor',
      'lint',
      'validate',
      'check',
    ],
    load: () => import('./check.ts'),
  },
  {
    name: 'data undo',
    summary: 'undo the fixes of a file that `data check --fix` has written',
    alsoCalled: ['data restore', 'data revert', 'undo', 'restore'],
    load: () => import('./undo.ts'),
  },
];
