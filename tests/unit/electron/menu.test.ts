/** The menu as each platform wants it. */
import type { MenuItemConstructorOptions } from 'electron';
import { expect, test, vi } from 'vitest';
import { useLanguage } from '../../../common/words/language.ts';
import { menuFor } from '../../../main/electron/menu.ts';

vi.mock('electron', () => ({ app: {}, Menu: {} }));

type Items = readonly MenuItemConstructorOptions[];
const go = vi.fn();
const actions = { go, showDataFolder() {} };
const flat = (items: Items): MenuItemConstructorOptions[] =>
  items.flatMap((item) => [item, ...flat(Array.isArray(item.submenu) ? item.submenu : [])]);
const items = (platform: NodeJS.Platform, forDevelopers = false) =>
  flat(menuFor(platform, forDevelopers, actions));
const roles = (platform: NodeJS.Platform, forDevelopers = false) =>
  items(platform, forDevelopers).flatMap(({ role }) => role ?? []);

test.each(['linux', 'win32', 'darwin'] as const)(
  'on %s texts can be edited and the view zoomed',
  (platform) => {
    const wanted = ['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll', 'zoomIn', 'zoomOut', 'resetZoom'];
    expect(roles(platform)).toEqual(expect.arrayContaining([...wanted, 'togglefullscreen', 'quit', 'about']));
  },
);

test('a Mac has its own first menu, and closes windows without quitting', () => {
  const [first] = menuFor('darwin', false, actions);
  const own = flat([first!]).flatMap(({ role }) => role ?? []);
  expect(own).toEqual(expect.arrayContaining(['about', 'services', 'hide', 'hideOthers', 'unhide', 'quit']));
  expect(roles('darwin')).toContain('close');
  expect(roles('linux')).not.toContain('services');
});

test('it is said in the language of the person', async () => {
  await useLanguage('de');
  const labels = items('linux').map(({ label }) => label);
  await useLanguage('en');
  expect(labels).toEqual(expect.arrayContaining(['Datei', 'Einstellungen …', 'Fettle beenden']));
  expect(items('linux').map(({ label }) => label)).toContain('Quit Fettle');
});

test('tools are for developers', () => {
  expect(roles('linux', true)).toEqual(expect.arrayContaining(['reload', 'toggleDevTools']));
  expect(roles('linux')).not.toContain('toggleDevTools');
});

test.each(['linux', 'darwin'] as const)('on %s no shortcut is given twice', (platform) => {
  const keys = items(platform).flatMap(({ accelerator }) => accelerator ?? []);
  expect(keys.length).toBeGreaterThan(2);
  expect(new Set(keys).size).toBe(keys.length);
});

test('settings are where the keys of every platform lead', () => {
  const settings = items('win32').find(({ accelerator }) => accelerator === 'CmdOrCtrl+,');
  (settings!.click as () => void)();
  expect(go).toHaveBeenCalledWith('settings');
});
