/**
 * The app:// scheme: the built pages in an origin of their own, and which addresses are its own or may go to
 * the person's browser. file:// would give a page rights over the disk, and a local server would let other
 * programs in.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol } from 'electron';
import { fileFor, HEADERS, TYPES } from '../serve/answers.ts';

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
 * The address to hand to the person's browser; null for what must not leave. Only https: other schemes start
 * programs, and a name in front of an @ is there to deceive.
 */
export function outsideLink(address: string): string | null {
  const url = URL.parse(address);
  const isSafe = url?.protocol === 'https:' && url.hostname !== '' && !url.username && !url.password;
  return isSafe ? url.href : null;
}

/** Tells Electron what kind of scheme it is; it takes that only before it is ready. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true };
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

/** Serves the pages in `folder`. */
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
