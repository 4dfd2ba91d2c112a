/** The server of OpenAI's tuning interface: on this computer alone, for whoever has the key. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isCalledBy, ownNames } from '../../own-names.ts';
import { answerRoute, type Desk } from './routes.ts';
import { Refusal, sendError } from './wire.ts';

const HERE = '127.0.0.1';
/** How long a client may take to send an upload. */
const PATIENCE_MS = 300_000;

export interface TuningServer {
  /** With the version of the API. */
  readonly address: string;
  close(): Promise<void>;
}

export async function openTuningServer(desk: Desk, key: string, port: number): Promise<TuningServer> {
  let names: ReadonlySet<string> = new Set();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      admit(request, names, key);
      await answerRoute(desk, request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    }
  };
  const server = createServer(
    { requestTimeout: PATIENCE_MS },
    (request, response) => void answer(request, response),
  );
  const failed = once(server, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => {});
  server.listen(port, HERE);
  await Promise.race([once(server, 'listening'), failed]);
  const { port: own } = server.address() as AddressInfo;
  names = ownNames(HERE, own);
  return {
    address: `http://${HERE}:${own}/v1`,
    async close() {
      server.close();
      server.closeAllConnections();
      await desk.answers.close();
      await desk.jobs.close();
    },
  };
}

/** Lets in who has the key and calls this computer by its own name; no page of a browser, which would name where it is from. */
function admit(request: IncomingMessage, names: ReadonlySet<string>, key: string): void {
  const { headers } = request;
  if (!isCalledBy(names, request))
    throw new Refusal(421, 'wrong_host', 'This server answers by its own name only.');
  if (headers.origin !== undefined)
    throw new Refusal(403, 'origin_refused', 'Pages may not tune models here.');
  const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  if (!timingSafeEqual(digest(given), digest(key)))
    throw new Refusal(
      401,
      'invalid_api_key',
      'The API key is missing or wrong. Use the one that was shown at the start.',
    );
}

const digest = (text: string) => createHash('sha256').update(text).digest();
