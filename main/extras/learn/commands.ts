import type { ExtraCommand } from '../../cli/command.ts';

export const memoryCommand: ExtraCommand = {
  after: 'runs restore',
  name: 'learn memory',
  summary: 'estimate the memory of a training, by the textbook',
  alsoCalled: ['learn mem', 'learn ram', 'learn vram', 'learn calculator', 'vram', 'memory'],
  load: () => import('./memory-command.ts'),
};

export const timeCommand: ExtraCommand = {
  after: 'runs restore',
  name: 'learn time',
  summary: 'estimate time and cost of a training, by the textbook',
  alsoCalled: ['learn cost', 'learn flops', 'learn price', 'learn gpu', 'cost', 'flops'],
  load: () => import('./time-command.ts'),
};
