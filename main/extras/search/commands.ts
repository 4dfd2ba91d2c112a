import type { ExtraCommand } from '../../cli/command.ts';

export const searchCommand: ExtraCommand = {
  after: 'plan',
  name: 'search',
  summary: 'try settings in short trainings, and train the best',
  alsoCalled: ['sweep', 'tune-settings', 'hyperparameters', 'hpo', 'halving', 'try-settings', 'autotune'],
  load: () => import('./command.ts'),
};
