/**
 * What the web host answers with: JSON, a page or a built file, each with the headers that keep a page from doing what it need not do;
 * and files that a browser saves.
 */

import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Download } from '../app/downloads.ts';

/** What a page may load and do; the same as in the Electron window. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** The headers of every answer, in both hosts. */
export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

type Headers = Readonly<Record<string, string | number>>;

function begin(response: ServerResponse, status: number, headers: Headers = {}): void {
  response.writeHead(status, { ...HEADERS, ...headers });
}

/** Answers with JSON, or with nothing but a status. */
export function answer(
  response: ServerResponse,
  status: number,
  content?: unknown,
  headers: Headers = {},
): void {
  const noStore = { 'cache-control': 'no-store' };
  if (content === undefined) {
    begin(response, status, { ...noStore, ...headers });
    response.end();
    return;
  }
  begin(response, status, { ...noStore, 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(content));
}

export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  hint: string,
  headers?: Headers,
): void {
  answer(response, status, { code, message, hint }, headers);
}

/** A page that says one thing, for people who have come to a wrong address. */
export function page(response: ServerResponse, status: number, title: string, text: string): void {
  const body =
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>` +
    `<h1>${title}</h1><p>${text}</p></html>\n`;
  begin(response, status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(body);
}

/** What a file is, by the end of its name. */
export const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Files in this folder have a hash of their content in their name, and so never change. */
const HASHED = /^\/assets\//;

/** Answers with the file of `folder` that `pathname` names, or with a page that says that there is none. */
export async function sendFile(
  folder: string,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // which browsers ask for beside a page that names no icon
  if (pathname === '/favicon.ico') return answer(response, 204);
  const file = await fileFor(folder, pathname);
  if (file === null)
    return page(response, 404, 'Not found', 'There is no such page. Fettle is at <a href="/">/</a>.');
  begin(response, 200, {
    'content-type': TYPES[path.extname(file.path)] ?? 'application/octet-stream',
    'content-length': file.bytes,
    'cache-control': HASHED.test(pathname) ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
}

/** The file, where it is one and lies in `folder`, wherever links lead; else null. */
export async function fileFor(
  folder: string,
  pathname: string,
): Promise<{ path: string; bytes: number } | null> {
  try {
    const wanted = decodeURIComponent(pathname);
    if (/[\0\\]/.test(wanted)) return null;
    const root = await realpath(folder);
    const found = await realpath(path.join(root, wanted === '/' ? 'index.html' : wanted));
    if (!found.startsWith(root + path.sep)) return null;
    const stats = await stat(found);
    return stats.isFile() ? { path: found, bytes: stats.size } : null;
  } catch {
    return null;
  }
}

// Files that a browser saves. It asks for them by an address, which carries no key: so a page with a session first gets an address that
// nobody else knows, valid for a minute and beside the cookie alone.

/** Gives what the page asks for of a run: its report or an export. Throws an AppError where it is not there. */
export type FindDownload = (run: string, what: string) => Promise<Download>;

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
