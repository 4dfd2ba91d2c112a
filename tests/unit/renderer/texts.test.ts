/** A text of a page, in a language that has another message than the page now needs. */
import { expect, it } from 'vitest';
import { texts, textsIn } from '../../../renderer/text/texts.ts';

it('is English where the translation wants a value that the page no longer gives', async () => {
  const english = { history: { title: 'Past', removeSize: 'Delete ({bytes})' } };
  texts('history', english, { history: { removeSize: (bytes: string) => ({ bytes }) } });
  const { history } = (await textsIn('de')) as {
    history: { title: string; removeSize: (bytes: string) => string };
  };
  expect(history.title).toBe('Verlauf');
  expect(history.removeSize('3 MB')).toBe('Delete (3 MB)');
});
