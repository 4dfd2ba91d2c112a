import type { ExtraCommand } from '../../cli/command.ts';

export const drillCommand: ExtraCommand = {
  after: 'train',
  name: 'drill',
  summary: 'learn from a rule: what passes is learned, round after round',
  alsoCalled: [
    'practise',
    'practice',
    'rule',
    'rl',
    'grpo',
    'reinforce',
    'rejection-sampling',
    'verifier',
    'reward',
  ],
  load: () => import('./command.ts'),
};
