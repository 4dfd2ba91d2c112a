/**
 * What no page in the app may do, whatever is in it: go elsewhere, open windows, get permissions, reach the network. Set for every page and
 * for the session, so that a window that somebody adds later has it too.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { app, protocol, type Session, shell, type WebContents } from 'electron';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { fileFor, HEADERS, TYPES } from '../serve/answers.ts';

/**
 * The app:// scheme: the built pages in an origin of their own, and which addresses are its own or may go to the person's browser. file://
 * would give a page rights over the disk, and a local server would let other programs in.
 */

const SCHEME = 'app';
const HOST = 'fettle';
/** The page that the window shows. */
export const PAGE = `${SCHEME}://${HOST}/`;

/** The address of a route of the page: `#/history`. */
export function pageAt(route: string): string {
  return `${PAGE}#/${route}`;
}

/** Whether an address is of the app's own origin. */
export function isOwn(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === `${SCHEME}:` && url.host === HOST;
}

/** Whether an address is the one page, wherever in it: all else in the origin is no page. */
export function isPage(address: string): boolean {
  const path = URL.parse(address)?.pathname;
  return isOwn(address) && (path === '/' || path === '/index.html');
}

/** Whether what was made by the page (a report, a picture of a plot) is to be saved. */
export function isOwnBlob(address: string): boolean {
  return address.startsWith(`blob:${SCHEME}://${HOST}/`);
}

/**
 * The address to hand to the person's browser; null for what must not leave. Only https: other schemes start programs, and a name in front
 * of an @ is there to deceive.
 */
export function outsideLink(address: string): string | null {
  const url = URL.parse(address);
  const isSafe = url?.protocol === 'https:' && url.hostname !== '' && !url.username && !url.password;
  return isSafe ? url.href : null;
}

/** Tells Electron what kind of scheme it is; it takes that only before it is ready. */
export function registerScheme(): void {
  // compiled code is kept from start to start: other content has another name
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true };
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

export function serveScheme(folder: string): void {
  protocol.handle(SCHEME, (request) => pageFor(folder, request));
}

/** The file of `folder` that the request names, or a refusal; every answer carries the content policy. */
async function pageFor(folder: string, request: Pick<Request, 'url' | 'method'>): Promise<Response> {
  if (!isOwn(request.url)) return refusal(404, 'Not here');
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refusal(405, 'There is nothing to do here');
  const file = await fileFor(folder, new URL(request.url).pathname);
  if (file === null) return refusal(404, 'Not found');
  const type = TYPES[path.extname(file.path)] ?? 'application/octet-stream';
  const body = request.method === 'HEAD' ? null : await readFile(file.path);
  return new Response(body, { headers: { ...HEADERS, 'content-type': type, 'cache-control': 'no-cache' } });
}

function refusal(status: number, text: string): Response {
  return new Response(text, { status, headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' } });
}

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
