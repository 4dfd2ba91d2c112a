/** The web host on a computer whose speed was measured, so that there are times to compare, and a client that is signed in. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ComputerFacts, Settings } from '../../common/api/contract.ts';
import { openWebApp, type WebApp } from '../../main/serve/start.ts';
import { openStore } from '../../main/store/open.ts';
import { madeUpRates } from './rates.ts';
import { connect, type WebClient } from './web-client.ts';

export interface MeasuredApp {
  readonly app: WebApp;
  readonly client: WebClient;
}

export interface MeasuredComputer {
  readonly processor: string;
  readonly flops: number;
  readonly threads?: number;
  readonly settings?: Partial<Settings>;
}

/** Opens it on the store of the test's own home folder. */
export async function openMeasuredApp(computer: MeasuredComputer): Promise<MeasuredApp> {
  const renderer = path.join(process.env.FETTLE_HOME!, 'pages');
  mkdirSync(renderer, { recursive: true });
  writeFileSync(path.join(renderer, 'index.html'), '<h1>Fettle</h1>');
  await measured(computer);
  const app = await openWebApp({ renderer, port: 0, notify: () => {} });
  return { app, client: await connect(app.server) };
}

async function measured({ processor, flops, threads, settings = {} }: MeasuredComputer): Promise<void> {
  const store = await openStore();
  const measured = '2026-01-01T00:00:00Z';
  const rates = { ...madeUpRates(flops, threads), measured, onBattery: null, versions: {} };
  const facts = { processor, speed: { flops, measured }, rates };
  store.hardware.add(facts as unknown as ComputerFacts);
  store.settings.set(settings);
  store.close();
}
