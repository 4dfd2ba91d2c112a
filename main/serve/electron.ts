/**
 * Whether the window can be opened. Electron's program is not in its npm package but is fetched when it is installed, which
 * networks and settings may forbid: then the same pages are served to a browser, and the reason is said.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { hasScreen } from './browser.ts';

/** The program and what it is started with; or why there is none. */
export type ElectronFound = { readonly program: string; readonly main: string } | { readonly why: string };

/** Looks for Electron beside the Fettle in `home`; its own look-up would try to fetch what is missing. */
export function findElectron(
  home: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ElectronFound {
  const folder = packageFolder(home);
  if (folder === null)
    return { why: 'The package electron is not installed here (it is a development package of Fettle).' };
  const program = programIn(folder, env.ELECTRON_OVERRIDE_DIST_PATH);
  if (program === null)
    return {
      why:
        'Electron’s program was not downloaded when the packages were installed: that needs a connection to github.com, ' +
        'and install scripts that are allowed (`node node_modules/electron/install.js` tries it again).',
    };
  if (!hasScreen(process.platform, env))
    return { why: 'There is no screen that a window could be shown on.' };
  return { program, main: path.join(home, 'dist', 'main.js') };
}

function packageFolder(home: string): string | null {
  try {
    return path.dirname(createRequire(path.join(home, 'package.json')).resolve('electron/package.json'));
  } catch {
    return null;
  }
}

/** The file that electron's installer names in path.txt, in its dist folder or the one that the environment gives. */
function programIn(folder: string, override: string | undefined): string | null {
  const named = path.join(folder, 'path.txt');
  const name = existsSync(named) ? readFileSync(named, 'utf8').trim() : 'electron';
  const program = path.join(override ?? path.join(folder, 'dist'), name);
  return existsSync(program) ? program : null;
}
