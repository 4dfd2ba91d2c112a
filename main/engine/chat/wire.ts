/** Requests and answers of the endpoint as they travel: JSON, events of a stream, and refusals in the form of OpenAI's errors. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { AppError, reasonOf } from '../../../common/errors.ts';

const MOST_BODY_BYTES = 16e6;

/** What a client did wrong. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The body of a request. Throws a Refusal where it is too large or no JSON. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES)
      throw new Refusal(413, 'too_large', `A request may have ${MOST_BODY_BYTES / 1e6} MB.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'invalid_json', 'The request is not valid JSON.');
  }
}

/** `body` as `schema` says it must be. Throws a Refusal that names the first field that is not. */
export function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const what = message.endsWith('received undefined') ? 'It is missing' : message;
  throw new Refusal(400, 'invalid_request', `${path.length > 0 ? `${path.join('.')}: ` : ''}${what}.`);
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof AppError) return new Refusal(400, error.code, `${error.message} ${error.hint}`.trim());
  return new Refusal(500, 'internal', `Something in Fettle went wrong${reasonOf(error)}.`);
}

export function errorBody({ status, code, message }: Refusal) {
  const type =
    status === 401 ? 'authentication_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message, type, param: null, code } };
}

/** Answers with JSON; gives 0, the tokens that were made for it. */
export function send(response: ServerResponse, status: number, body: object): number {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
  return 0;
}

/** Begins a stream of events. */
export function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
}

export function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
