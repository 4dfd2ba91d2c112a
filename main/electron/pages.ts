/** Answers what a window asks of the app:// scheme: the built pages, out of one folder and nothing else, with their headers. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HEADERS } from '../serve/answers.ts';
import { fileFor, TYPES } from '../serve/static.ts';
import { isOwn } from './addresses.ts';

/** The file of `folder` that the request names, or a refusal; every answer carries the content policy. */
export async function pageFor(folder: string, request: Pick<Request, 'url' | 'method'>): Promise<Response> {
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
