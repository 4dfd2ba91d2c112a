import { choose, type Screen, scrollTo } from '../../helpers/screens/screen.ts';

export const rayScreens: readonly Screen[] = [
  {
    name: 'settings-targets-ray',
    title: 'Settings: adding a Ray cluster',
    at: 'settings',
    async act(page) {
      await page.getByText('Add a computer').click();
      await choose(page, 'Reached by', 'Ray');
      await scrollTo(page, 'Other computers');
    },
    ready: (page) => page.getByPlaceholder('https://head.example.org:8265'),
    main: true,
  },
];
