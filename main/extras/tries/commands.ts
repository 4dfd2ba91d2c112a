import type { ExtraCommand } from '../../cli/command.ts';

export const forecastCommand: ExtraCommand = {
  after: 'data more',
  name: 'forecast',
  summary: 'forecast what more rows bring to a run, by two short tries',
  alsoCalled: ['runs more', 'runs forecast', 'more', 'tries', 'scaling'],
  load: () => import('./command.ts'),
};
