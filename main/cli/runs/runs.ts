/** The commands about the history of runs, `fettle runs …`: each has a file of its own in runs/. */
import type { CommandEntry } from '../command.ts';

export const RUNS_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'runs list',
    summary: 'list the runs of this computer, search and sort them',
    alsoCalled: ['runs ls', 'runs search', 'runs find', 'runs history', 'history', 'list', 'log'],
    load: () => import('./list.ts'),
  },
  {
    name: 'runs show',
    summary: 'show everything that is known of a run',
    alsoCalled: ['runs info', 'runs get', 'runs describe', 'runs view', 'runs inspect'],
    load: () => import('./show.ts'),
  },
  {
    name: 'runs compare',
    summary: 'show in what runs differ, and how they ended',
    alsoCalled: ['runs diff', 'diff'],
    load: async () => ({ command: (await import('./show.ts')).compareCommand }),
  },
  {
    name: 'runs edit',
    summary: 'change name, notes and tags of a run',
    alsoCalled: ['runs rename', 'runs tag', 'runs note', 'runs name', 'rename', 'tag'],
    load: () => import('./edit.ts'),
  },
  {
    name: 'runs delete',
    summary: 'delete runs with their files',
    alsoCalled: ['runs rm', 'runs remove', 'runs purge', 'delete', 'remove', 'rm'],
    load: async () => ({ command: (await import('./edit.ts')).deleteCommand }),
  },
];
