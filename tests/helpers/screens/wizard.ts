/** The screens of the wizard, step by step. */
import type { Page } from 'playwright-core';
import type { DraftContent } from '../../../common/api/contract.ts';
import { noEncoders } from '../fake-api/encoders.ts';
import { fakeHardware, fakeNvidiaHardware } from '../fake-api/hardware.ts';
import { fakeMeasured } from '../fake-api/rates.ts';
import type { FakeWorld } from '../fake-api/world.ts';
import { button, heading, type Screen, scrollTo, text, toMiddle, toTop } from './screen.ts';

/** A laptop with a card of NVIDIA; `isMeasured`: through WebGPU, beside the processor. */
function withCard(world: FakeWorld, isMeasured: boolean): void {
  const [card] = fakeNvidiaHardware.graphics;
  const measured = { device: 'webgpu', name: card!.name };
  world.facts = {
    ...{ ...world.facts, hardware: fakeNvidiaHardware },
    ...(isMeasured && fakeMeasured(world.iso(1), undefined, measured)),
    graphics: [{ name: card!.name, memory: card!.totalMemory }],
  };
}

/** A computer with the Vulkan pack and two cards, of which a run names one. */
function withSeveralCards(world: FakeWorld): void {
  withCard(world, false);
  const { hardware = fakeHardware } = world.facts;
  const card = (name: string, description: string, totalBytes: number) => ({
    ...{ name, description, kind: 'card', totalBytes, freeBytes: totalBytes - 0.8e9 },
  });
  const cards = [
    card('Vulkan1', 'NVIDIA GeForce RTX 4070', 12.9e9),
    card('Vulkan0', 'NVIDIA GeForce RTX 3060', 12.6e9),
  ];
  const ggml = { usable: true, reason: 'ggml sees two cards.', fix: null, cards };
  const libraries = { ...hardware.libraries, ggml };
  world.facts = { ...world.facts, hardware: { ...hardware, libraries } };
}

/** A computer with so much memory and disk; its facts and what its probes found say the same. Bytes. */
function withRoom(world: FakeWorld, room: { memory: number; free: number; disk?: number }): void {
  const { facts } = world;
  const { hardware = fakeHardware } = facts;
  const disk = room.disk ?? facts.freeDisk;
  world.facts = {
    ...facts,
    ...{ totalMemory: room.memory, freeMemory: room.free, freeDisk: disk },
    hardware: {
      ...hardware,
      memory: { ...hardware.memory, total: room.memory, available: room.free },
      ...(hardware.disk && { disk: { ...hardware.disk, free: disk } }),
    },
  };
}

/** A world with one draft, which the address names. */
export const draft = (content: DraftContent) => (world: FakeWorld) => {
  world.drafts = [{ id: 'one', updated: world.iso(2), content: { computerSeen: true, ...content } }];
};
export const MODEL: DraftContent = { goal: 'sort', modelId: 'practice' };
export const DATA: DraftContent = { ...MODEL, data: { paths: ['/home/mo/Documents/messages.csv'] } };

/** A plan of a large model on a computer with so much memory. Bytes. */
function withLarge(world: FakeWorld, room: { memory: number; free: number }): void {
  draft({ ...TIDY, modelId: 'llama8b', settings: { epochs: 60 } })(world);
  withRoom(world, { ...room, disk: 200e9 });
  const [, small] = world.local;
  const names = { id: 'llama8b', name: 'Llama 3.1 8B', repo: 'meta-llama/Llama-3.1-8B' };
  world.local = [...world.local, { ...small!, ...names, parameters: 8.03e9, bytes: 16.1e9 }];
}

/** Data in which the doctor finds nothing, or copies alone. */
const TIDY: DraftContent = { ...MODEL, data: { paths: ['/home/mo/Documents/tidy.csv'] } };
const COPIES: DraftContent = { ...MODEL, data: { paths: ['/home/mo/Documents/copies.csv'] } };
/** Opens what stands behind Details. */
const details = (page: Page) => page.getByText('Details', { exact: true }).last().click();
const tab = (name: string) => async (page: Page) => page.getByRole('tab', { name }).click();

/** A world in which nothing was ever begun. */
function untouched(world: FakeWorld): void {
  world.facts = { ...world.facts, speed: null, rates: null, comparison: null };
  [world.runs, world.drafts, world.jobs] = [[], [], []];
}

/** Words of a plan of which all that is folded away in one place is open. */
export const OPENED = 350;

/** Once the figures of a plan are there; in German too, where a text with such a value is not found by its English. */
const planned = text(/of training|(?:Minuten?|Stunden?|Tage?)\sTraining[,.]/);

/** Opens what is folded away on the page of a plan, and brings it to the upper edge. */
export async function unfold(page: Page, title: string): Promise<void> {
  await planned(page).waitFor();
  const summary = page.locator('summary', { hasText: title });
  await summary.click();
  await toTop(summary);
}

export const wizardScreens: readonly Screen[] = [
  {
    name: 'welcome',
    title: 'The first page, before anything was begun',
    at: '',
    world: untouched,
    ready: (page) => button(page, 'Try it in 2 minutes'),
    main: true,
    wide: true,
  },
  {
    name: 'welcome-tour',
    title: 'The tour',
    at: '',
    world: untouched,
    act: async (page) => button(page, 'Take the tour').click(),
    ready: text('Four steps to your own model'),
  },
  {
    name: 'welcome-checking',
    title: 'The first run: the computer is checked first',
    at: '',
    world: untouched,
    act: async (page) => button(page, 'Try it in 2 minutes').click(),
    ready: (page) => button(page, 'Skip the check'),
  },
  {
    name: 'computer-unchecked',
    title: 'Your computer, before the check',
    at: 'new/computer',
    world(world) {
      world.facts = { ...world.facts, speed: null, rates: null, comparison: null };
      world.drafts = [];
      world.jobs = [];
    },
    ready: (page) => button(page, 'Check this computer'),
    main: true,
  },
  {
    name: 'computer-measuring',
    title: 'Your computer, while it is measured',
    at: 'new/computer',
    world(world) {
      world.facts = { ...world.facts, speed: null, rates: null, comparison: null };
      world.drafts = [];
      world.jobs = [];
    },
    act: async (page) => button(page, 'Check this computer').click(),
    ready: text('Multiplying matrices: 1,024 x 576 by 576 x 1,536'),
  },
  {
    name: 'computer',
    title: 'Your computer, checked, and a draft to continue',
    at: 'new/computer',
    ready: text(/This computer can tune/),
    main: true,
    wide: true,
  },
  {
    name: 'computer-details',
    words: 670,
    title: 'The details of the computer',
    at: 'new/computer',
    world(world) {
      world.drafts = [];
    },
    act: details,
    ready: text('Measured speed'),
  },
  {
    name: 'computer-problems',
    title: 'A computer with problems, each with what helps',
    at: 'new/computer',
    world(world) {
      const slow = fakeMeasured(world.iso(26), 4e9);
      world.facts = { ...world.facts, ...slow, onBattery: true };
      withRoom(world, { memory: 4e9, free: 0.9e9, disk: 3e9 });
      world.drafts = [];
    },
    ready: text('Little disk space is free'),
  },
  {
    name: 'computer-nvidia',
    title: 'An NVIDIA card, while the Vulkan pack is downloaded',
    at: 'new/computer',
    world(world) {
      const { facts } = world;
      world.facts = {
        ...facts,
        hardware: fakeNvidiaHardware,
        graphics: [{ name: 'NVIDIA GeForce RTX 4070', memory: 12.9e9 }],
      };
      world.drafts = [];
    },
    act: async (page) => {
      await button(page, 'Download the Vulkan pack').click();
      await text('Downloading the Vulkan pack')(page).scrollIntoViewIfNeeded();
    },
    ready: text('Downloading the Vulkan pack'),
  },
  {
    name: 'computer-speed-pack',
    title: 'The speed pack, tested on this processor',
    at: 'new/computer',
    world(world) {
      const processor = { ...fakeHardware.processor, extensions: ['AVX2', 'FMA', 'AVX-512', 'AVX-512 BF16'] };
      world.facts = { ...world.facts, hardware: { ...fakeHardware, processor } };
      world.packs.openvino = { ...world.packs.openvino, state: 'ready' };
      world.drafts = [];
    },
    async act(page) {
      await button(page, 'Test it').click();
      await scrollTo(page, 'Speed pack');
    },
    ready: text(/times as fast here/),
  },
  {
    name: 'computer-card',
    words: 850,
    title: 'A graphics card that was measured beside the processor',
    at: 'new/computer',
    world(world) {
      withCard(world, true);
      world.drafts = [];
    },
    async act(page) {
      await details(page);
      await scrollTo(page, /^Graphics cards/);
    },
    ready: text(/times the processor/),
  },
  {
    name: 'computer-card-measuring',
    words: 700,
    title: 'A graphics card while it is measured',
    at: 'new/computer',
    world(world) {
      withCard(world, false);
      world.drafts = [];
    },
    async act(page) {
      await details(page);
      await button(page, 'Measure NVIDIA GeForce RTX 4070 through WebGPU').click();
      await scrollTo(page, /^Graphics cards/);
    },
    ready: text('Multiplying matrices: 1,024 x 576 by 576 x 1,536'),
  },
  {
    name: 'goal',
    title: 'Your goal',
    at: 'new/goal/one',
    world: draft({}),
    ready: heading('What should the model do?'),
  },
  {
    name: 'goal-gate',
    title: 'A goal that document search serves better, said before anything is trained',
    at: 'new/goal/one',
    world: draft({ goal: 'knowledge' }),
    ready: text('Document search works better for facts.'),
    // ten goals, and what serves one of them better
    words: 136,
    main: true,
  },
  {
    name: 'model',
    title: 'The few models that suit goal and computer',
    at: 'new/model/one',
    world: draft({ goal: 'sort' }),
    ready: text('Recommended'),
    main: true,
  },
  {
    name: 'model-all',
    words: 1200,
    title: 'All models, one of them downloading',
    at: 'new/model/one',
    world: draft(MODEL),
    act: async (page) => button(page, /^Show all/).click(),
    ready: text('Needs consent'),
  },
  {
    name: 'model-practice',
    title: 'The practice model chosen for a goal that it cannot learn',
    at: 'new/model/one',
    world: draft({ ...MODEL, goal: 'style' }),
    ready: text('The practice model cannot learn this goal.'),
  },
  {
    name: 'model-tools',
    title: 'A model that was not made for tools, chosen to use some',
    at: 'new/model/one',
    world: draft({ goal: 'tools', modelId: 'smollm2' }),
    ready: text(/wasn't made to use tools/),
    main: true,
  },
  {
    name: 'model-hub',
    title: 'A search on the Hub',
    at: 'new/model/one',
    world: draft(MODEL),
    async act(page) {
      await tab('Search')(page);
      await page.getByLabel('Name or maker of a model').fill('smollm2');
      await button(page, /^Search$/).click();
    },
    ready: text('Cannot be trained here'),
  },
  {
    name: 'model-own',
    title: 'A model from a folder or a file',
    at: 'new/model/one',
    world: draft(MODEL),
    act: tab('Your file'),
    ready: text('A GGUF file'),
  },
  {
    name: 'sorter',
    title: 'The quick way to sort, done',
    at: 'new/sorter/one',
    world: draft(TIDY),
    ready: (page) => page.getByRole('button', { name: 'Use this sorter', disabled: false }),
    main: true,
  },
  {
    name: 'sorter-encoder',
    words: 140,
    title: 'The quick way with a second column, without a model that reads, which is offered',
    at: 'new/sorter/one',
    world(world) {
      draft({
        ...MODEL,
        data: { paths: ['/home/mo/Documents/several-columns.csv'] },
        sorterColumns: ['grade'],
      })(world);
      world.encoders = noEncoders;
    },
    ready: text('A model that reads often gets more right'),
  },
  {
    name: 'data-source',
    title: 'Where the data comes from',
    at: 'new/data/one',
    world: draft(MODEL),
    ready: text('Suits your goal'),
    main: true,
  },
  {
    name: 'data-paste',
    title: 'Pasting text',
    at: 'new/data/one',
    world: draft(MODEL),
    async act(page) {
      await button(page, 'Paste text').click();
      await page
        .getByRole('dialog')
        .getByLabel('Text')
        .fill('message\tlabel\nMy parcel is broken.\tdamage\nWhere is my invoice?\tbilling');
    },
    ready: text('Use this text'),
  },
  {
    name: 'data-hub',
    title: 'A data set of Hugging Face: licence, first rows, size',
    at: 'new/data/one',
    world: draft(MODEL),
    async act(page) {
      await button(page, 'Search Hugging Face').click();
      await page.getByLabel('Search data sets').fill('messages');
      await page.keyboard.press('Enter');
      await button(page, 'helpdesk/customer-messages').click();
    },
    ready: text('My parcel arrived broken.'),
    main: true,
  },
  {
    name: 'data-hub-found',
    title: 'A search for data sets',
    at: 'new/data/one',
    world: draft(MODEL),
    async act(page) {
      await button(page, 'Search Hugging Face').click();
      await page.getByLabel('Search data sets').fill('e');
      await page.keyboard.press('Enter');
    },
    ready: text('Needs consent'),
  },
  {
    name: 'data-address',
    title: 'Rows at a web address',
    at: 'new/data/one',
    world: draft(MODEL),
    async act(page) {
      await button(page, 'Open a link').click();
      await page.getByRole('textbox', { name: 'Address' }).fill('https://example.org/messages.csv');
    },
    ready: (page) => page.getByRole('dialog').getByText(/Google Sheet/),
  },
  {
    name: 'data',
    title: 'The data as it is, and as the model sees it',
    at: 'new/data/one',
    world: draft(DATA),
    ready: text('Duplicate rows'),
    main: true,
    wide: true,
  },
  {
    name: 'data-pairs',
    title: 'Better and worse answers, side by side',
    at: 'new/data/one',
    world: draft({
      goal: 'prefer',
      modelId: 'practice',
      data: { paths: ['/home/mo/Documents/pairs.jsonl'] },
    }),
    act: (page) => text('I am sorry. We will send a new one today.')(page).waitFor(),
    ready: text('Duplicate rows'),
    main: true,
  },
  {
    name: 'data-edit',
    title: 'Editing one row after the other',
    at: 'new/data/one',
    world: draft(DATA),
    async act(page) {
      await button(page, 'Edit rows').click();
      const dialog = page.getByRole('dialog');
      await dialog
        .getByRole('row', { name: /Where do I find my invoice/ })
        .first()
        .click();
      await dialog.getByLabel('Question', { exact: true }).fill('Where is my invoice for May?');
    },
    ready: text('changed'),
    main: true,
  },
  {
    name: 'data-edited',
    title: 'An edited copy, and back to the original',
    at: 'new/data/one',
    world: draft(DATA),
    async act(page) {
      await button(page, 'Edit rows').click();
      await page.getByRole('dialog').getByLabel('Answer').fill('damage');
      await button(page, /^Save 1 change/).click();
      await text('Back to the original')(page).waitFor();
    },
    ready: text('Duplicate rows'),
  },
  {
    name: 'data-columns',
    title: 'What each column is used as',
    at: 'new/data/one',
    world: draft(TIDY),
    async act(page) {
      await text(/^Columns: /)(page).click();
      await text('Nothing found. Your rows look good.')(page).waitFor();
      await toTop(text(/^Columns: /)(page));
    },
    ready: text(/^Detected, /),
  },
  {
    name: 'data-tokens',
    title: 'A row in tokens',
    at: 'new/data/one',
    world: draft(TIDY),
    async act(page) {
      await text('Nothing found. Your rows look good.')(page).waitFor();
      await text('What the model sees')(page).click();
      await page.getByText('Show tokens').first().click();
      await toTop(text('What the model sees')(page));
    },
    ready: text(/Each box is a token/),
  },
  {
    name: 'data-doctor',
    title: 'The data check with its findings',
    at: 'new/data/one',
    world: draft(COPIES),
    async act(page) {
      await text('Duplicate rows')(page).waitFor();
      await page.getByText('Details', { exact: true }).first().click();
      await scrollTo(page, 'Data check');
    },
    ready: text('Duplicate rows'),
    main: true,
  },
  {
    name: 'data-mended',
    title: 'After a fix, which can be undone',
    at: 'new/data/one',
    world: draft(DATA),
    async act(page) {
      await button(page, 'Remove copies').click();
      await text('Your own file is unchanged.')(page).waitFor();
      await scrollTo(page, 'Data check');
    },
    ready: (page) => button(page, /^Undo:/),
    // what was done, how to undo it, and the forecast for more rows
    words: 130,
  },
  {
    name: 'data-lengths',
    title: 'How long the rows are, and what is cut off',
    at: 'new/data/one',
    world: draft(TIDY),
    async act(page) {
      await text('Nothing found. Your rows look good.')(page).waitFor();
      await text(/^Row lengths/)(page).click();
      await toTop(text(/^Row lengths/)(page));
    },
    ready: text('Length limit'),
  },
  {
    name: 'data-test-rows',
    title: 'Test rows',
    at: 'new/data/one',
    world: draft(TIDY),
    async act(page) {
      await text('Nothing found. Your rows look good.')(page).waitFor();
      await text(/^Test rows/)(page).click();
      await toTop(text(/^Test rows/)(page));
    },
    ready: text('Share of test rows'),
  },
  {
    name: 'data-questions',
    title: 'Questions that are answered during training',
    at: 'new/data/one',
    world: draft(TIDY),
    async act(page) {
      await text('Nothing found. Your rows look good.')(page).waitFor();
      await text(/^Your test questions/)(page).click();
      await toTop(text(/^Your test questions/)(page));
    },
    ready: (page) => button(page, 'Add a question'),
  },
  {
    name: 'data-unclear',
    title: 'A table whose columns say nothing',
    at: 'new/data/one',
    world: draft({ ...MODEL, data: { paths: ['/home/mo/Documents/unclear.csv'] } }),
    ready: text(/It is not clear which columns/),
  },
  {
    name: 'data-unreadable',
    title: 'A file that cannot be read',
    at: 'new/data/one',
    world: draft({ ...MODEL, data: { paths: ['/home/mo/Documents/broken.csv'] } }),
    ready: text('What you can do'),
    main: true,
  },
  {
    name: 'plan',
    title: 'The plan: method, memory, time, risk',
    at: 'new/plan/one',
    world: draft(DATA),
    ready: planned,
    main: true,
    wide: true,
  },
  {
    name: 'plan-memory',
    words: OPENED,
    title: 'Where the figures of the plan come from',
    at: 'new/plan/one',
    world: draft(DATA),
    act: async (page) => unfold(page, 'Details'),
    ready: text('Methods compared'),
    main: true,
  },
  {
    name: 'plan-options',
    words: OPENED,
    title: 'A name, protection from forgetting, row length, a later start',
    at: 'new/plan/one',
    world: draft(DATA),
    async act(page) {
      await unfold(page, 'More options');
      await text('Start later')(page).click();
    },
    ready: text('Start time'),
    main: true,
  },
  {
    name: 'plan-elsewhere',
    words: 220,
    title: 'A run that takes days here, and what it takes on another computer',
    at: 'new/plan/one',
    world: (world) => withLarge(world, { memory: 128e9, free: 110e9 }),
    async act(page) {
      await text('Start on lab')(page).waitFor();
      await page.locator('summary', { hasText: 'How this is estimated' }).click();
      await scrollTo(page, 'Train elsewhere');
    },
    ready: text('Start on lab'),
    main: true,
  },
  {
    name: 'plan-elsewhere-too-big',
    words: 250,
    title: 'A run that does not fit here, and what it takes on another computer',
    at: 'new/plan/one',
    world: (world) => withLarge(world, { memory: 8e9, free: 4e9 }),
    async act(page) {
      await text('Start on lab')(page).waitFor();
      await scrollTo(page, 'Train elsewhere');
    },
    ready: text('Start on lab'),
  },
  {
    name: 'plan-elsewhere-quick',
    words: OPENED,
    title: 'A quick run that another computer could train',
    at: 'new/plan/one',
    world: draft(DATA),
    act: (page) => unfold(page, 'Train elsewhere'),
    ready: text('Start on lab'),
  },
  {
    name: 'plan-device',
    words: OPENED,
    title: 'What the run uses: a card that was measured to be faster',
    at: 'new/plan/one',
    world(world) {
      draft(DATA)(world);
      withCard(world, true);
    },
    async act(page) {
      await unfold(page, 'More options');
      await scrollTo(page, /^Runs on/);
    },
    ready: text(/times as fast as the processor/),
  },
  {
    name: 'plan-device-unmeasured',
    words: OPENED,
    title: 'What the run uses, where the card was not measured',
    at: 'new/plan/one',
    world: draft(DATA),
    async act(page) {
      await unfold(page, 'More options');
      await scrollTo(page, /^Runs on/);
    },
    ready: text(/not measured yet/),
  },
  {
    name: 'plan-device-cards',
    words: OPENED,
    title: 'What the run uses, where ggml sees several cards',
    at: 'new/plan/one',
    world(world) {
      draft(DATA)(world);
      withSeveralCards(world);
    },
    async act(page) {
      await unfold(page, 'More options');
      await scrollTo(page, /^Runs on/);
    },
    ready: text('NVIDIA GeForce RTX 3060 (ggml)'),
  },
  {
    name: 'plan-values',
    words: OPENED,
    title: 'The settings of a plan with their reasons',
    at: 'new/plan/one',
    world: draft(DATA),
    async act(page) {
      await unfold(page, 'Chosen settings');
      await button(page, 'Why: Learning rate').click();
      await button(page, 'Why: Epochs').click();
    },
    ready: text(/worked best in tests of models this small/),
    main: true,
  },
  {
    name: 'plan-own',
    words: OPENED,
    title: 'A plan with your own settings',
    at: 'new/plan/one',
    world: draft({ ...DATA, wish: 'own', settings: { epochs: 6 } }),
    async act(page) {
      await planned(page).waitFor();
      await scrollTo(page, 'Chosen settings');
    },
    ready: text('1 setting set by you'),
  },
  {
    name: 'plan-look',
    words: OPENED,
    title: 'A plan that tries learning rates first',
    at: 'new/plan/one',
    world: draft({ ...DATA, wish: 'own', settings: { look: true } }),
    async act(page) {
      await planned(page).waitFor();
    },
    ready: text(/Before the run, three learning rates are tried for/),
  },
  {
    name: 'plan-own-rounding',
    words: OPENED,
    title: 'QLoRA with your own settings: bits and 4-bit format',
    at: 'new/plan/one',
    world: draft({ ...DATA, wish: 'own', settings: { method: 'qlora' } }),
    async act(page) {
      await planned(page).waitFor();
      await button(page, 'Why: Quantisation format').click();
      await toMiddle(button(page, 'Why: Quantisation format'));
    },
    ready: text(/Evenly spaced values are fastest/),
  },
  {
    name: 'plan-own-card',
    words: OPENED,
    title: 'Your own settings on a graphics card: 16-bit precision',
    at: 'new/plan/one',
    world(world) {
      draft({ ...DATA, wish: 'own', settings: { method: 'lora', device: 'webgpu' } })(world);
      withCard(world, true);
    },
    async act(page) {
      await planned(page).waitFor();
      await button(page, 'Why: Precision').click();
      // the comparison of methods comes later and moves all below it
      await page.waitForTimeout(1500);
      await toMiddle(text(/32 bits are the most exact/)(page));
    },
    ready: text(/32 bits are the most exact/),
  },
  {
    name: 'plan-comparing',
    words: OPENED,
    title: 'A plan after a change: the chosen method’s figures are new, the comparison is worked out again',
    at: 'new/plan/one',
    world(world) {
      draft(DATA)(world);
      world.comparisons = 1;
    },
    async act(page) {
      // it stands there once methods have been compared: a click before that would ask for the first comparison again
      await page.locator('p.comparing').waitFor({ state: 'attached' });
      await unfold(page, 'More options');
      await page.getByRole('switch', { name: /Mix in general/ }).click();
      await scrollTo(page, /^Method/);
    },
    ready: text('Updating the comparison'),
  },
  {
    name: 'plan-rented',
    words: OPENED + 45,
    title: 'A long run, and what it would take on rented graphics cards',
    at: 'new/plan/one',
    world: draft({ ...DATA, settings: { epochs: 8000 } }),
    act: async (page) => unfold(page, 'Details'),
    ready: text('On a rented card'),
  },
  {
    name: 'plan-tonight',
    title: 'A plan that has to end in time',
    at: 'new/plan/one',
    world: draft({ ...DATA, wish: 'tonight', wishHours: 8 }),
    ready: planned,
  },
  {
    name: 'plan-settings',
    words: OPENED,
    title: 'All settings of a run, every group open, one explained',
    at: 'new/plan/one',
    world(world) {
      draft({ ...DATA, settings: { 'lora.rank': 32 } })(world);
      world.settings = { ...world.settings, allSettings: true };
    },
    async act(page) {
      await planned(page).waitFor();
      const groups = page
        .getByRole('region', { name: 'All settings' })
        .locator('details:not([open]) > summary');
      while ((await groups.count()) > 0) await groups.first().click();
      await button(page, 'What it means: Rank').click();
      await scrollTo(page, /^All settings/);
    },
    ready: (page) => page.getByRole('textbox', { name: 'Rank' }),
    main: true,
  },
  {
    name: 'plan-too-big',
    words: 190,
    title: 'A plan that needs more memory than is free',
    at: 'new/plan/one',
    world(world) {
      draft(DATA)(world);
      withRoom(world, { memory: 2e9, free: 0.2e9 });
    },
    ready: text(/Too big: needs/),
    main: true,
  },
  {
    name: 'plan-missing',
    title: 'A plan before there is data',
    at: 'new/plan/one',
    world: draft(MODEL),
    ready: (page) => page.getByRole('link', { name: /Data/ }).last(),
  },
];
