/** Requests and answers of the endpoint as they travel, whatever API they are of. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { AppError, reasonOf } from '../../../common/errors.ts';
import { bodyOf, Refusal } from '../../requests.ts';

export { Refusal };

/** Real schemas and calls have some ten; templates and grammars walk into each of them. */
const MOST_LEVELS = 100;

/** What an encoder says to whoever asks for words. */
export const writesNothing = () =>
  new Refusal(400, 'only_embeddings', 'This model makes embeddings and writes nothing. Use /v1/embeddings.');

/** An answer as a client asked for it. */
export interface Reply {
  readonly response: ServerResponse;
  /** Aborted when the client leaves. */
  readonly gone: AbortSignal;
}

/** The body of a request. Throws a Refusal where it is too large, no JSON, or nested too deep. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  return shallow(await bodyOf(request));
}

/** `value`, if it has no more levels than are walked through. Throws a Refusal. */
export function shallow<Value>(value: Value): Value {
  let level: unknown[] = [value];
  for (let levels = 0; level.length > 0; levels++) {
    if (levels > MOST_LEVELS)
      throw new Refusal(400, 'too_deep', `The request is nested deeper than ${MOST_LEVELS} levels.`);
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return value;
}

/** `body` as `schema` says it must be; null counts as left out. Throws a Refusal that names the first field that is not. */
export function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(withoutNulls(body));
  if (result.success) return result.data;
  throw new Refusal(400, 'invalid_request', wordsFor(result.error.issues[0]!));
}

/** The fields of `body` that are not null: so clients write those that they don't set. */
export function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

function wordsFor(issue: z.core.$ZodIssue): string {
  const { path, message } = issue;
  const place = (name: readonly PropertyKey[]) => (name.length > 0 ? `${name.map(String).join('.')}: ` : '');
  if (issue.code === 'unrecognized_keys')
    return `${place([...path, issue.keys[0]!])}This field is not known here, and may change the answer. Leave it out.`;
  const what = message.endsWith('received undefined') ? 'It is missing' : message;
  return `${place(path)}${what}.`;
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof AppError) return new Refusal(400, error.code, `${error.message} ${error.hint}`.trim());
  return new Refusal(500, 'internal', `Something in Fettle went wrong${reasonOf(error)}.`);
}

/** Answers with JSON; gives 0, the tokens that were made for it. */
export function send(response: ServerResponse, status: number, body: object): number {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
  return 0;
}

/** Begins a stream of events, or of lines of JSON. */
export function begin(response: ServerResponse, type = 'text/event-stream'): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
}

export function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** How an API says what is wrong, before an answer and within a stream. */
export interface Manner {
  body(refusal: Refusal): object;
  inStream(refusal: Refusal): string;
}

function openaiError({ status, code, message }: Refusal) {
  const type =
    status === 401 ? 'authentication_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message, type, param: null, code } };
}

export const OPENAI: Manner = { body: openaiError, inStream: (refusal) => event(openaiError(refusal)) };

export const RESPONSES: Manner = {
  body: openaiError,
  inStream: ({ code, message }) =>
    `event: error\n${event({ type: 'error', code, message, param: null, sequence_number: 0 })}`,
};

export const OLLAMA: Manner = {
  body: ({ message }) => ({ error: message }),
  inStream: ({ message }) => `${JSON.stringify({ error: message })}\n`,
};
