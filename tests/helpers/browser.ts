/** A real Chromium for tests: the system's where there is one, else the one that comes from npm (Linux x64). */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { SCREEN_MS, WAIT_MS } from './limits.ts';

const SYSTEM = [
  process.env.FETTLE_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Switches of the packed browser that would make it another one than people use: one process for all, no word of a request's origin. */
const UNLIKE = ['--single-process', '--no-zygote', '--disable-web-security'];

/** Switches that have it draw on an emulated graphics card, which takes a busy computer many seconds a picture. */
const EMULATED = ['--ignore-gpu-blocklist', '--in-process-gpu', '--use-gl=angle', '--use-angle=swiftshader'];
const LEFT_OUT = [...UNLIKE, ...EMULATED, '--enable-unsafe-swiftshader'];

/** A page of a test lives for seconds: to compile its code again for speed, and to collect its garbage often, takes more than it gives. */
const SHORT_LIVED = '--js-flags=--no-maglev --no-turbofan --min-semi-space-size=32 --max-semi-space-size=64';

/** Launches it without a window. */
export async function launchBrowser(): Promise<Browser> {
  const system = SYSTEM.find((file) => file !== undefined && existsSync(file));
  if (system) return await launch({ executablePath: system, args: ['--no-sandbox', SHORT_LIVED] });
  const { default: packed } = await import('@sparticuz/chromium');
  const args = [...packed.args.filter((arg) => !LEFT_OUT.includes(arg)), '--disable-gpu', SHORT_LIVED];
  return await launch({ executablePath: await packed.executablePath(), args });
}

/** A page of it is waited for as everything else in tests. */
async function launch(options: LaunchOptions): Promise<Browser> {
  const browser = await chromium.launch({ ...options, timeout: WAIT_MS });
  browser.on('context', (context) => context.setDefaultTimeout(SCREEN_MS));
  return browser;
}
