/**
 * What the web host answers with: JSON, a page or a built file, each with the headers that keep a page from
 * doing what it need not do.
 */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

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

/** Begins an answer. */
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

/** Refuses a request in words. */
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
