/** The commands of the lessons, `fettle learn …`: the calculators of the learning pages, from the same functions. */
import type { CommandEntry } from '../command.ts';

export const LEARN_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'learn memory',
    summary: 'show what memory a training needs, by the textbook',
    alsoCalled: ['learn mem', 'learn ram', 'learn vram', 'learn calculator', 'vram', 'memory'],
    load: () => import('./memory.ts'),
  },
  {
    name: 'learn time',
    summary: 'show what a training takes and costs, by the textbook',
    alsoCalled: ['learn cost', 'learn flops', 'learn price', 'learn gpu', 'cost', 'flops'],
    load: () => import('./time.ts'),
  },
];
