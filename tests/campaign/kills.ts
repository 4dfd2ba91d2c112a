/**
 * Processes killed at random moments of everything that takes time, and the power lost between any two writes: whatever has its name is
 * whole, and what is begun again ends with the same bytes as what was never cut off.
 */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tinyModel } from '../helpers/hub.ts';
import { type HubServer, startHubServer } from '../helpers/hub-server.ts';
import { seeded } from '../helpers/random.ts';
import type { Attack } from './attack.ts';
import { killCommands } from './command-kills.ts';
import type { Operation } from './operation.ts';
import { HUB_VARIABLE, halfFiles, leftovers, OPERATIONS } from './operations.ts';
import { lastingOrphansOf } from './orphans.ts';
import { openPlace, type Place } from './place.ts';
import { losePower } from './power.ts';

/** Kills of each operation, and in the long form moments of power loss of those whose writes Node makes. */
const KILLS = { short: 1, long: 10 } as const;
const LOSSES = { short: 1, long: 20 } as const;
const BY_NODE = [
  'training',
  'checkpointing',
  'full fine-tuning',
  'conversion',
  'export as gguf',
  'export as safetensors',
  'repair of data',
];
/** What the short form has time for. */
const SHORT = ['training', 'import', 'moving the data folder'];

const BY_COMMAND = 'training by the command line';
/** How long a process is stopped, as a computer is that sleeps. */
const SLEEP_MS = { short: 1000, long: 3000 } as const;

const CHILD = path.join(import.meta.dirname, 'operation-child.ts');

export const kills: Attack = {
  name: 'kills',
  async run({ size, seed, only, folder, row }) {
    const random = seeded(seed);
    const hub = await startHubServer([tinyModel()]);
    const wanted = OPERATIONS.filter(({ name }) => only(name) && (size === 'long' || SHORT.includes(name)));
    try {
      for (const operation of wanted) {
        const place = await openPlace(operation, folder);
        await row(operation.name, () =>
          killed(operation, place, { count: KILLS[size], sleepMs: SLEEP_MS[size], random, hub }),
        );
        if (!BY_NODE.includes(operation.name) || (size === 'short' && operation.name !== 'training'))
          continue;
        await row(`${operation.name}, power lost`, () =>
          losePower(operation, place, { count: LOSSES[size], random }),
        );
      }
      if (size === 'long' && only(BY_COMMAND)) await row(BY_COMMAND, () => killCommands(KILLS.long, random));
    } finally {
      await hub.close();
    }
  },
};

interface Killing {
  readonly count: number;
  readonly sleepMs: number;
  readonly random: () => number;
  readonly hub: HubServer;
}

async function killed(operation: Operation, place: Place, { count, sleepMs, random, hub }: Killing) {
  const start = (): Child => startChild(operation.name, place.work, hub.url);
  // the second time nothing has to be compiled any more, as in those that are killed
  const [expected, again] = [await whole(start, place), await whole(start, place)];
  const { lasts } = again;
  const failures = again.made === expected.made ? [] : ['two whole runs are not the same'];
  let [early, late] = [0, 0];
  for (let i = 0; i < count; i++) {
    place.reset();
    const moment = random() * lasts;
    const child = start();
    await child.begun;
    await Promise.race([sleep(moment), child.ended]);
    if (child.process.exitCode === null) early++;
    else late++;
    child.process.kill('SIGKILL');
    await child.ended;
    const at = `killed after ${Math.round(moment)} of ${Math.round(lasts)} ms`;
    const orphans = await lastingOrphansOf(path.join(place.work, 'home'));
    const found = [...(await halfFiles(place.work)), ...orphans.map((pid) => `process ${pid} goes on`)];
    const next = start();
    const made = await next.made.catch((error: unknown) => `failed: ${error}`);
    if (made !== expected.made)
      found.push(made.startsWith('failed') ? made : 'what was made is not the same');
    found.push(...leftovers(place.work), ...(await halfFiles(place.work)));
    failures.push(...found.map((what) => `${at}: ${what}`));
  }
  const slept = await asleep(start, place, { moment: random() * lasts, sleepMs });
  if (slept !== expected.made)
    failures.push(`after a sleep: ${slept.startsWith('failed') ? slept : 'what was made is not the same'}`);
  const after = late > 0 ? `, ${late} just after` : '';
  return { cases: count + 1, outcome: `${early} killed at work${after}, 1 put to sleep`, failures };
}

/** What is made by a process that nobody disturbs, and how long it takes. */
async function whole(start: () => Child, place: Place): Promise<{ made: string; lasts: number }> {
  place.reset();
  const child = start();
  await child.begun;
  const began = performance.now();
  const made = await child.made;
  return { made, lasts: performance.now() - began };
}

/** What is made by a process that is stopped for some seconds. */
async function asleep(
  start: () => Child,
  place: Place,
  { moment, sleepMs }: { readonly moment: number; readonly sleepMs: number },
): Promise<string> {
  place.reset();
  const child = start();
  await child.begun;
  await Promise.race([sleep(moment), child.ended]);
  child.process.kill('SIGSTOP');
  await sleep(sleepMs);
  child.process.kill('SIGCONT');
  return child.made.catch((error: unknown) => `failed: ${error}`);
}

interface Child {
  readonly process: ChildProcess;
  readonly begun: Promise<void>;
  readonly made: Promise<string>;
  readonly ended: Promise<void>;
}

function startChild(name: string, folder: string, hubUrl: string): Child {
  const env = {
    ...process.env,
    FETTLE_HOME: path.join(folder, 'home'),
    [HUB_VARIABLE]: hubUrl,
    OMP_NUM_THREADS: '1',
  };
  const child = fork(CHILD, [name, folder], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env });
  const [begun, made] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-3000);
  });
  child.on('message', (message: { made?: string }) =>
    message.made === undefined ? begun.resolve() : made.resolve(message.made),
  );
  const ended = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      begun.resolve();
      made.reject(new Error(`it ended with ${signal ?? code}: ${said}`));
      resolve();
    });
  });
  made.promise.catch(() => {});
  return { process: child, begun: begun.promise, made: made.promise, ended };
}
