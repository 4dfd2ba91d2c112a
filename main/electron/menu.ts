/**
 * The menu with each platform's own shortcuts, as a table: roles where the system has one, routes of the page
 * for the rest.
 */
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuPage } from '../extras/menu-page.ts';
import * as extras from '../extras/menu-pages.ts';
import { APP_NAME, words } from './desktop-words.ts';

type Items = MenuItemConstructorOptions[];

interface MenuActions {
  /** Shows a route of the page: `history`. */
  go(route: string): void;
  showDataFolder(): void;
}

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };

export function setMenu(actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuFor(process.platform, !app.isPackaged, actions)));
}

/** The menu on `platform`; developers get reloading and the tools. */
export function menuFor(platform: NodeJS.Platform, forDevelopers: boolean, actions: MenuActions): Items {
  const { menu } = words();
  const isMac = platform === 'darwin';
  const { showDataFolder } = actions;
  const route = (label: string, to: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => actions.go(to),
    ...(accelerator !== undefined && { accelerator }),
  });
  const settings = route(menu.settings, 'settings', 'CmdOrCtrl+,');
  const newRun = route(menu.newRun, 'new', 'CmdOrCtrl+N');
  const own: Items = isMac ? [] : [settings, SEPARATOR];
  const end: MenuItemConstructorOptions = isMac ? { role: 'close' } : { role: 'quit', label: menu.quit };
  const pages: Items = [
    route(menu.newRun, 'new'),
    route(menu.history, 'history', 'CmdOrCtrl+Y'),
    route(menu.models, 'models'),
    ...Object.values<MenuPage>(extras).map(({ label, page }) => route(label(), page)),
  ];
  return [
    ...(isMac ? [macMenu(settings)] : []),
    { label: menu.file, submenu: [newRun, SEPARATOR, ...own, end] },
    { label: menu.edit, submenu: editItems(isMac) },
    { label: menu.view, submenu: viewItems(forDevelopers) },
    { label: menu.go, submenu: pages },
    { label: menu.window, role: 'windowMenu' },
    {
      label: menu.help,
      role: 'help',
      submenu: [
        route(menu.help, 'help', 'F1'),
        { label: menu.dataFolder, click: showDataFolder },
        ...(isMac ? [] : [SEPARATOR, { role: 'about' as const, label: menu.about }]),
      ],
    },
  ];
}

function macMenu(settings: MenuItemConstructorOptions): MenuItemConstructorOptions {
  return {
    label: APP_NAME,
    submenu: [
      { role: 'about' as const },
      SEPARATOR,
      settings,
      SEPARATOR,
      { role: 'services' as const },
      SEPARATOR,
      { role: 'hide' as const },
      { role: 'hideOthers' as const },
      { role: 'unhide' as const },
      SEPARATOR,
      { role: 'quit' },
    ],
  };
}

function editItems(isMac: boolean): Items {
  const undo: Items = [{ role: 'undo' }, { role: 'redo' }, SEPARATOR];
  const clipboard: Items = [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }];
  return [...undo, ...clipboard, ...(isMac ? [{ role: 'delete' as const }] : []), { role: 'selectAll' }];
}

function viewItems(forDevelopers: boolean): Items {
  const zoom: Items = [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }];
  const tools: Items = [SEPARATOR, { role: 'reload' }, { role: 'toggleDevTools' }];
  return [...zoom, SEPARATOR, { role: 'togglefullscreen' }, ...(forDevelopers ? tools : [])];
}
