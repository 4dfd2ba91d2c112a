import type { ExtraCommand } from '../../cli/command.ts';

export const blendCommand: ExtraCommand = {
  after: 'compare',
  name: 'blend',
  summary: 'mix a run with its base model, against forgetting',
  alsoCalled: ['soften', 'mix', 'interpolate', 'average', 'wise-ft', 'merge-back'],
  load: () => import('./blend-command.ts'),
};

export const mergeCommand: ExtraCommand = {
  after: 'compare',
  name: 'merge',
  summary: 'merge adapters into one, with weights',
  alsoCalled: ['merge-adapters', 'combine', 'add', 'weigh', 'sum', 'soup', 'merge-lora'],
  load: () => import('./merge-command.ts'),
};
