/** In which language main speaks: the one that the page reads. */
import { call } from '@orpc/server';
import { afterEach, expect, test, vi } from 'vitest';
import { language, useLanguage } from '../../../common/words/language.ts';
import { apiRouter } from '../../../main/api/api.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts | null = null;
afterEach(async () => {
  opened?.remove();
  await useLanguage('en');
});

test('main speaks the language of the page, and the host shows its menus in it', async () => {
  const onLanguage = vi.fn();
  const speak = vi.fn();
  opened = await testParts({ host: { onLanguage }, supervisor: { speak } });
  const router = apiRouter(opened.parts, opened.log);
  expect(await call(router.host.speak, { language: 'de' })).toBe('system');
  expect(language()).toBe('de');
  await call(router.host.speak, { language: 'de' });
  expect(onLanguage).toHaveBeenCalledTimes(1);
  // a running job goes on in the language of the page
  expect(speak).toHaveBeenCalledTimes(1);
});

test('a page hears which language was chosen, and only those that there are can be', async () => {
  opened = await testParts();
  const router = apiRouter(opened.parts, opened.log);
  await call(router.settings.set, { language: 'de' });
  expect(await call(router.host.speak, { language: 'en' })).toBe('de');
  expect((await call(router.settings.get, undefined)).language).toBe('de');
  await expect(call(router.settings.set, { language: 'tlh' as never })).rejects.toThrow();
});
