import { GOOD } from '../../helpers/screens/run.ts';
import { button, type Screen, scrollTo, text } from '../../helpers/screens/screen.ts';

export const blendScreens: readonly Screen[] = [
  {
    name: 'use-combine',
    words: 240,
    title: 'Combining with another adapter',
    at: 'run/run-1/use',
    world: GOOD,
    async act(page) {
      await text('Combine with another adapter')(page).click();
      await scrollTo(page, 'Use in other programs');
    },
    ready: (page) => button(page, 'Combine'),
  },
];
