/**
 * What scripts/wine/check.ts runs as a program of Windows, in the folder that it names: processes that are told apart, a command that a
 * message stops, and the name of a folder in which another program holds a file. What was found is written to found.json there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { STOP } from '../../main/cli/command.ts';
import { isStillRunning, ownStart } from '../../main/processes.ts';
import { rename } from '../../main/rename.ts';

export interface Found {
  readonly what: string;
  readonly isRight: boolean;
  readonly more: string;
}

const MAIN = path.resolve(import.meta.dirname, '..', '..', 'main');
const POLL_MS = 50;
const folder = process.argv[2]!;
const at = (name: string) => path.join(folder, name);
const moduleAt = (...names: string[]) => JSON.stringify(pathToFileURL(path.join(MAIN, ...names)).href);
const found: Found[] = [];
const tell = (what: string, isRight: boolean, more = '') => void found.push({ what, isRight, more });

interface Program {
  readonly child: ChildProcess;
  readonly code: Promise<number | null>;
  /** Resolves with what it has written once that is so much. */
  until(text: RegExp): Promise<string>;
}

/** Starts a program, whose standard streams are files, with a channel. */
function start(code: string): Program {
  const file = at(`inside-${found.length}`);
  const out = openSync(file, 'w');
  const args = ['--input-type=module', '-e', code];
  const child = spawn(process.execPath, args, { stdio: ['ignore', out, 'ignore', 'ipc'] });
  closeSync(out);
  return {
    child,
    code: once(child, 'exit').then(([code]) => code as number | null),
    async until(wanted) {
      while (!wanted.test(readFileSync(file, 'utf8'))) await sleep(POLL_MS);
      return readFileSync(file, 'utf8');
    },
  };
}

async function toldApart(): Promise<void> {
  const other = start(
    `import { ownStart } from ${moduleAt('processes.ts')}; console.log(ownStart()); setInterval(() => {}, 1000);`,
  );
  const first = (await other.until(/\n/)).trim();
  const pid = other.child.pid!;
  const looks = Array.from({ length: 10 }, () => isStillRunning(pid, first));
  tell('a process is known by its pipe, however often it is looked for', looks.every(Boolean));
  const ofAnother = [isStillRunning(process.pid, first), isStillRunning(pid, ownStart())];
  tell('a number that is used again is no process of before', !ofAnother.some(Boolean));
  other.child.kill();
  await other.code;
  tell('a process that was killed does not run', !isStillRunning(pid, first));
}

async function stopped(): Promise<void> {
  const command = start(
    `import { onInterrupt } from ${moduleAt('cli', 'command.ts')};
     const { stop } = onInterrupt(() => console.log('heard'));
     const going = setInterval(() => {}, 1000);
     stop.addEventListener('abort', () => { clearInterval(going); process.exitCode = 7; });
     console.log('ready');`,
  );
  await command.until(/ready/);
  command.child.send(STOP);
  tell('a message on its channel stops a command, which ends by itself', (await command.code) === 7);
}

async function held(): Promise<void> {
  mkdirSync(at('held'));
  const file = path.join(at('held'), 'file');
  writeFileSync(file, 'x');
  const holder = start(
    `import { openSync } from 'node:fs'; openSync(${JSON.stringify(file)}, 'r'); console.log('held');
     process.once('message', () => setTimeout(() => process.exit(), 300));`,
  );
  await holder.until(/held/);
  holder.child.send('leave soon');
  const isGiven = await rename(at('held'), at('free')).then(
    () => true,
    () => false,
  );
  tell('a folder gets its name once nobody holds a file in it', isGiven);
  await holder.code;
}

for (const check of [toldApart, stopped, held])
  await check().catch((error: unknown) => tell(check.name, false, String(error)));
writeFileSync(at('found.json'), JSON.stringify(found));
