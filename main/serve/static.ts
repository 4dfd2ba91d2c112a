/** The built pages, out of one folder and nothing else. */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { begin, page } from './answers.ts';

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
