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
  summary: 'add up adapters, each with a weight, to one adapter',
  alsoCalled: ['merge-adapters', 'combine', 'add', 'weigh', 'sum', 'soup', 'merge-lora'],
  load: () => import('./merge-command.ts'),
};
