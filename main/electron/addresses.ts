/** Which addresses are the app's own, and which ones may be given to the person's browser. Decided here alone. */

export const SCHEME = 'app';
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
 * The address to hand to the person's browser; null for what must not leave. Only https: other schemes start programs, and a
 * name in front of an @ is there to deceive.
 */
export function outsideLink(address: string): string | null {
  const url = URL.parse(address);
  const isSafe = url?.protocol === 'https:' && url.hostname !== '' && !url.username && !url.password;
  return isSafe ? url.href : null;
}
