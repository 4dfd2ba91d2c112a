/** Requests and answers as they travel, in OpenAI's words. */
import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import { bodyOf, Refusal } from '../../requests.ts';

export { bodyOf as jsonOf, Refusal };

type Fields = Readonly<Record<PropertyKey, unknown>>;

/** `body` as `schema` says it must be; null counts as left out. Throws a Refusal that names the first field that is not. */
export function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const entries = Object.entries(Object(body) as object).filter(([, value]) => value !== null);
  const given: unknown = Object.fromEntries(entries);
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue!.path.map(String).join('.');
  const said = issue!.path.reduce<unknown>((value, name) => (Object(value) as Fields)[name], given);
  if (said === undefined && at !== '') throw new Refusal(400, 'invalid_request', `${at} is missing.`);
  throw new Refusal(400, 'invalid_request', `${at === '' ? '' : `${at}: `}${issue!.message}.`);
}

/** Answers with JSON. */
export function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

/** Answers with what went wrong; what only a mistake in Fettle can cause is not shown. */
export function sendError(response: ServerResponse, error: unknown): void {
  const { status, code, message } = refusalOf(error);
  const type =
    status === 401 ? 'authentication_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  send(response, status, { error: { message, type, param: null, code } });
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof AppError) return new Refusal(400, error.code, `${error.message} ${error.hint}`.trim());
  return new Refusal(500, 'internal', 'Something in Fettle went wrong.');
}
