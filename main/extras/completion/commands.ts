import type { ExtraCommand } from '../../cli/command.ts';

export const completionCommand: ExtraCommand = {
  after: 'settings',
  name: 'completion',
  summary: 'print what lets your shell complete commands and flags',
  alsoCalled: ['completions', 'complete', 'autocomplete', 'bash-completion', 'tab'],
  load: () => import('./command.ts'),
};
