import { type Screen, text } from '../../helpers/screens/screen.ts';

export const rulesScreens: readonly Screen[] = [
  {
    name: 'rules',
    title: 'Learn from a rule: questions, a model and the rule',
    at: 'rules',
    ready: text('Restaurants'),
    main: true,
  },
  {
    name: 'rules-rounds',
    title: 'Learn from a rule: rounds and answers',
    at: 'rules/a1b2c3',
    ready: text(/Taste of Cambridge/),
    main: true,
  },
];
