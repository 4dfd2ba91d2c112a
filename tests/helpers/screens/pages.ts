/** The screens beside wizard and run: history, models, settings, and what lies above every page. */
import { keptConversations } from '../fake-api/conversations.ts';
import { button, choose, heading, type Screen, scrollTo, text } from './screen.ts';

const RAIL_SEARCH = /Search/;

export const pageScreens: readonly Screen[] = [
  {
    name: 'chat-model',
    title: 'Talking to a model that is here',
    at: 'chat/model/practice',
    async act(page) {
      await page.getByRole('textbox', { name: 'Message' }).fill('My parcel is broken.');
      await page.keyboard.press('Enter');
    },
    ready: text(/12 tokens, /),
    main: true,
  },
  {
    name: 'chat-run',
    title: 'A conversation with a run, before it begins',
    at: 'chat',
    ready: text('Say something to see the answers.'),
  },
  {
    name: 'chat-kept',
    title: 'A kept conversation, in which another model took over',
    at: 'chat/kept/kept-1',
    world(world) {
      world.conversations = keptConversations(world.iso);
    },
    ready: text('You, to Formal tone 3'),
    main: true,
  },
  {
    name: 'history',
    title: 'The history, with 400 runs',
    at: 'history',
    ready: text('Formal tone 3'),
    main: true,
    wide: true,
  },
  {
    name: 'history-filtered',
    title: 'The history, searched and filtered',
    at: 'history',
    async act(page) {
      await text('Formal tone 3')(page).waitFor();
      await page.getByRole('search').getByRole('searchbox').fill('tone');
    },
    ready: text('160 runs'),
  },
  {
    name: 'history-no-match',
    title: 'A search that finds nothing',
    at: 'history',
    async act(page) {
      await text('Formal tone 3')(page).waitFor();
      await page.getByRole('search').getByRole('searchbox').fill('poems');
    },
    ready: text('No runs found'),
  },
  {
    name: 'history-selected',
    title: 'Runs selected for comparing',
    at: 'history',
    async act(page) {
      for (const name of ['Product descriptions 2', 'Formal tone 3', 'Humorous tone 5'])
        await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
    },
    ready: text(/Delete \(/),
    main: true,
  },
  {
    name: 'history-empty',
    title: 'The history before the first run',
    at: 'history',
    world(world) {
      world.runs = [];
      world.jobs = [];
    },
    ready: text('No runs yet'),
  },
  {
    name: 'bin',
    title: 'Deleted runs, which can be brought back',
    at: 'bin',
    world(world) {
      world.binned = new Set(['run-4', 'run-9', 'run-12']);
    },
    ready: (page) => button(page, /^Restore/),
    main: true,
  },
  {
    name: 'bin-empty',
    title: 'The bin without runs',
    at: 'bin',
    ready: text('The bin is empty'),
  },
  {
    name: 'bin-purge',
    title: 'Asking before the bin is emptied',
    at: 'bin',
    world(world) {
      world.binned = new Set(['run-4', 'run-9', 'run-12']);
    },
    act: (page) => button(page, /^Empty bin/).click(),
    ready: text('Empty the bin?'),
  },
  {
    name: 'run-binned',
    title: 'The page of a run in the bin',
    at: 'run/run-4/result',
    world(world) {
      world.binned = new Set(['run-4']);
    },
    ready: text('This run is in the bin'),
  },
  {
    name: 'compare',
    title: 'Three runs compared',
    at: 'compare/run-1,run-2,run-4',
    ready: heading('Different settings'),
    main: true,
    wide: true,
  },
  {
    name: 'compare-tables',
    partOf: 'compare',
    title: 'What differs between compared runs, and what they say',
    at: 'compare/run-1,run-2,run-4',
    async act(page) {
      await heading('Answers')(page).waitFor();
      await scrollTo(page, 'Results');
    },
    ready: heading('Answers'),
  },
  {
    name: 'compare-too-few',
    title: 'Nothing to compare',
    at: 'compare/run-1',
    ready: text('Select at least two runs'),
  },
  {
    name: 'models-local',
    title: 'Models: on this computer, with downloads',
    at: 'models',
    ready: text('files missing'),
    main: true,
    wide: true,
  },
  {
    name: 'models-details',
    title: 'What is in a model',
    at: 'models',
    async act(page) {
      await button(page, 'Actions for SmolLM2 135M Instruct').click();
      await page.getByRole('menuitem', { name: 'Details' }).click();
    },
    ready: text('Location'),
  },
  {
    name: 'models-remove',
    title: 'Removing a model',
    at: 'models',
    async act(page) {
      await button(page, 'Actions for SmolLM2 135M Instruct').click();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
    },
    ready: text('Delete files'),
  },
  {
    name: 'models-catalog',
    title: 'Models: the catalog',
    at: 'models',
    world(world) {
      world.downloads = [];
    },
    act: (page) => page.getByRole('tab', { name: /Catalog/ }).click(),
    ready: text('Find a model'),
  },
  {
    name: 'models-gated',
    title: 'A model that needs an account',
    at: 'models',
    world(world) {
      world.downloads = [];
    },
    async act(page) {
      await page.getByRole('tab', { name: /Catalog/ }).click();
      await page.getByLabel('Find a model').fill('llama');
    },
    ready: text('Needs consent'),
  },
  {
    name: 'models-hub',
    title: 'Models: a search on the Hub',
    at: 'models',
    world(world) {
      world.downloads = [];
    },
    async act(page) {
      await page.getByRole('tab', { name: 'Hugging Face' }).click();
      await page.getByLabel('Name or topic').fill('smollm2');
      await button(page, /^Search$/).click();
    },
    ready: text("can't be trained"),
  },
  {
    name: 'models-add',
    title: 'Adding a model from a folder, in a browser',
    at: 'models',
    act: (page) => button(page, 'Add a folder').click(),
    ready: text("Choose a model's folder"),
  },
  {
    name: 'glossary',
    title: 'The glossary',
    at: 'glossary',
    ready: heading('Glossary'),
  },
  {
    name: 'help',
    title: 'Help',
    at: 'help',
    ready: heading('Report a problem'),
    main: true,
  },
  {
    name: 'news',
    title: "What's new",
    at: 'news',
    ready: heading(/^Version 0.1.0/),
  },
  {
    name: 'updates-asked',
    title: 'Asking about new versions',
    at: 'history',
    world(world) {
      world.updates = { ask: true, newer: null };
    },
    ready: text(/Check for new versions now and then/),
  },
  {
    name: 'updates-newer',
    title: 'A new version',
    at: 'history',
    world(world) {
      world.updates = {
        ask: false,
        newer: { version: '0.2.0', page: 'https://github.com/fettle/fettle/releases' },
      };
    },
    ready: text(/is available/),
  },
  {
    name: 'settings',
    title: 'Settings',
    at: 'settings',
    ready: heading('Appearance'),
    main: true,
  },
  {
    name: 'settings-hub',
    partOf: 'settings',
    title: 'Settings: the Hub and the network',
    at: 'settings',
    async act(page) {
      await heading('About Fettle')(page).waitFor();
      await scrollTo(page, 'Downloads and network');
    },
    ready: heading('Downloads and network'),
  },
  {
    name: 'settings-connections',
    title: 'Settings: what Fettle connects to',
    at: 'settings',
    async act(page) {
      await page.getByText('What, when and why').click();
      await scrollTo(page, 'Connections');
    },
    ready: text(/Hugging Face/),
  },
  {
    name: 'settings-targets',
    title: 'Settings: other computers that can train',
    at: 'settings',
    async act(page) {
      await button(page, 'Test lab').click();
      await scrollTo(page, 'Other computers');
    },
    ready: text(/NVIDIA A100/),
    main: true,
  },
  {
    name: 'settings-targets-slurm',
    title: 'Settings: adding a Slurm cluster',
    at: 'settings',
    async act(page) {
      await page.getByText('Add a computer').click();
      await choose(page, 'Reached by', 'Slurm over ssh');
      await scrollTo(page, 'Other computers');
    },
    ready: (page) => page.getByRole('textbox', { name: 'Account' }),
    main: true,
  },
  {
    name: 'settings-data',
    partOf: 'settings',
    title: 'Settings: the data folder, and about Fettle',
    at: 'settings',
    async act(page) {
      await heading('About Fettle')(page).waitFor();
      await scrollTo(page, 'About Fettle');
    },
    ready: heading('About Fettle'),
  },
  {
    name: 'palette',
    title: 'Ctrl+K: go to or do anything',
    at: 'history',
    async act(page) {
      await text('Formal tone 3')(page).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: RAIL_SEARCH }).fill('tone');
    },
    ready: (page) => page.getByRole('option').first(),
    main: true,
  },
  {
    name: 'queue',
    title: 'Jobs that wait',
    at: 'models',
    act: (page) => button(page, /2 waiting/).click(),
    ready: text(/^One job runs at a time|^Aufträge laufen einzeln/),
  },
  {
    name: 'undo',
    title: 'A message with undo',
    at: 'history',
    async act(page) {
      await page.getByRole('checkbox', { name: 'Select Formal tone 3', exact: true }).check();
      await button(page, /^Delete/).click();
    },
    ready: (page) => button(page, 'Undo'),
  },
  {
    name: 'not-found',
    title: 'An address that leads nowhere',
    at: 'nowhere',
    ready: text('Page not found'),
  },
  {
    name: 'store-notice',
    title: 'A repaired history',
    at: 'history',
    world(world) {
      world.info = {
        ...world.info,
        storeNotice:
          'Fettle repaired your history, which was damaged (database disk image is malformed). It is as in the backup of 13 March 2026, 18:02. Changes since then are lost: names, notes, tags, drafts, settings and the list of models; and newer runs whose folders are not in /home/mo/.local/share/fettle/runs.',
      };
    },
    ready: text('Fettle repaired your history'),
  },
  {
    name: 'connection-lost',
    title: 'The connection is lost',
    at: 'settings',
    async act(page, server) {
      await heading('Appearance')(page).waitFor();
      await server.close();
    },
    endsHost: true,
    ready: text('Connection lost.'),
  },
  {
    name: 'components',
    title: 'Every component, for those who build Fettle',
    at: 'components',
    ready: (page) => page.getByRole('heading', { level: 1 }),
    wide: true,
  },
];
