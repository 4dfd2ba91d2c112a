/** An engine process and its ending, and how Node starts one: for the web host and the command line, which have no Electron. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { systemError } from '../../common/errors.ts';
import { groupsIn, numberAt, readText } from '../processes.ts';
import type { EngineLink, Fork, ProcessEnding } from './engine-link.ts';
import { guarded } from './watchdog.ts';

/**
 * glibc's malloc, told to keep what it has: a step takes the same memory again, and new pages cost time. Only the largest blocks (the
 * gradient of a large vocabulary) go back to the system at once, since they rarely find a hole that is large enough; 32 MiB is the highest
 * limit that malloc takes.
 */
export const MALLOC_SETTINGS = {
  MALLOC_MMAP_THRESHOLD_: String(32 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(16 * 2 ** 30),
  MALLOC_TOP_PAD_: String(64 * 2 ** 20),
};

/**
 * MB of each half of the young generation. Node lets it grow to 64, which keeps 100 MB of garbage resident; with 16 collecting takes no more
 * time. Electron has 8 at most by itself.
 */
const YOUNG_OPTION = '--max-semi-space-size=16';
/** Some Nodes call reading TypeScript experimental in each process. */
const QUIET_OPTION = '--disable-warning=ExperimentalWarning';

/** How long the last words of a process that has ended are waited for. */
const LAST_WORDS_MS = 2000;
const KEPT_LINES = 40;
const KEPT_CHARS = 16_000;

export function engineEnv(): NodeJS.ProcessEnv {
  return { ...MALLOC_SETTINGS, ...process.env };
}

/** The engine's file: in the repository, or built into a bundle beside this one or above it. */
export function entryPath(): string {
  const source = path.join(import.meta.dirname, '..', 'engine', 'entry.ts');
  if (existsSync(source)) return source;
  const built = ['engine.js', path.join('..', 'engine.js')].map((name) =>
    path.join(import.meta.dirname, name),
  );
  return built.find((file) => existsSync(file)) ?? source;
}

/** Starts an engine. It ends with this process, and its last words are kept for the case that it dies. */
export const forkChild: Fork = () => forkFile(entryPath());

/** Node's permissions for calls that only read what others have made, files of data and models from anywhere: they write nothing, start no process and no thread, and load no native code. */
export const READS_ONLY = ['--permission', '--allow-fs-read=*'];

/** Starts an engine for the calls of a `reader` alone. */
export const forkReader: Fork = () => forkFile(entryPath(), { permissions: READS_ONLY });

interface ForkOptions {
  /** What it says is passed on as it comes. */
  readonly isShown?: boolean;
  /** Options of Node that take rights from it. */
  readonly permissions?: readonly string[];
}

/** The same with another file in the engine's place. */
export function forkFile(file: string, { isShown = false, permissions = [] }: ForkOptions = {}): EngineLink {
  let child: ChildProcess;
  try {
    child = fork(file, [], {
      execArgv: [YOUNG_OPTION, QUIET_OPTION, ...process.execArgv, ...permissions],
      stdio: ['ignore', isShown ? 'inherit' : 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: engineEnv(),
    });
  } catch (error) {
    return notStarted(error);
  }
  if (isShown) child.stderr?.pipe(process.stderr, { end: false });
  const lastWords = tailOf(child.stderr);
  const memory = watchMemory();
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  // `close` comes after all of stderr, which a program that it started may hold; a process that could not be started has no `close`
  const ended = new Promise<ProcessEnding>((resolve) => {
    const end = (code: number | null, signal: string | null) =>
      resolve({ code, signal, stderr: lastWords(), memoryKill: memory.wasKilled() });
    child.once('close', end);
    child.once('exit', (code, signal) => void setTimeout(end, LAST_WORDS_MS, code, signal));
    child.once('error', (error) => {
      if (child.pid === undefined)
        resolve({ code: null, signal: null, stderr: error.message, refusal: systemError(error) });
    });
  });
  void ended.then(() => process.removeListener('exit', kill));
  return guarded({
    pid: child.pid,
    // a message that meets a dying process is lost, which `onExit` tells
    send: (message) => {
      if (child.connected) child.send(message as object, () => {});
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void ended.then(listener),
    kill,
  });
}

/** Of what keeps a system from starting a process Node tells some in an event, and throws the rest, such as a lack of memory. */
function notStarted(error: unknown): EngineLink {
  const refusal = systemError(error);
  const stderr = error instanceof Error ? error.message : String(error);
  return {
    pid: undefined,
    send: () => {},
    onMessage: () => {},
    onExit: (listener) => void setImmediate(listener, { code: null, signal: null, stderr, refusal }),
    kill: () => {},
  };
}

/** What a process says on its stderr, of which the last lines are kept. */
export function tailOf(stderr: Readable | null): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-KEPT_CHARS);
  });
  return () => text.trimEnd().split('\n').slice(-KEPT_LINES).join('\n');
}

/**
 * Whether it was a lack of memory for which the system ended a process. SIGKILL alone does not say: a person can send it. Linux counts its
 * own kills, by control group and for the whole machine, and tells how hard memory is to get.
 */

/** Reads a file of the system; null where it is not there. */
type ReadText = (path: string) => string | null;

/** Share of time in the last ten seconds, in percent, that something waited for memory: user-space killers act at such values. */
const PRESSURE_PERCENT = 10;
/** A share of memory that is as good as none. */
const LITTLE = 0.03;

/**
 * Begins to watch the kills of this process's control group, or of the machine where groups are not counted: minutes-old kills and the
 * pressure of a moment ago are told apart by looking before and after.
 */
export function watchMemory(read: ReadText = readText) {
  const before = killCount(read);
  return {
    /** Whether memory was the reason, as far as the system tells since the watch began; null where it tells nothing. */
    wasKilled(): boolean | null {
      const after = killCount(read);
      if (before === null || after === null) return null;
      return after > before || isScarce(read);
    },
  };
}

/** Processes that the kernel has ended for lack of memory so far; null on a system that does not count them. */
export function killCount(read: ReadText = readText): number | null {
  for (const [controller, group] of groupsIn(read('/proc/self/cgroup') ?? '')) {
    const count = firstCount(placesOf(controller, group), read);
    if (count !== null) return count;
  }
  return firstCount(['/proc/vmstat'], read);
}

/** Files that may have the count for a control group of either version; a container sees its own group as the root. */
function placesOf(controller: string, group: string): string[] {
  if (controller === 'memory')
    return [`${group}/`, '/'].map((within) => `/sys/fs/cgroup/memory${within}memory.oom_control`);
  if (controller !== '' || group === '') return [];
  return ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].flatMap((root) => [
    `${root}${group === '/' ? '' : group}/memory.events`,
    `${root}/memory.events`,
  ]);
}

function firstCount(paths: readonly string[], read: ReadText): number | null {
  for (const path of paths) {
    const count = numberAt(read(path), 'oom_kill');
    if (!Number.isNaN(count)) return count;
  }
  return null;
}

/** Whether memory is so short that a program such as systemd-oomd ends others for it; the kernel does not count those. */
function isScarce(read: ReadText): boolean {
  const pressure = /^some avg10=([\d.]+)/m.exec(read('/proc/pressure/memory') ?? '')?.[1];
  if (pressure !== undefined && Number(pressure) >= PRESSURE_PERCENT) return true;
  const facts = read('/proc/meminfo') ?? '';
  return numberAt(facts, 'MemAvailable') < LITTLE * numberAt(facts, 'MemTotal');
}
