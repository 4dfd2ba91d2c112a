/** The application as a person has it: `fettle serve` in a process of its own with an empty home, and a browser at its link. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { BIN } from './fettle.ts';
import { shareComputed } from './shared-cache.ts';
import { recordingEnv, requireListed } from './sockets.ts';
import { askToStop, CHANNEL } from './stop.ts';

const KEEPER = pathToFileURL(path.join(import.meta.dirname, 'engine-keeps-speed.ts')).href;

export interface WebAppUnderTest {
  readonly address: string;
  readonly home: string;
  readonly process: ChildProcess;
  /** A new link, as Enter in the terminal gives one. */
  link(): Promise<string>;
  /** Ends the host with `signal` and waits for it. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it and removes its home. */
  close(): Promise<void>;
}

/** Starts the web host; with `home` on the data of an earlier one, `env` beside its environment. */
export async function startWebApp(
  home?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<WebAppUnderTest> {
  const folder = home ?? (await mkdtemp(path.join(tmpdir(), 'fettle-app-')));
  if (!home) await shareComputed(folder);
  const sockets = path.join(folder, 'sockets.jsonl');
  const recording = recordingEnv(sockets);
  const child = spawn(process.execPath, [BIN, 'serve', '--port', '0', '--json'], {
    stdio: ['pipe', 'pipe', 'pipe', ...CHANNEL],
    env: {
      ...{ ...process.env, ...env, ...recording, FETTLE_HOME: folder },
      NODE_OPTIONS: `${recording.NODE_OPTIONS} --import=${KEEPER}`,
    },
  });
  let words = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const waiting: ((line: string) => void)[] = [];
  const lines: string[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const next = waiting.shift();
    if (next) next(line);
    else lines.push(line);
  });
  const line = () =>
    new Promise<string>((resolve, reject) => {
      const known = lines.shift();
      if (known !== undefined) return resolve(known);
      waiting.push(resolve);
      child.once('close', (code) => reject(new Error(`The web host ended with ${code}: ${words}`)));
    });
  const served = async () => {
    const said = await line();
    const { event, ...where } = JSON.parse(said) as { event: string; address: string; link: string };
    if (event !== 'serving') throw new Error(`The web host does not serve: ${said} ${words}`);
    return where;
  };
  const first = await served();
  let unused: string | null = first.link;
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (signal === 'SIGKILL') child.kill(signal);
    else askToStop(child, signal);
    await ended;
  };
  return {
    address: first.address,
    home: folder,
    process: child,
    async link() {
      if (unused === null) {
        child.stdin!.write('\n');
        return (await served()).link;
      }
      const link = unused;
      unused = null;
      return link;
    },
    end,
    async close() {
      await end('SIGKILL');
      try {
        // another one in the same home may have been closed, and both looked at, before
        if (existsSync(folder)) requireListed(sockets);
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors of the page and its console; a test ends by expecting none. */
  readonly errors: string[];
}

/** Opens the application in a fresh browser profile at its smallest window. */
export async function openPage(browser: Browser, app: WebAppUnderTest): Promise<OpenedPage> {
  // without a graphics card each frame of an animation costs the processor that the training beside it computes on
  const context = await browser.newContext({
    viewport: { width: 1024, height: 680 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(await app.link());
  return { page, errors };
}
