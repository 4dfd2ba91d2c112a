#!/usr/bin/env node
/**
 * The `fettle` command. Plain JavaScript that old Nodes can read too, because its first job is to find a Node that
 * can run Fettle: this one, or the one that `npm install` put beside it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const REEXECUTED = 'FETTLE_NODE_CHECKED';
const INSTALLED_NODE = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const SOURCE = new URL('../main/cli/cli.ts', import.meta.url);
const BUILT = new URL('../dist/cli.js', import.meta.url);

if (isRecentEnough(process.versions.node)) await start();
else if (existsSync(INSTALLED_NODE) && !process.env[REEXECUTED]) await startWith(INSTALLED_NODE);
else refuse();

/** Node reads TypeScript without a flag from 22.18 and 23.6 on. */
function isRecentEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

async function start() {
  hideTypeStrippingWarning();
  endWithParent();
  // compiled code is kept between runs, also for the engine process
  nodeModule.enableCompileCache?.();
  const cache = nodeModule.getCompileCacheDir?.();
  if (cache) process.env.NODE_COMPILE_CACHE ??= cache;
  const entry = existsSync(SOURCE) ? SOURCE : BUILT;
  const { main } = await import(entry.href);
  await main(process.argv.slice(2));
}

/** Runs this command again with another Node and ends as that one ends. */
async function startWith(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [REEXECUTED]: '1' },
  });
  // Ctrl-C and a closed terminal reach the child by themselves: passing them on would count as pressing twice.
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
  process.on('SIGTERM', () => child.send('stop'));
  process.on('message', (message) => child.send(message));
  process.exitCode = await new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`fettle: could not start ${node}: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Started by `startWith`, this process must not go on unseen when that one is killed. */
function endWithParent() {
  if (!process.env[REEXECUTED] || !process.channel) return;
  process.on('disconnect', () => process.exit(1));
  process.channel.unref();
}

function refuse() {
  console.error(
    `fettle needs Node 22.18 or newer; this is Node ${process.versions.node}.\n` +
      'Install a newer one from https://nodejs.org, or run `npm install` in the Fettle folder, which brings one on Linux.',
  );
  process.exitCode = 1;
}

/** Node 22 calls reading TypeScript experimental each time; users of a command can do nothing with that. */
function hideTypeStrippingWarning() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!/type stripping/i.test(String(warning))) emitWarning.call(process, warning, ...rest);
  };
}
