/** A server on this computer alone, for programs that have its key and no page of a browser. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isCalledBy, ownNames } from './own-names.ts';
import { Refusal } from './requests.ts';

const HERE = '127.0.0.1';

interface Keyed {
  /** 0: any free one. */
  readonly port: number;
  readonly key: string;
  /** How long a client may take to send a request, in ms. */
  readonly patience: number;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Tells of an error, one of this server's own or of `answer`, before anything was answered. */
  refuse(response: ServerResponse, error: unknown): void;
}

export interface KeyedServer {
  /** Such as http://127.0.0.1:4887. */
  readonly address: string;
  /** Hangs up. */
  close(): void;
}

/** Throws Node's error where nothing can listen at the port. */
export async function openKeyedServer({ port, key, patience, answer, refuse }: Keyed): Promise<KeyedServer> {
  let names: ReadonlySet<string> = new Set();
  const admitted = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      admit(request, names, key);
      await answer(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else refuse(response, error);
    }
  };
  const server = createServer(
    { requestTimeout: patience },
    (request, response) => void admitted(request, response),
  );
  const failed = once(server, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => {});
  server.listen(port, HERE);
  await Promise.race([once(server, 'listening'), failed]);
  const { port: own } = server.address() as AddressInfo;
  names = ownNames(HERE, own);
  return {
    address: `http://${HERE}:${own}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Lets in who has the key and calls this computer by its own name; a page would name where it is from. */
function admit(request: IncomingMessage, names: ReadonlySet<string>, key: string): void {
  const { headers } = request;
  if (!isCalledBy(names, request))
    throw new Refusal(421, 'wrong_host', 'This server answers by its own name only.');
  if (headers.origin !== undefined)
    throw new Refusal(403, 'origin_refused', 'Pages may not use this server.');
  const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  if (!timingSafeEqual(digest(given), digest(key)))
    throw new Refusal(
      401,
      'invalid_api_key',
      'The API key is missing or wrong. Use the one that was shown at the start.',
    );
}

const digest = (text: string) => createHash('sha256').update(text).digest();
