/** What every answer of the web host has in common: the headers that keep a page from doing what it need not do. */
import type { ServerResponse } from 'node:http';

/** What a page may load and do; the same as in the Electron window. */
export const CONTENT_POLICY = [
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
export function begin(response: ServerResponse, status: number, headers: Headers = {}): void {
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
