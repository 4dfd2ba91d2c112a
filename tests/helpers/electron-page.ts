/** A window's page of a real Electron under Playwright: its API, and what is asked of it in more than one form of the app. */
import { createORPCClient } from '@orpc/client';
import { RPCLink, type SupportedMessagePort } from '@orpc/client/message-port';
import type { Page } from 'playwright-core';
import type { Api } from './web-client.ts';

interface PagePort {
  onmessage(event: { readonly data: string | Uint8Array }): void;
  postMessage(data: string | Uint8Array): void;
}

/** The API over the window's own port. A page can be given a function of that name once only. */
export async function openPageApi(page: Page): Promise<Api> {
  const port = Object.assign(new EventTarget(), {
    postMessage: (data: string | Uint8Array) =>
      void page.evaluate(
        (given) => (globalThis as unknown as { tell(data: unknown): void }).tell(given),
        typeof data === 'string' ? data : [...data],
      ),
  });
  await page.exposeFunction('hear', (data: string | number[]) =>
    port.dispatchEvent(
      new MessageEvent('message', { data: typeof data === 'string' ? data : Uint8Array.from(data) }),
    ),
  );
  await page.evaluate(() => {
    const window = globalThis as unknown as EventTarget & {
      fettle: { port(): void };
      hear(data: string | number[]): void;
      tell(data: string | number[]): void;
    };
    return new Promise<void>((resolve) => {
      const take = (event: Event) => {
        const [given] = (event as unknown as { ports: readonly PagePort[] }).ports;
        if (!given) return;
        window.removeEventListener('message', take);
        given.onmessage = ({ data }) => window.hear(typeof data === 'string' ? data : [...data]);
        window.tell = (data) => given.postMessage(typeof data === 'string' ? data : Uint8Array.from(data));
        resolve();
      };
      window.addEventListener('message', take);
      window.fettle.port();
    });
  });
  return createORPCClient(new RPCLink({ port: port as unknown as SupportedMessagePort }));
}

/** Starts a training of all weights of the practice model on two threads; gives the run. */
export async function trainAllWeights(api: Api, rows: string): Promise<string> {
  const practice = (await api.models.list()).find(({ source }) => source === 'practice')!;
  await api.files.open({ what: 'data', paths: [rows] });
  const settings = { method: 'full' as const, maxSteps: 2, maxLength: 64, threads: 2 };
  const request = { name: 'All weights', modelId: practice.id, data: { paths: [rows] }, settings };
  return (await api.jobs.train({ request })).runId;
}
