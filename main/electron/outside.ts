/** What the app asks the system to open: a page in the person's browser, a file in the file manager. */
import { existsSync } from 'node:fs';
import { shell } from 'electron';
import { AppError } from '../../common/errors.ts';
import { outsideLink } from './addresses.ts';

/** Opens an https address in the person's browser. Throws an AppError for any other address. */
export async function openLink(address: string): Promise<void> {
  const link = outsideLink(address);
  if (link === null)
    throw new AppError(
      'link-refused',
      `Only addresses that begin with https:// are opened in a browser; this one is ${address.slice(0, 200)}`,
      'Copy it, and decide for yourself.',
    );
  await shell.openExternal(link);
}

/** Shows a file in the file manager. Throws an AppError where there is none. */
export async function reveal(path: string): Promise<void> {
  if (!existsSync(path))
    throw new AppError(
      'no-file',
      `${path} is not there any more.`,
      'It was moved or deleted outside Fettle.',
    );
  shell.showItemInFolder(path);
}
