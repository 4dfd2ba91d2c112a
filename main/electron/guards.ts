/**
 * What no page in the app may do, whatever is in it: go elsewhere, open windows, get permissions, reach the
 * network. Set for every page and for the session, so that a window that somebody adds later has it too.
 */
import { existsSync } from 'node:fs';
import { app, type Session, shell, type WebContents } from 'electron';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { isOwn, isOwnBlob, isPage, outsideLink } from './scheme.ts';

/** Copying text by a button. */
const PERMITTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);
const OWN_SCHEMES = /^(blob|data|devtools):/;

/** Guards every page that is ever made. */
export function guardContents(): void {
  app.on('web-contents-created', (_, contents) => guard(contents));
}

function guard(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!isPage(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    // a link that a person clicked; what is not https goes nowhere
    if (outsideLink(url) !== null) void openLink(url).catch(() => {});
    return { action: 'deny' };
  });
}

/** Guards the session that the window uses. */
export function guardSession(session: Session): void {
  const isPermitted = (permission: string, address: string) => PERMITTED.has(permission) && isOwn(address);
  session.setPermissionRequestHandler((_, permission, callback, details) =>
    callback(isPermitted(permission, details.requestingUrl)),
  );
  session.setPermissionCheckHandler((_, permission, origin) => isPermitted(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, callback) => callback({ cancel: !isAllowed(url) }));
  session.on('will-download', (event, item) => {
    if (!isOwnBlob(item.getURL())) event.preventDefault();
  });
  // the dictionaries would be fetched from the network
  session.setSpellCheckerEnabled(process.platform === 'darwin');
}

/** Pages need nothing from outside the app: main fetches what is to be fetched. */
function isAllowed(url: string): boolean {
  return url.startsWith('app:') ? isOwn(url) : OWN_SCHEMES.test(url);
}

/** Opens an https address in the person's browser. Throws an AppError for any other address. */
export async function openLink(address: string): Promise<void> {
  const link = outsideLink(address);
  if (link === null)
    throw new AppError(
      'link-refused',
      say`Only addresses that begin with https:// open in a browser. This one is ${address.slice(0, 200)}`,
      say`Copy it, and decide for yourself.`,
    );
  await shell.openExternal(link);
}

/** Shows a file in the file manager. Throws an AppError where there is none. */
export async function reveal(path: string): Promise<void> {
  if (!existsSync(path))
    throw new AppError(
      'no-file',
      say`${path} is not there any more.`,
      say`It was moved or deleted outside Fettle.`,
    );
  shell.showItemInFolder(path);
}
