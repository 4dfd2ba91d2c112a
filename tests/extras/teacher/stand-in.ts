/** A teacher of known quality: an HTTP server that speaks OpenAI's API and knows the true answers. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hash32 } from './hash.ts';

export interface StandIn {
  readonly url: string;
  /** Requests for answers. */
  readonly asked: number;
  /** Texts that were asked, in order. */
  readonly texts: readonly string[];
  close(): Promise<void>;
}

/** What a sample says of a text; a string is sent as an answer, anything else is done with the response. */
export type Say = (text: string, sample: number) => string | ((response: ServerResponse) => void);

export async function openStandIn(say: Say, { knowsN = true, model = 'large' } = {}): Promise<StandIn> {
  const texts: string[] = [];
  const samples = new Map<string, number>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/v1/models') return void json(response, { data: [{ id: model }] });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = JSON.parse(Buffer.concat(parts).toString()) as {
      readonly n?: number;
      readonly messages: readonly { readonly content: string }[];
    };
    const text = body.messages.at(-1)!.content;
    texts.push(text);
    const choices: object[] = [];
    for (let i = 0; i < (knowsN ? (body.n ?? 1) : 1); i++) {
      const sample = samples.get(text) ?? 0;
      samples.set(text, sample + 1);
      const said = say(text, sample);
      if (typeof said !== 'string') return void said(response);
      choices.push({ index: i, finish_reason: 'stop', message: { role: 'assistant', content: said } });
    }
    json(response, { choices, usage: { total_tokens: 100 * choices.length } });
  };
  const server = createServer(
    (request, response) => void answer(request, response).catch(() => response.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return texts.length;
    },
    texts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/**
 * Right in so many of all samples: a text in `blind` is taken for the same wrong category each time, of others each sample slips by itself.
 */
export function mostlyRight(
  truths: ReadonlyMap<string, string>,
  answers: readonly string[],
  { right, blind }: { readonly right: number; readonly blind: number },
): Say {
  const slips = 1 - right / (1 - blind);
  const wrongOf = (truth: string, at: number) => {
    const others = answers.filter((one) => one !== truth);
    return others[at % others.length]!;
  };
  return (text, sample) => {
    const truth = truths.get(text)!;
    const own = hash32(`blind ${text}`);
    if (own / 2 ** 32 < blind) return wrongOf(truth, own);
    const slip = hash32(`slip ${sample} ${text}`);
    return slip / 2 ** 32 < slips ? wrongOf(truth, hash32(`to ${sample} ${text}`)) : truth;
  };
}
