import type { Page } from 'playwright-core';
import { choose, type Screen, text } from '../../helpers/screens/screen.ts';

async function ask(page: Page): Promise<void> {
  await page.getByRole('searchbox').fill('What does a dog cost?');
  await page.keyboard.press('Enter');
}

export const findScreens: readonly Screen[] = [
  {
    name: 'find',
    title: 'Finding by meaning: what reading a folder will take',
    at: 'find',
    ready: (page) => page.getByRole('button', { name: 'Read them' }),
    main: true,
  },
  {
    name: 'find-found',
    title: 'Finding by meaning: what words and a model find',
    at: 'find',
    act: ask,
    ready: text(/puppy/),
    main: true,
  },
  {
    name: 'find-order',
    title: 'Finding by meaning: a reranker behind trained vectors',
    at: 'find',
    async act(page) {
      await choose(page, 'Model that reads (encoder)', /Town questions/);
      await choose(page, 'Then order by', 'Town order');
    },
    ready: text(/This order may be worse/),
  },
  {
    name: 'find-file',
    title: 'Finding by meaning: a passage in its file',
    at: 'find',
    async act(page) {
      await ask(page);
      await page.getByRole('button', { name: /letters\.csv/ }).click();
    },
    ready: text('Dogs need a tag.'),
  },
];
