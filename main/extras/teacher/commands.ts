import type { ExtraCommand } from '../../cli/command.ts';

export const teachCommand: ExtraCommand = {
  after: 'data undo',
  name: 'teach',
  summary: 'let a larger model label raw texts, and decide the doubtful ones',
  alsoCalled: ['label', 'annotate', 'teacher', 'distill', 'active-learning', 'autolabel', 'pseudo-label'],
  load: () => import('./command.ts'),
};
