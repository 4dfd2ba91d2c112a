/**
 * How quick the pages are with a long history: opening it, searching it, comparing runs, and a training that says 200 things a second.
 * The real web host, store and supervisor, and a real Chromium; the engine alone is played by hand. Prints milliseconds from the
 * click to the painted page, the best and the median, and those in which the page's main thread worked: on a busy machine the first are
 * about the machine. Run `node tests/bench/page.ts [--runs 10000] [--points 1000] [--repeats 7] [--pages dist/renderer]`.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import { apiRouter } from '../../main/api/api.ts';
import { allowedPaths } from '../../main/app/allowed.ts';
import { ServedModel } from '../../main/app/answering.ts';
import type { Host, Parts } from '../../main/app/parts.ts';
import { median } from '../../main/engine/bench/programs.ts';
import { openHub } from '../../main/hub/hub.ts';
import { openLog } from '../../main/log.ts';
import { openPacks } from '../../main/packs/packs.ts';
import { openEngineCalls } from '../../main/runs/engine-calls.ts';
import { openSupervisor } from '../../main/runs/supervisor.ts';
import { serve, type WebServer } from '../../main/serve/serve.ts';
import { webHost } from '../../main/serve/web-host.ts';
import { openStore } from '../../main/store/open.ts';
import type { Store } from '../../main/store/store.ts';
import { launchBrowser } from '../helpers/browser.ts';
import { type FakeEngine, fakeFork } from '../helpers/fake-engine.ts';
import { START } from '../unit/cli/sample-events.ts';
import { makeLongHistory, stepOf } from './long-history.ts';
import { HEAD, lineOf, type Row } from './page-table.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    points: { type: 'string', default: '1000' },
    repeats: { type: 'string', default: '7' },
    /** Built pages; they are built where this is left out. */
    pages: { type: 'string' },
  },
});
const [RUNS, POINTS] = [Number(values.runs), Number(values.points)];
const REPEATS = Number(values.repeats);
/** Runs that have points: those that are compared. What a store full of them costs is in tests/bench/store.ts. */
const DRAWN = 100;
const TYPING_MS = 150;
const PATIENCE_MS = 120_000;
const STORM_S = 10;
const A_SECOND = 200;
const ROOT = path.resolve(import.meta.dirname, '..', '..');

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-page-')));
try {
  await bench();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const filling = performance.now();
  const ids = await makeLongHistory(path.join(folder, 'data'), RUNS, POINTS, DRAWN);
  const renderer = values.pages ? path.resolve(values.pages) : await buildPages();
  console.log(
    `${RUNS} runs x ${POINTS} points made in ${((performance.now() - filling) / 1000).toFixed(0)} s; load ${os.loadavg()[0]!.toFixed(1)}\n`,
  );
  const app = await openApp(renderer);
  const browser = await launchBrowser();
  try {
    const measured = await openMeasured(browser, app.server);
    console.log(HEAD);
    print(await openings(measured));
    print(await searches(measured));
    print(await comparisons(measured, ids));
    print(await storm(measured, app));
    if (measured.errors.length > 0) console.log(`\nThe page complained:\n${measured.errors.join('\n')}`);
  } finally {
    await browser.close();
    await app.close();
  }
}

function print(rows: readonly Row[]): void {
  console.log(rows.map(lineOf).join('\n'));
}

async function buildPages(): Promise<string> {
  const outDir = path.join(folder, 'pages');
  await build({
    configFile: path.join(ROOT, 'vite.renderer.config.ts'),
    logLevel: 'error',
    build: { outDir },
  });
  return outDir;
}

interface App {
  readonly server: WebServer;
  readonly store: Store;
  readonly supervisor: Parts['supervisor'];
  /** Engines that were started, oldest first. */
  readonly engines: readonly FakeEngine[];
  close(): Promise<void>;
}

async function openApp(renderer: string): Promise<App> {
  const store = await openStore(path.join(folder, 'data'));
  const log = openLog(() => path.join(folder, 'logs'));
  const { fork, engines } = fakeFork();
  const quiet = webHost({ folder: () => store.folder, notify: () => {} });
  const host: Host = { ...quiet, fork, keepAwake: () => {} };
  const supervisor = openSupervisor({ store, host });
  const engine = openEngineCalls(fork);
  const hub = openHub({ store, engine, host });
  const packs = openPacks({ store, host });
  const allowed = allowedPaths(store);
  const served = new ServedModel({ store, engine });
  const router = apiRouter({ host, store, supervisor, engine, hub, packs, allowed, served }, log);
  const uploads = () => path.join(folder, 'up');
  const download = () => Promise.reject(new Error('there are no downloads here'));
  const server = await serve({ router, log, renderer, uploads, download, port: 0 });
  return {
    ...{ server, store, supervisor, engines },
    async close() {
      await server.close();
      await supervisor.close({ pause: false });
      await hub.close();
      await packs.close();
      engine.close();
      store.close();
    },
  };
}

interface Measured {
  readonly page: Page;
  readonly errors: string[];
  /** What an expression in the page comes to; `bench` is that of in-page.js. */
  ask<T>(expression: string): Promise<T>;
  /** Milliseconds in which the page's main thread has worked so far. */
  worked(): Promise<number>;
}

async function openMeasured(browser: Browser, server: WebServer): Promise<Measured> {
  // wide enough for the column of the data, whose words a search finds too
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  // a machine that is busy takes its time
  context.setDefaultTimeout(PATIENCE_MS);
  context.setDefaultNavigationTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.addInitScript({ path: path.join(import.meta.dirname, 'in-page.js') });
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(server.link());
  await page.getByRole('heading', { level: 1 }).first().waitFor({ timeout: 120_000 });
  return {
    ...{ page, errors, worked: () => workedBy(session) },
    async ask<T>(expression: string) {
      const asked = { expression, awaitPromise: true, returnByValue: true };
      const answer = session.send('Runtime.evaluate', asked);
      const late = sleep(PATIENCE_MS, null, { ref: false });
      const found = await Promise.race([answer, late]);
      if (found === null) throw new Error(`The page has not come to the end of ${expression}`);
      const { result, exceptionDetails } = found;
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value as T;
    },
  };
}

async function workedBy(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
}

interface Time {
  readonly ms: number;
  readonly workedMs: number;
}

async function timed({ worked, ask }: Measured, expression: string): Promise<Time> {
  const before = await worked();
  const ms = await ask<number>(expression);
  return { ms, workedMs: (await worked()) - before };
}

function rowOf(what: string, times: readonly Time[], target: number | null, lessMs = 0): Row {
  const ms = times.map((time) => time.ms - lessMs);
  return {
    what,
    best: Math.min(...ms),
    median: median(ms),
    worked: median(times.map(({ workedMs }) => workedMs)),
    target,
  };
}

async function openings(measured: Measured): Promise<Row[]> {
  const { page, ask } = measured;
  const times: Time[] = [];
  for (let i = 0; i < REPEATS; i++) {
    // as on the first visit, when neither the code nor any row has been read
    await ask("bench.go('#/models')");
    await page.reload();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await sleep(500);
    times.push(await timed(measured, 'bench.openHistory()'));
  }
  return [rowOf(`open the history of ${RUNS} runs`, times, 300)];
}

async function searches(measured: Measured): Promise<Row[]> {
  const times: Time[] = [];
  for (const words of ['support', 'p', 'recipes third', 'q', 'letters', 'gar', 'poems second']) {
    await sleep(500);
    times.push(await timed(measured, `bench.search(${JSON.stringify(words)})`));
  }
  await measured.ask("bench.search('')");
  return [
    rowOf('search, from the key to the painted rows', times, null),
    rowOf(`the same, less the ${TYPING_MS} ms that wait for more keys`, times, 100, TYPING_MS),
  ];
}

async function comparisons(measured: Measured, ids: readonly string[]): Promise<Row[]> {
  const times: Time[] = [];
  for (let i = 0; i <= REPEATS; i++) {
    const chosen = Array.from({ length: 8 }, (_, n) => ids[10 * n + (i % 10)]!);
    await measured.ask('bench.openHistory()');
    await sleep(500);
    times.push(await timed(measured, `bench.compare(${JSON.stringify(chosen)})`));
  }
  return [
    rowOf('compare 8 runs, the first time, with the code of the page', times.slice(0, 1), null),
    rowOf('compare 8 runs', times.slice(1), 300),
  ];
}

async function storm(measured: Measured, { store, supervisor, engines }: App): Promise<Row[]> {
  const { page, ask } = measured;
  const { rows } = store.runs.list({ sort: 'created', descending: true, offset: 0, limit: 1 });
  const run = store.runs.get(rows[0]!.id);
  supervisor.train(run, {});
  const engine = engines.at(-1)!;
  const steps = 20_000;
  engine.say({ event: { ...START, steps } });
  engine.say({ event: stepOf(1, 1, steps) }); // the plots come with the first step
  await ask(`bench.go('#/run/${run.id}/training')`);
  await page.locator('figure canvas').first().waitFor();
  await sleep(1000);
  await ask('bench.tasks.length = 0');
  const before = await measured.worked();
  const sent = await said(engine, steps);
  await sleep(1000);
  const worked = (await measured.worked()) - before;
  const tasks = await ask<number[]>('bench.tasks');
  const shown = await page.getByText(`step ${sent.toLocaleString('en-GB')} of`).count();
  const longest = Math.max(0, ...tasks);
  return [
    {
      what: `${A_SECOND} events a second for ${STORM_S} s: longest task (${tasks.length} over 50 ms)`,
      ...{ best: longest, median: longest, target: 100 },
      worked: null,
    },
    {
      what: `the same: a second of it${shown > 0 ? '' : ' (THE LAST STEP IS NOT SHOWN)'}`,
      ...{ best: null, median: null, target: null },
      worked: worked / (STORM_S + 1),
    },
  ];
}

/** Says steps, evaluations and answers at that pace, as many as are due each time; gives the number of steps. */
async function said(engine: FakeEngine, steps: number): Promise<number> {
  const from = performance.now();
  let events = 0;
  let step = 1;
  const say = (event: EngineEvent) => {
    engine.say({ event });
    events++;
  };
  while (performance.now() - from < STORM_S * 1000) {
    const due = Math.floor(((performance.now() - from) / 1000) * A_SECOND);
    while (events < due) {
      say(stepOf(1, ++step, steps));
      if (step % 100 > 0) continue;
      say({ event: 'eval', step, loss: 2 / step, best: true } as EngineEvent);
      say({
        event: 'sample',
        step,
        prompt: 'Where is my parcel?',
        text: `On its way, ${step}.`,
      } as EngineEvent);
    }
    await sleep(5);
  }
  return step;
}
