import { button, type Screen, text } from '../../helpers/screens/screen.ts';
import { DATA, draft, OPENED, unfold } from '../../helpers/screens/wizard.ts';
import { fakeSearch, setSearches } from './fake-api.ts';

export const searchScreens: readonly Screen[] = [
  {
    name: 'plan-try',
    words: OPENED,
    title: 'Trying settings before the training',
    at: 'new/plan/one',
    world: draft(DATA),
    act: async (page) => unfold(page, 'Try settings'),
    ready: text(/^Trying them takes|^Das\sProbieren\sdauert|^Les\sessayer\sprend/),
    main: true,
  },
  {
    name: 'search',
    title: 'Settings that were tried, by their loss',
    at: 'search/search-1',
    world(world) {
      setSearches(world, [fakeSearch(world, 'done')]);
    },
    ready: text('All settings are compared.'),
    main: true,
  },
  {
    name: 'search-running',
    title: 'Settings being tried',
    at: 'search/search-1',
    world(world) {
      setSearches(world, [fakeSearch(world, 'running')]);
    },
    ready: (page) => button(page, 'Stop'),
  },
  {
    name: 'search-list',
    title: 'All searches of settings',
    at: 'search',
    world(world) {
      setSearches(world, [fakeSearch(world, 'done')]);
    },
    ready: text('6 settings'),
  },
];
