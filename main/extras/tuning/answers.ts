/** Chat with a model of the list: it is served as `fettle run` does, one at a time, and requests are passed on. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as ask } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ENDPOINT } from '../../../common/settings/computing.ts';
import { prepareServed } from '../../app/answering.ts';
import { workHere } from '../../app/work-here.ts';
import { Refusal } from './wire.ts';

/** What is served: a model's files, or a run's folder. */
export type Source = { readonly model: string } | { readonly run: string };

interface Served {
  readonly name: string;
  readonly address: Promise<string>;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  readonly key: string;
}

export class Answers {
  readonly #key: string;
  readonly #sourceOf: (name: string) => Source;
  #served: Served | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(key: string, sourceOf: (name: string) => Source) {
    [this.#key, this.#sourceOf] = [key, sourceOf];
  }

  /** Passes a request with `body` on to the model that it names, and its answer back. */
  async answer(path: string, body: unknown, response: ServerResponse): Promise<void> {
    const { model } = Object(body) as { model?: unknown };
    if (typeof model !== 'string') throw new Refusal(400, 'invalid_request', 'model: It is missing.');
    const address = await this.#addressOf(model);
    const sent = ask(`${address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#key}` },
    });
    response.on('close', () => sent.destroy());
    const heard = new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve).on('error', reject);
    });
    sent.end(JSON.stringify(body));
    const answer = await heard;
    response.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] });
    await pipeline(answer, response);
  }

  async close(): Promise<void> {
    const served = this.#served;
    this.#served = null;
    served?.stop.abort();
    await served?.ended.catch(() => {});
  }

  /** One change of the model after the other. */
  #addressOf(name: string): Promise<string> {
    const next = this.#turn.then(async () => {
      const source = this.#sourceOf(name);
      if (this.#served?.name !== name) {
        await this.close();
        this.#served = this.#serve(name, source);
      }
      return await this.#served!.address;
    });
    this.#turn = next.catch(() => {
      this.#served = null;
    });
    return next;
  }

  #serve(name: string, source: Source): Served {
    const stop = new AbortController();
    const { promise: address, resolve, reject } = Promise.withResolvers<string>();
    const key = this.#key;
    const ended = (async () => {
      const io = { stop: stop.signal };
      const { file } = await prepareServed({ ...source, type: ENDPOINT.type, key }, workHere, io);
      const { contextSize, atOnce } = ENDPOINT;
      await workHere(
        'endpoint',
        { file, name, key, port: 0, origins: [], contextSize, atOnce },
        {
          stop: stop.signal,
          // without the version, which the path has
          emit: (event) => 'listening' in event && resolve(event.listening.address.replace(/\/v1$/, '')),
        },
      );
    })();
    ended.then(() => reject(new Refusal(503, 'ended', 'The model has ended.')), reject);
    address.catch(() => {});
    return { name, address, stop, ended, key };
  }
}
