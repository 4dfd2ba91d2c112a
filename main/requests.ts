/** What servers read of their clients, and how they refuse. */
import type { IncomingMessage } from 'node:http';

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

/** The JSON of a request's body. Throws a Refusal where it is too large or no JSON. */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
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
