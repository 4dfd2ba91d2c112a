import type { ExtraCommand } from '../../cli/command.ts';

export const tuningCommand: ExtraCommand = {
  after: 'run',
  name: 'tuning',
  summary: 'let OpenAI’s clients fine-tune models of this computer',
  alsoCalled: ['fine-tuning', 'openai-tuning', 'fine-tuning-api', 'tuning-api', 'jobs'],
  load: () => import('./command.ts'),
};
