/**
 * Files that a browser saves. It asks for them by an address, which carries no key: so a page with a session first gets an address
 * that nobody else knows, valid for a minute and beside the cookie alone.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Download } from '../app/downloads.ts';
import { answer, HEADERS, page } from './answers.ts';

/** Gives what the page asks for of a run: its report or an export. Throws an AppError where it is not there. */
export type FindDownload = (run: string, what: string) => Promise<Download>;

/** Where downloads are. */
export const DOWNLOADS = '/download/';
const TICKET_MS = 60_000;
/** A page of its own brings its style along; it may neither run nor load anything. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
};

export class Downloads {
  readonly #find: FindDownload;
  readonly #now: () => number;
  readonly #tickets = new Map<string, { readonly download: Download; readonly until: number }>();

  constructor(find: FindDownload, now: () => number = Date.now) {
    this.#find = find;
    this.#now = now;
  }

  /** Answers a page that has a session with the address of a download. */
  async offer(response: ServerResponse, asked: URLSearchParams): Promise<void> {
    const download = await this.#find(asked.get('run') ?? '', asked.get('what') ?? '');
    for (const [ticket, { until }] of this.#tickets) if (until < this.#now()) this.#tickets.delete(ticket);
    const ticket = randomBytes(32).toString('base64url');
    this.#tickets.set(ticket, { download, until: this.#now() + TICKET_MS });
    answer(response, 200, { path: `${DOWNLOADS.slice(1)}${ticket}` });
  }

  /** Sends what the address was given out for. */
  async send(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const found = this.#tickets.get(pathname.slice(DOWNLOADS.length));
    if (!found || found.until < this.#now())
      return page(response, 404, 'Not found', 'This download has expired. Start it again in Fettle.');
    const { name, bytes, isPage, content } = found.download;
    response.writeHead(200, {
      ...HEADERS,
      ...(isPage ? PAGE_HEADERS : { 'content-type': 'application/octet-stream' }),
      'content-length': bytes,
      'content-disposition': `${isPage ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(name)}`,
      'cache-control': 'no-store',
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(Readable.from(content()), response);
  }
}
